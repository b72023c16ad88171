# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long caches go by what was there before anybody looked, at another name, or on a server that is asked no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import forgotten_at
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase, Step
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal, Policy
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.step import step
from ansible_collections.mailops.tls.tests.unit.worlds.dane_histories import publish_first
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import OWNERS
from ansible_collections.mailops.tls.tests.unit.worlds.dane_world import World

OWNER = OWNERS[0]


def world(**changes: Any) -> World:
    """A server with an RSA key; TTLs of a day are what nobody knows better."""
    others = {name: changes.pop(name) for name in ("ttl", "negative_ttl", "foreign") if name in changes}
    policy = Policy(**{"owners": (OWNER,), "algorithms": ("rsa",), "unknown_ttl": 86400, "key_max_age": 0, **changes})
    return World(policy, **others)


def run(there: World, after: int = 60) -> Step:
    there.advance(after)
    there.transfer()
    return there.run()


def until(there: World, kind: ActionKind, *, every: int = 300, most: int = 1000) -> Step:
    for _run in range(most):
        found = run(there, every)
        if found.action.kind is kind:
            return found
    raise AssertionError(f"no {kind}: {there.last!r}")


# --- a past that nobody has seen ------------------------------------------------------------------------------------------


def test_a_ttl_lowered_before_the_first_run_is_waited_for() -> None:
    there = world(ttl=86400)
    publish_first(there)
    there.change_ttl(300)
    there.policy = replace(there.policy, roll=True)
    begin = there.now
    until(there, ActionKind.DEPLOY)
    assert there.now >= begin + 2 * 86400 and not there.problems


def test_a_ttl_lowered_before_the_state_was_lost_is_waited_for() -> None:
    there = world(ttl=86400)
    publish_first(there)
    run(there)
    there.change_ttl(300)
    run(there)
    there.saved = None
    there.policy = replace(there.policy, roll=True)
    begin = there.now
    until(there, ActionKind.DEPLOY)
    assert there.now >= begin + 2 * 86400 and not there.problems


def test_an_rrset_removed_before_the_state_was_lost_is_waited_for_by_the_next_key_but_not_by_the_first_publication() -> None:
    there = world(ttl=86400)
    publish_first(there)
    until(there, ActionKind.STAGE)
    there.policy = replace(there.policy, goal=Goal.ABSENT)
    until(there, ActionKind.RETIRE)
    there.transfer()
    there.change_ttl(300)
    there.saved = None
    there.policy = replace(there.policy, goal=Goal.PRESENT, roll=True)
    until(there, ActionKind.PUBLISH, most=5)
    begin = there.now
    until(there, ActionKind.DEPLOY)
    assert there.now >= begin + 86400 and not there.problems


def test_where_dane_is_new_there_is_no_past() -> None:
    there = world(ttl=300)
    until(there, ActionKind.STAGE)
    there.policy = replace(there.policy, roll=True)
    begin = there.now
    until(there, ActionKind.DEPLOY)
    assert there.now <= begin + 3000 and not there.problems


@pytest.mark.parametrize("ttl", [300, 3600])
def test_a_past_that_nobody_has_seen_is_over_at_last(ttl: int) -> None:
    there = world(ttl=ttl)
    publish_first(there)
    until(there, ActionKind.STAGE)
    for _run in range(20):
        run(there, 86400)
    there.policy = replace(there.policy, abort=True)
    until(there, ActionKind.DISCARD)
    there.policy = replace(there.policy, abort=False, roll=True)
    until(there, ActionKind.PUBLISH)
    begin = there.now
    until(there, ActionKind.DEPLOY)
    assert there.now <= begin + 3 * ttl + 1500 and not there.problems


# --- servers that are taken out -------------------------------------------------------------------------------------------


def aged(**changes: Any) -> World:
    """Current and next key are published everywhere, and have been for long."""
    there = world(**{"unknown_ttl": 900, **changes})
    publish_first(there)
    until(there, ActionKind.STAGE)
    for _run in range(20):
        run(there, 3600)
    return there


def test_a_server_that_is_taken_out_while_it_lags_is_still_asked() -> None:
    there = aged()
    there.policy = replace(there.policy, abort=True)
    until(there, ActionKind.DISCARD)
    there.policy = replace(there.policy, abort=False, roll=True)
    there.servers[2].follows = False
    until(there, ActionKind.PUBLISH)
    for _run in range(5):
        run(there, 600)
    there.take_out(2)
    begin = there.now
    assert run(there).earliest == there.now + 2400
    until(there, ActionKind.DEPLOY, every=100)
    assert there.now >= begin + 2400 and not there.problems


def test_a_server_that_cannot_be_learnt_in_one_run_is_not_forgotten() -> None:
    there = aged()
    evidence = there.evidence(True)
    fewer = replace(evidence.owners[0], servers=evidence.owners[0].servers[:2], error="the addresses of ns3.example.net: SERVFAIL")
    found = step(there.state(), replace(evidence, owners=(fewer,)), there.now, there.policy)
    assert found.state.owners[OWNER].servers == tuple(sorted(one.address for one in there.servers))
    again = step(found.state, replace(evidence, owners=(replace(fewer, error=None),)), there.now, there.policy)
    assert again.phase is RolloverPhase.AGING and again.earliest == there.now + 2400


def test_records_are_not_forgotten_while_a_server_that_was_taken_out_may_have_them() -> None:
    there = aged()
    there.policy = replace(there.policy, goal=Goal.ABSENT)
    until(there, ActionKind.RETIRE)
    run(there, 1500)
    there.take_out(1)
    assert run(there).earliest == there.now + 2400


# --- names that lead elsewhere --------------------------------------------------------------------------------------------


def test_an_alias_that_comes_does_not_end_what_was_there_before() -> None:
    there = world(ttl=86400, unknown_ttl=900)
    publish_first(there)
    until(there, ActionKind.PUBLISH)
    run(there, 60)
    there.lead(OWNER, "_25._tcp.tlsa.example.org", there.zone[OWNER])
    there.change_ttl(60)
    there.resolved.clear()
    there.policy = replace(there.policy, roll=True)
    begin = there.now
    until(there, ActionKind.DEPLOY)
    assert there.now >= begin + 86400 and not there.problems


def test_an_alias_of_an_rrset_that_is_known_begins_the_ages_anew() -> None:
    there = aged(owners=OWNERS)
    evidence = there.evidence(True)
    assert step(there.state(), evidence, there.now, there.policy).phase is RolloverPhase.STEADY
    alias = replace(evidence.owners[1], canonical_owner=OWNER)
    found = step(there.state(), replace(evidence, owners=(evidence.owners[0], alias)), there.now, there.policy)
    assert found.phase is RolloverPhase.AGING and found.earliest == there.now + 1800
    assert found.state.owners[OWNER].names == OWNERS


def test_combinations_at_the_name_before_the_alias_are_in_caches_still() -> None:
    there = aged()
    there.policy = replace(there.policy, matching_types=(1, 2))
    until(there, ActionKind.PUBLISH)
    run(there)
    found = run(there)
    before = found.state.owners[OWNER].records
    (both,) = (one.owners[0] for one in [there.evidence(True)])
    only = tuple(replace(one, records=tuple(each for each in one.records if each.matching_type == 1)) for one in both.servers)
    alias = replace(both, canonical_owner="_25._tcp.tlsa.example.org", servers=only)
    state = step(found.state, replace(there.evidence(True), owners=(alias,)), there.now, there.policy).state
    clocks = state.owners["_25._tcp.tlsa.example.org"].records
    assert {one for one in before if before[one].seen} <= set(clocks)
    assert all(clocks[one].gone_since == there.now for one in before if before[one].seen and one.matching_type == 2)


def test_a_ttl_that_is_raised_just_before_a_record_is_added_is_waited_for() -> None:
    """Between the look and the update: the old RRset was to be had with the new TTL, and no run has seen it."""
    there = world(ttl=60)
    until(there, ActionKind.STAGE)
    there.policy = replace(there.policy, roll=True)
    until(there, ActionKind.PUBLISH)
    there.change_ttl(300)
    there.advance(150)
    begin = there.now
    until(there, ActionKind.DEPLOY, every=30)
    assert there.now >= begin + 600 and not there.problems


def test_a_ttl_that_is_raised_just_before_a_record_is_removed_is_waited_for() -> None:
    there = world(ttl=60, matching_types=(1, 2))
    until(there, ActionKind.PUBLISH)
    run(there, 100)
    there.policy = replace(there.policy, matching_types=(1,))
    until(there, ActionKind.RETIRE)
    there.change_ttl(300)
    found = run(there, 1)
    gone = [one for record, one in found.state.owners[OWNER].records.items() if record.matching_type == 2 and one.gone_since]
    assert {forgotten_at(one, there.policy) for one in gone} == {there.now + 600}


def test_a_ttl_of_zero_is_waited_for_too() -> None:
    there = world(ttl=0, negative_ttl=0, unknown_ttl=600)
    until(there, ActionKind.STAGE, every=1)
    there.policy = replace(there.policy, roll=True)
    until(there, ActionKind.PUBLISH, every=1)
    begin = there.now
    until(there, ActionKind.DEPLOY, every=1)
    assert there.now >= begin + 120
