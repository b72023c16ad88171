# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The byte stream over real sockets on 127.0.0.1: connecting, deadlines, ends of a connection, and backpressure."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable
from pathlib import Path
from typing import Callable, TypeVar

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Phase, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import BUFFER_LIMIT, Link, Target, connect
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script, ScriptedServer

T = TypeVar("T")
READ_SIZE = 256 * 1024
"""What asyncio reads at once."""


def with_link(script: Script, use: Callable[[Link], Awaitable[T]]) -> T:
    """Connect to a server that follows the script, and return what is made of it."""

    async def run() -> T:
        async with ScriptedServer(script) as server:
            link = await connect(Target("127.0.0.1", server.port), soon(600))
            try:
                return await use(link)
            finally:
                link.abort()

    return asyncio.run(run())


def soon(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def failure_of(link: Link, seconds: float = 600, phase: Phase = SmtpPhase.EHLO) -> ProbeError:
    """Return the error that receiving ends with."""
    with pytest.raises(ProbeError) as caught:
        await link.receive(soon(seconds), phase)
    return caught.value


async def full(link: Link) -> None:
    """Wait until a link takes nothing more."""
    while len(link._buffer) < BUFFER_LIMIT:
        await asyncio.sleep(0.01)


async def quiet(peer: Peer) -> None:
    await peer.hang()


def test_bytes_arrive_and_wait_to_be_taken() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"220 hello\r\n")
        await peer.hang()

    async def use(link: Link) -> bytes:
        return await link.receive(soon(600), SmtpPhase.GREETING)

    assert with_link(script, use) == b"220 hello\r\n"


def test_what_is_written_arrives() -> None:
    heard = []

    async def script(peer: Peer) -> None:
        heard.append(await peer.hear())
        await peer.send(b"x")

    async def use(link: Link) -> None:
        link.write(b"")
        link.write(b"EHLO probe\r\n")
        await link.receive(soon(600), SmtpPhase.EHLO)

    with_link(script, use)
    assert heard == [b"EHLO probe"]


def test_silence_ends_in_time_with_the_phase_given() -> None:
    async def use(link: Link) -> tuple[ProbeError, float]:
        begin = asyncio.get_running_loop().time()
        error = await failure_of(link, 0.1, SmtpPhase.STARTTLS)
        return error, asyncio.get_running_loop().time() - begin

    error, elapsed = with_link(quiet, use)
    assert (error.failure.kind, error.failure.phase) == (ErrorKind.TIMEOUT, SmtpPhase.STARTTLS)
    assert elapsed > 0.09


def test_a_time_that_is_over_is_not_waited_for_but_what_is_there_is_taken() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"there")
        await peer.hear()
        await peer.send(b"more")
        await peer.hang()

    async def use(link: Link) -> bytes:
        data = await link.receive(soon(600), SmtpPhase.EHLO)
        link.write(b"go on\r\n")
        assert (await failure_of(link, -1)).failure.kind is ErrorKind.TIMEOUT
        while not link._buffer:
            await asyncio.sleep(0.01)
        data += await link.receive(soon(-1), SmtpPhase.EHLO)
        assert (await failure_of(link, -1)).failure.kind is ErrorKind.TIMEOUT
        return data

    assert with_link(script, use) == b"theremore"


def test_what_came_before_the_end_is_taken_first() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"421 bye\r\n")

    async def use(link: Link) -> tuple[bytes, ProbeError]:
        await asyncio.sleep(0.05)
        return await link.receive(soon(600), SmtpPhase.EHLO), await failure_of(link)

    data, error = with_link(script, use)
    assert data == b"421 bye\r\n"
    assert (error.failure.kind, error.failure.text) == (ErrorKind.DISCONNECTED, "the server closed the connection")


def test_a_reset_wakes_who_waits() -> None:
    async def script(peer: Peer) -> None:
        await asyncio.sleep(0.05)
        peer.reset()

    error = with_link(script, failure_of)
    assert error.failure.kind is ErrorKind.DISCONNECTED
    assert error.failure.text == "the connection broke: Connection reset by peer"


def test_writing_into_a_broken_connection_is_no_error() -> None:
    async def script(peer: Peer) -> None:
        peer.reset()

    async def use(link: Link) -> ProbeError:
        await asyncio.sleep(0.05)
        for _round in range(3):
            link.write(b"x" * 1000)
        return await failure_of(link)

    assert with_link(script, use).failure.kind is ErrorKind.DISCONNECTED


def test_a_flood_stops_at_the_limit_until_it_is_taken() -> None:
    async def script(peer: Peer) -> None:
        await peer.flood(b"x" * 65536, 20 * 1024 * 1024)

    async def use(link: Link) -> tuple[list[int], bool]:
        sizes = []
        for _round in range(5):
            await full(link)
            sizes.append(len(await link.receive(soon(600), SmtpPhase.EHLO)))
        await full(link)
        waiting = len(link._buffer)
        await asyncio.sleep(0.05)
        return sizes, len(link._buffer) == waiting

    sizes, stopped = with_link(script, use)
    assert stopped
    assert all(size < BUFFER_LIMIT + READ_SIZE for size in sizes)
    assert min(sizes) >= BUFFER_LIMIT


def test_closing_lets_what_was_written_go_out() -> None:
    heard = []

    async def script(peer: Peer) -> None:
        heard.append(await peer.reader.read())

    async def use(link: Link) -> None:
        link.write(b"QUIT\r\n")
        link.close()
        while not heard:
            await asyncio.sleep(0.01)

    with_link(script, use)
    assert heard == [b"QUIT\r\n"]


# --- connecting ----------------------------------------------------------------------------------------------------------


def connecting(target: Target, seconds: float) -> tuple[ProbeError, float]:
    """Connect, which has to fail; return why and after how long."""

    async def run() -> tuple[ProbeError, float]:
        begin = asyncio.get_running_loop().time()
        with pytest.raises(ProbeError) as caught:
            await connect(target, soon(seconds))
        return caught.value, asyncio.get_running_loop().time() - begin

    return asyncio.run(run())


def test_a_refused_connection() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error, _elapsed = connecting(Target("127.0.0.1", taken.getsockname()[1]), 600)
    assert (error.failure.kind, error.failure.phase) == (ErrorKind.CONNECT_REFUSED, CommonPhase.CONNECT)
    assert error.failure.text == "Connection refused"


def test_a_connection_that_is_never_answered() -> None:
    """The queue of a listening socket is full, so that the kernel drops further requests."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        waiting = [socket.socket() for _round in range(4)]
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(address)
            error, elapsed = connecting(Target(*address), 0.2)
        finally:
            for one in waiting:
                one.close()
    assert (error.failure.kind, error.failure.phase) == (ErrorKind.CONNECT_TIMEOUT, CommonPhase.CONNECT)
    assert elapsed > 0.15


def test_no_time_left_is_a_timeout() -> None:
    error, _elapsed = connecting(Target("127.0.0.1", 9), -1)
    assert error.failure.kind in (ErrorKind.CONNECT_TIMEOUT, ErrorKind.CONNECT_REFUSED)


def test_other_reasons_are_told_in_the_system_s_words(tmp_path: Path) -> None:
    error, _elapsed = connecting(Target("", 0, str(tmp_path / "nothing")), 600)
    assert (error.failure.kind, error.failure.text) == (ErrorKind.CONNECT_FAILED, "No such file or directory")


def test_an_address_that_cannot_be_reached() -> None:
    error, _elapsed = connecting(Target("255.255.255.255", 25), 600)
    assert error.failure.kind is ErrorKind.CONNECT_FAILED and error.failure.text


def test_a_unix_domain_socket(tmp_path: Path) -> None:
    path = str(tmp_path / "lmtp")

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 lmtp\r\n")
        writer.close()

    async def run() -> bytes:
        server = await asyncio.start_unix_server(greet, path)
        link = await connect(Target("", 0, path), soon(600))
        data = await link.receive(soon(600), SmtpPhase.GREETING)
        link.abort()
        server.close()
        return data

    assert asyncio.run(run()) == b"220 lmtp\r\n"


def test_writing_waits_for_a_peer_that_takes_its_time() -> None:
    size, pieces = 64 * 1024, 400
    taken = []

    async def script(peer: Peer) -> None:
        await asyncio.sleep(0.2)
        left = size * pieces
        while left:
            data = await peer.reader.read(min(left, 1024 * 1024))
            taken.append(len(data))
            left -= len(data)
        await peer.send(b"250 ok\r\n")
        await peer.hang()

    async def use(link: Link) -> int:
        most = 0
        for _piece in range(pieces):
            link.write(b"x" * size)
            most = max(most, len(link._unsent))
            await link.drain(soon(60), SmtpPhase.EHLO)
        assert await link.receive(soon(60), SmtpPhase.EHLO) == b"250 ok\r\n"
        return most

    assert with_link(script, use) <= 4 * size and sum(taken) == size * pieces


def test_a_peer_that_takes_nothing_ends_it() -> None:
    async def script(peer: Peer) -> None:
        await peer.hang_for(600)

    async def use(link: Link) -> ProbeError:
        with pytest.raises(ProbeError) as caught:
            for _piece in range(1000):
                link.write(b"x" * 64 * 1024)
                await link.drain(soon(0.3), SmtpPhase.EHLO)
        return caught.value

    error = with_link(script, use)
    assert (error.failure.kind, error.failure.phase) == (ErrorKind.TIMEOUT, SmtpPhase.EHLO)


def test_what_a_peer_said_before_it_hung_up_is_read_after_writing() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"552 too big\r\n")

    async def use(link: Link) -> bytes:
        while not link._buffer:
            await asyncio.sleep(0.01)
        for _piece in range(100):
            link.write(b"x" * 64 * 1024)
            await link.drain(soon(600), SmtpPhase.EHLO)
        return await link.receive(soon(600), SmtpPhase.EHLO)

    assert with_link(script, use) == b"552 too big\r\n"
