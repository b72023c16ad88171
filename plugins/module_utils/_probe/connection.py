# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One probe of one endpoint: drives dialogue and handshake over a link, under one deadline, and returns the evidence.

Each phase has a time limit of its own, for the whole exchange and not per read (as posttls-finger's deadlines), and
nothing outlasts the probe's absolute deadline. Whatever the peer does ends in `ProbeEvidence`, never in an exception.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import (
    Dialogue,
    DialogueLog,
    DialogueMaker,
    Finished,
    Pause,
    Send,
    StartTls,
    TlsMode,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, Failure, Phase, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Link, Target, connect
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import Handshake, HandshakeState, TlsSession
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace, TracedSession


@dataclass(frozen=True)
class TimeLimits:
    """Seconds: to connect and for the greeting, for every later exchange, and for the whole probe of an endpoint."""

    connect: float = 30.0
    command: float = 30.0
    deadline: float = 120.0


@dataclass(frozen=True)
class ProbePlan:
    """Everything that makes two probes of one server the same probe; `must_match` selects ciphers and key strength."""

    target: Target
    dialogue: DialogueMaker
    must_match: bool = False
    sni: str | None = None
    key_algorithm: KeyRequest = KeyRequest.ANY
    tls_mode: TlsMode = TlsMode.STARTTLS

    @property
    def tls_first(self) -> bool:
        """True when the handshake comes before the greeting."""
        return self.tls_mode is TlsMode.IMPLICIT

    @property
    def once(self) -> bool:
        """True when no connection may be shared, tried again or made once more: something is done there, as a login."""
        return bool(getattr(self.dialogue, "once", False))


@dataclass(frozen=True)
class ProbeEvidence:
    """What was seen of one endpoint: what its dialogue learned (`log`), its TLS session, and the seconds that each phase took.

    `failure` is that of the log, or the connection's when there was none.
    """

    plan: ProbePlan
    connected: bool = False
    failure: Failure | None = None
    log: DialogueLog = field(default_factory=DialogueLog)
    tls: TlsSession | None = None
    timings: Mapping[str, float] = field(default_factory=dict)


async def gather_evidence(
    plan: ProbePlan,
    contexts: TlsContexts,
    limits: TimeLimits,
    until: float,
    sessions: Sessions | None = None,
    on_trace: OnTrace | None = None,
) -> ProbeEvidence:
    """Probe one endpoint.

    Args:
        plan: where and how.
        contexts: the TLS contexts of the run.
        limits: seconds per phase.
        until: the absolute deadline on the loop's clock.
        sessions: TLS sessions of earlier probes of the same plan, to be offered and added to; None to do neither.
        on_trace: takes the TLS session when it is over, if there was one.
    """
    return await _Probe(plan, contexts, limits, until, sessions, on_trace).run()


Sessions = dict[Optional[str], Any]
"""Resumable TLS sessions by the name that the server gave before the handshake; None where it gave none, as with implicit TLS."""


class _Probe:
    """The state of one probe while it runs."""

    def __init__(
        self,
        plan: ProbePlan,
        contexts: TlsContexts,
        limits: TimeLimits,
        until: float,
        sessions: Sessions | None,
        on_trace: OnTrace | None,
    ) -> None:
        self._sessions, self._on_trace = sessions, on_trace
        self._plan, self._contexts, self._limits = plan, contexts, limits
        self._clock: Callable[[], float] = asyncio.get_running_loop().time
        self._begin = self._clock()
        self._until = until
        self._phase_until = self._begin
        self._dialogue: Dialogue = plan.dialogue.start(plan.tls_mode)
        self._tls: Handshake | None = None
        self._marks: dict[str, float] = {}

    async def run(self) -> ProbeEvidence:
        self._enter(self._limits.connect)
        try:
            link = await connect(self._plan.target, self._phase_until)
        except ProbeError as error:
            return ProbeEvidence(self._plan, failure=error.failure, timings=self._timings())
        self._mark("connect")
        self._enter(self._limits.connect)
        clean = False
        try:
            await self._drive(link)
            clean = True
        except ProbeError as error:
            self._dialogue.fail(error.failure)
        finally:
            if clean:
                link.close()
            else:
                link.abort()
        if self._tls is not None and self._on_trace is not None:
            self._on_trace(self._traced(self._tls))
        return self._evidence()

    async def _drive(self, link: Link) -> None:
        while True:
            step = self._dialogue.next_step(self._elapsed())
            if isinstance(step, Finished):
                if self._tls is not None:
                    self._keep_session(self._tls)
                    link.write(self._tls.close())
                return
            if isinstance(step, Send):
                self._enter(self._limits.command if step.seconds is None else step.seconds)
                if "greeting" not in self._marks:  # the server speaks first
                    self._mark("greeting")
                link.write(self._tls.encrypt(step.data, step.phase) if self._tls else step.data)
                await link.drain(self._phase_until, step.phase)
            elif isinstance(step, Pause):
                await asyncio.sleep(max(0.0, min(step.seconds, self._until - self._clock())))
            elif isinstance(step, StartTls):
                self._mark("starttls")
                self._dialogue.tls_started(self._elapsed(), await self._shake_hands(link))
            else:
                self._dialogue.receive(await self._receive(link, step.phase))

    async def _receive(self, link: Link, phase: Phase) -> bytes:
        if self._tls is None:
            return await link.receive(self._phase_until, phase)
        while True:
            plain = self._tls.decrypt(phase)
            link.write(self._tls.to_send())
            if plain:
                return plain
            self._tls.receive(await link.receive(self._phase_until, phase), phase)

    async def _shake_hands(self, link: Link) -> Handshake:
        self._enter(self._limits.command)
        known = self._sessions.get(self._dialogue.log.server_name) if self._sessions is not None else None
        tls = self._tls = Handshake(
            self._contexts,
            must_match=self._plan.must_match,
            sni=self._plan.sni,
            session=known,
            keep_flights=self._on_trace is not None,
            algorithm=self._plan.key_algorithm,
        )
        while True:
            try:
                tls.advance()
            finally:
                link.write(tls.to_send())
            if tls.state is HandshakeState.ESTABLISHED:
                break
            tls.receive(await link.receive(self._phase_until, CommonPhase.HANDSHAKE), CommonPhase.HANDSHAKE)
        self._mark("handshake")
        self._enter(self._limits.connect if self._plan.tls_first else self._limits.command)
        return tls

    def _keep_session(self, tls: Handshake) -> None:
        """Keep the first session of each server, as Postfix's cache does with TLS 1.3 tickets since 3.11."""
        session = tls.resumable_session() if self._sessions is not None else None
        if self._sessions is not None and session is not None:
            name = None if self._plan.tls_first else self._dialogue.log.server_name
            self._sessions.setdefault(name, session)

    def _traced(self, tls: Handshake) -> TracedSession:
        target, name = self._plan.target, self._dialogue.log.server_name
        peer = target.unix_path or f"[{target.address}]:{target.port}"
        age = self._elapsed() - self._marks["starttls"]
        return TracedSession(peer, name, self._plan.sni, tls.flights, tls.secrets, age, self._plan.key_algorithm)

    def _enter(self, limit: float) -> None:
        self._phase_until = min(self._clock() + limit, self._until)

    def _elapsed(self) -> float:
        return self._clock() - self._begin

    def _mark(self, name: str) -> None:
        self._marks[name] = self._elapsed()

    def _timings(self) -> dict[str, float]:
        """Turn the times at which phases ended into seconds that each took, in the order they ended."""
        spans, last = {}, 0.0
        for name, at in sorted(self._marks.items(), key=lambda item: item[1]):
            spans[name], last = round(at - last, 6), at
        spans["total"] = round(self._elapsed(), 6)
        return spans

    def _evidence(self) -> ProbeEvidence:
        log = self._dialogue.log
        return ProbeEvidence(
            plan=self._plan,
            connected=True,
            failure=log.failure,
            log=log,
            tls=self._tls.session() if self._tls is not None else None,
            timings=self._timings(),
        )
