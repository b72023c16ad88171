# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes after a deployment, and the way back from it, one scene each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import (
    EndpointSight,
    Key,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.step import step
from ansible_collections.mailops.tls.tests.unit.makers.dane_scenes import (
    FIRST,
    NONE,
    OWNER,
    VERIFY,
    badly_deployed,
    deployed,
    kinds,
    next_key,
    record,
    run,
    settled,
    texts,
    until,
    wish,
)


def test_a_deployment_that_cannot_be_verified_is_taken_back_and_not_tried_again() -> None:
    there = settled(key_max_age=0)
    wish(there, roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    until(there, RolloverPhase.STEADY, NONE)
    wish(there, roll=False)
    run(there)
    second = next_key(there)
    there.deploys = "broken"
    wish(there, roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    found = run(there, after=10)
    assert (found.phase, found.action.kind) == (RolloverPhase.DEPLOYED, ActionKind.ROLL_BACK) and "not_verified" in kinds(found)
    assert found.action.keys == found.keys.previous
    there.deploys = "good"
    found = run(there, after=5000)
    assert (found.action.kind, kinds(found), found.keys.next) == (NONE, ["rolled_back"], (second,))
    assert "mx1.example.org [192.0.2.25]" in texts(found) and "roll=true" in texts(found)
    there.broken.clear()
    wish(there, roll=False)
    assert kinds(run(there)) == ["rolled_back"]
    wish(there, roll=True)
    assert run(there).action.kind is ActionKind.DEPLOY
    until(there, RolloverPhase.STEADY, NONE)
    assert [one.key for one in there.ours()] == [second] and not there.problems


def test_a_rolled_back_key_can_be_given_up() -> None:
    there = settled(key_max_age=0)
    for broken in (False, True):
        there.deploys = "broken" if broken else "good"
        wish(there, roll=True)
        until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
        until(there, RolloverPhase.STEADY, NONE)
        wish(there, roll=False)
        run(there)
    assert kinds(run(there)) == ["rolled_back"]
    bad = next_key(there)
    there.deploys = "good"
    wish(there, abort=True)
    assert run(there).action.kind is ActionKind.RETIRE
    assert run(there, after=100).action.kind is ActionKind.DISCARD
    wish(there, abort=False)
    assert run(there, after=100).action.kind is ActionKind.STAGE
    assert bad.digest not in there.held and there.state().rolled_back is None  # type: ignore[union-attr]


def test_without_the_previous_key_nothing_is_taken_back() -> None:
    there = settled(key_max_age=1)
    there.deploys = "broken"
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    found = run(there, after=10)
    assert (found.phase, found.action.kind, kinds(found)) == (RolloverPhase.DEPLOYED, VERIFY, ["not_verified"])


def test_an_old_key_that_is_still_seen_holds() -> None:
    there = deployed()
    evidence = there.evidence(True)
    assert evidence.outside is not None
    old = replace(evidence.outside[0], chains=(there.chain(FIRST),))
    found = step(there.state(), replace(evidence, outside=(old,)), there.now + 10, there.policy)
    assert (found.action.kind, kinds(found)) == (VERIFY, ["old_key_served"])
    assert "mx1.example.org [192.0.2.25] serves the rsa key" in texts(found)


def test_a_view_from_before_the_deployment_counts_as_none() -> None:
    there = deployed()
    at = there.state().changed_at  # type: ignore[union-attr]
    assert at is not None
    for moment, phase in ((at - 1, RolloverPhase.DEPLOYED), (at, RolloverPhase.VERIFIED)):
        found = step(there.state(), replace(there.evidence(True), outside_at=moment), there.now + 10, there.policy)
        assert found.phase is phase


def test_an_address_that_is_not_reached_keeps_the_records_but_not_the_hold() -> None:
    there = deployed()
    found = run(there, after=10)
    assert (found.phase, found.earliest) == (RolloverPhase.VERIFIED, there.now + 600)
    there.advance(300)
    evidence = there.evidence(True)
    assert evidence.outside is not None
    dead = replace(evidence.outside[0], reached=False, problem="timed out")
    found = step(there.state(), replace(evidence, outside=(dead,)), there.now, there.policy)
    assert (found.phase, found.earliest) == (RolloverPhase.VERIFIED, there.now + 300), "it was verified once"
    there.advance(300)
    found = step(found.state, replace(there.evidence(True), outside=(dead,)), there.now, there.policy)
    assert (found.action.kind, kinds(found)) == (VERIFY, ["not_reached"]) and texts(found) == "mx1.example.org [192.0.2.25]: timed out"


def test_an_old_key_that_is_served_elsewhere_keeps_its_record() -> None:
    there = deployed()
    until(there, RolloverPhase.VERIFIED)
    there.advance(1000)
    evidence = there.evidence(True)
    assert evidence.outside is not None
    copy = EndpointSight(OWNER, "192.0.2.77", False, True, True, (there.chain(FIRST),))
    found = step(there.state(), replace(evidence, outside=(*evidence.outside, copy)), there.now, there.policy)
    assert (found.action.kind, kinds(found)) == (VERIFY, ["still_served"])
    assert "mx1.example.org [192.0.2.77] serves the rsa key" in texts(found)


def test_a_deployment_that_stopped_between_instances_goes_on() -> None:
    there = settled(key_max_age=1, instances=2)
    until(there, RolloverPhase.READY, ActionKind.ISSUE)
    there.run(killed_after=2)
    assert len({one.key for one in there.ours()}) == 2
    found = run(there, after=10)
    assert (found.phase, found.action.kind) == (RolloverPhase.DEPLOYED, ActionKind.DEPLOY)
    assert len({one.key for one in there.ours()}) == 1 and not there.problems


def test_a_key_that_somebody_else_deployed_is_published() -> None:
    there = settled(key_max_age=0)
    stranger = Key("rsa", b"stranger")
    there.deployed[0]["rsa"] = there.chain(stranger)
    found = run(there)
    assert [one.record for one in found.action.add] == [record(stranger)]
    until(there, RolloverPhase.STEADY, NONE)
    assert record(FIRST) not in there.zone[OWNER] and record(stranger) in there.zone[OWNER]


def test_an_older_key_deployed_by_hand_stays() -> None:
    there = settled(key_max_age=0)
    wish(there, roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    run(there)
    there.deployed[0]["rsa"] = there.chain(FIRST)
    found = until(there, RolloverPhase.STEADY)
    for _run in range(10):
        found = run(there, after=1000)
    assert kinds(found) == ["rolled_back"] and "an older key is deployed now" in texts(found)
    assert [one.key for one in there.ours()] == [FIRST]


def test_the_way_back_is_open_at_once() -> None:
    there = badly_deployed()
    wish(there, min_wait=10**6)
    found = run(there, after=10)
    assert found.action.kind is ActionKind.ROLL_BACK and found.action.keys == (FIRST,)
    assert not there.problems


def test_the_way_back_is_open_after_an_outage_of_a_name_server() -> None:
    there = badly_deployed()
    there.servers[1].reachable = False
    assert run(there, after=10).action.kind is NONE
    there.servers[1].reachable = True
    assert run(there, after=10).action.kind is ActionKind.ROLL_BACK and not there.problems


@pytest.mark.parametrize("lost", ["state", "record"])
def test_a_way_back_that_has_to_wait_says_so(lost: str) -> None:
    there = badly_deployed()
    if lost == "state":
        there.saved = None
    else:
        there.change_zone(OWNER, there.zone[OWNER] - {record(FIRST)})
        there.transfer()
        run(there, look=False, after=10)
        there.change_zone(OWNER, there.zone[OWNER] | {record(FIRST)})
        there.resolved.clear()
    found = run(there, after=10)
    assert found.action.kind is NONE and {"aging", "not_verified"} <= set(kinds(found))
    assert found.earliest is not None and "cannot be served again before" in texts(found)
