# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scans over real sockets on 127.0.0.1: what is found, and how politely."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbePlan, TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.scanner import ScanLimits, Scanner
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ItemState, ScanMode, ScanResult
from ansible_collections.mailops.tls.tests.unit.makers.probing import SETTINGS
from ansible_collections.mailops.tls.tests.unit.servers import scanned
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf

QUICK = ScanLimits(interval=0.0, deadline=120.0, connection=TimeLimits(60, 60, 60))


@asynccontextmanager
async def at_once(unused: ProbePlan) -> AsyncIterator[None]:
    """A turn that nobody waits for."""
    yield


def server() -> MemoryServer:
    return MemoryServer(leaf("ecdsa").pem, leaf("ecdsa").key.pem, version=ssl.TLSVersion.TLSv1_2)


def scanned_over(
    script: Script, *, mode: ScanMode = ScanMode.GRADE, tls_mode: TlsMode = TlsMode.STARTTLS, limits: ScanLimits = QUICK
) -> ScanResult:
    async def run() -> ScanResult:
        async with ScriptedServer(script) as listening:
            plan = ProbePlan(Target("127.0.0.1", listening.port), SETTINGS, sni="mx.example.com", tls_mode=tls_mode)
            result = await Scanner(limits, at_once).scan(plan, mode)
            assert len(listening.peers) == result.connections or result.stopped
            return result

    return asyncio.run(run())


async def answer(peer: Peer, tls: MemoryServer) -> bytes:
    """Answer one hello, and return what the client said after it."""
    await peer.send_raw(tls.exchange(await peer.reader.read(65536)))
    return await peer.reader.read(65536)


@pytest.mark.parametrize("mode", ScanMode)
@pytest.mark.parametrize("tls_mode", [TlsMode.STARTTLS, TlsMode.IMPLICIT])
def test_a_scan_finds_over_sockets_what_it_finds_in_memory(mode: ScanMode, tls_mode: TlsMode) -> None:
    tls = server()

    async def script(peer: Peer) -> None:
        if tls_mode is TlsMode.STARTTLS:
            await peer.offer_tls()
            await peer.send(b"220 go\r\n")
        await answer(peer, tls.another())

    expected = scanned.scan(mode, lambda hello: tls.another().exchange(hello))
    assert scanned_over(script, mode=mode, tls_mode=tls_mode) == expected
    assert expected.stopped is None and expected.suites["TLSv1.2"].value


def test_one_connection_at_a_time_a_pause_between_and_a_goodbye_in_each() -> None:
    tls, open_now, times, last = server(), [0], [], []

    async def script(peer: Peer) -> None:
        open_now[0] += 1
        assert open_now[0] == 1
        times.append(asyncio.get_running_loop().time())
        await peer.offer_tls()
        await peer.send(b"220 go\r\n")
        last.append(await answer(peer, tls.another()))
        open_now[0] -= 1

    scanned_over(script, limits=ScanLimits(interval=0.05, deadline=120.0, connection=TimeLimits(60, 60, 60)))
    assert all(later - sooner >= 0.049 for sooner, later in zip(times, times[1:]))
    assert last[0] == b"\x15\x03\x01\x00\x02\x01\x5a" and set(last) == {last[0], b""}


@pytest.mark.parametrize("reply", [b"421 4.7.0 Too many connections\r\n", b"554 5.7.1 go away\r\n"])
def test_a_scan_stops_at_the_first_refusal(reply: bytes) -> None:
    tls, count = server(), [0]

    async def script(peer: Peer) -> None:
        count[0] += 1
        if count[0] == 4:
            await peer.send(reply)
            return
        await peer.offer_tls()
        await peer.send(b"220 go\r\n")
        await answer(peer, tls.another())

    result = scanned_over(script, mode=ScanMode.FULL)
    assert result.connections == 4 and result.stopped is not None and reply[:3].decode() in result.stopped
    assert result.error is not None and result.error.kind is (ErrorKind.RATE_LIMITED if reply[:3] == b"421" else ErrorKind.REJECTED)
    assert result.versions["TLSv1.2"].value is True
    assert result.versions["TLSv1.3"].state is ItemState.NOT_TESTED and result.versions["TLSv1.3"].why == result.stopped


def test_a_refused_connection_a_missing_starttls_and_other_words_stop_it() -> None:
    async def nobody() -> ScanResult:
        async with ScriptedServer(Peer.hang) as listening:
            port = listening.port
        return await Scanner(QUICK, at_once).scan(ProbePlan(Target("127.0.0.1", port), SETTINGS), ScanMode.GRADE)

    async def no_tls(peer: Peer) -> None:
        await peer.offer_tls(b"250 mx.example.com\r\n")

    async def words(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.send(b"220 go\r\n")
        await peer.reader.read(65536)
        await peer.send(b"421 4.7.0 busy\r\n")

    for result in (asyncio.run(nobody()), scanned_over(no_tls), scanned_over(words)):
        assert result.connections == 1 and result.stopped
        assert {item.state for item in result.versions.values()} == {ItemState.NOT_TESTED}


def test_a_server_that_hangs_up_on_an_offer_has_refused_it() -> None:
    tls = server()

    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.send(b"220 go\r\n")
        reply = tls.another().exchange(await peer.reader.read(65536))
        if reply[0] == 21:
            peer.reset()
            return
        await peer.send_raw(reply)
        await peer.reader.read(65536)

    result = scanned_over(script)
    assert result.stopped is None and result.closed > 0
    assert (result.versions["TLSv1.2"].value, result.versions["TLSv1.1"].value) == (True, False)


@pytest.mark.parametrize("deadline", [0.0, 0.3])
def test_a_scan_ends_at_its_deadline(deadline: float) -> None:
    result = scanned_over(Peer.hang, limits=ScanLimits(0.0, deadline, TimeLimits(60, 60, 60)))
    assert result.stopped is not None and result.connections <= (1 if deadline else 0)
    assert result.error is not None and result.error.kind is ErrorKind.TIMEOUT
    assert result.groups.state is ItemState.NOT_TESTED
