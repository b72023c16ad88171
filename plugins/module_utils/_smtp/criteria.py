# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names a certificate has to have, and which name the client sends (posttls-finger.c; RFC 7672 section 3.2.2)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import Lookup
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import ReferenceKind, ReferenceName, reference_names

_DEFAULT_MATCH = {SecurityLevel.VERIFY: ("hostname",), SecurityLevel.SECURE: ("nexthop", "dot-nexthop")}


def reference_list(
    match: Sequence[str], destination: Destination, route: Route, candidate: Candidate, policy: SessionPolicy
) -> tuple[ReferenceName, ...]:
    """Return the names to compare with, in Postfix's order.

    At levels that use DANE these are the TLSA base domain and, when an MX or SRV RRset was used, its owner name before
    and after aliases; match arguments are replaced. The owner of an MX RRset is the next-hop domain, that of an SRV RRset a
    name that no certificate has (`_submission._tcp.example.org`). Otherwise the match arguments count, or the level's
    default strategy.
    """
    nexthop, hostname = destination.nexthop, candidate.host
    if policy.session.uses_dane and policy.base_domain is not None:
        names = [policy.base_domain]
        if route.secure is not None:
            names += [route.canonical_name]
        if route.lookup == Lookup.MX.value:
            names += [nexthop]
        return reference_names(_distinct(names), nexthop=nexthop, hostname=hostname)
    if not policy.session.uses_names:
        return ()
    match = match or _DEFAULT_MATCH[policy.session]
    if destination.unix_path is not None:
        return _socket_names(match, destination.unix_path, hostname)
    return reference_names(match, nexthop=nexthop, hostname=hostname)


def _socket_names(match: Sequence[str], path: str, hostname: str) -> tuple[ReferenceName, ...]:
    """The next-hop of a unix-domain socket is its path, as in smtp(8); it is compared, but no name to be checked."""
    words = {
        "nexthop": ReferenceName(ReferenceKind.DNS, path),
        "dot-nexthop": ReferenceName(ReferenceKind.SUBDOMAIN, "." + path),
    }
    names: list[ReferenceName] = []
    for argument in match:
        word = words.get(argument.strip().lower())
        names += [word] if word is not None else reference_names([argument], nexthop=hostname, hostname=hostname)
    return tuple(names)


def server_name(sni: str | None, destination: Destination, candidate: Candidate) -> str | None:
    """Return the SNI of a session that does not use DANE: as given, the words `hostname` and `nexthop` replaced."""
    words = {"hostname": candidate.host, "nexthop": destination.nexthop}
    name = words.get(sni.lower(), sni) if sni else None
    return None if not name or _is_address(name) else name


def _is_address(name: str) -> bool:
    """SNI carries host names only (RFC 6066 section 3)."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _distinct(names: Sequence[str]) -> list[str]:
    return [name for index, name in enumerate(names) if name and name not in names[:index]]
