# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many targets in one run: from the way to each endpoint to a verdict, by the same prober, policies and judgement as mail exchanges."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import ScreenedRecord, screen
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask
from ansible_collections.mailops.tls.plugins.module_utils._dns.deadline import within
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_address
from ansible_collections.mailops.tls.plugins.module_utils._dns.known import LONGEST_LIFE, one_judgement
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import NOT_VALIDATED, SKIPPED, TlsaLookup, TlsaOutcome, find_tlsa
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import (
    MailboxEndpoint,
    MailboxResult,
    PortResult,
    command_injected,
    port_state,
)
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MAIL_PORTS, MailProtocol, service_at
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.way import ServiceAddress, Way, find_way
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan
from ansible_collections.mailops.tls.plugins.module_utils._probe.crew import Crew, FleetProgress, Seat
from ansible_collections.mailops.tls.plugins.module_utils._probe.host_addresses import HostAddresses, host_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Criteria
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.policy import dane_policy
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import InsecureMxPolicy, SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy, fixed_policy
from ansible_collections.mailops.tls.plugins.module_utils._probe.verdict import judge
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import (
    ReferenceKind,
    ReferenceName,
    reference_name,
    reference_names,
)

Validates = Callable[[str], Awaitable[bool]]
"""Tells whether a nameserver validates; the real one is that of the Resolver."""
WayOf = Callable[[MailTarget], Awaitable[Way]]
"""Another way to a target's endpoints than its records in DNS."""


class MailboxRun:
    """One run over many targets. Make and use it inside a running event loop."""

    def __init__(
        self,
        settings: MailboxProbeSettings,
        ask: Ask,
        prober: Prober,
        now: datetime,
        validates: Validates | None = None,
        way_of: WayOf | None = None,
    ) -> None:
        """Take what a run needs; runs that share a *prober* share its limits.

        *now* is the time for the validity of certificates, aware. *validates* tells whether a nameserver validates; without it every
        one counts as one that does.
        """
        self._settings, self._ask, self._prober, self._validates = settings, ask, prober, validates
        self._way_of = way_of or self._way
        self._loop = asyncio.get_running_loop()
        self._now = now
        self._crew: Crew[MailTarget] = Crew(prober.settings.concurrency)
        self._anchors = screen(settings.trust_anchors)

    async def run(self, targets: Iterable[MailTarget], finish: Callable[[MailboxResult], None]) -> None:
        """Look at the targets, taken one by one as there is room, and scan them if that is wanted.

        Each result is handed to *finish* as soon as it is there, in any order, and not kept.
        """

        async def work(target: MailTarget, seat: Seat) -> None:
            finish(await self.result_of(target, seat))

        await self._crew.run(targets, work)

    @property
    def progress(self) -> FleetProgress:
        """How many targets are looked at now, and how many wait for a turn."""
        return self._crew.progress

    async def result_of(self, target: MailTarget, seat: Seat | None = None) -> MailboxResult:
        """Look at one target and scan it if that is wanted, with one answer to each question to DNS."""
        seat = seat or Seat()
        with one_judgement():
            result = await self.look(target, seat)
        if seat.waited > LONGEST_LIFE:  # what DNS said is old; no server is asked again
            with one_judgement():
                result = await self.look(target, seat)
        return await self._scanned(result, seat)

    async def look(self, target: MailTarget, seat: Seat | None = None) -> MailboxResult:
        """Look at one target; *seat* is that of the piece of work that this is, if it is one of many."""
        seat = seat or Seat()
        began = self._loop.time()
        until = began + self._prober.settings.limits.deadline
        way = await within(until - self._loop.time(), self._way_of(target))
        if way is None:
            failure = Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, f"{target.name}: no answer from DNS within the deadline")
            return MailboxResult(target, Way(failure=failure), ports=() if self._settings.all_ports else None)
        elapsed = self._loop.time() - began
        ports = asyncio.ensure_future(self._ports(way)) if self._settings.all_ports else None
        try:
            endpoints = await seat.all([self._endpoint(target, way, place, until, elapsed, seat) for place in way.places])
            return MailboxResult(target, way, tuple(endpoints), await ports if ports is not None else None)
        finally:
            if ports is not None:
                ports.cancel()

    async def _scanned(self, result: MailboxResult, seat: Seat) -> MailboxResult:
        scans = await seat.all([self._prober.scan(one.evidence, host=one.place.candidate.host, seat=seat) for one in result.endpoints])
        return replace(result, endpoints=tuple(replace(one, scan=scan) for one, scan in zip(result.endpoints, scans)))

    async def _way(self, target: MailTarget) -> Way:
        return await find_way(target, self._settings.services, self._ask, self._find_host, self._settings.address_family)

    async def _find_host(self, host: str, ask: Ask) -> HostAddresses:
        return await host_addresses(host, ask, self._settings.host_lookup, native_addresses)

    async def _ports(self, way: Way) -> tuple[PortResult, ...]:
        """Connect to every mail port of every address, and say nothing there."""
        addresses = dict.fromkeys(place.candidate.address for place in way.places if place.candidate.address)
        wanted = [(address, port) for address in addresses for port in MAIL_PORTS]
        failures = await asyncio.gather(*(self._prober.knock(Target(address, port)) for address, port in wanted))
        named = [(address, port, service_at(port), port_state(failure)) for (address, port), failure in zip(wanted, failures)]
        return tuple(PortResult(address, port, service.value if service else None, state) for address, port, service, state in named)

    async def _endpoint(
        self, target: MailTarget, way: Way, place: ServiceAddress, until: float, elapsed: float, seat: Seat
    ) -> MailboxEndpoint:
        if place.failure is not None:
            return MailboxEndpoint(place, before=place.failure, dns_seconds=elapsed)
        began = self._loop.time()
        lookup = await within(until - self._loop.time(), self._tlsa(place))
        if lookup is None:
            lookup = TlsaLookup(TlsaOutcome.ERROR, error="no answer within the deadline")
        failure = lookup.failure(place.candidate.host, place.candidate.port) or await self._unvalidated(way, lookup, until)
        seconds = elapsed + self._loop.time() - began
        if failure is not None:
            return MailboxEndpoint(place, lookup=lookup, before=failure, dns_seconds=seconds)
        records = screen(lookup.records, self._settings.dane_digests)
        policy = self._policy(place, lookup, records)
        plan = self._plan(place, policy)
        evidence = (await self._prober.probe(plan, place.candidate.host, seat)).evidence
        chain = self._prober.chain(evidence)
        criteria = Criteria(
            self._references(target, place, policy),
            self._settings.fingerprints,
            self._settings.fingerprint_digest,
            records,
            self._anchors,
        )
        verification = judge(policy, criteria, evidence, chain, self._now)
        injected = await self._injected(place, plan, evidence, seat)
        return MailboxEndpoint(place, policy, lookup, records, evidence, verification, chain, injected, criteria, dns_seconds=seconds)

    async def _injected(self, place: ServiceAddress, plan: ProbePlan, evidence: ProbeEvidence, seat: Seat) -> bool | None:
        """Test for command injection, on a connection of its own: a server that does well may end it."""
        protocol = place.service.terms.protocol
        wanted = self._settings.injection_test and protocol not in (MailProtocol.SMTP, MailProtocol.LMTP)
        if not wanted or plan.tls_mode is not TlsMode.STARTTLS or evidence.tls is None or not evidence.tls.established:
            return None
        test = replace(plan, dialogue=self._settings.dialogue(protocol, injecting=True))
        return command_injected((await self._prober.probe(test, place.candidate.host, seat)).evidence)

    async def _tlsa(self, place: ServiceAddress) -> TlsaLookup:
        """TLSA records of one endpoint. Behind SRV records that are not validated they do not count (RFC 7673 section 3.1)."""
        insecure = place.announced is not None and not place.announced.secure
        candidate = place.candidate
        if not self._settings.security_level.uses_dane or insecure:
            return SKIPPED
        return await find_tlsa(
            self._ask,
            host=candidate.host,
            canonical_name=candidate.canonical_name,
            address_secure=candidate.secure,
            port=candidate.port,
            force=self._settings.force_tlsa,
        )

    async def _unvalidated(self, way: Way, lookup: TlsaLookup, until: float) -> Failure | None:
        """Without DNSSEC "no TLSA records" is no fact, where the nameservers that said so validate nothing at all."""
        if not self._settings.security_level.uses_dane or self._validates is None or lookup.outcome is TlsaOutcome.FOUND:
            return None
        asked = sorted(way.without_ad | lookup.without_ad)
        guilty = await within(until - self._loop.time(), _not_validating(asked, self._validates))
        if guilty is None:  # nobody has said in time that they validate
            guilty = asked
        if not guilty:
            return None
        text = f"{NOT_VALIDATED} (nameserver {', '.join(guilty)})"
        return Failure(ErrorKind.DNSSEC_UNAVAILABLE, CommonPhase.TLSA, text)

    def _policy(self, place: ServiceAddress, lookup: TlsaLookup, records: Sequence[ScreenedRecord]) -> SessionPolicy:
        level = self._settings.security_level
        if not level.uses_dane:
            return fixed_policy(level)
        secure = place.announced.secure if place.announced is not None else None
        policy = dane_policy(level, mx_secure=secure, insecure_mx=InsecureMxPolicy.ENCRYPT, lookup=lookup, screened=records)
        return policy if policy.session.uses_dane else _without_records(policy)

    def _plan(self, place: ServiceAddress, policy: SessionPolicy) -> ProbePlan:
        terms, candidate = place.service.terms, place.candidate
        mode = terms.tls_mode
        if policy.session is SecurityLevel.NONE and mode is TlsMode.STARTTLS:
            mode = TlsMode.NONE
        named = self._settings.sni or (None if is_address(candidate.host) else candidate.host)
        return ProbePlan(
            target=Target(candidate.address, candidate.port),
            dialogue=self._settings.dialogue(terms.protocol),
            must_match=policy.must_match,
            sni=policy.sni or named,
            key_algorithm=self._settings.key_algorithm,
            tls_mode=mode,
        )

    def _references(self, target: MailTarget, place: ServiceAddress, policy: SessionPolicy) -> tuple[ReferenceName, ...]:
        """The names of which a certificate needs one (RFC 7817, RFC 6186 section 6, RFC 7672 section 3.2.2)."""
        host = place.candidate.host
        if policy.session.uses_dane and policy.base_domain is not None:
            return reference_names(dict.fromkeys((policy.base_domain, host)), nexthop=host, hostname=host)
        if not policy.session.uses_names:
            return ()
        if self._settings.match:
            return reference_names(self._settings.match, nexthop=target.name, hostname=host)
        if not target.by_srv:
            return (reference_name(host),)
        srv_id = ReferenceName(ReferenceKind.SRV, f"_{place.service.value}.{target.name}")
        return (*reference_names((target.name, host), nexthop=target.name, hostname=host), srv_id)


async def _not_validating(names: Sequence[str], validates: Validates) -> list[str]:
    return [name for name in names if not await validates(name)]


def _without_records(policy: SessionPolicy) -> SessionPolicy:
    """A client without usable TLSA records verifies as if there were none, and never less (RFC 7673)."""
    at_most = SecurityLevel.VERIFY if policy.requested is SecurityLevel.DANE else None
    return SessionPolicy(policy.requested, SecurityLevel.VERIFY, at_most, True, reason=policy.reason)
