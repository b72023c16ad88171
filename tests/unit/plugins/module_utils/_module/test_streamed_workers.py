# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many processes a run has, and what they say to each other."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Coroutine, Iterable, Mapping
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module import streamed_worker
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.probing import divided
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_messages import (
    Handed,
    Messages,
    Said,
    message,
    pack_dealt,
    pack_handed,
    pack_result,
    unpack_dealt,
    unpack_handed,
    unpack_result,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_worker import DEALT, WorkerLink, servers_of
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_workers import process_count
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import Unmet
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import RunIdentity
from ansible_collections.mailops.tls.plugins.module_utils._results.tally import Share
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("wanted", "left", "limits", "count"),
    [
        (1, 1000, (100, 4), 1), (4, 1000, (100, 4), 4), (8, 1000, (100, 4), 4), (8, 1000, (100, 8, None, 2), 2), (8, 3, (100, 8), 3),
        (8, 0, (100, 8), 1), (None, 0, (100, 8), 1), (None, 99, (100, 8), 1), (None, 100_000, (100, 1), 1),
    ],
)  # fmt: skip
def test_no_limit_is_exceeded_by_all_together(wanted: int | None, left: int, limits: tuple[int | None, ...], count: int) -> None:
    assert process_count(wanted, left, *limits) == count


def test_as_many_as_there_are_cores() -> None:
    assert process_count(None, 100_000, 10_000, 10_000) == len(os.sched_getaffinity(0))


@given(st.integers(1, 10_000), st.integers(1, 100), st.none() | st.integers(1, 100), st.integers(1, 64))
def test_limits_are_divided(concurrency: int, address: int, network: int | None, wanted: int) -> None:
    turns = ProberSettings(concurrency=concurrency, per_address_limit=address, per_network_limit=network, interval_per_address=0.5)
    count = process_count(wanted, 10_000, concurrency, address, network)
    each = divided(turns, count)
    assert 1 <= each.concurrency * count <= concurrency and 1 <= each.per_address_limit * count <= address
    assert each.per_network_limit is None if network is None else 1 <= (each.per_network_limit or 0) * count <= network
    assert each.per_provider_limit is None and each.interval_per_address == 0.5 * count


@given(st.lists(st.tuples(st.sampled_from(Said), st.binary(max_size=50))), st.integers(1, 7))
def test_messages_come_whole_however_they_are_cut(sent: list[tuple[Said, bytes]], piece: int) -> None:
    data = b"".join(message(*one) for one in sent)
    messages = Messages()
    found: list[tuple[Said, bytes]] = []
    for begin in range(0, len(data), piece):
        found += messages.take(data[begin : begin + piece])
    assert found == sent


@given(st.text(), st.text(), st.integers(0, 65535))
def test_what_is_packed_is_unpacked(text: str, more: str, owner: int) -> None:
    handed = Handed(owner, text, servers_of([more]), more.encode())
    assert unpack_handed(pack_handed(handed)) == handed
    assert unpack_dealt(pack_dealt([text, more])) == [text, more]
    unmet = Unmet(text, more, "status", ["a", None], {"b": 1}, None)
    share = Share("failed", {"destinations": 1, "by_status": {"failed": 1}}, False, [text, more], [unmet])
    line = b'{"a":1}\n'
    assert unpack_result(pack_result(text, line, share)) == (text, line, share)


@pytest.fixture(autouse=True)
def fixture_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody tell each second how far it is."""
    monkeypatch.setattr(streamed_worker, "INTERVAL", 3600.0)


class Run:
    """A run as a worker sees it."""

    options = SimpleNamespace(identity=RunIdentity("run", "here"))

    def share(self, _result: Mapping[str, Any]) -> Share:
        return Share("verified", {}, True, (), ())


def test_what_was_found_is_said_together_and_at_once_when_somebody_waits_for_room() -> None:
    async def talk() -> None:
        parent, own = socket.socketpair()
        parent.setblocking(False)
        loop, messages = asyncio.get_running_loop(), Messages()
        link = WorkerLink(Run(), own, 0, 1)  # type: ignore[arg-type]  # no more of it is used

        async def begin(_texts: Iterable[str | None]) -> None:
            for number in range(5):
                link.keep(f"d{number}.example", {"destination": f"d{number}.example"})
                link.give_away(Handed(1, f"g{number}.example", known=b"answers"))
            with pytest.raises(BlockingIOError):
                parent.recv(1)
            room = asyncio.ensure_future(link.room(5, lambda: 1))
            heard = list(messages.take(await loop.sock_recv(parent, 1 << 16)))
            assert [said for said, unused in heard] == [Said.RESULT, Said.HANDED] * 5
            assert unpack_handed(heard[1][1]) == Handed(1, "g0.example", known=b"answers")
            assert not room.done(), "five are found and not written"
            await loop.sock_sendall(parent, message(Said.KEPT, b"1"))
            await room
            await loop.sock_sendall(parent, message(Said.END))

        await link.work(begin, lambda: (0, 0), lambda: None)
        await link.end(Said.END, b"[]")
        assert [said for said, unused in messages.take(await loop.sock_recv(parent, 1 << 16))] == [Said.THROUGH, Said.END]
        parent.close()

    asyncio.run(talk())


Say = Callable[[bytes], Coroutine[Any, Any, list[tuple[Said, bytes]]]]
"""Says something to a worker, and returns what that says until all is quiet."""


def owned_by(index: int, number: int) -> list[bytes]:
    """Digests of servers that the worker *index* of two looks at first."""
    own = WorkerLink(Run(), socket.socket(), index, 2)  # type: ignore[arg-type]
    found = [servers_of([f"mx{one}.example"]) for one in range(100 * number)]
    return [one for one in found if own.owner(one, given=False) == index][:number]


async def linked(index: int, talk: Callable[[WorkerLink, Say], Coroutine[Any, Any, None]]) -> None:
    """Have a worker of two that begins nothing by itself; what is said to it is answered with what it says."""
    parent, own = socket.socketpair()
    parent.setblocking(False)
    link, messages = WorkerLink(Run(), own, index, 2), Messages()  # type: ignore[arg-type]
    heard = asyncio.Event()

    async def say(data: bytes) -> list[tuple[Said, bytes]]:
        heard.clear()
        await asyncio.get_running_loop().sock_sendall(parent, data)
        await heard.wait()
        link._send()  # what it would say a moment later, with more
        with suppress(BlockingIOError):
            return list(messages.take(parent.recv(1 << 16)))
        return []

    async def begin(texts: Iterable[str | None]) -> None:
        await talk(link, say)
        assert list(texts) == []
        await asyncio.get_running_loop().sock_sendall(parent, message(Said.END))

    await link.work(begin, lambda: (0, 0), heard.set)
    await link.end(Said.END, b"[]")
    parent.close()


def test_the_list_comes_little_by_little_and_behind_what_others_give() -> None:
    async def talk(link: WorkerLink, say: Say) -> None:
        texts = link.texts()
        assert next(texts) is None
        listed = [f"d{number}.example" for number in range(2 * DEALT)]
        assert await say(message(Said.DEALT, pack_dealt(listed))) == []
        assert [next(texts) for unused in range(DEALT)] == listed[:DEALT]
        assert await say(message(Said.HANDED, pack_handed(Handed(0, "given.example")))) == []
        assert [next(texts), next(texts)] == ["given.example", listed[DEALT]]
        assert next(texts) == listed[DEALT + 1]
        assert await say(message(Said.DEALT, pack_dealt(["last.example"]))) == [(Said.MORE, b"")]
        assert [one for one, unused in zip(texts, range(DEALT - 1))] == [*listed[DEALT + 2 :], "last.example"]
        assert next(texts) is None
        assert await say(message(Said.DEALT, pack_dealt([]))) == [(Said.MORE, b"")]
        assert next(texts, "end") == "end"

    asyncio.run(linked(0, talk))


def test_what_waits_is_given_on_unless_its_servers_were_looked_at() -> None:
    async def talk(link: WorkerLink, say: Say) -> None:
        servers, others = owned_by(0, 6), owned_by(1, 1)
        assert link.owner(servers[5], given=False) == 0, "it looks at these by now"
        digests = [*servers[:4], servers[5], others[0], bytes(8), servers[4]]
        waiting = [Handed(0, f"d{number}.example", one, b"known") for number, one in enumerate(digests)]
        await say(b"".join(message(Said.HANDED, pack_handed(one)) for one in waiting))
        said = await say(message(Said.MORE, b"1"))
        assert [unpack_handed(content) for unused, content in said] == [waiting[7]._replace(owner=1)], "the last four are looked at"
        assert link.owner(servers[4], given=True) == link.owner(servers[4], given=False) == 1, "who got them keeps them"
        assert link.owner(servers[0], given=True) == 0 and link.owner(others[0], given=True) == 0
        assert link.given("d7.example") is None and link.given("d0.example") == waiting[0]
        texts = link.texts()
        assert [next(texts) for unused in range(7)] == [f"d{number}.example" for number in range(7)]
        await say(message(Said.DEALT, pack_dealt([])))

    asyncio.run(linked(0, talk))
