# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns: limits hold at every moment, everybody is served, in order, and nothing is remembered that nobody needs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.turns import Limits, Line, Turns, last_two_labels, network_of
from ansible_collections.mailops.tls.tests.unit.worlds.simulated_time import simulate
from hypothesis import given
from hypothesis import strategies as st


@dataclass
class Watch:
    """What goes on: connections at a time by what they belong to, when each began, and how many wait aside."""

    open: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    starts: list[tuple[float, int, str]] = field(default_factory=list)
    aside: int = 0
    most_aside: int = 0

    @contextmanager
    def step_aside(self) -> Iterator[None]:
        self.aside += 1
        self.most_aside = max(self.aside, self.most_aside)
        try:
            yield
        finally:
            self.aside -= 1


async def connect(turns: Turns, watch: Watch, number: int, address: str, host: str | None, seconds: float) -> None:
    """One connection, as long as it takes."""
    turn = await turns.take(Target(address, 25), host, watch.step_aside)
    belongs = ["all", address, network_of(address), last_two_labels(host) if host else "nobody"]
    watch.starts.append((asyncio.get_running_loop().time(), number, address))
    watch.open.update(belongs)
    for one in belongs:
        watch.most[one] = max(watch.most[one], watch.open[one])
    try:
        await asyncio.sleep(seconds)
    finally:
        watch.open.subtract(belongs)
        turn.give()


ADDRESSES = st.sampled_from(["192.0.2.1", "192.0.2.2", "198.51.100.1", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"])
HOSTS = st.sampled_from([None, "mx1.one.example", "mx2.one.example", "mx.two.example"])
CONNECTIONS = st.lists(st.tuples(ADDRESSES, HOSTS, st.floats(0.1, 5), st.booleans()), max_size=40)
SOME = st.one_of(st.none(), st.integers(1, 3))


@given(CONNECTIONS, st.integers(1, 4), st.integers(1, 3), SOME, SOME, st.sampled_from([0.0, 0.7]))
def test_limits_hold_and_everybody_is_served(
    wanted: list[tuple[str, str | None, float, bool]], in_all: int, address: int, network: int | None, provider: int | None, interval: float
) -> None:
    async def run() -> tuple[Watch, int]:
        turns, watch = Turns(Limits(in_all, address, network, provider, interval)), Watch()
        tasks = [
            asyncio.ensure_future(connect(turns, watch, number, *one[:3])) for number, one in enumerate(wanted)
        ]
        await asyncio.sleep(1)
        for task, one in zip(tasks, wanted):
            if one[3]:
                task.cancel()  # in a line, or connected
        await asyncio.gather(*tasks, return_exceptions=True)
        assert all(task.cancelled() == one[3] or task.done() for task, one in zip(tasks, wanted))
        await asyncio.sleep(interval)
        last = await turns.take(Target("203.0.113.1", 25))
        last.give()
        return watch, turns.known - (interval > 0)

    watch, known = simulate(run())
    assert known == 0  # nobody is there any more
    assert watch.aside == 0
    assert watch.most["all"] <= in_all
    for address_seen in {one[0] for one in wanted}:
        assert watch.most[address_seen] <= address
        if network is not None:
            assert watch.most[network_of(address_seen)] <= network
        starts = [at for at, _number, where in watch.starts if where == address_seen]
        assert all(later - earlier >= interval - 1e-9 for earlier, later in zip(starts, starts[1:]))
    if provider is not None:
        assert max(watch.most["one.example"], watch.most["two.example"]) <= provider
    served = {number for _at, number, _where in watch.starts}
    assert {number for number, one in enumerate(wanted) if not one[3]} <= served


def test_those_who_came_first_are_served_first() -> None:
    async def run() -> Watch:
        turns, watch = Turns(Limits(in_all=10, per_address=2)), Watch()
        await asyncio.gather(*(connect(turns, watch, number, "192.0.2.1", None, 1.0) for number in range(7)))
        return watch

    watch = simulate(run())
    assert [(at, number) for at, number, _where in watch.starts] == [(0, 0), (0, 1), (1, 2), (1, 3), (2, 4), (2, 5), (3, 6)]
    assert watch.most_aside == 5


def test_a_busy_address_holds_up_nobody_else() -> None:
    async def run() -> Watch:
        turns, watch = Turns(Limits(in_all=4, per_address=2, per_network=20, per_provider=20)), Watch()
        busy = [connect(turns, watch, 0, "192.0.2.1", "mx.busy.example", 100.0) for _number in range(20)]
        others = [connect(turns, watch, number, f"198.51.100.{number}", "mx.other.example", 1.0) for number in range(1, 21)]
        await asyncio.gather(*busy, *others)
        return watch

    watch = simulate(run())
    assert max(at for at, number, _where in watch.starts if number) == 9.0  # two at a time, as if nobody waited


def test_who_waits_for_one_address_of_a_provider_leaves_its_others_alone() -> None:
    async def run() -> Watch:
        turns, watch = Turns(Limits(in_all=100, per_address=1, per_provider=3)), Watch()
        slow = [connect(turns, watch, 0, "192.0.2.1", "mx1.big.example", 100.0) for _number in range(10)]
        quick = [connect(turns, watch, 1, f"198.51.100.{number}", "mx2.big.example", 1.0) for number in range(20)]
        await asyncio.gather(*slow, *quick)
        return watch

    watch = simulate(run())
    assert watch.most["big.example"] == 3
    assert max(at for at, number, _where in watch.starts if number) == 9.0


def test_waiting_for_a_place_among_all_connections_is_not_aside() -> None:
    async def run() -> Watch:
        turns, watch = Turns(Limits(in_all=1)), Watch()
        await asyncio.gather(*(connect(turns, watch, number, f"192.0.2.{number}", None, 1.0) for number in range(5)))
        return watch

    assert simulate(run()).most_aside == 0


def test_an_interval_is_remembered_no_longer_than_it_lasts() -> None:
    async def run() -> tuple[int, int]:
        turns, watch = Turns(Limits(in_all=1000, interval=60.0)), Watch()
        await asyncio.gather(*(connect(turns, watch, number, f"192.0.2.{number % 250}", None, 0.0) for number in range(500)))
        during = turns.known
        await asyncio.sleep(61)
        await connect(turns, watch, 0, "198.51.100.1", None, 0.0)
        return during, turns.known

    assert simulate(run()) == (250, 1)


def test_a_socket_in_the_file_system_has_no_network_and_an_address_no_provider() -> None:
    async def run() -> float:
        turns = Turns(Limits(per_network=1, per_provider=1))
        await turns.take(Target("", 0, "/run/lmtp"), "own.name.example")
        await turns.take(Target("", 0, "/run/other"), "own.name.example")
        await turns.take(Target("192.0.2.1", 25), "192.0.2.1")
        await turns.take(Target("203.0.113.1", 25), "203.0.113.1")
        return asyncio.get_running_loop().time()

    assert simulate(run()) == 0.0


def test_a_place_that_is_handed_to_somebody_who_leaves_goes_on_to_the_next() -> None:
    async def run() -> bool:
        line = Line(1)
        await line.take()
        first, second = (asyncio.ensure_future(line.take()) for _number in range(2))
        await asyncio.sleep(0)
        line.give()
        first.cancel()
        await asyncio.wait([first])
        await second
        return first.cancelled()

    assert simulate(run())


@pytest.mark.parametrize(("address", "network"), [
    ("192.0.2.77", "192.0.2.0/24"),
    ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
    ("::ffff:192.0.2.77", "192.0.2.0/24"),
])  # fmt: skip
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(("host", "provider"), [("mx1.eu.Example.COM.", "example.com"), ("example.com", "example.com"), ("mx", "mx")])
def test_providers_without_a_list(host: str, provider: str) -> None:
    assert last_two_labels(host) == provider
