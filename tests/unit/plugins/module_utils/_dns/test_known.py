# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known answers: for how long, how many, and the same ones within a judgement."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.known import (
    FAILURE_LIFE,
    LONGEST_LIFE,
    SHORTEST_LIFE,
    KnownAnswers,
    one_judgement,
)
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted
from hypothesis import given
from hypothesis import strategies as st


class Clock:
    """Seconds as the test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 2000), st.floats(0, 400)), max_size=40))
def test_no_answer_outlives_its_time(steps: list[tuple[int, float, float]]) -> None:
    clock, model = Clock(), dict[int, float]()
    known: KnownAnswers[int, float] = KnownAnswers(clock)
    for key, seconds, passed in steps:
        until = clock.now + min(max(seconds, SHORTEST_LIFE), LONGEST_LIFE)
        known.put(key, until, seconds, 100)
        model[key] = until
        clock.now += passed
        for one in range(6):
            expected = model.get(one)
            assert known.get(one) == (expected if expected is not None and clock.now < expected else None)


def test_the_oldest_go_first_when_there_is_no_more_room() -> None:
    known: KnownAnswers[int, str] = KnownAnswers(Clock(), most=1000)
    for number in range(30):
        known.put(number, "answer", 300, 100)
        assert known.get(0) == "answer"  # in use all the time
    assert len(known) == 10
    assert [number for number in range(30) if known.get(number)] == [0, *range(21, 30)]


def test_within_a_judgement_an_answer_stays_what_it_was() -> None:
    clock = Clock()
    known: KnownAnswers[str, str] = KnownAnswers(clock)
    other: KnownAnswers[str, str] = KnownAnswers(clock)

    async def look() -> str | None:
        return known.get("MX")

    async def judge() -> list[str | None]:
        with one_judgement():
            known.put("MX", "old", 60, 100)
            found = [known.get("MX")]
            clock.now += 61
            with one_judgement():
                found.append(await asyncio.ensure_future(look()))
            known.put("MX", "new", 60, 100)
            found += [known.get("MX"), other.get("MX")]
        return [*found, known.get("MX")]

    assert asyncio.run(judge()) == ["old", "old", "old", None, "new"]


def test_judgements_at_the_same_time_are_apart() -> None:
    clock = Clock()
    known: KnownAnswers[str, str] = KnownAnswers(clock)
    known.put("MX", "old", 60, 100)

    async def first(first_looked: asyncio.Event) -> str | None:
        with one_judgement():
            known.get("MX")
            first_looked.set()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            return known.get("MX")

    async def second(first_looked: asyncio.Event) -> str | None:
        with one_judgement():
            await first_looked.wait()
            clock.now += 61
            known.put("MX", "new", 60, 100)
            return known.get("MX")

    async def both() -> list[str | None]:
        first_looked = asyncio.Event()
        return list(await asyncio.gather(first(first_looked), second(first_looked)))

    assert asyncio.run(both()) == ["old", "new"]


SCRIPT = {
    ("short.example", "A"): Scripted(("short.example. 20 IN A 192.0.2.1",)),
    ("long.example", "A"): Scripted(("long.example. 86400 IN A 192.0.2.1",)),
    ("none.example", "A"): Scripted(rcode="NXDOMAIN"),
    ("bad.example", "A"): Scripted(rcode="SERVFAIL"),
}


@pytest.mark.parametrize(("name", "outcome", "life"), [
    ("short.example", Outcome.FOUND, 20.0),
    ("long.example", Outcome.FOUND, LONGEST_LIFE),
    ("none.example", Outcome.NXDOMAIN, LONGEST_LIFE),
    ("bad.example", Outcome.ERROR, FAILURE_LIFE),
])  # fmt: skip
def test_a_resolver_asks_again_when_an_answer_has_had_its_time(name: str, outcome: Outcome, life: float) -> None:
    clock = Clock()

    async def scene() -> list[int]:
        counts = []
        async with Responder(SCRIPT) as responder:
            resolver = Resolver([Nameserver("127.0.0.1", responder.port)], timeout=600, attempts=1, clock=clock)
            for passed in (0.0, life - 0.5, 1.0):
                clock.now += passed
                answer = await resolver.ask(name, "A")
                assert answer.outcome is outcome
                counts.append(len(responder.questions))
            await resolver.close()
        return counts

    assert asyncio.run(scene()) == [1, 1, 2]


def test_one_judgement_asks_a_resolver_once_however_long_it_takes() -> None:
    clock = Clock()

    async def scene() -> int:
        async with Responder(SCRIPT) as responder:
            resolver = Resolver([Nameserver("127.0.0.1", responder.port)], timeout=600, attempts=1, clock=clock)
            with one_judgement():
                for want_dnssec in (True, False, True):
                    await resolver.ask("short.example", "A", want_dnssec)
                    clock.now += 10_000
            await resolver.close()
            return len(responder.questions)

    assert asyncio.run(scene()) == 1
