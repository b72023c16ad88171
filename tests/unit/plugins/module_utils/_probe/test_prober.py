# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The prober: each plan once, limits that count for all ways to begin TLS together, and any protocol that has a dialogue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import (
    Dialogue,
    DialogueLog,
    DialogueMaker,
    Finished,
    Receive,
    Secured,
    Send,
    StartTls,
    Step,
    TlsMode,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SubmissionDialogue, SubmissionSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Script as TalkScript
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Talk
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbePlan, TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Probed, Prober, ProberSettings
from ansible_collections.mailops.tls.tests.unit.makers.probing import SETTINGS, contexts
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf, server_for
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import mail_server, serve

LIMITS = TimeLimits(60, 60, 120)
BOTH = (TlsMode.STARTTLS, TlsMode.IMPLICIT)


@dataclass
class Running:
    """How many dialogues run, and how many ran at a time; `full` is set when so many as *wanted* do."""

    wanted: int
    now: int = 0
    most: int = 0
    full: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        if self.now == self.wanted:
            self.full.set()


class Counted:
    """A dialogue that is counted from its beginning to its end."""

    def __init__(self, inner: Dialogue, running: Running) -> None:
        self._inner, self._running = inner, running
        self.receive, self.tls_started, self.fail = inner.receive, inner.tls_started, inner.fail
        running.begin()

    @property
    def log(self) -> DialogueLog:
        return self._inner.log

    def next_step(self, at: float) -> Step:
        step = self._inner.next_step(at)
        self._running.now -= isinstance(step, Finished)
        return step


@dataclass(frozen=True)
class CountedSettings:
    """Makes counted dialogues; each number is another plan."""

    number: int
    running: Running = field(compare=False)

    def start(self, tls_mode: TlsMode) -> Dialogue:
        return Counted(SETTINGS.start(tls_mode), self.running)


async def probed(prober: Prober, makers: Sequence[DialogueMaker], ports: dict[TlsMode, int]) -> list[Probed]:
    """Probe with every maker at the port of every mode, all at once."""
    plans = [
        ProbePlan(Target("127.0.0.1", port), maker, tls_mode=mode) for maker in makers for mode, port in ports.items()
    ]
    return list(await asyncio.gather(*map(prober.probe, plans)))


@pytest.mark.parametrize(("in_all", "to_one_address"), [(50, 3), (3, 50)])
def test_a_limit_counts_for_both_modes_together(in_all: int, to_one_address: int) -> None:
    tls = server_for(leaf("ecdsa"))

    async def run() -> tuple[int, list[Probed]]:
        running = Running(wanted=3)

        def held(implicit: bool) -> Callable[[Peer], Awaitable[None]]:
            healthy = mail_server(tls, implicit=implicit)

            async def script(peer: Peer) -> None:
                await running.full.wait()  # nobody goes on before all are here that may be
                await healthy(peer)

            return script

        async with ScriptedServer(held(False)) as first, ScriptedServer(held(True)) as second:
            settings = ProberSettings(LIMITS, in_all, to_one_address)
            makers = [CountedSettings(number, running) for number in range(5)]
            found = await probed(Prober(contexts(), settings), makers, dict(zip(BOTH, (first.port, second.port))))
        assert running.now == 0
        return running.most, found

    most, found = asyncio.run(run())
    assert most == 3
    assert len(found) == 10 and all(one.evidence.tls is not None and one.evidence.failure is None for one in found)


def test_a_plan_is_probed_once_and_another_mode_is_another_plan() -> None:
    async def run(server: ScriptedServer) -> list[Probed]:
        prober = Prober(contexts(), ProberSettings(LIMITS))
        return await probed(prober, [SETTINGS, SmtpSettings(SETTINGS.ehlo_name), SETTINGS], dict.fromkeys(BOTH, server.port))

    server = ScriptedServer(mail_server(server_for(leaf("ecdsa"))))
    first, other, *again = serve(run, server)
    assert len(server.peers) == 2
    assert all(one is first for one in again[::2]) and all(one is other for one in again[1::2])
    assert first.evidence.failure is None
    assert other.evidence.failure is not None and other.evidence.failure.kind is ErrorKind.HANDSHAKE_FAILED


class ToyPhase(Phase):
    """The phases of a protocol that nobody speaks."""

    HELLO = "hello"
    SECURE = "secure"


class ToyDialogue:
    """Waits for a line, asks for TLS, waits for a line, says one inside TLS."""

    def __init__(self) -> None:
        self.log = DialogueLog()
        self._steps: list[Step] = []
        self._waits: Step = Receive(ToyPhase.HELLO)

    def next_step(self, at: float) -> Step:
        return self._steps.pop(0) if self._steps else self._waits

    def receive(self, data: bytes) -> None:
        if self.log.greeting is None:
            self.log.greeting = data.decode("ascii").strip()
            self._steps = [Send(b"secure please\n", ToyPhase.SECURE)]
        else:
            self._steps = [StartTls()]

    def tls_started(self, at: float, secured: Secured | None = None) -> None:
        self._steps = [Send(b"bye\n", ToyPhase.SECURE), Finished()]

    def fail(self, failure: Failure) -> None:
        self.log.failure = failure


@dataclass(frozen=True)
class Toy:
    """Makes dialogues of that protocol."""

    def start(self, tls_mode: TlsMode) -> Dialogue:
        return ToyDialogue()


def test_another_protocol_is_another_dialogue_and_nothing_else() -> None:
    heard: list[bytes] = []

    async def server_of_toys(peer: Peer) -> None:
        await peer.send(b"toy server\n")
        heard.append(await peer.hear())
        await peer.start_tls(server_for(leaf("ecdsa")), b"go\n")
        heard.append(await peer.hear())

    async def rude(peer: Peer) -> None:
        await peer.send(b"toy server\n")
        await peer.hear()

    async def run(server: ScriptedServer, other: ScriptedServer) -> list[Probed]:
        prober = Prober(contexts(), ProberSettings(LIMITS))
        plans = [ProbePlan(Target("127.0.0.1", one.port), Toy()) for one in (server, other)]
        found = [await prober.probe(plan) for plan in plans]
        assert [one.der for one in prober.chain(found[0].evidence)] == [leaf("ecdsa").der]
        return found

    good, bad = serve(run, ScriptedServer(server_of_toys), ScriptedServer(rude))
    assert heard == [b"secure please", b"bye"]
    assert (good.evidence.log.greeting, good.evidence.failure) == ("toy server", None)
    assert list(good.evidence.timings) == ["connect", "greeting", "starttls", "handshake", "total"]
    assert bad.evidence.failure is not None and bad.evidence.failure.as_dict()["phase"] == "hello"


@dataclass(frozen=True, eq=False)
class Knock:
    """An errand: say NOOP and keep the answer, and whether the session could be judged."""

    def run(self, talk: Talk) -> TalkScript[None]:
        assert isinstance(talk, SubmissionDialogue) and talk.secured is not None
        reply = yield from talk.command(SmtpPhase.EHLO_TLS, b"NOOP")
        talk.log.learned += [reply.code, talk.secured.session().chain]


@pytest.mark.parametrize("reconnect", [None, 0.0])
def test_an_errand_is_run_once_each_time_and_never_again_by_itself(reconnect: float | None) -> None:
    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(server_for(leaf("ecdsa")))
        await peer.hear()
        await peer.send(b"250 mx\r\n")
        await peer.hear()
        await peer.send(b"421 too many connections\r\n")
        await peer.hear()

    async def run(server: ScriptedServer) -> list[Probed]:
        prober = Prober(contexts(), ProberSettings(LIMITS, reconnect_delay=reconnect))
        maker = SubmissionSettings(ehlo_name="probe.example.net", errand=Knock())
        return await probed(prober, [maker, maker], {TlsMode.STARTTLS: server.port})

    server = ScriptedServer(script)
    found = serve(run, server)
    assert len(server.peers) == 2 and len({id(one.evidence) for one in found}) == 2
    assert [one.evidence.log.learned for one in found] == [[421, (leaf("ecdsa").der,)]] * 2  # type: ignore[attr-defined]
    assert all(one.reconnects is None for one in found)


def test_a_greeting_that_turns_an_errand_away_is_not_asked_again() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"421 too many connections\r\n")

    async def run(server: ScriptedServer) -> list[Probed]:
        maker = SubmissionSettings(ehlo_name="probe.example.net", errand=Knock())
        return await probed(Prober(contexts(), ProberSettings(LIMITS)), [maker], {TlsMode.STARTTLS: server.port})

    server = ScriptedServer(script)
    [found] = serve(run, server)
    assert len(server.peers) == 1
    assert found.evidence.failure is not None and found.evidence.failure.kind is ErrorKind.RATE_LIMITED
