# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets in simulated time: busy providers, dead hosts and polite waiting hold nobody up, and memory stays bounded."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import DialogueLog
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, MxRecord, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe import prober as prober_module
from ansible_collections.mailops.tls.plugins.module_utils._probe import silence
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan, TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination, Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.doubted import Doubted
from ansible_collections.mailops.tls.plugins.module_utils._smtp.fleet import Fleet
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import Exchanges, ProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.unit.worlds.simulated_time import simulate

SETTINGS = ProbeSettings(SecurityLevel.MAY, dialogue=SmtpSettings("client.test"), sni="hostname")
LIMITS = TimeLimits(30, 30, 120)
SECONDS = 0.5
"""What a probe of a healthy server takes."""


@dataclass
class World:
    """Domains with exchanges, and what their servers do.

    A domain NAME.test has the exchange mx.NAME.test, unless `exchanges` says otherwise; an exchange has an address of its own, unless
    `addresses` says otherwise.
    """

    exchanges: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    busy: Counter[str] = field(default_factory=Counter)
    connections: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    questions: Counter[str] = field(default_factory=Counter)
    finished: dict[str, float] = field(default_factory=dict)
    most_parked: int = 0
    unsigned: bool = False

    async def ask(self, name: str, rdtype: str, want_dnssec: bool) -> Answer:
        """Answer in a moment."""
        self.questions[name] += 1
        await asyncio.sleep(0.01)
        if rdtype == "MX":
            records: tuple[Any, ...] = tuple(MxRecord(at, one) for at, one in enumerate(self.exchanges.get(name, f"mx.{name}").split()))
        else:
            number = zlib.crc32(name.encode())
            own = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
            records = (self.addresses.get(name, own),) if rdtype == "A" else ()
        without_ad = frozenset({"127.0.0.1"} if self.unsigned else ())
        outcome, secure = Outcome.FOUND if records else Outcome.NODATA, not self.unsigned
        return Answer(name, rdtype, outcome, records, canonical_name=name, secure=secure, without_ad=without_ad)

    async def connect(self, plan: ProbePlan, _contexts: Any, limits: TimeLimits, until: float, *_more: Any) -> ProbeEvidence:
        """Be the servers, in the place of `gather_evidence`."""
        address, loop = plan.target.address, asyncio.get_running_loop()
        self.connections[address] += 1
        self.open.update((address, "all"))
        self.most[address], self.most["all"] = max(self.most[address], self.open[address]), max(self.most["all"], self.open["all"])
        try:
            if address in self.dead:
                await asyncio.sleep(min(limits.connect, until - loop.time()))
                return ProbeEvidence(plan, failure=Failure(ErrorKind.CONNECT_TIMEOUT, CommonPhase.CONNECT, "no answer"))
            await asyncio.sleep(SECONDS)
        finally:
            self.open.subtract((address, "all"))
        failure = None
        if self.busy[address] > 0:
            self.busy[address] -= 1
            failure = Failure(ErrorKind.RATE_LIMITED, CommonPhase.CONNECT, "421 too many connections")
        return ProbeEvidence(plan, True, failure, DialogueLog(greeting="mx", failure=failure))


def names(kind: str, count: int) -> list[str]:
    return [f"{kind}{number}.test" for number in range(count)]


def run(world: World, domains: list[str], monkeypatch: pytest.MonkeyPatch, **turns: Any) -> float:
    """Probe domains; return how many seconds it took."""
    monkeypatch.setattr(prober_module, "gather_evidence", world.connect)
    settings = replace(SETTINGS, **{name: turns.pop(name) for name in ("exchanges", "security_level") if name in turns})

    async def probe() -> float:
        loop = asyncio.get_running_loop()
        prober = Prober(TlsContexts(TlsParameters()), ProberSettings(**{"limits": LIMITS, **turns}))
        fleet = Fleet(settings, world.ask, prober)

        def finish(result: DestinationResult) -> None:
            assert result.destination.text not in world.finished
            world.finished[result.destination.text] = loop.time()
            world.most_parked = max(world.most_parked, fleet.progress.parked)

        await fleet.run(map(destination, domains), finish)
        return loop.time()

    took = simulate(probe())
    assert world.finished.keys() == set(domains)
    return took


def destination(text: str) -> Destination:
    return parse_destination(text, protocol=Protocol.SMTP, service_port=lambda _name: 25)


def one_provider(domains: list[str], address: str = "192.0.2.1") -> dict[str, str]:
    """All of these domains have an exchange of its own name at one address."""
    return {f"mx.{domain}": address for domain in domains}


def test_one_busy_provider_costs_the_others_at_most_a_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 3000
    others, busy = names("d", count), names("busy", count)
    alone = run(World(), others, monkeypatch)
    world = World(addresses=one_provider(busy))
    mixed = [one for pair in zip(busy, others) for one in pair]
    took = run(world, mixed, monkeypatch, per_address_limit=2)
    assert max(world.finished[one] for one in others) <= 1.1 * alone
    assert world.most["192.0.2.1"] == 2
    assert took <= count * SECONDS / 2 + alone  # and the provider's turns are all used
    assert world.most_parked <= 50_000
    assert max(world.questions.values()) <= 4  # A and AAAA, at most twice


def test_a_provider_with_many_addresses_is_limited_by_its_name_and_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = names("busy", 60)
    addresses = {f"mx{number}.big.test": f"192.0.2.{number}" for number in range(60)}
    for limit in ("per_provider_limit", "per_network_limit"):
        world = World(exchanges={one: f"mx{number}.big.test" for number, one in enumerate(busy)}, addresses=addresses)
        run(world, busy, monkeypatch, **{limit: 3})
        assert world.most["all"] == 3


def test_an_interval_holds_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    slow, others = names("slow", 20), names("d", 400)
    alone = run(World(), others, monkeypatch, concurrency=10)
    world = World(addresses=one_provider(slow))
    took = run(world, slow + others, monkeypatch, concurrency=10, interval_per_address=30.0)
    assert took >= 19 * 30.0
    assert max(world.finished[one] for one in others) <= 1.1 * alone


def test_waiting_after_421_holds_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    busy, others = names("busy", 40), names("d", 400)
    alone = run(World(), others, monkeypatch, concurrency=10)
    world = World()
    addresses = {f"mx.{one}": f"192.0.2.{number}" for number, one in enumerate(busy)}
    world.addresses, world.busy = addresses, Counter(dict.fromkeys(addresses.values(), 4))
    run(world, busy + others, monkeypatch, concurrency=10)
    # Each of the 40 has five connections of half a second, and 15 seconds of waiting in between.
    assert max(world.finished[one] for one in others) <= alone + 40 * 5 * SECONDS / 10 + 3


def test_a_slow_server_that_all_share_holds_one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    shared, others = names("s", 500), names("d", 500)
    world = World(exchanges=dict.fromkeys(shared, "mx.dead.test"), addresses={"mx.dead.test": "192.0.2.1"}, dead={"192.0.2.1"})
    took = run(world, [one for pair in zip(shared, others) for one in pair], monkeypatch, concurrency=10)
    assert world.connections["192.0.2.1"] == 1
    assert max(world.finished[one] for one in others) < 35.0  # at nine tenths of the rate they take 29 seconds
    assert took < 60.0


def test_dead_hosts_wait_beside_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    dead, others = names("dead", 300), names("d", 700)
    world = World(addresses={f"mx.{one}": f"172.16.{number >> 8}.{number & 255}" for number, one in enumerate(dead)})
    world.dead = set(world.addresses.values())
    took = run(world, [one for part in zip(dead, others[::2], others[1::2]) for one in part] + others[600:], monkeypatch, concurrency=100)
    ideal = (300 * 30.0 + 700 * SECONDS) / 100
    assert took <= 1.2 * ideal + 30.0


def test_a_dead_server_of_many_names_is_not_asked_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = names("dead", 500)
    world = World(addresses=one_provider(dead), dead={"192.0.2.1"})
    took = run(world, dead, monkeypatch, per_address_limit=4)
    assert world.connections["192.0.2.1"] == 4
    assert took < 40.0


def test_waiting_for_turns_is_no_time_of_a_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    """First exchanges wait up to ten minutes for their turn; the second ones are found and probed all the same, with answers of now."""
    slow = names("slow", 21)
    world = World(addresses=one_provider([f"first.{one}" for one in slow]))
    world.exchanges = {one: f"mx.first.{one} mx.second.{one}" for one in slow}
    world.dead = {"192.0.2.1"}
    monkeypatch.setattr(silence, "TIMES", 100)
    run(world, slow, monkeypatch, per_address_limit=1, exchanges=Exchanges.FIRST, security_level=SecurityLevel.DANE)
    assert world.connections.pop("192.0.2.1") == 21
    assert list(world.connections.values()) == [1] * 21
    times = {one: world.questions[one] for one in slow}
    # What DNS said at first was old when the turn of these came.
    assert times == {one: 2 if at > 331 else 1 for one, at in world.finished.items()}
    assert sum(at > 331 for at in world.finished.values()) == 10


def test_memory_for_what_was_seen_is_bounded_and_what_all_share_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prober_module, "SEEN_BYTES", 150_000)  # about 50 servers
    monkeypatch.setattr(prober_module, "CERTIFICATE_BYTES", 0)
    shared, own = names("s", 400), names("d", 400)
    world = World(exchanges=dict.fromkeys(shared, "mx.shared.test"), addresses={"mx.shared.test": "192.0.2.1"})
    mixed = [one for pair in zip(shared, own) for one in pair]
    again, soon_again = "again.test", "soon.test"
    world.exchanges.update({again: "mx.d0.test", soon_again: "mx.d399.test"})
    run(world, [*mixed, again, soon_again], monkeypatch, concurrency=10)
    assert world.connections["192.0.2.1"] == 1
    twice = [address for address, times in world.connections.items() if times == 2]
    assert len(twice) == 1 and sum(world.connections.values()) == 402  # d0 was met long ago


def test_a_probe_that_nobody_waits_for_any_more_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr(prober_module, "gather_evidence", world.connect)

    async def scene() -> None:
        prober = Prober(TlsContexts(TlsParameters()), ProberSettings(LIMITS, per_address_limit=1))
        plans = [ProbePlan(Target("192.0.2.1", port), SETTINGS.dialogue) for port in (1, 2, 2, 3)]
        first, left, stays, leaves = (asyncio.ensure_future(prober.probe(one)) for one in plans)
        await asyncio.sleep(SECONDS / 2)
        left.cancel()  # somebody else wants that one
        leaves.cancel()
        await asyncio.sleep(0)
        anew = asyncio.ensure_future(prober.probe(plans[3]))
        await asyncio.gather(first, stays, anew)
        assert asyncio.get_running_loop().time() == 3 * SECONDS
        assert anew.result().evidence.plan.target.port == 3
        begun = asyncio.ensure_future(prober.probe(ProbePlan(Target("192.0.2.2", 1), SETTINGS.dialogue)))
        await asyncio.sleep(SECONDS / 2)
        begun.cancel()  # too late: it goes on, and whoever asks later has what it saw
        await asyncio.sleep(SECONDS)
        await prober.probe(ProbePlan(Target("192.0.2.2", 1), SETTINGS.dialogue))

    simulate(scene())
    assert world.connections == {"192.0.2.1": 3, "192.0.2.2": 1}


@pytest.mark.parametrize("concurrency", [1, 2, 5, 10])
@pytest.mark.parametrize("sign", [None, 1, 12])
def test_results_wait_for_a_sign_of_validation_in_places_of_those_at_work(
    monkeypatch: pytest.MonkeyPatch, concurrency: int, sign: int | None
) -> None:
    world, finished = World(unsigned=True), list[DestinationResult]()
    monkeypatch.setattr(prober_module, "gather_evidence", world.connect)
    begun: list[int] = []
    most = 0

    async def validates(unused: str) -> bool:
        return sign is not None and len(begun) >= sign

    async def scene() -> Fleet:
        prober = Prober(TlsContexts(TlsParameters()), ProberSettings(LIMITS, concurrency=concurrency))
        doubted = Doubted(concurrency)
        fleet = Fleet(replace(SETTINGS, security_level=SecurityLevel.DANE), world.ask, prober, validates=validates, doubted=doubted)

        def source() -> Iterator[Destination]:
            nonlocal most
            for number in range(20):
                begun.append(number)
                most = max(most, len(begun) - len(finished))
                yield destination(f"d{number}.test")

        await fleet.run(source(), finished.append)
        assert fleet.progress == (0, 0)
        return fleet

    fleet = simulate(scene())
    names = {one.destination.text for one in finished}
    assert len(names) == len(finished) == 20 and most == concurrency, "what waits is lost with what is at work"
    failed = sum(not one.satisfied for one in finished)
    assert len(fleet.warnings) == (failed > 0)
    assert failed == 20 if sign is None else failed <= max(0, sign - 1 - concurrency // 2)
    if sign == 12 and concurrency == 10:
        assert failed < 12 // 2, "so many waited for the sign, and got it"
