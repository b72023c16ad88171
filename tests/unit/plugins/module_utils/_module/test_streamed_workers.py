# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many processes a run has, and what they say to each other."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.probing import divided
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_messages import (
    Messages,
    Said,
    message,
    pack_handed,
    pack_result,
    unpack_handed,
    unpack_result,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_worker import WorkerLink
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
    assert unpack_handed(pack_handed(owner, text, more.encode())) == (owner, text, more.encode())
    unmet = Unmet(text, more, "status", ["a", None], {"b": 1}, None)
    share = Share("failed", {"destinations": 1, "by_status": {"failed": 1}}, False, [text, more], [unmet])
    line = b'{"a":1}\n'
    assert unpack_result(pack_result(text, line, share)) == (text, line, share)


class NothingLeft:
    """A run as a worker sees it, of which nothing is this one's."""

    options = SimpleNamespace(identity=RunIdentity("run", "here"))

    def left(self, _mine: Any) -> Iterator[str]:
        return iter(())

    def share(self, _result: Mapping[str, Any]) -> Share:
        return Share("verified", {}, True, (), ())


def test_what_was_found_is_said_together_and_at_once_when_somebody_waits_for_room() -> None:
    async def talk() -> None:
        parent, own = socket.socketpair()
        parent.setblocking(False)
        loop, messages = asyncio.get_running_loop(), Messages()
        link = WorkerLink(NothingLeft(), own, 0, 1)  # type: ignore[arg-type]  # no more of it is used

        async def begin(_texts: Iterable[str]) -> None:
            for number in range(5):
                link.keep(f"d{number}.example", {"destination": f"d{number}.example"})
                link.give_away(1, f"g{number}.example", b"answers")
            with pytest.raises(BlockingIOError):
                parent.recv(1)
            room = asyncio.ensure_future(link.room(5, lambda: 1))
            heard = list(messages.take(await loop.sock_recv(parent, 1 << 16)))
            assert [said for said, unused in heard] == [Said.RESULT, Said.HANDED] * 5
            assert unpack_handed(heard[1][1]) == (1, "g0.example", b"answers")
            assert not room.done(), "five are found and not written"
            await loop.sock_sendall(parent, message(Said.KEPT, b"1"))
            await room
            await loop.sock_sendall(parent, message(Said.END))

        await link.work(begin, lambda: (0, 0))
        await link.end(Said.END, b"[]")
        assert [said for said, unused in messages.take(await loop.sock_recv(parent, 1 << 16))] == [Said.THROUGH, Said.END]
        parent.close()

    asyncio.run(talk())
