# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a postmaster asks for: to abort, an emergency, the end of DANE, one scene each."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal
from ansible_collections.mailops.tls.tests.unit.makers.dane_scenes import (
    FIRST,
    NONE,
    OWNER,
    VERIFY,
    deployed,
    kinds,
    next_key,
    record,
    run,
    settled,
    texts,
    until,
    wish,
    world,
)
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import OWNERS, digest_record


@pytest.mark.parametrize(
    "phase",
    [
        RolloverPhase.STAGED, RolloverPhase.PUBLISHED, RolloverPhase.AGING,
        RolloverPhase.STEADY, RolloverPhase.READY, RolloverPhase.ISSUED,
    ],
)
def test_abort_at_each_phase_before_the_deployment(phase: RolloverPhase) -> None:
    there = world(key_max_age=3000, may_deploy=False)
    if phase is RolloverPhase.PUBLISHED:
        until(there, RolloverPhase.STAGED, ActionKind.PUBLISH)
        assert run(there, sync=False).phase is RolloverPhase.PUBLISHED
    else:
        until(there, phase)
    wish(there, abort=True)
    for _run in range(6):
        found = run(there, after=100)
    assert (found.action.kind, kinds(found), found.phase) == (NONE, ["aborted"], RolloverPhase.STEADY)
    assert [one.key for one in there.ours()] == [FIRST] and not there.held
    assert there.zone[OWNER] == {record(FIRST)} and not there.problems


@pytest.mark.parametrize("look", [False, True])
def test_abort_of_a_published_key_needs_a_look_from_outside(look: bool) -> None:
    there = settled()
    wish(there, abort=True)
    assert run(there, look=look).action.kind is (ActionKind.RETIRE if look else VERIFY)


def test_abort_after_the_deployment_is_too_late() -> None:
    there = deployed()
    wish(there, abort=True)
    found = run(there, after=10)
    assert (found.action.kind, kinds(found), found.phase) == (NONE, ["abort_too_late"], RolloverPhase.VERIFIED)


def test_an_emergency_with_an_aged_next_key_rolls_at_once() -> None:
    there = settled(key_max_age=0, min_wait=700)
    wish(there, emergency=True)
    seen = [run(there, after=1).action.kind for _run in range(5)]
    assert seen == [ActionKind.ISSUE, ActionKind.DEPLOY, ActionKind.RETIRE, ActionKind.STAGE, ActionKind.PUBLISH]
    assert [record(FIRST) in one for one in there.zone.values()] == [False] and not there.problems


def test_an_emergency_without_an_aged_next_key_asks_first() -> None:
    there = world(key_max_age=0, min_wait=50_000)
    until(there, RolloverPhase.AGING)
    wish(there, emergency=True)
    found = run(there, after=10)
    ready = there.state().owners[OWNER].records[record(next_key(there))].visible_since + 600  # type: ignore[union-attr,operator]
    assert (found.action.kind, kinds(found), found.earliest) == (NONE, ["exposure"], ready)
    assert "accept_exposure=true" in texts(found) and "state=absent" in texts(found)
    wish(there, accept_exposure=True)
    found = run(there, after=10)
    assert (found.phase, found.earliest) == (RolloverPhase.AGING, ready), "never less than two TTLs"
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    assert there.now >= ready and not there.problems


def test_an_emergency_before_there_is_a_next_key() -> None:
    there = world(key_max_age=0)
    run(there)
    wish(there, emergency=True)
    found = run(there, after=10)
    assert (found.action.kind, kinds(found)) == (NONE, ["exposure"]) and "at least" in texts(found)
    wish(there, accept_exposure=True)
    assert run(there).action.kind is ActionKind.STAGE


def test_disable_removes_all_and_waits() -> None:
    there = settled(owners=OWNERS)
    stranger = digest_record(3, 1, b"another server")
    there.change_zone(OWNER, there.zone[OWNER] | {stranger})
    wish(there, goal=Goal.ABSENT)
    found = run(there, after=10)
    assert (found.phase, found.action.kind) == (RolloverPhase.DISABLING, ActionKind.RETIRE)
    assert len(found.action.remove) == 5 and stranger in {one.record for one in found.action.remove}
    found = run(there, after=10)
    assert (found.action.kind, kinds(found)[:1]) == (NONE, ["resolver_cache"])
    since = there.now
    found = run(there, after=400)
    assert (found.phase, found.earliest) == (RolloverPhase.DISABLING, since + 600)
    found = run(there, after=200)
    assert (found.phase, found.action.kind, found.blockers) == (RolloverPhase.DISABLED, NONE, ())
    assert run(there, after=100_000).phase is RolloverPhase.DISABLED


def test_disable_with_a_lost_state_waits_longer() -> None:
    there = settled()
    wish(there, goal=Goal.ABSENT)
    run(there)
    there.saved = None
    run(there, after=400)
    found = run(there, after=601)
    assert (found.phase, found.earliest) == (RolloverPhase.DISABLING, there.now + 599), "nobody knows the TTL any more"


def test_disable_waits_for_a_server_that_lags() -> None:
    there = settled()
    wish(there, goal=Goal.ABSENT)
    there.servers[2].follows = False
    run(there)
    found = run(there, after=10_000)
    assert (found.phase, kinds(found)) == (RolloverPhase.DISABLING, ["secondary_lag"])
