# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do between two runs: keys put back in one instance, records published after an abort, clocks set, certificates late."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import observe
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import ClockReading, Evidence, Key
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import KeyHistory, State
from ansible_collections.mailops.tls.tests.unit.makers.dane_scenes import (
    FIRST,
    NONE,
    OWNER,
    kinds,
    lints,
    next_key,
    record,
    run,
    settled,
    texts,
    until,
    wish,
    world,
)
from ansible_collections.mailops.tls.tests.unit.worlds.dane_histories import keep_first
from ansible_collections.mailops.tls.tests.unit.worlds.dane_world import World

# --- one of several instances ---------------------------------------------------------------------------------------------


def rolled_in_two_instances() -> World:
    there = world(instances=2, key_max_age=0)
    keep_first(there)
    until(there, RolloverPhase.STEADY, NONE)
    run(there, after=10)
    wish(there, roll=True)
    until(there, RolloverPhase.VERIFIED)
    return there


def test_a_key_put_back_in_one_instance_stays_there() -> None:
    there = rolled_in_two_instances()
    new = there.deployed[1]["rsa"]
    there.deployed[0]["rsa"] = replace(new, key=FIRST, certificate=b"certificate of first rsa")
    for _number in range(20):
        found = run(there, after=100)
    assert (there.deployed[0]["rsa"].key, there.deployed[1]["rsa"].key) == (FIRST, new.key)
    assert "different_keys" in lints(found) and {record(FIRST), record(new.key)} <= there.zone[OWNER]
    assert not there.problems


def test_a_key_put_back_before_any_run_saw_the_new_one_everywhere_is_taken_for_half_a_deployment() -> None:
    there = world(instances=2, key_max_age=0)
    keep_first(there)
    until(there, RolloverPhase.STEADY, NONE)
    wish(there, roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    new = there.deployed[1]["rsa"].key
    there.deployed[0]["rsa"] = replace(there.deployed[1]["rsa"], key=FIRST, certificate=b"certificate of first rsa")
    run(there, after=10)
    assert {place["rsa"].key for place in there.deployed} == {new}


def test_a_new_key_put_into_one_instance_after_a_way_back_stays_there() -> None:
    there = world(instances=2, key_max_age=0)
    keep_first(there)
    until(there, RolloverPhase.STEADY, NONE)
    wish(there, roll=True)
    there.deploys = "broken"
    until(there, None, ActionKind.ROLL_BACK)
    new = there.chain(next(one.key for one in there.held.values() if one.key != FIRST))
    run(there, after=10)
    there.broken.clear()
    there.deployed[1]["rsa"] = new
    for _number in range(5):
        run(there, after=100)
    assert [place["rsa"].key for place in there.deployed] == [FIRST, new.key]


# --- records that come after an abort -------------------------------------------------------------------------------------


def test_an_abort_takes_back_what_was_asked_for_and_is_not_there_yet() -> None:
    there = world(key_max_age=0)
    until(there, None, ActionKind.STAGE)
    there.slow = True
    found = until(there, RolloverPhase.STAGED, ActionKind.PUBLISH)
    late = next_key(there)
    wish(there, abort=True)
    found = run(there, after=10)
    assert found.action.kind is ActionKind.RETIRE and [one.record for one in found.action.remove] == [record(late)]
    there.publish_late()
    there.slow = False
    for _number in range(5):
        found = run(there, after=100)
    assert there.zone[OWNER] == {record(FIRST)} and there.held == {}
    assert "stale_record" not in lints(found) and not there.problems


def test_an_abort_whose_records_nobody_ever_publishes_comes_to_its_end() -> None:
    there = world(key_max_age=0)
    until(there, None, ActionKind.STAGE)
    there.slow = True
    until(there, RolloverPhase.STAGED, ActionKind.PUBLISH)
    wish(there, abort=True)
    for _number in range(5):
        run(there, after=100)
    assert there.held == {} and there.zone[OWNER] == {record(FIRST)}


# --- the clock ------------------------------------------------------------------------------------------------------------


def test_a_clock_set_back_after_a_deployment_makes_no_second_roll_of_one_request() -> None:
    there = settled(key_max_age=0)
    wish(there, roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    wish(there, roll=False)
    there.offset = -50_000
    for _number in range(60):
        run(there, after=100)
    assert there.actions.count(ActionKind.DEPLOY) == 1 and there.last is not None and there.last.phase is RolloverPhase.STEADY
    assert there.state() is not None and there.state().roll_requested is None  # type: ignore[union-attr]


def test_a_request_outlives_a_clock_that_is_set_back_before_the_deployment() -> None:
    there = settled(key_max_age=0)
    wish(there, roll=True)
    run(there, after=1)
    wish(there, roll=False)
    there.offset = -50_000
    for _number in range(60):
        run(there, after=100)
    assert there.actions.count(ActionKind.DEPLOY) == 1


@pytest.mark.parametrize(
    ("now", "expected"),
    [(10_000, (100, 200, 300)), (250, (100, 200, 250)), (150, (100, 149, 150)), (101, (100, 100, 101)), (50, (48, 49, 50))],
)
def test_a_clock_set_back_keeps_the_order_of_what_was(now: int, expected: tuple[int, int, int]) -> None:
    key = Key("rsa", b"k")
    state = State(ClockReading(20_000, "b", 1), keys={key.digest: KeyHistory(key, None, 100, 300)}, roll_requested=200)
    there = world()
    after, _findings = observe(state, Evidence((), (), (), None, None, ClockReading(now, "b", 1)), now, there.policy)
    history = after.keys[key.digest]
    assert (history.deployed_since, after.roll_requested, history.last_deployed) == expected


# --- certificates ---------------------------------------------------------------------------------------------------------


def test_a_request_is_written_while_a_deployment_waits_to_be_verified() -> None:
    there = world(self_signed=False, key_max_age=0, renew_before=1000)
    keep_first(there)
    until(there, RolloverPhase.STEADY, NONE)
    wish(there, roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    assert run(there, look=False, after=1).action.kind is ActionKind.VERIFY
    there.handed_in = "late"
    wish(there, renew_before=there.lifetime + 10)
    found = run(there, look=False, after=1)
    assert (found.phase, found.action.kind, found.action.keys) == (RolloverPhase.DEPLOYED, ActionKind.ISSUE, found.keys.current)
    assert found.look_wanted and kinds(found) == ["certificate_missing"] and "its request is ready" in texts(found)
    found = run(there, after=1)
    assert found.phase is RolloverPhase.VERIFIED, "the look is judged all the same"
