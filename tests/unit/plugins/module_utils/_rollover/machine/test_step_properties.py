# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no history may lead to, whatever lags, fails, crashes, gets lost or lies; each invariant is a test, and the world is the judge."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import ResolverSight, Sight
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal, Scheme
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.step import step
from ansible_collections.mailops.tls.tests.unit.worlds.dane_histories import (
    DISABLING,
    HANDS,
    LIES,
    OUTAGES,
    SLOW,
    USUAL,
    WISHES,
    Event,
    Setting,
    events,
    finish,
    histories,
    play,
    setting,
    tick,
)
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import digest_record
from ansible_collections.mailops.tls.tests.unit.worlds.dane_world import World
from hypothesis import event, example, given
from hypothesis import strategies as st

ANYTHING = events(USUAL, USUAL, OUTAGES, WISHES, DISABLING, LIES)
WHATS = ("server", "aa", "resolver", "ad", "zone", "postfix")
HONEST = events(USUAL, USUAL, OUTAGES, WISHES)
PLAIN = Setting(
    algorithms=("rsa",), scheme=Scheme.NEXT, matching_types=(1,), self_signed=False, owners=1, instances=1, published=False,
    foreign=False, kept=False, ttl=300, key_max_age=0, min_wait=0,
)  # fmt: skip


def problems(world: World, *names: str) -> list[str]:
    for kind in sorted({one.value for one in world.actions}):
        event(f"action {kind}")
    return [text for name, text in world.problems if name in names]


@histories(40)
@given(setting(), events(USUAL, USUAL, OUTAGES, WISHES, ("clock",)))
def test_no_served_key_without_published_aged_record(start: Setting, happening: list[Event]) -> None:
    world = play(start.world(), happening)
    assert problems(world, "unpublished", "unaged") == []


@histories(40)
@given(setting(), events(USUAL, USUAL, OUTAGES, WISHES, SLOW, SLOW))
def test_no_refusal_while_records_come_and_go_later_than_asked(start: Setting, happening: list[Event]) -> None:
    world = finish(play(start.world(), happening))
    assert problems(world, "cached") == []


@histories(30)
@given(setting(), ANYTHING)
def test_no_served_key_without_published_record_even_after_lies(start: Setting, happening: list[Event]) -> None:
    world = play(start.world(), happening)
    assert problems(world, "unpublished") == []


@histories(40)
@given(setting(), ANYTHING)
def test_no_removed_record_still_served(start: Setting, happening: list[Event]) -> None:
    world = play(start.world(), happening)
    assert problems(world, "removed", "discarded") == []


@histories(45)
@given(setting(), HONEST)
def test_every_cached_rrset_matches_the_served_chain(start: Setting, happening: list[Event]) -> None:
    world = finish(play(start.world(), happening))
    assert problems(world, "cached") == []


@histories(60)
@given(setting(), events(USUAL, USUAL, OUTAGES, WISHES, DISABLING, HANDS, SLOW))
@example(PLAIN, [("tick", 0)] * 4 + [("hand", 0), ("quiet", 5)])  # the last second of a copy in a cache
def test_mail_that_is_turned_away_is_told_in_the_same_run(start: Setting, happening: list[Event]) -> None:
    world = play(start.world(), happening)
    assert problems(world, "silent") == []


@histories(40)
@given(setting(), events(USUAL, USUAL, OUTAGES, WISHES, DISABLING, HANDS))
def test_no_alarm_without_mail_that_is_turned_away(start: Setting, happening: list[Event]) -> None:
    world = play(start.world(), happening)
    assert problems(world, "false_alarm") == []


@histories(30)
@given(setting(), ANYTHING)
def test_one_change_of_an_rrset_at_a_time(start: Setting, happening: list[Event]) -> None:
    world = play(start.world(), happening)
    assert problems(world, "one_change") == []


@histories(25)
@given(setting(), events(USUAL, OUTAGES, WISHES), st.integers(0, 7))
def test_lost_state_only_delays(start: Setting, happening: list[Event], number: int) -> None:
    world = play(start.world(), happening)
    world.policy = replace(world.policy, abort=False, emergency=False)
    evidence = world.evidence(look_outside=True)
    published = any(one.servers[0].records for one in evidence.owners)
    found = step(None, evidence, world.now + world.offset, world.policy)
    if published:
        assert found.action.kind not in (ActionKind.DEPLOY, ActionKind.ROLL_BACK, ActionKind.RETIRE)
    play(world, [("lose", 0)])
    finish(world)
    assert problems(world, "cached", "unaged", "unpublished", "removed") == []
    assert world.last is not None and world.last.phase is RolloverPhase.STEADY, world.last


@histories(25)
@given(setting(), events(USUAL, OUTAGES, WISHES, most=25))
def test_abort_leaves_the_current_key(start: Setting, happening: list[Event]) -> None:
    # The records of an owner that is taken out of the options are nobody's to remove.
    world = finish(play(start.world(), [one for one in happening if one[0] != "name"]), runs=3)
    tick(world, 3)
    mixed = any(len({place[name].key for place in world.deployed}) > 1 for name in world.policy.algorithms)
    world.policy = replace(world.policy, abort=True, roll=False)
    before = [{name: chain.key for name, chain in place.items()} for place in world.deployed]
    begun = bool(world.run().keys.previous)
    for _number in range(25):
        tick(world, 2)
    after = [{name: chain.key for name, chain in place.items()} for place in world.deployed]
    assert mixed or before == after
    if not mixed and not begun:
        current = {chain.key for place in world.deployed for chain in place.values()}
        assert {one.key for one in world.held.values()} <= current
        for content in (world.zone[world.aliases.get(owner, owner)] for owner in world.owners):
            # A key that the rollover did not make and that is served no more is nobody's when the state is lost.
            others = (b"foreign", b"by name", b"first rsa", b"first ecdsa", *(one.spki for one in current))
            assert {one for one in content if one.usage == 3} <= {digest_record(3, each, one) for each in (1, 2) for one in others}
    assert problems(world, "cached", "unaged", "unpublished", "removed", "discarded") == []


@histories(20)
@given(setting(), events(USUAL, USUAL, OUTAGES, WISHES, DISABLING, most=20), st.integers(0, 2), st.sampled_from(WHATS))
def test_uncertainty_holds(start: Setting, happening: list[Event], number: int, what: str) -> None:
    world = start.world()
    for one in happening:
        play(world, [one])
        evidence = world.evidence(look_outside=True)
        sight = evidence.owners[number % len(world.policy.owners)]
        server = sight.servers[number % len(sight.servers)]
        present = world.policy.goal is Goal.PRESENT
        if what == "server":
            server = replace(server, outcome=Sight.UNKNOWN, records=(), authoritative=False, error="timed out")
        elif what == "aa":
            server = replace(server, authoritative=False)
        elif what == "resolver":
            sight = replace(sight, resolver=ResolverSight(Sight.UNKNOWN, error="SERVFAIL"))
        elif what == "ad" and present and sight.resolver.outcome is Sight.FOUND:
            sight = replace(sight, resolver=replace(sight.resolver, secure=False))
        elif what == "postfix" and present:
            evidence = replace(evidence, deployed_error="postconf: fatal")
        else:
            sight = replace(sight, error="the addresses of ns3.example.net cannot be learnt")
        servers = tuple(server if at == number % len(sight.servers) else each for at, each in enumerate(sight.servers))
        changed = replace(sight, servers=servers)
        owners = tuple(changed if each.owner == changed.owner else each for each in evidence.owners)
        found = step(world.state(), replace(evidence, owners=owners), world.now + world.offset, world.policy)
        assert found.action.kind is ActionKind.NONE
        assert found.blockers
        assert found.phase is not RolloverPhase.DISABLED


@histories(15)
@given(setting())
def test_progress(start: Setting) -> None:
    world = start.world()
    world.policy = replace(world.policy, key_max_age=0)
    for _number in range(40):
        tick(world, 2)
    assert world.last is not None and world.last.phase is RolloverPhase.STEADY, world.last
    before = {chain.key for place in world.deployed for chain in place.values()}
    world.policy = replace(world.policy, roll=True)
    for _number in range(40):
        tick(world, 2)
    after = {chain.key for place in world.deployed for chain in place.values()}
    assert not before & after and len(after) == len(before), "each key is replaced once"
    assert world.last.phase is RolloverPhase.STEADY and world.actions.count(ActionKind.DEPLOY) == 1
    assert not world.last.blockers and not problems(world, "cached", "removed", "one_change", "unaged")
    for owner, content in world.zone.items():
        mine = {digest_record(3, each, key.spki) for each in world.policy.matching_types for key in after}
        assert mine <= content, owner
        assert not any(digest_record(3, each, key.spki) in content for each in (1, 2) for key in before)


@histories(25)
@given(setting(), events(USUAL, OUTAGES, WISHES, ("absent", "absent"), ("clock",)))
def test_disable_frees_only_after_absence_aged(start: Setting, happening: list[Event]) -> None:
    world = play(start.world(), happening)
    assert problems(world, "freed") == []
    world = finish(world, runs=1)
    world.policy = replace(world.policy, goal=Goal.ABSENT)
    for _number in range(30):
        tick(world, 2)
    assert problems(world, "freed", "one_change") == []
    assert world.last is not None and world.last.phase is RolloverPhase.DISABLED
