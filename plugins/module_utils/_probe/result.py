# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of a run as values, and as the facts that a task returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from ansible_collections.mailops.tls.plugins.module_utils._dane.match import RecordMatch
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import ScreenedRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import TlsaLookup, TlsaOutcome
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import Evidence
from ansible_collections.mailops.tls.plugins.module_utils._probe.destination import Destination
from ansible_collections.mailops.tls.plugins.module_utils._probe.handshake import TlsSession
from ansible_collections.mailops.tls.plugins.module_utils._probe.policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._probe.reconnect import Reconnects
from ansible_collections.mailops.tls.plugins.module_utils._probe.rfc import RfcReading
from ansible_collections.mailops.tls.plugins.module_utils._probe.route import Candidate, ExchangeRoute, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.verdict import Status, Verification
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

ADDRESS_LIMIT = 5
"""Most addresses smtp(8) tries in one delivery attempt (smtp_mx_address_limit)."""


@dataclass(frozen=True)
class Detail:
    """Which of the larger parts a user wants in the facts."""

    include_pem: bool = False
    transcript: bool = False
    digest: str = "sha256"


@dataclass(frozen=True)
class EndpointResult:
    """One address of one exchange: what was decided before, seen, and judged.

    Without an address it stands for an exchange that has none, with the reason in B(failure).
    """

    candidate: Optional[Candidate]
    policy: Optional[SessionPolicy] = None
    lookup: TlsaLookup = TlsaLookup(TlsaOutcome.SKIPPED)
    evidence: Optional[Evidence] = None
    verification: Optional[Verification] = None
    chain: tuple[Certificate, ...] = ()
    failure: Optional[Failure] = None
    dns_seconds: float = 0.0
    records: tuple[ScreenedRecord, ...] = ()
    exchange: Optional[ExchangeRoute] = None
    reconnects: Optional[Reconnects] = None
    rfc: Optional[RfcReading] = None

    @classmethod
    def of_exchange(cls, exchange: ExchangeRoute) -> EndpointResult:
        """Return the result of an exchange whose addresses could not be found."""
        return cls(None, failure=exchange.failure, exchange=exchange)

    @property
    def connected(self) -> bool:
        """True when the server took the connection."""
        return self.evidence is not None and self.evidence.connected

    @property
    def host(self) -> str:
        """The name of the exchange."""
        if self.candidate is not None:
            return self.candidate.host
        return self.exchange.exchange if self.exchange is not None else ""

    @property
    def name(self) -> str:
        """The endpoint as Postfix writes it, C(host[address]:port), a unix-domain socket without port."""
        if self.candidate is None:
            return self.host
        port = ":%d" % self.candidate.port if self.candidate.port else ""
        return "%s[%s]%s" % (self.host, self.candidate.address, port)

    @property
    def matches(self) -> tuple[RecordMatch, ...]:
        """Each TLSA record compared with what was served; empty when nothing was."""
        return self.verification.records if self.verification is not None else ()

    @property
    def status(self) -> Status:
        """The status word."""
        return self.verification.status if self.verification is not None else Status.FAILED

    @property
    def satisfied(self) -> bool:
        """Would smtp(8) deliver over this endpoint?"""
        return self.verification is not None and self.verification.satisfied

    @property
    def preference(self) -> Optional[int]:
        """The preference of its exchange; None without an MX or SRV record."""
        if self.candidate is not None:
            return self.candidate.preference
        return self.exchange.preference if self.exchange is not None else None

    def as_facts(self, detail: Detail) -> dict[str, Any]:
        """Return the item of C(endpoints)."""
        candidate, evidence = self.candidate, self.evidence
        facts: dict[str, Any] = {
            "host": self.host,
            "address": candidate.address if candidate is not None else None,
            "port": candidate.port or None if candidate is not None else None,
            "preference": self.preference,
            "status": self.status.value,
            "satisfied": self.satisfied,
            "error": self.failure.as_dict() if self.failure is not None else None,
            "greeting": evidence.greeting if evidence is not None else None,
            "server_name": evidence.server_name if evidence is not None else None,
            "capabilities": _capabilities(evidence),
            "injected_plaintext": evidence.injected if evidence is not None else 0,
            "tls": _tls_facts(evidence.tls) if evidence is not None and evidence.tls is not None else None,
            "chain": [one.as_facts(include_pem=detail.include_pem, digest=detail.digest) for one in self.chain],
            "verification": self._verification_facts(),
            "rfc": self.rfc.as_facts() if self.rfc is not None else None,
            "tlsa": self._tlsa_facts(),
            "timings": {"dns": round(self.dns_seconds, 6), **(evidence.timings if evidence is not None else {})},
        }
        if self.reconnects is not None:
            facts["reconnects"] = self.reconnects.as_facts()
        if detail.transcript:
            facts["transcript"] = _transcript(evidence)
        return facts

    def _verification_facts(self) -> Optional[dict[str, Any]]:
        policy, verification = self.policy, self.verification
        if policy is None or verification is None:
            return None
        error = verification.error
        return {
            "status": verification.status.value,
            "requested_level": policy.requested.value,
            "effective_level": policy.session.value,
            "delivery_level": policy.delivery.value if policy.delivery is not None else None,
            "reason": policy.reason,
            "trusted": verification.trusted,
            "matched": verification.matched,
            "matched_name": verification.matched_name,
            "depth": verification.depth,
            "error": {"code": error.code, "depth": error.depth, "text": error.text} if error is not None else None,
        }

    def _tlsa_facts(self) -> dict[str, Any]:
        lookup = self.lookup
        return {
            "lookup": lookup.outcome.value,
            "base_domain": lookup.base_domain,
            "owner": lookup.owner,
            "secure": lookup.secure,
            "ad_untrusted": lookup.ad_untrusted,
            "error": lookup.error,
            "records": self._record_facts(),
        }

    def _record_facts(self) -> list[dict[str, Any]]:
        if self.matches:
            return [
                _record(one.record, one.usable, one.reason, one.matched, one.matched_depth) for one in self.matches
            ]  # fmt: skip
        return [_record(one.record, one.usable, one.reason, None, None) for one in self.records]


@dataclass(frozen=True)
class DestinationResult:
    """One destination: the way to it and its endpoints."""

    destination: Destination
    route: Route
    endpoints: tuple[EndpointResult, ...]

    @property
    def status(self) -> Status:
        """The status of the worst endpoint."""
        return max((one.status for one in self.endpoints), key=lambda one: one.severity, default=Status.FAILED)

    @property
    def satisfied(self) -> bool:
        """Would smtp(8) deliver to this destination?"""
        return would_deliver(self.endpoints)

    def as_facts(self, detail: Detail) -> dict[str, Any]:
        """Return the item of C(results)."""
        failure = self.route.failure
        return {
            "destination": self.destination.text,
            "status": self.status.value,
            "satisfied": self.satisfied,
            "error": failure.as_dict() if failure is not None else None,
            "route": self.route.as_facts(),
            "endpoints": [endpoint.as_facts(detail) for endpoint in self.endpoints],
        }


def would_deliver(endpoints: Sequence[EndpointResult]) -> bool:
    """Return whether one delivery attempt of smtp(8) can find an endpoint that satisfies the security level.

    It walks the addresses by preference, at most L(ADDRESS_LIMIT) of them. Its limit of sessions (smtp_mx_session_limit)
    does not come into it: a session that fails before mail could be sent is not counted. Within one preference its order
    is random; the better addresses count as coming first, since some attempt will meet them.
    """
    addresses = [one for one in endpoints if one.candidate is not None]
    addresses.sort(key=lambda one: (one.preference or 0, not one.satisfied))
    return any(one.satisfied for one in addresses[:ADDRESS_LIMIT])


def summarize(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the C(summary) of results given as facts."""
    return {
        "destinations": len(results),
        "satisfied": sum(1 for result in results if result["satisfied"]),
        "by_status": dict(Counter(result["status"] for result in results)),
    }


def _capabilities(evidence: Optional[Evidence]) -> dict[str, Any]:
    before = evidence.before_tls if evidence is not None else None
    after = evidence.after_tls if evidence is not None else None
    return {
        "before_tls": {key: list(words) for key, words in before.items()} if before is not None else None,
        "after_tls": {key: list(words) for key, words in after.items()} if after is not None else None,
    }


def _tls_facts(session: TlsSession) -> dict[str, Any]:
    return {
        "established": session.established,
        "protocol": session.protocol,
        "cipher": session.cipher,
        "cipher_bits": session.cipher_bits,
        "group": session.group,
        "signature": session.signature,
        "signature_digest": session.signature_digest,
        "sni": session.sni,
        "alpn": session.alpn,
        "session_reused": session.resumed,
    }


def _record(record: Any, usable: bool, reason: Optional[str], matched: Optional[bool], depth: Optional[int]) -> dict[str, Any]:
    return {
        "usage": record.usage,
        "selector": record.selector,
        "matching_type": record.matching_type,
        "data": record.data.hex(),
        "usable": usable,
        "reason": reason,
        "matched": matched,
        "matched_depth": depth,
    }


def _transcript(evidence: Optional[Evidence]) -> list[dict[str, Any]]:
    lines = evidence.transcript if evidence is not None else ()
    return [
        {"direction": line.direction, "phase": line.phase.value, "at": round(line.at, 6), "text": line.text}
        for line in lines
    ]
