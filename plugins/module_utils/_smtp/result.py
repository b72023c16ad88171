# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of a run as values, and as the facts that a task returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.match import RecordMatch
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import ScreenedRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import SKIPPED, TlsaLookup
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, ExchangeRoute, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status, Verification
from ansible_collections.mailops.tls.plugins.module_utils._probe.reconnect import Reconnects
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import (
    Detail,
    chain_facts,
    record_facts,
    tls_facts,
    transcript_facts,
    verification_facts,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination, InvalidDestination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.rfc_reading import RfcReading
from ansible_collections.mailops.tls.plugins.module_utils._smtp.session_result import (
    SessionResult,
    counting_sessions,
    primary_session,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

ADDRESS_LIMIT = 5
"""Most addresses smtp(8) tries in one delivery attempt (smtp_mx_address_limit)."""


@dataclass(frozen=True)
class EndpointResult:
    """One address of one exchange: what was decided before, seen, and judged.

    Without an address it stands for an exchange that has none, with the reason in `failure`. Of several `sessions`, one for
    each kind of key, the other attributes are of the one that stands for all, but for `failure` and `rfc`.
    """

    candidate: Candidate | None
    policy: SessionPolicy | None = None
    lookup: TlsaLookup = SKIPPED
    evidence: ProbeEvidence | None = None
    verification: Verification | None = None
    chain: tuple[Certificate, ...] = ()
    failure: Failure | None = None
    dns_seconds: float = 0.0
    records: tuple[ScreenedRecord, ...] = ()
    exchange: ExchangeRoute | None = None
    reconnects: Reconnects | None = None
    rfc: RfcReading | None = None
    sessions: tuple[SessionResult, ...] = ()
    scan: Mapping[str, Any] | None = None

    @classmethod
    def of_sessions(
        cls,
        candidate: Candidate,
        policy: SessionPolicy,
        lookup: TlsaLookup,
        records: tuple[ScreenedRecord, ...],
        sessions: Sequence[SessionResult],
        dns_seconds: float = 0.0,
    ) -> EndpointResult:
        """Return the result of an endpoint that was asked for each kind of key in a session of its own."""
        primary, counting = primary_session(sessions), counting_sessions(sessions)
        failures = [one.failure for one in (primary, *counting) if one.failure is not None]
        readings = [one.rfc for one in (primary, *counting) if one.rfc is not None]
        return cls(
            candidate,
            policy,
            lookup,
            primary.evidence,
            primary.verification,
            primary.chain,
            failures[0] if failures else None,
            dns_seconds,
            records,
            reconnects=primary.reconnects,
            rfc=next((one for one in readings if not one.satisfied), primary.rfc),
            sessions=tuple(sessions),
        )

    @classmethod
    def of_exchange(cls, exchange: ExchangeRoute) -> EndpointResult:
        """Return the result of an exchange whose addresses could not be found."""
        return cls(None, failure=exchange.failure, exchange=exchange)

    @property
    def connected(self) -> bool:
        """True when the server took a connection."""
        seen = [self.evidence, *(one.evidence for one in self.sessions)]
        return any(one is not None and one.connected for one in seen)

    @property
    def host(self) -> str:
        """The name of the exchange."""
        if self.candidate is not None:
            return self.candidate.host
        return self.exchange.exchange if self.exchange is not None else ""

    @property
    def name(self) -> str:
        """The endpoint as Postfix writes it, `host[address]:port`, a unix-domain socket without port."""
        if self.candidate is None:
            return self.host
        port = f":{self.candidate.port}" if self.candidate.port else ""
        return f"{self.host}[{self.candidate.address}]{port}"

    @property
    def matches(self) -> tuple[RecordMatch, ...]:
        """Each TLSA record compared with what was served; empty when nothing was."""
        return self.verification.records if self.verification is not None else ()

    @property
    def served(self) -> tuple[tuple[tuple[Certificate, ...], tuple[RecordMatch, ...]], ...]:
        """Every chain that was served, with each TLSA record compared with it."""
        if self.sessions:
            return tuple((one.chain, one.verification.records) for one in self.sessions if one.chain)
        return ((self.chain, self.matches),) if self.chain else ()

    @property
    def served_is_known(self) -> bool:
        """True when a chain was seen and no kind of key that was asked for is left open."""
        compared = bool(self.served) and all(matches for _chain, matches in self.served)
        return compared and all(one.chain or one.offered is False for one in self.sessions)

    @property
    def asked_for_keys(self) -> bool:
        """True when kinds of keys were asked for one by one."""
        return any(one.algorithm is not KeyRequest.ANY for one in self.sessions)

    @property
    def status(self) -> Status:
        """The status word; the worst of those for the kinds of key that the server has."""
        if self.sessions:
            return max((one.status for one in counting_sessions(self.sessions)), key=lambda one: one.severity)
        return self.verification.status if self.verification is not None else Status.FAILED

    @property
    def satisfied(self) -> bool:
        """Would smtp(8) deliver over this endpoint, whatever kind of key it is shown?"""
        if self.sessions:
            return all(one.satisfied for one in counting_sessions(self.sessions))
        return self.verification is not None and self.verification.satisfied

    @property
    def preference(self) -> int | None:
        """The preference of its exchange; None without an MX or SRV record."""
        if self.candidate is not None:
            return self.candidate.preference
        return self.exchange.preference if self.exchange is not None else None

    def as_facts(self, detail: Detail) -> dict[str, Any]:
        """Return the item of `endpoints`."""
        candidate, evidence = self.candidate, self.evidence
        facts: dict[str, Any] = {
            "host": self.host,
            "address": candidate.address if candidate is not None else None,
            "port": candidate.port or None if candidate is not None else None,
            "preference": self.preference,
            "status": self.status.value,
            "satisfied": self.satisfied,
            "error": self.failure.as_dict() if self.failure is not None else None,
            "greeting": evidence.log.greeting if evidence is not None else None,
            "server_name": evidence.log.server_name if evidence is not None else None,
            "capabilities": _capabilities(evidence),
            "injected_plaintext": evidence.log.injected if evidence is not None else 0,
            "tls": tls_facts(evidence),
            "chain": chain_facts(self.chain, detail),
            "verification": verification_facts(self.policy, self.verification),
            "rfc": self.rfc.as_facts() if self.rfc is not None else None,
            "tlsa": self._tlsa_facts(),
            "scan": self.scan,
            "timings": {"dns": round(self.dns_seconds, 6), **(evidence.timings if evidence is not None else {})},
        }
        if self.asked_for_keys:
            facts["key_algorithms"] = [one.as_facts(self.policy, self.records, detail) for one in self.sessions]
        if self.reconnects is not None:
            facts["reconnects"] = self.reconnects.as_facts()
        if detail.transcript:
            facts["transcript"] = transcript_facts(evidence)
        return facts

    def _tlsa_facts(self) -> dict[str, Any]:
        lookup = self.lookup
        return {
            "lookup": lookup.outcome.value,
            "base_domain": lookup.base_domain,
            "owner": lookup.owner,
            "secure": lookup.secure,
            "ad_untrusted": lookup.ad_untrusted,
            "error": lookup.error,
            "records": record_facts(self.records, self.matches),
        }


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
        """Return the item of `results`."""
        failure = self.route.failure
        return {
            "destination": self.destination.text,
            "status": self.status.value,
            "satisfied": self.satisfied,
            "error": failure.as_dict() if failure is not None else None,
            "route": self.route.as_facts(),
            "endpoints": [endpoint.as_facts(detail) for endpoint in self.endpoints],
        }


def invalid_destination_facts(invalid: InvalidDestination, lookup: str) -> dict[str, Any]:
    """Return the item of `results` of what is no destination."""
    return {
        "destination": invalid.text,
        "status": Status.FAILED.value,
        "satisfied": False,
        "error": invalid.failure.as_dict(),
        "route": Route(lookup, failure=invalid.failure).as_facts(),
        "endpoints": [],
        "lint": [],
    }


def would_deliver(endpoints: Sequence[EndpointResult]) -> bool:
    """Return whether one delivery attempt of smtp(8) can find an endpoint that satisfies the security level.

    It walks the addresses by preference, at most `ADDRESS_LIMIT` of them. Its limit of sessions (smtp_mx_session_limit)
    does not come into it: a session that fails before mail could be sent is not counted. Within one preference its order
    is random; the better addresses count as coming first, since some attempt will meet them.
    """
    addresses = [one for one in endpoints if one.candidate is not None]
    addresses.sort(key=lambda one: (one.preference or 0, not one.satisfied))
    return any(one.satisfied for one in addresses[:ADDRESS_LIMIT])


def summarize(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the `summary` of results given as facts."""
    satisfied, by_status = 0, dict[str, int]()
    for result in results:  # of a long run each by itself
        satisfied += result["satisfied"]
        by_status[result["status"]] = by_status.get(result["status"], 0) + 1
    return {"destinations": len(results), "satisfied": satisfied, "by_status": by_status}


def _capabilities(evidence: ProbeEvidence | None) -> dict[str, Any]:
    before = evidence.log.before_tls if evidence is not None else None
    after = evidence.log.after_tls if evidence is not None else None
    return {
        "before_tls": {key: list(words) for key, words in before.items()} if before is not None else None,
        "after_tls": {key: list(words) for key, words in after.items()} if after is not None else None,
    }
