# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are hostile while a message is handed to them: how that ends, who is told to have it, and how much memory it takes."""

from __future__ import annotations

import asyncio
import tracemalloc
from dataclasses import dataclass
from typing import cast

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._delivery.errands import HandOver
from ansible_collections.mailops.tls.plugins.module_utils._delivery.message import Letter, new_token, write
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SubmissionSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.transaction import MailPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbePlan, TimeLimits, gather_evidence
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.tests.hostile.dialogue_servers import NASTY
from ansible_collections.mailops.tls.tests.hostile.hostile import End
from ansible_collections.mailops.tls.tests.hostile.mailbox import Move, flood, hear, leave, says, tls
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.certificates import NOW
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import unclean
from ansible_collections.mailops.tls.tests.unit.makers.probing import contexts
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer

TO, AND = "tim@example.org", "tom@example.org"
LIMITS = TimeLimits(600, 600, 600)
GROWTH = 8 * 1024 * 1024
_END = MailPhase.END_OF_DATA


@dataclass(frozen=True)
class HostileReceiver:
    """One server: what it does after EHLO, how handing a message over ends, and whom it has taken the message for."""

    name: str
    moves: tuple[Move, ...]
    ends: tuple[End, ...] = ()
    taken: tuple[str, ...] = ()
    queue_id: str | None = None
    lmtp: bool = False
    padding: int = 0
    waits: bool = False


async def deaf(peer: Peer) -> None:
    """Take nothing more from the client, until it is gone."""
    transport = cast(asyncio.Transport, peer.writer.transport)
    transport.pause_reading()
    while not transport.is_closing():
        await peer.hang_for(0.05)
        peer.writer.write(b"")


async def hear_message(peer: Peer) -> None:
    """Hear up to the dot."""
    while await peer.hear() not in (b".", b""):
        pass


def refused(phase: MailPhase) -> tuple[End, ...]:
    """Return the end of what a server refuses."""
    return ((ErrorKind.REJECTED, phase),)


_OK = b"250 x\r\n"
_READY: tuple[Move, ...] = (hear, _OK, hear, _OK, hear, b"354 go\r\n")
_TWO: tuple[Move, ...] = (hear, _OK, hear, _OK, hear, _OK, hear, b"354 go\r\n")
RECEIVERS: tuple[HostileReceiver, ...] = (
    HostileReceiver("an honest one", (*_READY, hear_message, b"250 ok queued as AB12\r\n", hear), (), (TO,), "AB12"),
    HostileReceiver("50 MB", (*_READY, hear_message, b"250 ok\r\n", hear), (), (TO,), padding=50_000_000),
    HostileReceiver("50 MB that nobody takes", (*_READY, deaf), ((ErrorKind.TIMEOUT, _END),), padding=50_000_000, waits=True),
    HostileReceiver("the sender is refused", (hear, b"550-" + NASTY + b"\r\n550 " + NASTY + b"\r\n"), refused(MailPhase.MAIL)),
    HostileReceiver("go ahead for MAIL", (hear, b"354 go\r\n"), refused(MailPhase.MAIL)),
    HostileReceiver("RCPT is refused", (hear, _OK, hear, b"550 5.1.1 no\r\n"), refused(MailPhase.RCPT)),
    HostileReceiver("421 at RCPT", (hear, _OK, hear, b"421 bye\r\n", leave), refused(MailPhase.RCPT)),
    HostileReceiver("DATA is accepted at once", (hear, _OK, hear, _OK, hear, _OK), refused(MailPhase.DATA)),
    HostileReceiver("a tarpit at DATA", (hear, _OK, hear, _OK), ((ErrorKind.TIMEOUT, MailPhase.DATA),), waits=True),
    HostileReceiver("taken before it was sent", (*_READY[:-1], b"354 go\r\n250 queued as EVIL\r\n"), ((ErrorKind.PROTOCOL_ERROR, _END),)),
    HostileReceiver("gone within the message", (*_READY, hear, leave), ((ErrorKind.DISCONNECTED, _END),), padding=5_000_000),
    HostileReceiver("silence behind the message", (*_READY, hear_message), ((ErrorKind.TIMEOUT, _END),), waits=True),
    HostileReceiver("a reply without end", (*_READY, hear_message, flood(b"250-x\r\n" * 999)), ((ErrorKind.LIMIT_EXCEEDED, _END),)),
    HostileReceiver("a line without end", (*_READY, hear_message, b"250 ", flood(b"x" * 65536)), ((ErrorKind.LIMIT_EXCEEDED, _END),)),
    HostileReceiver("a code that is none", (*_READY, hear_message, b"2500 queued as AB12\r\n"), refused(_END)),
    HostileReceiver("a name that breaks out", (*_READY, hear_message, b"250 queued as " + NASTY + b"\r\n", hear), (), (TO,)),
    HostileReceiver("LMTP: one reply for two", (*_TWO, hear_message, _OK), ((ErrorKind.TIMEOUT, _END),), lmtp=True, waits=True),
    HostileReceiver("LMTP: three replies for two", (*_TWO, hear_message, _OK + b"552 x\r\n" + _OK, hear), refused(_END), (TO,), lmtp=True),
)  # fmt: skip


@pytest.mark.parametrize("one", RECEIVERS, ids=lambda one: one.name)
@tries_again
def test_receiver(one: HostileReceiver) -> None:
    letter = Letter("probe@example.net", (TO, AND) if one.lmtp else (TO,), new_token(), padding=one.padding)
    errand = HandOver(write(letter, NOW), per_recipient=one.lmtp)
    limits = TimeLimits(patient(2), patient(2), patient(6)) if one.waits else LIMITS
    settings = SubmissionSettings(errand=errand, ehlo_name="probe.test", lmtp=one.lmtp)
    script = says(tls, b"220 x\r\n", hear, b"250-x\r\n250 SIZE 99999999\r\n", *one.moves)
    contexts()

    async def run() -> int:
        async with ScriptedServer(script) as server:
            plan = ProbePlan(Target("127.0.0.1", server.port), settings, tls_mode=TlsMode.IMPLICIT)
            loop = asyncio.get_running_loop()
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            evidence = await gather_evidence(plan, contexts(), limits, loop.time() + limits.deadline)
            growth = tracemalloc.get_traced_memory()[1] - before
            failure = evidence.failure
            assert (None if failure is None else (failure.kind, failure.phase)) in (one.ends or (None,)), failure
            assert not list(unclean([line.text for line in evidence.log.transcript] + [failure.text if failure else ""]))
            return growth

    measured = "MB" in one.name or "without end" in one.name
    if measured:
        tracemalloc.start()
    try:
        assert asyncio.run(run()) < GROWTH
    finally:
        tracemalloc.stop()
    handed = errand.note.handed
    assert (handed.taken if handed else ()) == one.taken and (handed.queue_id if handed else None) == one.queue_id
