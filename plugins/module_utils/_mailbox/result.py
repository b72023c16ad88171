# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run over mailbox servers found: one endpoint, one target, and both in the shape of results."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import ScreenedRecord
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Log
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxLog
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import SKIPPED, TlsaLookup
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.offers import Offers
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.way import ServiceAddress, Way
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Criteria, Status, Verification
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import (
    Detail,
    chain_facts,
    record_facts,
    tls_facts,
    transcript_facts,
    verification_facts,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

_TIMED = ("dns", "connect", "greeting", "starttls", "handshake", "total")
"""What every endpoint has in `timings`; null where it did not come to that."""
_RESUMED_EARLIER = frozenset(("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"))


class PortState(str, Enum):
    """What became of a connection to a port."""

    OPEN = "open"
    REFUSED = "refused"
    FILTERED = "filtered"
    ERROR = "error"


_STATES = {ErrorKind.CONNECT_REFUSED: PortState.REFUSED, ErrorKind.CONNECT_TIMEOUT: PortState.FILTERED}


def port_state(failure: Failure | None) -> PortState:
    """Return the state of a port by what connecting to it failed with; None is a connection that was made."""
    return PortState.OPEN if failure is None else _STATES.get(failure.kind, PortState.ERROR)


def command_injected(evidence: ProbeEvidence) -> bool | None:
    """Tell whether a command sent in plaintext was carried out inside TLS, by a dialogue that tested it; None where it is not known.

    A server that takes the command for the handshake, or refuses STARTTLS because of it, has not carried it out.
    """
    log, failure = evidence.log, evidence.failure
    if isinstance(log, MailboxLog) and log.command_injected is not None:
        return log.command_injected
    if failure is None:
        return None
    ended = failure.phase is CommonPhase.HANDSHAKE and failure.kind in (ErrorKind.DISCONNECTED, ErrorKind.HANDSHAKE_FAILED)
    return False if ended or failure.kind is ErrorKind.STARTTLS_REJECTED else None


@dataclass(frozen=True)
class PortResult:
    """One port of one address."""

    address: str
    port: int
    service: str | None
    state: PortState

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `ports`."""
        return {"address": self.address, "port": self.port, "service": self.service, "state": self.state.value}


@dataclass(frozen=True)
class MailboxEndpoint:
    """One service at one address: what was seen, and how it was judged.

    `failure` is what stood in the way before a connection, as a TLSA lookup that failed; else that of the evidence.
    """

    place: ServiceAddress
    policy: SessionPolicy | None = None
    lookup: TlsaLookup = SKIPPED
    records: tuple[ScreenedRecord, ...] = ()
    evidence: ProbeEvidence | None = None
    verification: Verification | None = None
    chain: tuple[Certificate, ...] = ()
    command_injected: bool | None = None
    criteria: Criteria | None = None
    before: Failure | None = None
    dns_seconds: float = 0.0
    scan: Mapping[str, Any] | None = None

    @property
    def failure(self) -> Failure | None:
        """What went wrong, if something did."""
        return self.before or (self.evidence.failure if self.evidence else None)

    @property
    def name(self) -> str:
        """The endpoint as `host[address]:port`."""
        candidate = self.place.candidate
        return f"{candidate.host}[{candidate.address or 'no address'}]:{candidate.port}"

    @property
    def state(self) -> PortState:
        """Whether the port took a connection."""
        if self.evidence is None:
            return PortState.ERROR
        return PortState.OPEN if self.evidence.connected else port_state(self.evidence.failure)

    @property
    def log(self) -> MailboxLog | None:
        """What a dialogue of IMAP, POP3 or ManageSieve learned; None for SMTP, and where there was none."""
        log = self.evidence.log if self.evidence else None
        return log if isinstance(log, MailboxLog) else None

    @cached_property
    def offers(self) -> Offers:
        """What the server offers, before and inside TLS."""
        return Offers.of(self.place.service.terms.protocol, self.evidence.log if self.evidence else None)

    @property
    def status(self) -> Status:
        """The status word."""
        return self.verification.status if self.verification else Status.FAILED

    @property
    def satisfied(self) -> bool:
        """Whether a client that asks for this level would go on."""
        return self.before is None and self.verification is not None and self.verification.satisfied

    def as_facts(self, detail: Detail) -> dict[str, Any]:
        """Return the item of `endpoints`."""
        service, candidate, log = self.place.service, self.place.candidate, self.log
        seen = self.evidence.log if self.evidence else None
        return {
            "service": service.value,
            "protocol": service.terms.protocol.value,
            "tls_mode": service.terms.tls_mode.value,
            "host": candidate.host,
            "address": candidate.address or None,
            "port": candidate.port,
            "port_state": self.state.value,
            "status": self.status.value,
            "satisfied": self.satisfied,
            "error": self.failure.as_dict() if self.failure else None,
            "greeting": seen.greeting if seen else None,
            "greeting_status": log.greeting_status if log else _smtp_status(seen.greeting if seen else None),
            "capabilities": self.offers.capability_facts(),
            "auth_mechanisms": self.offers.mechanism_facts(),
            "password_login": self.offers.password_facts(),
            "apop": log.timestamp is not None if isinstance(log, Pop3Log) else None,
            "starttls_offered": self.offers.starttls,
            "injected_plaintext": seen.injected if seen else 0,
            "command_injected": self.command_injected,
            "unsolicited": list(log.unsolicited) if log else [],
            "tls": self._tls_facts(),
            "chain": chain_facts(self.chain, detail),
            "verification": verification_facts(self.policy, self.verification),
            "tlsa": self._tlsa_facts(),
            "scan": self.scan,
            "transcript": transcript_facts(self.evidence) if detail.transcript else None,
            "timings": {**dict.fromkeys(_TIMED), "dns": round(self.dns_seconds, 6), **(self.evidence.timings if self.evidence else {})},
        }

    def _tls_facts(self) -> dict[str, Any] | None:
        facts = tls_facts(self.evidence)
        if facts is None:
            return None
        return {**facts, "channel_bindings": list(self.channel_bindings)}

    @property
    def channel_bindings(self) -> tuple[str, ...]:
        """The names of the channel bindings that the session has (RFC 9266, RFC 5929), the best first."""
        tls = self.evidence.tls if self.evidence else None
        if tls is None or not tls.established:
            return ()
        of_session = "tls-unique" if tls.protocol in _RESUMED_EARLIER else "tls-exporter"
        signature = self.chain[0].signature if self.chain else None
        of_server = ("tls-server-end-point",) if signature is not None and signature.digest is not None else ()
        return (of_session, *of_server)

    def _tlsa_facts(self) -> dict[str, Any]:
        lookup, matches = self.lookup, self.verification.records if self.verification else ()
        return {
            "lookup": lookup.outcome.value,
            "base_domain": lookup.base_domain,
            "owner": lookup.owner,
            "secure": lookup.secure,
            "ad_untrusted": lookup.ad_untrusted,
            "error": lookup.error,
            "records": record_facts(self.records, matches),
        }


def _smtp_status(greeting: str | None) -> str | None:
    """The first digit of an SMTP greeting as `2xx`; one without a code has a zero in its place."""
    return f"{greeting[0]}xx" if greeting and re.match(r"[1-9][0-9]{2}\b", greeting) else None


@dataclass(frozen=True)
class MailboxResult:
    """One target: the way to it, its endpoints, and the state of its ports where that was asked for."""

    target: MailTarget
    way: Way
    endpoints: tuple[MailboxEndpoint, ...] = ()
    ports: tuple[PortResult, ...] | None = None

    @property
    def counting(self) -> Sequence[MailboxEndpoint]:
        """The endpoints that the target is judged by: a service that is not run is no mistake, unless none is.

        Where DNS could not be asked, nobody knows whether it is run, or what it would have to be.
        """
        running = [one for one in self.endpoints if one.state is PortState.OPEN]
        unknown = [one for one in self.endpoints if one.before is not None and one.before.kind is not ErrorKind.DNS_NOT_FOUND]
        return [*running, *unknown] if running else self.endpoints

    @property
    def not_asked(self) -> Failure | None:
        """Why it is not known whether the domain announces a service; None where all is known."""
        return next((one.failure for one in self.way.announced if one.failure), None)

    @property
    def status(self) -> Status:
        """The status of the worst endpoint that counts."""
        found = [one.status for one in self.counting if self.not_asked is None]
        return max(found, key=lambda one: one.severity, default=Status.FAILED)

    @property
    def satisfied(self) -> bool:
        """Whether every endpoint that counts satisfies the level."""
        return self.not_asked is None and bool(self.counting) and all(one.satisfied for one in self.counting)

    @property
    def failure(self) -> Failure | None:
        """Why there is no endpoint, why none of them could be reached, or why there may be more."""
        if self.way.failure is not None or self.not_asked is not None:
            return self.way.failure or self.not_asked
        closed = all(one.state is not PortState.OPEN for one in self.endpoints)
        return next((one.failure for one in self.endpoints if one.failure), None) if closed else None

    def as_facts(self, detail: Detail) -> dict[str, Any]:
        """Return the item of `results`, without its findings."""
        failure = self.failure
        return {
            "target": self.target.text,
            "lookup": "srv" if self.target.by_srv else "host",
            "srv": [one.as_facts() for one in self.way.announced],
            "status": self.status.value,
            "satisfied": self.satisfied,
            "error": failure.as_dict() if failure else None,
            "warnings": list(self.way.warnings),
            "ports": None if self.ports is None else [one.as_facts() for one in self.ports],
            "endpoints": [one.as_facts(detail) for one in self.endpoints],
        }


def invalid_target_facts(text: str, *, by_srv: bool, failure: Failure) -> dict[str, Any]:
    """Return the item of `results` for what could not be read as a target, with its findings: there are none."""
    facts = MailboxResult(MailTarget(text, "", by_srv=by_srv), Way(failure=failure)).as_facts(Detail())
    return {**facts, "worst": "ok", "lint": []}


def summarize(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the `summary` of results given as facts."""
    return {
        "targets": len(results),
        "satisfied": sum(1 for result in results if result["satisfied"]),
        "by_status": dict(Counter(result["status"] for result in results)),
        "by_worst": dict(Counter(result["worst"] for result in results)),
    }
