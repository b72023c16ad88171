# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scans a server: the machine of `_tls/scan.py` over connections, one at a time and with a pause between them.

Servers log and count handshakes that are never finished. So a scan stops at the first sign that it is not welcome: a refused connection, a
reply that there are too many, a server that no longer answers. What was not asked by then is not tested. Nothing scans by itself.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Finished, Pause, Send, StartTls
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbePlan, TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Link, connect
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan import Scan, Step
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ScanMode, ScanResult
from ansible_collections.mailops.tls.plugins.module_utils._tls.server_hello import Outcome, ReplyReader

_RANDOMS = 64
Turn = Callable[[ProbePlan], AbstractAsyncContextManager[object]]
"""What a connection waits for, and holds while it lasts."""
_GOODBYE = bytes.fromhex("1503010002015a")
"""The alert user_canceled as a warning (RFC 8446 section 6.1): QUIT cannot be said in the middle of a handshake."""


@dataclass(frozen=True)
class ScanLimits:
    """Seconds between two connections, and for the whole scan without its waits for a turn; `connection` has those of each connection."""

    interval: float = 0.5
    deadline: float = 300.0
    connection: TimeLimits = TimeLimits()


class Scanner:
    """Scans of endpoints, each with one connection at a time."""

    def __init__(self, limits: ScanLimits, turn: Turn) -> None:
        """Take the limits of each scan, and what gives each connection its turn."""
        self._limits, self._turn = limits, turn

    async def scan(self, plan: ProbePlan, mode: ScanMode, probed: int | None = None) -> ScanResult:
        """Scan one endpoint; whatever the server does is in the result.

        Args:
            plan: where, and how TLS begins there.
            mode: how much to ask.
            probed: the protocol version that a probe of it has had.
        """
        clock = asyncio.get_running_loop().time
        until = clock() + self._limits.deadline
        scan = Scan(mode, server_name=plan.sni, probed=probed)
        while True:
            if scan.connections and not scan.over:
                await asyncio.sleep(max(0.0, min(self._limits.interval, until - clock())))
            if clock() >= until and not scan.over:
                _stop(scan, ErrorKind.TIMEOUT, f"the scan was not over after {self._limits.deadline:g} seconds")
            step = scan.step(secrets.token_bytes(_RANDOMS))
            if step is None:
                return scan.result()
            waits = clock()
            async with self._turn(plan):
                until += clock() - waits
                try:
                    reader = await _Connection(plan, self._limits.connection, until).ask(step)
                except ProbeError as error:
                    if not (_is_silence(error.failure) and clock() < until and scan.silence()):
                        scan.stop(error.failure.text, error.failure)
                    continue
            scan.answer(reader.reply)
            if reader.reply.outcome is Outcome.NO_TLS:
                _stop(scan, ErrorKind.PROTOCOL_ERROR, "the server answered something that is not TLS")


def _is_silence(failure: Failure) -> bool:
    return failure.kind is ErrorKind.TIMEOUT and failure.phase is CommonPhase.HANDSHAKE


def _stop(scan: Scan, kind: ErrorKind, text: str) -> None:
    scan.stop(text, Failure(kind, CommonPhase.HANDSHAKE, text))


class _Connection:
    """One connection of a scan: up to the answer to one hello."""

    def __init__(self, plan: ProbePlan, limits: TimeLimits, until: float) -> None:
        self._plan, self._limits = plan, limits
        self._clock = asyncio.get_running_loop().time
        self._begin = self._clock()
        self._until = min(until, self._begin + limits.deadline)

    async def ask(self, step: Step) -> ReplyReader:
        """Connect, begin TLS, send the hello and read the answer.

        Raises:
            ProbeError: the server did not come so far as to TLS, or answered nothing in time.
        """
        link = await connect(self._plan.target, self._end(self._limits.connect))
        try:
            await self._begin_tls(link)
            link.write(step.hello)
            reader = await self._answer(link)
            if reader.reply.outcome is Outcome.HELLO:
                link.write(_GOODBYE)
        except BaseException:
            link.abort()
            raise
        link.close()
        return reader

    async def _begin_tls(self, link: Link) -> None:
        """Talk in plaintext up to where TLS begins, as every probe does."""
        dialogue = self._plan.dialogue.start(self._plan.tls_mode)
        limit = self._end(self._limits.connect)
        while True:
            step = dialogue.next_step(self._clock() - self._begin)
            if isinstance(step, StartTls):
                return
            if isinstance(step, Finished):
                failure = dialogue.log.failure
                if failure is not None:
                    raise ProbeError(failure.kind, failure.phase, failure.text)
                raise ProbeError(ErrorKind.STARTTLS_NOT_OFFERED, CommonPhase.HANDSHAKE, "the server offers no TLS")
            if isinstance(step, Send):
                limit = self._end(self._limits.command if step.seconds is None else step.seconds)
                link.write(step.data)
                await link.drain(limit, step.phase)
            elif isinstance(step, Pause):
                await asyncio.sleep(max(0.0, min(step.seconds, self._until - self._clock())))
            else:
                dialogue.receive(await link.receive(limit, step.phase))

    async def _answer(self, link: Link) -> ReplyReader:
        reader = ReplyReader()
        limit = self._end(self._limits.command)
        while not reader.done:
            try:
                reader.feed(await link.receive(limit, CommonPhase.HANDSHAKE))
            except ProbeError as error:
                if error.failure.kind is ErrorKind.DISCONNECTED:
                    break  # some servers refuse an offer by hanging up
                raise
        return reader

    def _end(self, seconds: float) -> float:
        return min(self._clock() + seconds, self._until)
