# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mail servers a task names, by `hosts`, `domains` and `services`, and how they are looked at. Every mistake is an `OptionError`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService, service_at
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget, parse_domain, parse_host
from ansible_collections.mailops.tls.plugins.module_utils._module.probe_options import probe_settings
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_SHOWN = 100


@dataclass(frozen=True)
class InvalidTarget:
    """One of several texts that names nothing to look at, and why."""

    text: str
    by_srv: bool
    failure: Failure


def mail_services(names: Sequence[str]) -> tuple[MailService, ...]:
    """Return what to ask for.

    Raises:
        OptionError: nothing is.
    """
    if not names:
        raise OptionError("services", list(names), "names no service")
    return tuple(MailService(name) for name in dict.fromkeys(names))


def mailbox_settings(params: Mapping[str, Any], services: tuple[MailService, ...], *, all_ports: bool = False) -> MailboxProbeSettings:
    """Return how servers are found, looked at and judged.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    common = probe_settings(params)
    return MailboxProbeSettings(
        security_level=common.security_level,
        services=services,
        all_ports=all_ports,
        strict=params["strict"],
        injection_test=params["injection_test"],
        transcript=params["transcript"],
        ehlo_name=common.dialogue.ehlo_name,
        host_lookup=common.host_lookup,
        address_family=common.address_family,
        sni=common.sni,
        match=common.match,
        fingerprints=common.fingerprints,
        fingerprint_digest=common.fingerprint_digest,
        trust_anchors=common.trust_anchors,
        dane_digests=common.dane_digests,
        force_tlsa=common.force_tlsa,
    )


def mail_targets(params: Mapping[str, Any], services: Sequence[MailService]) -> tuple[MailTarget | InvalidTarget, ...]:
    """Return the hosts, then the domains, in the order given.

    Raises:
        OptionError: there is none, or none that these services have, or the only one cannot be read.
    """
    hosts, domains = params["hosts"] or [], params["domains"] or []
    if not hosts and not domains:
        raise OptionError("hosts", hosts, "names nothing to probe, and neither does domains")
    if domains and not any(service.terms.announced for service in services):
        names = [service.value for service in services]
        raise OptionError("services", names, "has none that domains announce by SRV records: name the servers in hosts")
    alone = len(hosts) + len(domains) == 1
    found = [_target(text, parse_host, alone, by_srv=False) for text in hosts]
    for target in found:
        if isinstance(target, MailTarget):
            _check_port(target, services)
    return (*found, *(_target(text, parse_domain, alone, by_srv=True) for text in domains))


def _target(text: str, parse: Callable[[str], MailTarget], alone: bool, *, by_srv: bool) -> MailTarget | InvalidTarget:
    """Read one target. One of several that is none becomes a result, so that it cannot keep hundreds from being probed."""
    try:
        return parse(text)
    except OptionError as error:
        if alone:
            raise
        told = f"{clean(str(error.value), _SHOWN)!r} {error.reason}"
        return InvalidTarget(text, by_srv, Failure(ErrorKind.INVALID_DESTINATION, CommonPhase.DESTINATION, told))


def _check_port(target: MailTarget, services: Sequence[MailService]) -> None:
    """Of several services only the one that IANA has at a port can be meant; one alone can be at any port."""
    if target.port is None or len(services) == 1 or service_at(target.port) in services:
        return
    raise OptionError("hosts", target.text, f"has a port that is of none of the services: name exactly one service for port {target.port}")
