# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the RFCs would say of an endpoint, where that is not what Postfix does (RFC 7672, RFC 6125).

The verdict of the collection is Postfix 3.12's, because that is what delivers mail. Other senders read the RFCs otherwise in some
places; a server that only one of the two readings accepts deserves to be known. Each difference names its section:

    no usable answer     without TLSA records TLS is opportunistic, with unusable ones mandatory but unauthenticated
                         (2.2); posttls-finger judges the certificate as at level secure instead
    aliased host         without MX records, the name before CNAME expansion is a reference identifier too (3.2.2); Postfix has
                         the TLSA base domain only
    insecure MX          the next-hop domain is no reference identifier then (3.2.2); Postfix accepts it
    mandatory DANE       needs a validated MX RRset (2.2.1, 6); posttls-finger accepts dane-only without, smtp(8) does not
    address literal      an iPAddress that matches is enough (RFC 6125 1.7.2, RFC 9525 6.5); with OpenSSL 3 Postfix wants a
                         name to match as well
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Criteria, Verification
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._probe.verdict import judge
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import ReferenceKind, ReferenceName, match_names

_NO_TLSA = "without TLSA records TLS is opportunistic (RFC 7672 section 2.2); posttls-finger judges as at secure"
_UNUSABLE = (
    "with unusable TLSA records only, TLS is mandatory but unauthenticated (RFC 7672 section 2.2);"
    " posttls-finger judges as at secure"
)
_ALIAS = (
    "the name %s before CNAME expansion is a reference identifier as well (RFC 7672 section 3.2.2);"
    " Postfix compares with the TLSA base domain only"
)
_INSECURE_NAMES = (
    "behind an insecure MX RRset only the TLSA base domain is a reference identifier (RFC 7672 section 3.2.2);"
    " Postfix accepts the next-hop domain too"
)
_MANDATORY = "mandatory DANE needs a validated MX RRset (RFC 7672 section 2.2.1); posttls-finger goes on without"
_ADDRESS = (
    "an iPAddress that matches is enough (RFC 9525 section 6.5); Postfix with OpenSSL 3 wants a name to match as well"
)


@dataclass(frozen=True)
class RfcReading:
    """The other reading: the level the RFC would apply, whether it would deliver, and why it differs (empty if not)."""

    level: SecurityLevel | None
    satisfied: bool
    differences: tuple[str, ...] = ()

    def as_facts(self) -> dict[str, Any]:
        """Return `rfc` of an endpoint."""
        return {
            "level": self.level.value if self.level is not None else None,
            "satisfied": self.satisfied,
            "differences": list(self.differences),
        }


@dataclass(frozen=True)
class Names:
    """The names a difference can be about: the host as published, the next-hop, and whether its MX RRset was validated."""

    host: str
    nexthop: str
    mx_secure: bool | None


def rfc_reading(
    policy: SessionPolicy,
    criteria: Criteria,
    evidence: ProbeEvidence,
    chain: Sequence[Certificate],
    verification: Verification,
    names: Names,
    now: datetime,
) -> RfcReading:
    """Read an endpoint that `judge` judged by Postfix's rules once more by those of the RFCs.

    The parameters are those of `judge`, its result, and the *names* involved.
    """
    level = policy.delivery
    if policy.session.uses_dane and policy.base_domain is not None and policy.forced_failure is None:
        return _by_dane_names(policy, criteria, evidence, chain, verification, names, now)
    if policy.requested.uses_dane and policy.session is SecurityLevel.SECURE:
        why = _NO_TLSA if all(not one.dropped for one in criteria.records) else _UNUSABLE
        return RfcReading(level, verification.satisfied, (why,) if level is not None else ())
    if policy.requested.uses_names and not verification.matched and _address_matches(criteria.references, chain):
        trusted = verification.trusted and evidence.failure is None
        return RfcReading(level, trusted, (_ADDRESS,) if trusted else ())
    return RfcReading(level, verification.satisfied)


def _by_dane_names(
    policy: SessionPolicy,
    criteria: Criteria,
    evidence: ProbeEvidence,
    chain: Sequence[Certificate],
    verification: Verification,
    names: Names,
    now: datetime,
) -> RfcReading:
    """Judge by the RFC's reference identifiers, and report them when the verdict changes with them."""
    base = policy.base_domain or ""
    mandatory = policy.requested is SecurityLevel.DANE_ONLY and names.mx_secure is False
    references, why = criteria.references, ""
    if names.mx_secure is None and names.host.lower() != base.lower():
        references, why = (*references, ReferenceName(ReferenceKind.DNS, names.host)), _ALIAS % names.host
    elif names.mx_secure is False:
        references, why = (ReferenceName(ReferenceKind.DNS, base),), _INSECURE_NAMES
    other = judge(policy, replace(criteria, references=references), evidence, chain, now) if why else verification
    differences = [why] if other.matched != verification.matched else []
    if mandatory and verification.matched:
        differences.append(_MANDATORY)
    return RfcReading(policy.delivery, other.satisfied and not mandatory, tuple(differences))


def _address_matches(references: Sequence[ReferenceName], chain: Sequence[Certificate]) -> bool:
    addresses = [reference for reference in references if reference.kind is ReferenceKind.IP]
    return bool(addresses and chain) and match_names(chain[0], addresses).matched
