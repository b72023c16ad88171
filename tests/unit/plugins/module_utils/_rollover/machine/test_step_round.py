# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way round: the first records, a whole roll, and what it waits for, one scene each."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import (
    EndpointSight,
    Key,
    ServedChain,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.step import step
from ansible_collections.mailops.tls.tests.unit.makers.dane_scenes import (
    FIRST,
    NONE,
    OWNER,
    VERIFY,
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
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import OWNERS, START, digest_record


def test_first_enable_looks_from_outside_first_then_publishes_current_then_next() -> None:
    there = world()
    found = run(there, look=False)
    assert (found.phase, found.action.kind, kinds(found)) == (RolloverPhase.ABSENT, VERIFY, [])
    found = run(there)
    assert found.action.kind is ActionKind.PUBLISH
    assert [one.record for one in found.action.add] == [record(FIRST)] and found.action.add[0].ttl is None
    assert run(there, after=60).action.kind is ActionKind.STAGE
    found = run(there, after=60)
    assert found.phase is RolloverPhase.STAGED and found.action.kind is ActionKind.PUBLISH
    assert [(one.record, one.ttl) for one in found.action.add] == [(record(next_key(there)), 300)]


def test_first_enable_waits_for_every_address() -> None:
    there = world(owners=OWNERS)
    evidence = there.evidence(True)
    assert evidence.outside is not None
    dead = replace(evidence.outside[1], reached=False, chains=(), problem="connection refused")
    found = step(None, replace(evidence, outside=(evidence.outside[0], dead)), there.now, there.policy)
    assert (found.action.kind, kinds(found)) == (VERIFY, ["not_reached"])
    assert texts(found) == "mx2.example.org [192.0.2.25]: connection refused"
    found = step(None, replace(evidence, outside=evidence.outside[:1]), there.now, there.policy)
    assert texts(found) == "mx2.example.org: nobody looked from outside"


def test_first_enable_waits_for_keys_that_would_not_match() -> None:
    there = world(foreign=True)
    found = run(there)
    assert (found.action.kind, kinds(found)) == (VERIFY, ["exchange_without_tlsa"])
    assert "mx1.example.org [192.0.2.99] serves the rsa key" in texts(found)
    stranger = EndpointSight(OWNER, "192.0.2.25", True, True, False, (ServedChain(Key("rsa", b"x"), (), 0, "x"),))
    found = step(None, replace(there.evidence(True), outside=(stranger,)), there.now, there.policy)
    assert "unknown_key_served" in kinds(found) and found.action.kind is VERIFY


def test_a_neighbour_that_is_trusted_is_published_together_with_us() -> None:
    there = world(foreign=True)
    evidence = replace(there.evidence(True), neighbours=(there.foreign_chain,))
    found = step(None, evidence, there.now, there.policy)
    assert {one.record for one in found.action.add} == {record(FIRST), digest_record(3, 1, b"foreign")}


def test_a_whole_roll() -> None:
    there = settled()
    new = next_key(there)
    found = until(there, RolloverPhase.READY)
    assert (found.action.kind, found.action.keys) == (ActionKind.ISSUE, (new,))
    assert there.now >= START + 10_000
    found = run(there, after=10)
    assert (found.phase, found.action.kind, found.action.keys) == (RolloverPhase.ISSUED, ActionKind.DEPLOY, (new,))
    found = run(there, look=False, after=10)
    assert (found.phase, found.action.kind, found.keys.previous) == (RolloverPhase.DEPLOYED, VERIFY, (FIRST,))
    found = run(there, after=10)
    assert (found.phase, found.action.kind, found.earliest) == (RolloverPhase.VERIFIED, NONE, there.now + 600)
    found = run(there, after=599)
    assert found.phase is RolloverPhase.VERIFIED
    assert run(there, look=False, after=1).action.kind is VERIFY
    found = run(there)
    assert (found.phase, found.action.kind) == (RolloverPhase.RETIRING, ActionKind.RETIRE)
    assert [one.record for one in found.action.remove] == [record(FIRST)]
    found = run(there, after=10)
    assert (found.phase, found.action.kind) == (RolloverPhase.STEADY, ActionKind.STAGE), "current and next, always"
    assert not there.problems


def test_an_old_key_is_deleted_when_no_server_has_its_record() -> None:
    there = settled(key_max_age=2000)
    until(there, RolloverPhase.RETIRING, ActionKind.DISCARD, every=200)
    assert there.zone[OWNER] == {record(one.key) for one in there.ours()} | {record(key) for key in there.last.keys.next}  # type: ignore[union-attr]
    assert FIRST.digest not in there.held and len(there.held) == 1 + len(there.last.keys.next)  # type: ignore[union-attr]


def test_aging_is_two_of_the_largest_old_ttls() -> None:
    there = world()
    until(there, RolloverPhase.STAGED, ActionKind.PUBLISH)
    found = until(there, RolloverPhase.AGING)
    assert found.earliest == there.now + 600 and not found.blockers
    assert found.state.owners[OWNER].records[record(next_key(there))].old_ttl == 300


def test_min_wait_and_the_end_of_signatures() -> None:
    there = world(min_wait=5000, key_max_age=0)
    until(there, RolloverPhase.STAGED, ActionKind.PUBLISH)
    since = until(there, RolloverPhase.AGING).earliest
    assert since == there.now + 5000
    there = world(wait_for_signature=True, key_max_age=0)
    until(there, RolloverPhase.STAGED)
    state, evidence = there.state(), there.evidence(True)
    servers = tuple(replace(one, signature_expiration=there.now + 9000) for one in evidence.owners[0].servers)
    signed = replace(evidence.owners[0], servers=servers)
    found = step(state, replace(evidence, owners=(signed,)), there.now, there.policy)
    clock = found.state.owners[OWNER].records[record(there.last.keys.next[0])]  # type: ignore[union-attr]
    assert clock.old_signature_end == there.now + 9000


def test_roll_counts_once() -> None:
    there = settled(key_max_age=0)
    wish(there, roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    found = until(there, RolloverPhase.STEADY, NONE)
    for _run in range(30):
        found = run(there, after=1000)
    assert there.actions.count(ActionKind.DEPLOY) == 1 and found.phase is RolloverPhase.STEADY and found.state.roll_requested is None
    wish(there, roll=False)
    run(there)
    wish(there, roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)


def test_only_in_its_turn() -> None:
    there = settled(key_max_age=1, may_deploy=False)
    found = until(there, RolloverPhase.ISSUED)
    assert (found.action.kind, kinds(found)) == (NONE, ["not_its_turn"])
    wish(there, may_deploy=True)
    assert run(there).action.kind is ActionKind.DEPLOY
