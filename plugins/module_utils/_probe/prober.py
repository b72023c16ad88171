# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of one run: each plan once, in turns, with retries, whatever the protocol and however TLS begins.

Whoever asks for the same plan gets the same evidence. No more than `per_address_limit` connections are open to one address and no
more than `concurrency` at all. A server that says it has too many is asked again later, within the deadline of the probe.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import (
    ProbeEvidence,
    ProbePlan,
    Sessions,
    TimeLimits,
    gather_evidence,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target, connect
from ansible_collections.mailops.tls.plugins.module_utils._probe.reconnect import Reconnects, reconnect
from ansible_collections.mailops.tls.plugins.module_utils._probe.scans import Scans, ScanSettings
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

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


class Probed(NamedTuple):
    """What was seen of one server, shared by all who asked for the same plan."""

    evidence: ProbeEvidence
    reconnects: Reconnects | None = None


class Prober:
    """The probes of one run, for all its protocols together. Make and use it inside a running event loop."""

    def __init__(self, contexts: TlsContexts, settings: ProberSettings, on_trace: OnTrace | None = None) -> None:
        """Take the TLS contexts of the run; *on_trace* takes each TLS session when it is over."""
        self.settings = settings
        self._contexts, self._on_trace = contexts, on_trace
        self._loop = asyncio.get_running_loop()
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._addresses: dict[str, asyncio.Semaphore] = {}
        self._probes: dict[ProbePlan, asyncio.Task[Probed]] = {}
        self._certificates: dict[bytes, Certificate] = {}
        self._scans = Scans(settings.scan, settings.limits, self._connection) if settings.scan is not None else None

    async def probe(self, plan: ProbePlan) -> Probed:
        """Probe once per plan, whoever asks; everyone gets the same evidence.

        A plan that does something there (`ProbePlan.once`) is one connection each time it is asked for, and nobody else's.
        """
        if plan.once:
            return Probed(await self._once(plan))
        task = self._probes.get(plan)
        if task is None:
            task = self._probes[plan] = asyncio.ensure_future(self._probe(plan))
        return await asyncio.shield(task)

    async def knock(self, target: Target) -> Failure | None:
        """Connect when it is this address's turn, say nothing and hang up; return what connecting failed with."""
        async with self._turn(target), self._slots:
            try:
                link = await connect(target, self._loop.time() + self.settings.limits.connect)
            except ProbeError as error:
                return error.failure
            link.abort()
            return None

    async def scan(self, evidence: ProbeEvidence | None, obstacle: Failure | None = None) -> dict[str, Any] | None:
        """Scan the server of a probe, if that is wanted; see `Scans.after`."""
        return await self._scans.after(evidence, obstacle) if self._scans is not None else None

    @asynccontextmanager
    async def _connection(self, plan: ProbePlan) -> AsyncIterator[None]:
        """Have a turn and a slot for one connection of a scan."""
        async with self._turn(plan.target), self._slots:
            yield

    def _turn(self, target: Target) -> asyncio.Semaphore:
        return self._addresses.setdefault(target.unix_path or target.address, asyncio.Semaphore(self.settings.per_address_limit))

    def chain(self, evidence: ProbeEvidence) -> tuple[Certificate, ...]:
        """Return the certificates of an evidence, leaf first; those that servers share are read once in a run."""
        if evidence.tls is None:
            return ()
        return tuple(self._certificate(der) for der in evidence.tls.chain)

    def _certificate(self, der: bytes) -> Certificate:
        certificate = self._certificates.get(der)
        if certificate is None:
            certificate = self._certificates[der] = Certificate(der)
        return certificate

    async def _probe(self, plan: ProbePlan) -> Probed:
        """Probe, and connect again if the user wants to see sessions resumed."""
        settings = self.settings
        if settings.reconnect_delay is None:
            return Probed(await self._connect(plan, None))
        sessions: Sessions = {}
        evidence = await self._connect(plan, sessions)
        if evidence.failure is not None or evidence.tls is None:
            return Probed(evidence)

        async def connect(known: Sessions) -> ProbeEvidence:
            return await self._connect(plan, known)

        return Probed(evidence, await reconnect(connect, sessions, settings.reconnect_delay, settings.reconnect_max))

    async def _once(self, plan: ProbePlan) -> ProbeEvidence:
        """One connection when it is this address's turn, whatever becomes of it."""
        async with self._turn(plan.target), self._slots:
            until = self._loop.time() + self.settings.limits.deadline
            return await gather_evidence(plan, self._contexts, self.settings.limits, until, None, self._on_trace)

    async def _connect(self, plan: ProbePlan, sessions: Sessions | None) -> ProbeEvidence:
        """Connect when it is this probe's turn; a server that has too many connections is asked again later."""
        limits = self.settings.limits
        polite = self._turn(plan.target)
        until: float | None = None
        for delay in _RETRY_DELAYS + (None,):
            async with polite, self._slots:
                if until is None:
                    until = self._loop.time() + limits.deadline
                evidence = await gather_evidence(plan, self._contexts, limits, until, sessions, self._on_trace)
            busy = evidence.failure is not None and evidence.failure.kind is ErrorKind.RATE_LIMITED
            if not busy or delay is None or self._loop.time() + delay >= until:
                break
            await asyncio.sleep(delay)
        return evidence
