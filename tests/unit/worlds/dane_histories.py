# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Histories of a rollover, as hypothesis draws them: a setting, what happens, and an end without faults."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import CertificateInHand, HeldKey, Key
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal, Policy, Scheme
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import OWNERS, digest_record
from ansible_collections.mailops.tls.tests.unit.worlds.dane_world import World
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

Event = tuple[str, int]

USUAL = ("tick", "tick", "tick", "tick", "quiet", "quiet", "quiet", "quiet", "wait")
OUTAGES = ("kill", "kill", "blind", "lag", "follow", "mute", "hear", "resolver", "lose", "reboot", "ttl", "taken", "joined", "alias")
"""Lag, outages, crashes, lost state, TTLs that change, name servers that come and go, and aliases that are made and moved."""
SLOW = ("slow", "slow", "late")
"""A postmaster who publishes by hand, later than asked."""
WISHES = ("roll", "roll", "emergency", "accept", "abort", "types", "scheme", "paper", "refuse", "refuse", "authority", "turn", "name")
"""What the postmaster changes, and what goes wrong with certificates and deployments."""
DISABLING = ("absent",)
HANDS = ("hand", "hand", "hand")
"""Somebody exchanges keys or records without asking the rollover."""
LIES = ("regress", "clock", "bogus")
"""What nobody can see between two runs, and clocks."""


def histories(examples: int) -> settings:
    """How many histories to try; MAILOPS_TLS_HISTORIES multiplies it for a long search."""
    factor = int(os.environ.get("MAILOPS_TLS_HISTORIES", "1"))
    ignored = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    phases = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
    return settings(max_examples=examples * factor, deadline=None, suppress_health_check=ignored, phases=phases)


@dataclass(frozen=True)
class Setting:
    """What there is in the beginning."""

    algorithms: tuple[str, ...]
    scheme: Scheme
    matching_types: tuple[int, ...]
    self_signed: bool
    owners: int
    instances: int
    published: bool
    foreign: bool
    kept: bool
    ttl: int
    key_max_age: int
    min_wait: int
    fixed: bool = False

    def world(self) -> World:
        """The world of this setting."""
        policy = Policy(
            owners=OWNERS[: self.owners],
            algorithms=self.algorithms,
            scheme=self.scheme,
            matching_types=self.matching_types,
            self_signed=self.self_signed,
            key_max_age=self.key_max_age,
            min_wait=self.min_wait,
            unknown_ttl=600,
            renew_before=1000,
        )
        found = World(policy, ttl=self.ttl, instances=self.instances, foreign=self.foreign)
        if self.fixed:
            found.fixed = replace(found.chain(Key("rsa", b"by name")), place="SNI", replaceable=False)
        if self.published:
            publish_first(found)
        if self.kept:
            keep_first(found)
        return found


def publish_first(world: World) -> None:
    """Records of what is served were published long ago."""
    for owner in world.policy.owners:
        records = {digest_record(3, each, one.key.spki) for each in world.policy.matching_types for one in world.served(owner)}
        world.change_zone(owner, frozenset(records))
    world.transfer()
    world.now += 100_000
    world.problems.clear()
    world.cached_until.clear()
    world.note()


def keep_first(world: World) -> None:
    """The keys that are served are in the rollover's own directory, so that there is a way back to them."""
    for chain in [one for one in world.ours() if one.replaceable]:
        wholes = chain.issuer_certificates
        certificate = CertificateInHand(chain.issuers, chain.not_after, None, chain.certificate, wholes)
        world.held[chain.key.digest] = HeldKey(chain.key, world.now - 50_000, certificate)


@st.composite
def setting(draw: Any) -> Setting:
    """Any setting."""
    scheme = draw(st.sampled_from(Scheme))
    published = draw(st.booleans())
    return Setting(
        algorithms=draw(st.sampled_from([("rsa",), ("ecdsa",), ("rsa", "ecdsa")])),
        scheme=scheme,
        matching_types=draw(st.sampled_from([(1,), (2,), (1, 2)])),
        self_signed=scheme is Scheme.NEXT and draw(st.booleans()),
        owners=draw(st.integers(1, 2)),
        instances=draw(st.integers(1, 2)),
        published=published,
        foreign=published and draw(st.booleans()),
        kept=draw(st.booleans()),
        ttl=draw(st.sampled_from([60, 300, 500])),
        key_max_age=draw(st.sampled_from([0, 700, 3000])),
        min_wait=draw(st.sampled_from([0, 900])),
        fixed=draw(st.booleans()),
    )


def events(*kinds: Sequence[str], most: int = 40) -> st.SearchStrategy[list[Event]]:
    """What happens, one after the other."""
    names = [name for group in kinds for name in group]
    return st.lists(st.tuples(st.sampled_from(names), st.integers(0, 7)), min_size=6, max_size=most)


def play(world: World, happening: Iterable[Event]) -> World:
    """Let it happen."""
    for name, number in happening:
        EVENTS[name](world, number)
    return world


def finish(world: World, runs: int = 60) -> World:
    """Mend everything, and run every now and then until nothing is left to do."""
    world.publish_late()
    for server in world.servers:
        server.follows = server.reachable = True
    world.servers[0].zone, world.servers[0].serial = dict(world.zone), world.serial
    world.resolver_works = world.secure = True
    world.handed_in = world.deploys = "good"
    world.broken.clear()
    _wish(world, abort=False, emergency=False, roll=False, accept_exposure=False, goal=Goal.PRESENT, may_deploy=True, owners=world.owners)
    for number in range(runs):
        tick(world, 1)
        if number == 1 and world.last is not None and any(one.id == "rolled_back" for one in world.last.blockers):
            world.policy = replace(world.policy, roll=True)
        if world.last is not None and world.last.phase is RolloverPhase.STEADY and number > 20:
            break
    return world


def tick(world: World, number: int) -> None:
    """A usual hour: secondaries transfer, and the machine runs with a view from outside."""
    world.advance((30, 150, 400, 1000)[number % 4])
    world.transfer()
    world.run()


def _blind(world: World, number: int) -> None:
    world.advance((30, 150, 400, 1000)[number % 4])
    world.transfer()
    world.run(look_outside=False)


def _kill(world: World, number: int) -> None:
    world.advance(20)
    world.run(killed_after=number)


def _reboot(world: World, number: int) -> None:
    world.reboot(100 * number)


def _follow(world: World, number: int) -> None:
    world.servers[number % len(world.servers)].follows = True
    if number % len(world.servers) == 0:
        world.servers[0].zone, world.servers[0].serial = dict(world.zone), world.serial
    world.transfer()


def _lag(world: World, number: int) -> None:
    for server in world.servers[1:][number % 2 :][:1]:
        server.follows = False


def _reach(world: World, number: int, reachable: bool) -> None:
    world.servers[number % len(world.servers)].reachable = reachable


def _taken(world: World, number: int) -> None:
    """Never the primary, which is the first."""
    if number % 3 < len(world.servers) and number % 3:
        world.take_out(number % 3)


def _alias(world: World, number: int) -> None:
    """An owner becomes an alias, or another one; maybe both of the same name. What is published now is found there too."""
    owner = world.owners[number % len(world.owners)]
    shared = number > 5 and not world.foreign
    target = "_dane.example.org" if shared else f"_dane{number}.example.org"
    kept = world.zone.get(target, frozenset()) if shared else frozenset()
    world.lead(owner, target, world.zone[world.aliases.get(owner, owner)] | kept)


def _name(world: World, number: int) -> None:
    """The second owner is taken out of the options, or named again; senders go on using it.

    Never before the machine has seen its records: of what it has not seen it can know nothing.
    """
    owners = world.owners[:1] if len(world.policy.owners) == 2 and _is_remembered(world, world.owners[-1]) else world.owners
    _wish(world, owners=owners)


def _is_remembered(world: World, owner: str) -> bool:
    state = world.state()
    clock = None if state is None else state.owners.get(world.aliases.get(owner, owner))
    published = {one for server in world.servers for one in server.zone.get(world.aliases.get(owner, owner), frozenset())}
    return clock is not None and published <= {record for record, one in clock.records.items() if one.seen}


def _lose(world: World, number: int) -> None:
    """With the state it is forgotten that an owner was taken out."""
    world.saved = None
    world.known_copies.clear()
    _wish(world, owners=world.owners)


def _resolver(world: World, number: int) -> None:
    world.resolver_works = not world.resolver_works


def _bogus(world: World, number: int) -> None:
    world.secure = not world.secure


def _clock(world: World, number: int) -> None:
    world.offset += (-5000, 3000, 20000, -100)[number % 4]
    if number > 3:
        world.boot, world.booted = f"boot-{world.now}-{number}", world.now


def _wish(world: World, **changes: Any) -> None:
    world.policy = replace(world.policy, **changes)


def _paper(world: World, number: int) -> None:
    world.handed_in = ("good", "wrong", "late", "good")[number % 4]


def _refuse(world: World, number: int) -> None:
    world.deploys = ("good", "refused", "broken", "good")[number % 4]
    if world.deploys == "good":
        world.broken.clear()


def _authority(world: World, number: int) -> None:
    world.authority = b"ca %d" % (1 + number % 3)


def _hand(world: World, number: int) -> None:
    """A key in one instance or all of them, another kind of key, the next key before its time, a record."""
    world.note()
    name = world.policy.algorithms[0]
    stranger = Key(name, b"by hand %d" % world.now)
    waiting = [one.key for one in world.held.values() if one.key.algorithm == name]
    if number == 0:
        world.deployed[0][name] = world.chain(stranger)
    elif number in (1, 2):
        key = stranger if number == 1 or not waiting else waiting[-1]
        for place in world.deployed:
            place[name] = world.chain(key)
    elif number == 3:
        world.deployed[-1]["ed25519"] = world.chain(Key("ed25519", b"another kind"))
    elif number == 4:
        world.deployed[-1].pop("ed25519", None)
    else:
        owner = world.owners[0]
        target = world.aliases.get(owner, owner)
        gone = sorted(world.zone[target])[number % 2 :][:1]
        world.change_zone(target, world.zone[target] - frozenset(gone))
    world.note()


def _quiet(world: World, number: int) -> None:
    """Some usual hours in a row, so that histories get somewhere."""
    for _run in range(2 + number):
        tick(world, number)


EVENTS = {
    "tick": tick,
    "quiet": _quiet,
    "wait": lambda world, number: world.advance(1 + 300 * number),
    "blind": _blind,
    "kill": _kill,
    "lag": _lag,
    "follow": _follow,
    "mute": lambda world, number: _reach(world, number, False),
    "hear": lambda world, number: _reach(world, number, True),
    "resolver": _resolver,
    "lose": _lose,
    "reboot": _reboot,
    "alias": _alias,
    "joined": lambda world, number: world.join(),
    "slow": lambda world, number: setattr(world, "slow", True),
    "late": lambda world, number: world.publish_late(),
    "name": _name,
    "ttl": lambda world, number: world.change_ttl((60, 300, 500)[number % 3]),
    "taken": _taken,
    "roll": lambda world, number: _wish(world, roll=not world.policy.roll),
    "emergency": lambda world, number: _wish(world, emergency=not world.policy.emergency),
    "accept": lambda world, number: _wish(world, accept_exposure=not world.policy.accept_exposure),
    "abort": lambda world, number: _wish(world, abort=not world.policy.abort),
    "types": lambda world, number: _wish(world, matching_types=((1,), (2,), (1, 2))[number % 3]),
    "scheme": lambda world, number: _wish(world, scheme=list(Scheme)[number % 2]),
    "turn": lambda world, number: _wish(world, may_deploy=number > 2),
    "hand": _hand,
    "absent": lambda world, number: _wish(world, goal=Goal.ABSENT if world.policy.goal is Goal.PRESENT else Goal.PRESENT),
    "paper": _paper,
    "refuse": _refuse,
    "authority": _authority,
    "regress": lambda world, number: world.regress(number, 1 + number),
    "clock": _clock,
    "bogus": _bogus,
}
