# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions by UDP: through one socket to this machine, through one each to others, and the same for whoever asks."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable
from typing import Any, Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.transport import MAX_STRAY_DATAGRAMS, Exchanger, TransportError
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import Question
from ansible_collections.mailops.tls.tests.pace import patient, tries_again

Wire = bytes
Server = Callable[["Packets", Wire, Any], None]


class Packets(asyncio.DatagramProtocol):
    """A nameserver that does with each query as the test says, and keeps them."""

    def __init__(self, serve: Server) -> None:
        self.serve = serve
        self.queries: list[tuple[Wire, Any]] = []

    def connection_made(self, transport: Any) -> None:
        self.transport: asyncio.DatagramTransport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.queries.append((data, addr))
        self.serve(self, data, addr)


def reply(query: bytes) -> bytes:
    """Return an empty reply."""
    return query[:2] + b"\x81\x80" + query[4:]


def at_once(server: Packets, query: bytes, client: Any) -> None:
    server.transport.sendto(reply(query), client)


def question(number: int) -> Question:
    return Question(f"d{number}.example", "A", True)


def run(
    shared: bool, serve: Server, scene: Callable[[Callable[[int], Awaitable[bytes]], Packets], Awaitable[None]], timeout: float = 600
) -> Packets:
    """Run a scene, which can ask a server; afterwards no socket is left."""

    async def whole() -> Packets:
        _transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Packets(serve), local_addr=("127.0.0.1", 0)
        )
        nameserver = Nameserver("127.0.0.1", server.transport.get_extra_info("sockname")[1])
        nameserver.__dict__["is_loopback"] = shared
        exchanger, before = Exchanger(timeout), _sockets()

        async def ask(number: int) -> bytes:
            return await exchanger.exchange(nameserver, question(number))

        await scene(ask, server)
        assert _sockets() == before
        exchanger.close()
        server.transport.close()
        return server

    return asyncio.run(whole())


def _sockets() -> int:
    return len(os.listdir("/proc/self/fd"))


BOTH = pytest.mark.parametrize("shared", [True, False])


@BOTH
def test_everyone_gets_the_reply_to_the_own_question(shared: bool) -> None:
    waiting: list[tuple[bytes, Any]] = []

    def last_first(server: Packets, query: bytes, client: Any) -> None:
        waiting.append((query, client))
        if len(waiting) == 30:
            for one in reversed(waiting):
                at_once(server, *one)

    async def scene(ask: Callable[[int], Awaitable[bytes]], server: Packets) -> None:
        replies = await asyncio.gather(*(ask(number) for number in range(30)))
        for number, wire in enumerate(replies):
            assert f"d{number}".encode() + b"\x07example" in wire

    server = run(shared, last_first, scene)
    assert len({client for _query, client in server.queries}) == (1 if shared else 30)
    assert len({query[:2] for query, _client in server.queries}) == 30 or not shared


@BOTH
@tries_again
def test_silence_ends_in_time_and_what_comes_late_is_no_stray_packet(shared: bool) -> None:
    seconds = patient(0.3)

    async def scene(ask: Callable[[int], Awaitable[bytes]], server: Packets) -> None:
        late = [asyncio.ensure_future(ask(number)) for number in range(MAX_STRAY_DATAGRAMS + 10)]
        await asyncio.sleep(seconds * 2 / 3)
        other = asyncio.ensure_future(ask(1000))
        for number, result in enumerate(await asyncio.gather(*late, return_exceptions=True)):
            assert isinstance(result, TransportError) and f"within {seconds:g} s" in str(result), number
        for query in list(server.queries):
            at_once(server, *query)
        assert b"d1000"[1:] in await other

    run(shared, lambda *_args: None, scene, timeout=seconds)


@BOTH
@tries_again
def test_packets_that_answer_nothing_are_passed_over_up_to_a_number(shared: bool) -> None:
    def noise(server: Packets, query: bytes, client: Any) -> None:
        for number in range(MAX_STRAY_DATAGRAMS - 1):
            server.transport.sendto(bytes([query[0] ^ 1 + number % 5]) + reply(query)[1:], client)
        if b"good" in query:
            server.transport.sendto(reply(query), client)
        elif b"bad" in query:
            server.transport.sendto(b"?", client)

    async def scene(ask: Callable[[int], Awaitable[bytes]], server: Packets) -> None:
        nameserver = Nameserver("127.0.0.1", server.transport.get_extra_info("sockname")[1])
        nameserver.__dict__["is_loopback"] = shared
        wanted = {"good.example": None, "bad.example": "64 packets .* answer nothing", "some.example": "63 packets did not"}
        for name, error in wanted.items():
            exchanger = Exchanger(patient(0.3))
            if error is None:
                assert b"good" in await exchanger.exchange(nameserver, Question(name, "A", True))
            else:
                with pytest.raises(TransportError, match=error):
                    await exchanger.exchange(nameserver, Question(name, "A", True))

    run(shared, noise, scene)


@BOTH
def test_where_nobody_listens_all_are_told_at_once(shared: bool) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        nameserver = Nameserver("127.0.0.1", taken.getsockname()[1])
    nameserver.__dict__["is_loopback"] = shared

    async def scene() -> None:
        exchanger = Exchanger(60)
        for _round in range(2):
            results = await asyncio.gather(*(exchanger.exchange(nameserver, question(one)) for one in range(20)), return_exceptions=True)
            assert {str(one) for one in results} == {f"{nameserver}: Connection refused"}
        exchanger.close()

    asyncio.run(scene())


@BOTH
@tries_again
def test_one_who_is_stopped_leaves_the_others_alone(shared: bool) -> None:
    def slowly(server: Packets, query: bytes, client: Any) -> None:
        asyncio.get_running_loop().call_later(patient(0.05), at_once, server, query, client)

    async def scene(ask: Callable[[int], Awaitable[bytes]], server: Packets) -> None:
        tasks = [asyncio.ensure_future(ask(number)) for number in range(5)]
        await asyncio.sleep(0.01)
        tasks[0].cancel()
        tasks[3].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(one, bytes) for one in results] == [False, True, True, False, True]

    run(shared, slowly, scene)


def test_closing_stops_those_who_wait() -> None:
    async def scene(ask: Callable[[int], Awaitable[bytes]], server: Packets) -> None:
        task = asyncio.ensure_future(ask(1))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])

    run(True, lambda *_args: None, scene)

    async def closed() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            exchanger = Exchanger(60)
            task = asyncio.ensure_future(exchanger.exchange(Nameserver("127.0.0.1", silent.getsockname()[1]), question(1)))
            await asyncio.sleep(0.01)
            exchanger.close()
            await asyncio.wait([task])
            assert task.cancelled()

    asyncio.run(closed())
