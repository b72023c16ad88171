# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of one run: each plan once, in turns, with retries, whatever the protocol and however TLS begins.

Whoever asks for the same plan gets the same evidence; `turns.py` has the limits. A server that says it has too many connections is
asked again later, within the deadline of the probe. What was seen is kept as long as there is room: a run over very many servers may
have to look at one again that was met long ago.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._bounded import Bounded
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import (
    ProbeEvidence,
    ProbePlan,
    Sessions,
    TimeLimits,
    gather_evidence,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.crew import Seat
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target, connect
from ansible_collections.mailops.tls.plugins.module_utils._probe.reconnect import Reconnects, reconnect
from ansible_collections.mailops.tls.plugins.module_utils._probe.scans import Scans, ScanSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.silence import Silence
from ansible_collections.mailops.tls.plugins.module_utils._probe.turns import Limits, ProviderOf, Turns, last_two_labels
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

SEEN_BYTES = 12_000_000
"""What evidence may take together: about 3,000 probes."""
CERTIFICATE_BYTES = 5_000_000
"""What certificates may take together that have been read: about 1,000."""
_RETRY_DELAYS = (1.0, 2.0, 4.0, 8.0, 15.0)


@dataclass(frozen=True)
class ProberSettings:
    """How much at a time, how long, and how often; `reconnect_delay` in seconds, None to connect once; `scan` None to scan nothing.

    A network is a /24 or a /64, a provider the registrable domain of an exchange's name; None is no limit. Between the starts of
    two connections to one address lie `interval_per_address` seconds.
    """

    limits: TimeLimits = TimeLimits()
    concurrency: int = 100
    per_address_limit: int = 4
    reconnect_delay: float | None = None
    reconnect_max: int = 5
    per_network_limit: int | None = None
    per_provider_limit: int | None = None
    interval_per_address: float = 0.0
    scan: ScanSettings | None = None

    @property
    def turn_limits(self) -> Limits:
        """The limits of connections."""
        return Limits(
            self.concurrency, self.per_address_limit, self.per_network_limit, self.per_provider_limit, self.interval_per_address
        )


class Probed(NamedTuple):
    """What was seen of one server, shared by all who asked for the same plan."""

    evidence: ProbeEvidence
    reconnects: Reconnects | None = None


class _Probing:
    """A probe that is not over: how many want it, and whether it has begun, so that it is too late to leave it."""

    __slots__ = ("begun", "task", "wanted")

    def __init__(self) -> None:
        self.begun, self.wanted = False, 0
        self.task: asyncio.Task[Probed] | None = None


class Prober:
    """The probes of one run, for all its protocols together. Make and use it inside a running event loop."""

    def __init__(
        self,
        contexts: TlsContexts,
        settings: ProberSettings,
        on_trace: OnTrace | None = None,
        provider_of: ProviderOf = last_two_labels,
    ) -> None:
        """Take the TLS contexts of the run; *on_trace* takes each TLS session when it is over, *provider_of* tells whose a host is."""
        self.settings = settings
        self._contexts, self._on_trace = contexts, on_trace
        self._loop = asyncio.get_running_loop()
        self._turns = Turns(settings.turn_limits, provider_of)
        self._silence = Silence(self._loop.time)
        self._probing: dict[ProbePlan, _Probing] = {}
        self._seen: Bounded[ProbePlan, Probed] = Bounded(SEEN_BYTES)
        self._certificates: Bounded[bytes, Certificate] = Bounded(CERTIFICATE_BYTES)
        self._scans = Scans(settings.scan, settings.limits, self._connection) if settings.scan is not None else None

    async def probe(self, plan: ProbePlan, host: str | None = None, seat: Seat | None = None) -> Probed:
        """Probe once per plan, whoever asks; everyone gets the same evidence.

        A plan that does something there (`ProbePlan.once`) is one connection each time it is asked for, and nobody else's.

        Args:
            plan: where and how.
            host: the name of the host there, for the limit of its provider.
            seat: that of the piece of work that this is for, which waits for others aside.
        """
        seat = seat or Seat()
        if plan.once:
            return Probed(await self._once(plan, host, seat))
        seen = self._seen.get(plan)
        if seen is not None:
            return seen
        probing = self._probing.get(plan)
        if probing is not None:
            with seat.aside():
                return await self._outcome(plan, probing)
        probing = self._probing[plan] = _Probing()
        probing.task = asyncio.ensure_future(self._probe(plan, host, probing, seat))
        return await self._outcome(plan, probing)

    async def _outcome(self, plan: ProbePlan, probing: _Probing) -> Probed:
        """Return what a probe sees. One that nobody waits for any more is not begun."""
        task = probing.task
        if task is None:
            raise RuntimeError("a probe is waited for that was not begun")
        probing.wanted += 1
        try:
            return await asyncio.shield(task)
        finally:
            probing.wanted -= 1
            if not probing.wanted and not probing.begun and self._probing.get(plan) is probing:
                del self._probing[plan]
                task.cancel()

    async def knock(self, target: Target) -> Failure | None:
        """Connect when it is this address's turn, say nothing and hang up; return what connecting failed with."""
        turn = await self._turns.take(target)
        try:
            link = await connect(target, self._loop.time() + self.settings.limits.connect)
        except ProbeError as error:
            return error.failure
        finally:
            turn.give()
        link.abort()
        return None

    async def scan(
        self, evidence: ProbeEvidence | None, obstacle: Failure | None = None, seat: Seat | None = None, host: str | None = None
    ) -> dict[str, Any] | None:
        """Scan the server of a probe, if that is wanted; see `Scans.after`. For a scan of somebody else's *seat* waits aside."""
        if self._scans is None:
            return None
        if seat is None or not self._scans.has_to_wait(evidence):
            return await self._scans.after(evidence, obstacle, host)
        with seat.aside():
            return await self._scans.after(evidence, obstacle, host)

    @asynccontextmanager
    async def _connection(self, plan: ProbePlan, host: str | None) -> AsyncIterator[None]:
        """Have a turn for one connection of a scan."""
        turn = await self._turns.take(plan.target, host)
        try:
            yield
        finally:
            turn.give()

    def chain(self, evidence: ProbeEvidence) -> tuple[Certificate, ...]:
        """Return the certificates of an evidence, leaf first; those that servers share are read once, while there is room."""
        if evidence.tls is None:
            return ()
        return tuple(self._certificate(der) for der in evidence.tls.chain)

    def _certificate(self, der: bytes) -> Certificate:
        certificate = self._certificates.get(der)
        if certificate is None:
            certificate = Certificate(der)
            self._certificates.put(der, certificate, 3 * len(der) + 2000)
        return certificate

    async def _probe(self, plan: ProbePlan, host: str | None, probing: _Probing, seat: Seat) -> Probed:
        """Probe, and keep what was seen."""
        try:
            probed = self._sharing(await self._probe_and_reconnect(plan, host, probing, seat))
            self._seen.put(plan, probed, _size(probed.evidence))
            return probed
        finally:
            if self._probing.get(plan) is probing:
                del self._probing[plan]

    def _sharing(self, probed: Probed) -> Probed:
        """Return what was seen with certificates that other servers have sent as well, in place of the same bytes again."""
        tls = probed.evidence.tls
        if tls is None or len(tls.chain) < 2:
            return probed
        chain = (tls.chain[0], *(self._certificate(der).der for der in tls.chain[1:]))
        return probed._replace(evidence=replace(probed.evidence, tls=replace(tls, chain=chain)))

    async def _probe_and_reconnect(self, plan: ProbePlan, host: str | None, probing: _Probing, seat: Seat) -> Probed:
        """Probe, and connect again if the user wants to see sessions resumed."""
        settings = self.settings
        if settings.reconnect_delay is None:
            return Probed(await self._connect(plan, host, None, probing, seat))
        sessions: Sessions = {}
        evidence = await self._connect(plan, host, sessions, probing, seat)
        if evidence.failure is not None or evidence.tls is None:
            return Probed(evidence)

        async def connect(known: Sessions) -> ProbeEvidence:
            return await self._connect(plan, host, known, probing, seat)

        return Probed(evidence, await reconnect(connect, sessions, settings.reconnect_delay, settings.reconnect_max))

    async def _once(self, plan: ProbePlan, host: str | None, seat: Seat) -> ProbeEvidence:
        """One connection when it is this address's turn, whatever becomes of it."""
        turn = await self._turns.take(plan.target, host, seat.aside)
        try:
            until = self._loop.time() + self.settings.limits.deadline
            evidence = await gather_evidence(plan, self._contexts, self.settings.limits, until, None, self._on_trace)
        finally:
            turn.give()
        seat.stake()
        return evidence

    async def _connect(
        self, plan: ProbePlan, host: str | None, sessions: Sessions | None, probing: _Probing, seat: Seat
    ) -> ProbeEvidence:
        """Connect when it is this probe's turn; a server that has too many connections is asked again later."""
        limits = self.settings.limits
        until = self._loop.time() + limits.deadline
        for delay in _RETRY_DELAYS + (None,):
            asked = self._loop.time()
            if self._silence.of(plan.target) is not None:
                return await self._look(plan, until, sessions)
            turn = await self._turns.take(plan.target, host, seat.aside)
            until += self._loop.time() - asked  # what we wait for by ourselves is no time of the probe's
            probing.begun = True
            try:
                evidence = await self._look(plan, until, sessions)
            finally:
                turn.give()
            busy = evidence.failure is not None and evidence.failure.kind is ErrorKind.RATE_LIMITED
            if not busy:
                seat.stake()
            if not busy or delay is None or self._loop.time() + delay >= until:
                break
            with seat.aside():
                await asyncio.sleep(delay)
        return evidence

    async def _look(self, plan: ProbePlan, until: float, sessions: Sessions | None) -> ProbeEvidence:
        """Connect, unless those who had their turn before have found nobody there."""
        silent = self._silence.of(plan.target)
        if silent is not None:
            return ProbeEvidence(plan, failure=silent, timings={"total": 0.0})
        evidence = await gather_evidence(plan, self._contexts, self.settings.limits, until, sessions, self._on_trace)
        self._silence.note(plan.target, evidence.failure)
        return evidence


def _size(evidence: ProbeEvidence) -> int:
    """About how many bytes an evidence takes; of its chain only the leaf is its own."""
    log, tls = evidence.log, evidence.tls
    lines = sum(len(line.text) + 250 for line in log.transcript)
    return 3000 + lines + (len(tls.chain[0]) if tls is not None and tls.chain else 0)
