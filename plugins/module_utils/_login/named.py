# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the user has named the server that a secret would go to, or DNS alone has, where anybody could have said so. Pure.

Who forges an SRV record names a server of his own, and has a valid certificate for it. So behind records that are not validated the name
of a server counts when it is in the domain or the user has named it; else only a certificate for the domain does (RFC 6186 section 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ansible_collections.mailops.tls.plugins.module_utils._dns.domain_name import is_below
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.way import ServiceAddress
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Criteria
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_judge import SessionJudge
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_names

_WORDS = frozenset(("hostname", "nexthop", "dot-nexthop"))
"""Arguments of `match` that name nothing themselves."""


def login_judge(
    target: MailTarget, place: ServiceAddress, match: Sequence[str], policy: SessionPolicy, criteria: Criteria, now: datetime
) -> SessionJudge:
    """Return what judges sessions before a secret is sent in them.

    Args:
        target: what the user named.
        place: where that led.
        match: the reference identifiers that the user named.
        policy: the levels of the session and of delivery.
        criteria: what a certificate is compared with when nothing secret is sent.
        now: the time for validity, aware.
    """
    host = place.candidate.host.lower()
    if not _only_dns_names(target, place, host, match):
        return SessionJudge(policy, criteria, now)
    doubt = (
        f"{host} is not in {target.name}, and only DNS without DNSSEC says that it is the server: name it in hosts or in match, if it is "
        f"(RFC 6186 section 6)"
    )
    named = tuple(one for one in criteria.references if one.value.lower() != host)
    return SessionJudge(policy, replace(criteria, references=named), now, doubt)


def _only_dns_names(target: MailTarget, place: ServiceAddress, host: str, match: Sequence[str]) -> bool:
    if place.announced is None or place.announced.secure or host == target.name.lower() or is_below(host, target.name.lower()):
        return False
    given = [one for one in match if one.strip().lower() not in _WORDS]
    return host not in {one.value.lower() for one in reference_names(given, nexthop=target.name, hostname=host)}
