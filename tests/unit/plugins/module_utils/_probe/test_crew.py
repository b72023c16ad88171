# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A crew: so many at a time, whoever waits for others is parked, and all of it is bounded."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.known import KnownAnswers, one_judgement
from ansible_collections.mailops.tls.plugins.module_utils._probe.crew import Crew, Seat
from ansible_collections.mailops.tls.plugins.module_utils._probe.turns import Line
from ansible_collections.mailops.tls.tests.unit.worlds.simulated_time import simulate
from hypothesis import given
from hypothesis import strategies as st


class Site:
    """Work that takes a second at a place of its own, or waits in line for one that many want."""

    def __init__(self, places: int = 2) -> None:
        self.line = Line(places)
        self.done: list[tuple[float, int]] = []
        self.begun: Counter[int] = Counter()
        self.at_work = self.most_at_work = 0

    async def work(self, number: int, seat: Seat) -> None:
        """Even numbers are on their own; odd ones wait in line for two seconds of work."""
        self.begun[number] += 1
        if number % 2:
            if not self.line.take_free():
                with seat.aside():
                    await self.line.take()
            try:
                await self.seconds(2.0)
            finally:
                self.line.give()
        else:
            await self.seconds(1.0)
        self.done.append((asyncio.get_running_loop().time(), number))

    async def seconds(self, seconds: float) -> None:
        self.at_work += 1
        self.most_at_work = max(self.at_work, self.most_at_work)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.at_work -= 1


def test_those_who_wait_hold_up_nobody() -> None:
    """200 in line between 200 others, ten at a time: the others take as long as if the two at work in line were not there."""

    async def run(numbers: range, parked_most: int) -> tuple[Site, float]:
        site = Site()
        await Crew[int](10, parked_most=parked_most).run(numbers, site.work)
        return site, max(at for at, number in site.done if number % 2 == 0)

    alone = simulate(run(range(0, 400, 2), 1000))[1]
    for parked_most in (1000, 5, 0):
        site, others = simulate(run(range(400), parked_most))
        assert others <= 1.3 * alone  # two of ten places are used for those in line
        assert sorted(number for _at, number in site.done) == list(range(400))
        assert max(at for at, _number in site.done) <= 200 + others


@given(st.integers(1, 5), st.integers(0, 4), st.integers(1, 6), st.lists(st.integers(0, 99), max_size=60), st.integers(1, 3))
def test_everything_is_done_once_within_bounds(size: int, parked_most: int, put_back_most: int, numbers: list[int], places: int) -> None:
    taken = most = 0

    def source() -> Iterator[int]:
        nonlocal taken
        for number in numbers:
            taken += 1
            yield number

    async def run() -> Site:
        site = Site(places)

        async def watched(number: int, seat: Seat) -> None:
            nonlocal most
            most = max(most, crew.progress.parked)
            await site.work(number, seat)

        crew = Crew[int](size, parked_most, put_back_most)
        await crew.run(source(), watched)
        assert crew.progress == (0, 0)
        return site

    site = simulate(run())
    assert sorted(number for _at, number in site.done) == sorted(numbers)
    assert taken == len(numbers)
    assert site.most_at_work <= size + places
    # Those that begin again may park beyond the bound: as many as begin at a time.
    assert most <= parked_most + put_back_most + 2 * size + 1


def test_what_was_put_back_begins_anew_and_is_never_lost() -> None:
    async def run() -> Site:
        site = Site(1)
        await Crew[int](4, parked_most=2).run(range(1, 80, 2), site.work)
        return site

    site = simulate(run())
    assert sorted(number for _at, number in site.done) == list(range(1, 80, 2))
    assert max(at for at, _number in site.done) == 80.0  # the line is never left alone
    assert max(site.begun.values()) == 2  # once put back, and then it stays


def test_no_more_is_taken_from_a_list_than_there_is_room_for() -> None:
    taken: list[int] = []

    def source() -> Iterator[int]:
        for number in range(1, 100_000, 2):
            taken.append(number)
            yield number

    async def run() -> int:
        crew = Crew[int](4, parked_most=5, put_back_most=10)
        going = asyncio.ensure_future(crew.run(source(), Site(1).work))
        await asyncio.sleep(5.5)
        so_far = len(taken)
        going.cancel()
        await asyncio.wait([going])
        assert going.cancelled() and crew.progress == (0, 0)
        return so_far

    assert simulate(run()) <= 3 + 5 + 10 + 2 * 4 + 1


def test_branches_park_only_together() -> None:
    seen: list[tuple[float, int, int]] = []

    async def run() -> None:
        loop, line = asyncio.get_running_loop(), Line(0)

        async def own(seat: Seat) -> str:
            await asyncio.sleep(3)
            return "own"

        async def other(seat: Seat) -> str:
            with seat.aside():
                await line.take()
            await asyncio.sleep(1)
            return "other"

        async def work(number: int, seat: Seat) -> None:
            assert await seat.all([own(seat), other(seat)]) == ["own", "other"]
            assert await seat.all([]) == []
            assert await seat.all([own(seat)]) == ["own"]
            assert seat.waited == 4.0

        crew = Crew[int](1)
        going = asyncio.ensure_future(crew.run([1], work))
        for _second in range(10):
            await asyncio.sleep(0.5)
            seen.append((loop.time(), *crew.progress))
            await asyncio.sleep(0.5)
            if loop.time() == 7:
                line.give()
        await going

    simulate(run())
    assert [one[1:] for one in seen] == [(1, 0)] * 3 + [(0, 1)] * 4 + [(1, 0)] * 3


def test_a_piece_that_begins_while_another_waits_inherits_none_of_its_answers() -> None:
    # Else one judgement would go on for the whole run: old answers for ever, and more and more of them.
    heard: list[float | None] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        known: KnownAnswers[str, float] = KnownAnswers(loop.time)

        async def work(unused: int, seat: Seat) -> None:
            with one_judgement():
                if known.get("tlsa") is None:
                    known.put("tlsa", loop.time(), 5.0, 1)
                heard.append(known.get("tlsa"))
                await asyncio.sleep(10)
                with seat.aside():
                    await asyncio.sleep(60)

        await Crew[int](1).run(range(4), work)

    simulate(run())
    assert heard == [0.0, 10.0, 20.0, 30.0]


def test_who_has_found_something_out_keeps_the_place() -> None:
    """Ten with two places: each knows something after a second and waits for one that takes a minute, which counts as waiting."""
    begun: list[int] = []
    waited: list[float] = []

    async def scene(at_stake: bool) -> None:
        slow = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(60.0, slow.set_result, None)

        async def work(number: int, seat: Seat) -> None:
            begun.append(number)
            await asyncio.sleep(1.0)
            if at_stake:
                seat.stake()
            with seat.aside():
                await asyncio.shield(slow)
            waited.append(seat.waited)

        crew = Crew[int](2)
        running = asyncio.ensure_future(crew.run(range(10), work))
        await asyncio.sleep(30.0)
        assert len(begun) == (2 if at_stake else 10)
        assert crew.progress == ((2, 0) if at_stake else (0, 10))
        await running

    simulate(scene(False))
    assert max(waited) == 59.0 and min(waited) == 55.0
    begun.clear()
    waited.clear()
    simulate(scene(True))
    assert waited[:2] == [59.0, 59.0] and len(begun) == 10


def test_what_is_held_back_takes_places() -> None:
    async def scene() -> None:
        most = 0

        async def work(number: int, unused: Seat) -> None:
            nonlocal most
            most = max(most, crew.progress.active)
            await asyncio.sleep(1.0)
            if number == 0:
                crew.hold(3)
                asyncio.get_running_loop().call_later(10.0, crew.hold, -3)

        crew = Crew[int](4)
        await crew.run(range(20), work)
        assert most == 4 and asyncio.get_running_loop().time() == 1 + 10 + 6 / 4 + 0.5

    simulate(scene())


@pytest.mark.parametrize("where", ["work", "list"])
def test_an_error_ends_everything(where: str) -> None:
    ended: list[int] = []

    def source() -> Iterator[int]:
        yield from range(3)
        if where == "list":
            raise OSError("the list cannot be read")
        yield 3

    async def work(number: int, seat: Seat) -> None:
        try:
            if number == 3:
                raise OSError("the disk is full")
            await asyncio.sleep(60)
        finally:
            ended.append(number)

    async def run() -> float:
        with pytest.raises(OSError, match="list" if where == "list" else "disk"):
            await Crew[int](9).run(source(), work)
        return asyncio.get_running_loop().time()

    assert simulate(run()) == 0.0
    assert {0, 1, 2} <= set(ended) or where == "list"


def test_pieces_that_fail_together_are_told_once() -> None:
    said: list[object] = []

    async def work(number: int, seat: Seat) -> None:
        await asyncio.sleep(1)
        raise OSError("the disk is full")

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: said.append(context))
        with pytest.raises(OSError, match="full"):
            await Crew[int](5).run(range(20), work)
        gc.collect()

    simulate(run())
    gc.collect()
    assert said == []
