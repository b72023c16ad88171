# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many destinations in one run: the conductor that leads each from its route to a verdict.

Whatever number of domains share an exchange, an (address, port, SNI, kind of key) is probed once, by the `Prober`, and its evidence
judged for each of them.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import ScreenedRecord, screen
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask
from ansible_collections.mailops.tls.plugins.module_utils._dns.deadline import within
from ansible_collections.mailops.tls.plugins.module_utils._dns.known import LONGEST_LIFE, one_judgement
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import SKIPPED, TlsaLookup, TlsaOutcome, find_tlsa
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan
from ansible_collections.mailops.tls.plugins.module_utils._probe.crew import Crew, FleetProgress, Seat
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Criteria
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.policy import dane_policy, insecure_mx_may, socket_policy
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy, fixed_policy
from ansible_collections.mailops.tls.plugins.module_utils._probe.verdict import judge
from ansible_collections.mailops.tls.plugins.module_utils._smtp.criteria import reference_list, server_name
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.doubted import Doubted, Waiting
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult, EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.rfc_reading import Names, rfc_reading
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import find_route
from ansible_collections.mailops.tls.plugins.module_utils._smtp.session_result import SessionResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import Exchanges, ProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._smtp.unvalidated import (
    all_in_question,
    warning,
    without_downgrades,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest

RouteOf = Callable[[Destination], Awaitable[Route]]
"""Another way to a destination's endpoints than its records in DNS."""
Validates = Callable[[str], Awaitable[bool]]
"""Tells whether a nameserver validates; the real one is that of the Resolver."""


class Fleet:
    """One run over many destinations. Make and use it inside a running event loop."""

    def __init__(
        self,
        settings: ProbeSettings,
        ask: Ask,
        prober: Prober,
        route_of: RouteOf | None = None,
        validates: Validates | None = None,
        doubted: Doubted | None = None,
    ):
        """Take what a run needs; without *validates* every nameserver counts as one that validates.

        Fleets that share a *prober* share its limits, and have to share what is *doubted*.
        """
        self._settings, self._ask, self._prober = settings, ask, prober
        self._validates = validates
        self._doubted = doubted or Doubted()
        self._distrusted: frozenset[str] = frozenset()
        self._ad_untrusted = False
        self._route_of = route_of or self.route
        self._loop = asyncio.get_running_loop()
        self._now = datetime.now(timezone.utc)
        self._crew: Crew[Destination] = Crew(prober.settings.concurrency)
        self._anchors = screen(settings.trust_anchors)

    async def run(self, destinations: Iterable[Destination | None], finish: Callable[[DestinationResult], None]) -> None:
        """Probe *destinations*, taken one by one as there is room, and hand each result to *finish* as soon as it is there.

        A destination of None says that there is none now; when there is one, `go_on` is called.
        The order of results is any. No result is kept. Only where a nameserver has validated nothing so far do results that
        hang on it wait, some of them for the end of the run.
        """
        places = 1 if self._doubted.takes_places else 0

        async def end(result: DestinationResult) -> None:
            finish(await self._without_downgrades(result))
            self._crew.hold(-places)

        async def work(destination: Destination, seat: Seat) -> None:
            result = await self._destination(destination, seat)
            if await self._is_doubted(result):
                self._crew.hold(places)
                await self._doubted.wait(Waiting(result, self, self._is_doubted, end))
                return
            finish(result)
            await self._doubted.look()

        await self._crew.run(destinations, work)
        await self._doubted.end(self)

    def go_on(self) -> None:
        """Look for destinations again, where there were none."""
        self._crew.go_on()

    @property
    def progress(self) -> FleetProgress:
        """How many destinations are looked at now, and how many wait for a turn."""
        return self._crew.progress

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user has to be told about the run as a whole."""
        if not self._distrusted:
            return ()
        return (warning(self._distrusted, self._settings.security_level, self._ad_untrusted),)

    async def _not_validating(self, result: DestinationResult) -> frozenset[str]:
        """Return the nameservers that lowered the level of an endpoint though they have validated nothing so far."""
        if self._validates is None:
            return frozenset()
        names = all_in_question(result, self._settings.insecure_mx_policy)
        return frozenset([name for name in names if not await self._validates(name)])

    async def _is_doubted(self, result: DestinationResult) -> bool:
        return bool(await self._not_validating(result))

    async def _without_downgrades(self, result: DestinationResult) -> DestinationResult:
        names = await self._not_validating(result)
        if not names:
            return result
        self._distrusted |= names
        said = [result.route.ad_untrusted, *(one.lookup.ad_untrusted for one in result.endpoints)]
        self._ad_untrusted = self._ad_untrusted or any(said)
        return without_downgrades(result, names, self._settings.insecure_mx_policy)

    async def _destination(self, destination: Destination, seat: Seat) -> DestinationResult:
        """Look at a destination; once more if it had to wait so long that what DNS said is old. No server is asked again then."""
        with one_judgement():
            result = await self._look(destination, seat)
        if seat.waited > LONGEST_LIFE:
            with one_judgement():
                result = await self._look(destination, seat)
        return result

    async def _look(self, destination: Destination, seat: Seat) -> DestinationResult:
        began, limit = self._loop.time(), self._prober.settings.limits.deadline
        route = await within(limit, self._route_of(destination))
        if route is None:
            text = f"{destination.nexthop}: no route within the deadline"
            failure = Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, text)
            return DestinationResult(destination, Route(self._settings.lookup.value, failure=failure), ())
        elapsed = self._loop.time() - began
        if self._settings.exchanges is Exchanges.FIRST:
            endpoints = await self._first(destination, route, elapsed, seat)
        else:
            endpoints = await seat.all([self._endpoint(destination, route, one, elapsed, seat) for one in route.candidates])
            endpoints += [EndpointResult.of_exchange(exchange) for exchange in route.exchanges if exchange.failure]
        return DestinationResult(destination, route, tuple(endpoints))

    async def route(self, destination: Destination) -> Route:
        """Return the way to a destination by its records in DNS, for a *route_of* that adds something to it."""
        settings = self._settings
        route = await find_route(
            destination,
            self._ask,
            lookup=settings.lookup,
            family=settings.address_family,
            host_lookup=settings.host_lookup,
            native_addresses=native_addresses,
            shuffle=random.shuffle,
            dnssec_after_insecure_mx=not insecure_mx_may(settings.security_level, False, settings.insecure_mx_policy),
        )
        if destination.unix_path is None:
            return route
        # As Postfix has it, the host behind a socket is this one.
        own_name = settings.dialogue.ehlo_name
        return replace(route, candidates=tuple(replace(one, host=own_name) for one in route.candidates))

    async def _first(
        self, destination: Destination, route: Route, elapsed: float, seat: Seat
    ) -> list[EndpointResult]:
        """Like posttls-finger: walk the candidates up to the first that takes a connection."""
        tried: list[EndpointResult] = []
        for candidate in route.candidates:
            tried.append(await self._endpoint(destination, route, candidate, elapsed, seat))
            if tried[-1].connected:
                break
        return tried

    async def _endpoint(
        self, destination: Destination, route: Route, candidate: Candidate, elapsed: float, seat: Seat
    ) -> EndpointResult:
        began = self._loop.time()
        left = self._prober.settings.limits.deadline - elapsed
        lookup = await within(left, self._tlsa(destination, route, candidate))
        if lookup is None:
            lookup = TlsaLookup(TlsaOutcome.ERROR, error="no answer within the deadline")
        dns_seconds = elapsed + self._loop.time() - began
        failure = lookup.failure(candidate.host, candidate.port)
        if failure is not None:
            return EndpointResult(candidate, lookup=lookup, failure=failure, dns_seconds=dns_seconds)
        records = screen(lookup.records, self._settings.dane_digests)
        policy = self._policy(destination, route, lookup, records)
        criteria = Criteria(
            reference_list(self._settings.match, destination, route, candidate, policy),
            self._settings.fingerprints,
            self._settings.fingerprint_digest,
            records,
            self._anchors,
        )
        names = Names(candidate.host, destination.nexthop, route.secure)
        plan = self._plan(destination, candidate, policy)
        algorithms = (KeyRequest.ANY,) if plan.tls_mode is TlsMode.NONE else self._settings.key_algorithms
        plans = [plan if algorithm is plan.key_algorithm else replace(plan, key_algorithm=algorithm) for algorithm in algorithms]
        sessions = await seat.all([self._session(one, policy, criteria, names, seat) for one in plans])
        result = EndpointResult.of_sessions(candidate, policy, lookup, records, sessions, dns_seconds)
        scan = await self._prober.scan(result.evidence, seat=seat, host=candidate.host)
        return result if scan is None else replace(result, scan=scan)

    async def _session(
        self, plan: ProbePlan, policy: SessionPolicy, criteria: Criteria, names: Names, seat: Seat
    ) -> SessionResult:
        """Probe an endpoint for one kind of key, and judge what it shows."""
        probed = await self._prober.probe(plan, names.host, seat)
        evidence = probed.evidence
        chain = self._prober.chain(evidence)
        verification = judge(policy, criteria, evidence, chain, self._now)
        if _stricter_than_delivery(policy, evidence):
            lax = replace(plan, must_match=False)
            verification = replace(verification, satisfied=_has_tls((await self._prober.probe(lax, names.host, seat)).evidence))
        return SessionResult(
            plan.key_algorithm,
            evidence,
            verification,
            chain,
            rfc_reading(policy, criteria, evidence, chain, verification, names, self._now),
            probed.reconnects,
        )

    async def _tlsa(self, destination: Destination, route: Route, candidate: Candidate) -> TlsaLookup:
        """Look up the TLSA records of one candidate, where the level and the MX RRset allow DANE at all."""
        settings = self._settings
        level = settings.security_level
        if not level.uses_dane or insecure_mx_may(level, route.secure, settings.insecure_mx_policy):
            return SKIPPED
        if destination.unix_path is not None:
            return SKIPPED
        return await find_tlsa(
            self._ask,
            host=candidate.host,
            canonical_name=candidate.canonical_name,
            address_secure=candidate.secure,
            port=candidate.port,
            force=settings.force_tlsa,
        )

    def _policy(
        self, destination: Destination, route: Route, lookup: TlsaLookup, records: Sequence[ScreenedRecord]
    ) -> SessionPolicy:
        settings = self._settings
        if not settings.security_level.uses_dane:
            return fixed_policy(settings.security_level)
        if destination.unix_path is not None:
            return socket_policy(settings.security_level)
        return dane_policy(
            settings.security_level,
            mx_secure=route.secure,
            insecure_mx=settings.insecure_mx_policy,
            lookup=lookup,
            screened=records,
        )

    def _plan(self, destination: Destination, candidate: Candidate, policy: SessionPolicy) -> ProbePlan:
        return ProbePlan(
            target=Target(candidate.address, candidate.port, destination.unix_path),
            dialogue=self._settings.dialogue,
            tls_mode=TlsMode.NONE if policy.session is SecurityLevel.NONE else self._settings.tls_mode,
            must_match=policy.must_match,
            sni=policy.sni or server_name(self._settings.sni, destination, candidate),
        )


def _stricter_than_delivery(policy: SessionPolicy, evidence: ProbeEvidence) -> bool:
    """Whether a handshake failed that was made for a match, where delivery needs TLS of any kind only."""
    failed = evidence.failure is not None and evidence.failure.phase is CommonPhase.HANDSHAKE
    return failed and policy.must_match and policy.delivery is SecurityLevel.ENCRYPT


def _has_tls(evidence: ProbeEvidence) -> bool:
    return evidence.failure is None and evidence.tls is not None and evidence.tls.established
