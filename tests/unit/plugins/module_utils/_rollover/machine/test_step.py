# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule and special path of the rollover, one scene each: what is done, when, and what a postmaster is told when nothing is."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import Sight
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import (
    CertificateInHand,
    EndpointSight,
    HeldKey,
    Key,
    ServedChain,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal, Scheme
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.step import step
from ansible_collections.mailops.tls.tests.unit.makers.dane_scenes import (
    FIRST,
    NONE,
    OTHER,
    OWNER,
    VERIFY,
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
from ansible_collections.mailops.tls.tests.unit.worlds.dane_histories import keep_first, publish_first
from ansible_collections.mailops.tls.tests.unit.worlds.dane_world import OWNERS, START, World, digest_record

# --- first enable, and the way round -------------------------------------------------------------------------------------


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


# --- what is uncertain, and who is late -----------------------------------------------------------------------------------


def test_a_server_without_answer_holds_and_is_named() -> None:
    there = settled(key_max_age=1)
    there.servers[1].reachable = False
    found = run(there, after=20_000)
    assert (found.action.kind, kinds(found)) == (NONE, ["server_failure_on_some_ns"])
    assert texts(found) == "ns2.example.net (198.51.100.53): _25._tcp.mx1.example.org: timed out"
    there.servers[1].reachable = True
    found = run(there, after=10)
    assert found.phase is RolloverPhase.AGING and found.earliest == there.now + 600, "the age begins anew"


def test_a_lagging_secondary_is_named() -> None:
    there = world()
    until(there, RolloverPhase.STEADY, ActionKind.STAGE)
    there.servers[2].follows = False
    run(there, after=10)
    found = run(there, after=400)
    assert (found.phase, found.action.kind) == (RolloverPhase.PUBLISHED, NONE)
    assert "ns3.example.net (2001:db8::53): _25._tcp.mx1.example.org: old RRset" in texts(found)
    assert "secondary_lag" in lints(found)


def test_a_server_that_falls_back_ends_the_age() -> None:
    there = settled(key_max_age=5000)
    there.regress(1, 1)
    found = run(there, after=6000, sync=False)
    assert (found.phase, found.action.kind) == (RolloverPhase.PUBLISHED, NONE) and "secondary_lag" in kinds(found)
    there.servers[1].follows = True
    found = run(there, after=100)
    assert found.phase is RolloverPhase.AGING and found.earliest == there.now + 600


@pytest.mark.parametrize(("secure", "works", "kind"), [(False, True, "tlsa_zone_insecure"), (True, False, "dns_uncertain")])
def test_a_resolver_that_does_not_vouch_holds(secure: bool, works: bool, kind: str) -> None:
    there = settled(key_max_age=1)
    there.secure, there.resolver_works = secure, works
    found = run(there, after=1000)
    assert (found.action.kind, kinds(found)) == (NONE, [kind])


def test_no_records_that_nobody_validated_hold() -> None:
    """Maybe somebody on the way leaves them out: then it is no time for a first key, nor for the end of DANE."""
    there = world()
    there.secure = False
    found = run(there)
    assert (found.action.kind, kinds(found)) == (NONE, ["resolver_not_validating"])
    there = settled()
    wish(there, goal=Goal.ABSENT)
    assert run(there).action.kind is ActionKind.RETIRE
    there.secure = False
    for _hours in range(10):
        found = run(there, after=3600)
        assert found.phase is RolloverPhase.DISABLING
    assert "resolver_not_validating" in kinds(found)
    there.secure = True
    assert run(there, after=3600).phase is RolloverPhase.DISABLED


def test_an_unreadable_postfix_and_one_without_keys_hold() -> None:
    there = settled(key_max_age=1)
    evidence = there.evidence(True)
    found = step(there.state(), replace(evidence, deployed_error="/etc/postfix/main.cf: no such file"), there.now, there.policy)
    assert (found.action.kind, kinds(found)) == (NONE, ["postfix_uncertain"])
    found = step(None, replace(evidence, deployed=(), held=()), there.now, there.policy)
    assert (found.action.kind, kinds(found)) == (NONE, ["nothing_deployed"])


def test_an_owner_that_nobody_asked_for_holds() -> None:
    there = settled(key_max_age=1)
    found = step(there.state(), there.evidence(True), there.now, replace(there.policy, owners=OWNERS))
    assert found.action.kind is NONE and texts(found) == "_25._tcp.mx2.example.org: nobody asked for its records"


def test_a_leftover_that_matches_nothing_is_named_and_holds() -> None:
    there = settled(key_max_age=1)
    there.change_zone(OWNER, there.zone[OWNER] | {TlsaRecord(3, 0, 1, b"\x11" * 32)})
    found = run(there, after=2000)
    found = run(there, after=2000)
    assert found.action.kind is NONE and "no_record_matches" in kinds(found)
    assert "a record 3 0 1 is published, and none matches the rsa key" in texts(found)
    assert {"stale_record", "selector0_with_renewal"} <= lints(found)


# --- after a deployment ----------------------------------------------------------------------------------------------------


def deployed(**changes: Any) -> World:
    """A next key was deployed in the last run."""
    there = settled(key_max_age=1, **changes)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    return there


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


# --- abort, emergency, disable ------------------------------------------------------------------------------------------------


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


# --- kinds of records, issuers, names ----------------------------------------------------------------------------------------


def test_a_new_digest_comes_for_all_keys_at_once_and_an_old_one_goes_at_once() -> None:
    there = settled(key_max_age=0)
    new = next_key(there)
    wish(there, matching_types=(1, 2))
    assert run(there, look=False).action.kind is VERIFY
    found = run(there)
    assert {one.record for one in found.action.add} == {record(FIRST, 2), record(new, 2)}
    until(there, RolloverPhase.STEADY, NONE)
    wish(there, matching_types=(2,))
    found = run(there)
    assert found.action.kind is ActionKind.RETIRE
    assert {one.record for one in found.action.remove} == {record(FIRST), record(new)}
    until(there, RolloverPhase.STEADY, NONE)
    assert there.zone[OWNER] == {record(FIRST, 2), record(new, 2)} and not there.problems


def test_a_dropped_digest_is_in_caches_for_a_while() -> None:
    there = settled(key_max_age=0, matching_types=(1, 2))
    new = next_key(there)
    # Somebody removes one digest of the next key, so that it is the current key's only, and then all of it.
    there.change_zone(OWNER, there.zone[OWNER] - {record(new, 2)})
    run(there, after=10)
    there.change_zone(OWNER, there.zone[OWNER] - {record(FIRST, 2), record(new, 2)})
    wish(there, matching_types=(1,), roll=True)
    run(there, after=10)
    found = until(there, RolloverPhase.ISSUED, every=30)
    assert found.action.kind is NONE and found.earliest is not None or there.now > START
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY, every=30)
    assert not there.problems


def test_from_next_to_issuer_and_back() -> None:
    there = settled(key_max_age=0, self_signed=False)
    issuer = digest_record(2, 1, b"ca 1")
    wish(there, scheme=Scheme.ISSUER)
    found = run(there)
    assert [one.record for one in found.action.add] == [issuer]
    until(there, RolloverPhase.STEADY, NONE)
    wish(there, scheme=Scheme.NEXT)
    found = until(there, RolloverPhase.STEADY, ActionKind.RETIRE)
    assert [one.record for one in found.action.remove] == [issuer]
    until(there, RolloverPhase.STEADY, NONE)
    assert issuer not in there.zone[OWNER] and not there.problems


def test_a_new_issuer_is_published_and_ages_before_its_certificate_is_served() -> None:
    there = settled(scheme=Scheme.ISSUER, self_signed=False, key_max_age=0)
    there.authority = b"ca 2"
    wish(there, roll=True)
    until(there, RolloverPhase.READY, ActionKind.ISSUE)
    found = run(there, after=10)
    assert found.action.kind is ActionKind.PUBLISH
    assert [one.record for one in found.action.add] == [digest_record(2, 1, b"ca 2")]
    published = there.now
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY, every=50)
    assert there.now >= published + 600
    until(there, RolloverPhase.STEADY, NONE)
    assert there.zone[OWNER] == {record(one.key) for one in there.ours()} | {digest_record(2, 1, b"ca 2")} and not there.problems


def test_the_scheme_issuer_needs_an_issuer() -> None:
    there = world(scheme=Scheme.ISSUER, self_signed=False)
    there.deployed[0]["rsa"] = ServedChain(FIRST, (), START + 10**8, "smtpd_tls_cert_file")
    found = run(there)
    assert found.action.kind is ActionKind.PUBLISH and kinds(found) == ["issuer_missing"]
    assert [one.record for one in found.action.add] == [record(FIRST)]


def test_the_scheme_issuer_with_certificates_of_our_own_is_told_and_rolls_without() -> None:
    there = settled(key_max_age=1)
    there.change_zone(OWNER, there.zone[OWNER] | {digest_record(2, 1, b"ca 1")})
    wish(there, scheme=Scheme.ISSUER)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY, every=50)
    assert there.last is not None and kinds(there.last) == ["issuer_missing"]
    assert digest_record(2, 1, b"ca 1") not in there.zone[OWNER] and not there.problems


def test_a_new_exchange_and_a_new_port() -> None:
    there = settled(key_max_age=0)
    port = "_465._tcp.mx1.example.org"
    for owner in (OTHER, port):
        wish(there, owners=(*there.policy.owners, owner))
        there.zone[owner] = frozenset()
        for server in there.servers:
            server.zone[owner] = frozenset()
        assert run(there, look=False).action.kind is VERIFY
        found = run(there)
        assert {one.owner for one in found.action.add} == {owner}
        assert {one.record for one in found.action.add} == {record(FIRST), record(next_key(there))}
        assert "exchange_without_tlsa" in lints(found)
        until(there, RolloverPhase.STEADY, NONE)
    assert not there.problems


def test_a_new_exchange_that_cannot_be_reached_does_not_keep_the_others() -> None:
    there = settled(owners=OWNERS, key_max_age=0)
    there.change_zone(OTHER, frozenset())
    wish(there, roll=True)
    there.transfer()
    there.advance(1000)
    evidence = there.evidence(True)
    assert evidence.outside is not None
    dead = replace(evidence.outside[1], reached=False, problem="no route to host", chains=())
    found = step(there.state(), replace(evidence, outside=(evidence.outside[0], dead)), there.now, there.policy)
    assert found.action.kind is ActionKind.ISSUE and "not_reached" in kinds(found)


def test_records_of_another_server_stay() -> None:
    there = world(key_max_age=700, foreign=True)
    there.change_zone(OWNER, frozenset({digest_record(3, 1, b"foreign"), record(FIRST), digest_record(3, 1, b"whose")}))
    there.transfer()
    for _run in range(60):
        found = run(there, after=100)
    assert ActionKind.RETIRE in there.actions
    assert {digest_record(3, 1, b"foreign"), digest_record(3, 1, b"whose")} <= there.zone[OWNER]
    assert [one.text for one in found.findings if one.id == "stale_record"] == [
        f"{digest_record(3, 1, b'whose')} is of no key that is known here; another server's, or forgotten"
    ]
    assert not there.problems


def test_a_kind_of_key_is_added_and_another_is_left_alone() -> None:
    there = settled(key_max_age=0)
    wish(there, algorithms=("rsa", "ecdsa"))
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    assert {one.key.algorithm for one in there.ours()} == {"rsa", "ecdsa"} and FIRST in {one.key for one in there.ours()}
    wish(there, algorithms=("ecdsa",), roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    until(there, RolloverPhase.STEADY, NONE)
    assert FIRST in {one.key for one in there.ours()} and record(FIRST) in there.zone[OWNER] and not there.problems


def test_a_name_that_is_an_alias_of_another_shares_its_records() -> None:
    there = settled(owners=OWNERS, key_max_age=0)
    there.saved = None
    for server in there.servers:
        server.zone[OTHER] = server.zone[OWNER] = frozenset({record(FIRST)})
    evidence = there.evidence(True)
    alias = replace(evidence.owners[1], canonical_owner=OWNER)
    found = step(None, replace(evidence, owners=(evidence.owners[0], alias)), there.now, there.policy)
    assert [one.owner for one in found.action.add] == [OWNER]


# --- certificates -------------------------------------------------------------------------------------------------------------


def rolled(**changes: Any) -> World:
    """The deployed key is one of ours."""
    there = settled(**{"key_max_age": 0, **changes})
    wish(there, roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    until(there, RolloverPhase.STEADY, NONE)
    return there


def test_a_self_signed_certificate_is_renewed_with_the_same_key() -> None:
    there = rolled(lifetime=100_000, renew_before=1000)
    (chain,) = there.ours()
    there.now = chain.not_after - 1001
    assert run(there).action.kind is NONE
    found = run(there, after=1)
    assert (found.action.kind, found.action.keys) == (ActionKind.RENEW, (chain.key,))
    (renewed,) = there.ours()
    assert renewed.key == chain.key and renewed.not_after > chain.not_after
    assert run(there).action.kind is NONE and not there.problems


def test_a_certificate_that_is_handed_in_is_served_with_the_same_key() -> None:
    there = rolled(lifetime=100_000, renew_before=1000, self_signed=False)
    (chain,) = there.ours()
    there.now = chain.not_after - 1000
    there.handed_in = "late"
    found = run(there)
    assert (found.action.kind, found.action.keys, kinds(found)) == (ActionKind.ISSUE, (chain.key,), ["certificate_missing"])
    there.handed_in = "good"
    run(there)
    assert run(there).action.kind is ActionKind.RENEW
    assert there.ours()[0].not_after > chain.not_after


def test_a_renewal_by_another_issuer_waits_for_its_record() -> None:
    there = rolled(lifetime=100_000, renew_before=1000, self_signed=False, scheme=Scheme.ISSUER)
    (chain,) = there.ours()
    there.now = chain.not_after - 1000
    there.authority = b"ca 2"
    run(there)
    found = run(there)
    assert found.action.kind is ActionKind.PUBLISH and "no_record_matches" in kinds(found)
    assert [one.record for one in found.action.add] == [digest_record(2, 1, b"ca 2")]
    start = there.now
    until(there, RolloverPhase.STEADY, ActionKind.RENEW, every=50)
    assert there.now >= start + 600
    found = until(there, RolloverPhase.STEADY, ActionKind.RETIRE, every=50)
    assert [one.record for one in found.action.remove] == [digest_record(2, 1, b"ca 1")]
    assert not there.problems


def test_a_pinned_certificate_is_not_renewed_and_the_way_out_is_told() -> None:
    there = rolled(lifetime=100_000, renew_before=1000)
    (chain,) = there.ours()
    held = there.held[chain.key.digest]
    pinned = TlsaRecord(3, 0, 1, hashlib.sha256(chain.certificate).digest())
    there.now = chain.not_after - 900
    there.change_zone(OWNER, there.zone[OWNER] | {pinned})
    there.saved = None
    found = run(there)
    assert found.action.kind is not ActionKind.RENEW and "selector0_with_renewal" in kinds(found)
    assert "Publish 3 1 1 of the same key, wait two TTLs, remove the 3 0 1 record" in texts(found)
    found = until(there, None, ActionKind.RETIRE, every=50, most=60)
    assert [one.record for one in found.action.remove] == [pinned]
    assert there.ours()[0].certificate == (held.certificate.certificate if held.certificate else b"")


def test_a_wrong_certificate_is_told_and_waited_for() -> None:
    there = settled(self_signed=False, key_max_age=1)
    there.handed_in = "late"
    found = until(there, RolloverPhase.READY)
    assert kinds(found) == ["certificate_missing"]
    key = next_key(there)
    wrong = CertificateInHand((), 0, "it is for mx9.example.org")
    there.held[key.digest] = HeldKey(key, there.held[key.digest].created, wrong)
    found = run(there, after=100)
    assert (found.phase, kinds(found)) == (RolloverPhase.READY, ["certificate_mismatch"])
    assert "it is for mx9.example.org" in texts(found)


# --- the state, and the clock ---------------------------------------------------------------------------------------------------


BEFORE = (RolloverPhase.STAGED, RolloverPhase.PUBLISHED, RolloverPhase.AGING, RolloverPhase.READY, RolloverPhase.ISSUED)


@pytest.mark.parametrize("phase", [*BEFORE, RolloverPhase.DEPLOYED, RolloverPhase.VERIFIED, RolloverPhase.RETIRING])
def test_lost_state_at_every_phase_only_delays(phase: RolloverPhase) -> None:
    there = world(key_max_age=0, self_signed=False)
    due = (RolloverPhase.READY, RolloverPhase.ISSUED, RolloverPhase.DEPLOYED, RolloverPhase.VERIFIED, RolloverPhase.RETIRING)
    wish(there, roll=phase in due)
    for _run in range(200):
        found = run(there, after=50, look=phase is not RolloverPhase.DEPLOYED or ActionKind.DEPLOY not in there.actions)
        if phase is RolloverPhase.PUBLISHED and found.phase is RolloverPhase.STAGED and found.action.kind is ActionKind.PUBLISH:
            found = run(there, sync=False)
        if found.phase is phase:
            break
    assert found.phase is phase
    there.saved = None
    found = run(there)
    assert found.action.kind not in (ActionKind.DEPLOY, ActionKind.RETIRE, ActionKind.ROLL_BACK, ActionKind.DISCARD)
    until(there, RolloverPhase.STEADY, NONE)
    assert not there.problems


def test_a_record_that_is_there_when_the_clock_begins_has_an_unknown_past() -> None:
    there = settled(key_max_age=0)
    there.saved = None
    found = run(there)
    assert (found.phase, found.earliest) == (RolloverPhase.AGING, there.now + 1200), "twice unknown_ttl, which is more than the TTL now"


def test_a_ttl_that_was_lowered_counts_until_it_has_run_out() -> None:
    there = world(key_max_age=0, ttl=5000)
    run(there)
    run(there, after=100)
    there.ttl = 60
    until(there, RolloverPhase.STAGED, ActionKind.PUBLISH, every=0)
    found = until(there, RolloverPhase.AGING)
    assert found.earliest == there.now + 10_000


@pytest.mark.parametrize("jump", [-5000, -1, 3600, 10**6])
def test_a_clock_that_was_set_starts_the_ages_anew(jump: int) -> None:
    there = world(key_max_age=1)
    until(there, RolloverPhase.AGING)
    there.offset = jump
    found = run(there, after=0 if jump == -1 else 100)
    assert (found.phase, found.earliest) == (RolloverPhase.AGING, there.now + jump + 600)
    assert "clock_changed" in lints(found)


def test_a_key_made_after_the_clock_was_set_back_is_still_the_next_one() -> None:
    there = rolled()
    (current,) = there.ours()
    wish(there, abort=True)
    until(there, None, ActionKind.DISCARD)
    wish(there, abort=False)
    there.offset = -10**6
    found = until(there, RolloverPhase.STEADY, NONE)
    assert found.keys.previous == () and len(found.keys.next) == 1
    assert there.held[found.keys.next[0].digest].created < there.held[current.key.digest].created


def test_without_a_state_an_older_key_is_previous_and_a_newer_one_next() -> None:
    there = rolled()
    (current,) = there.ours()
    certificate = CertificateInHand((), there.now + 10**8)
    old = HeldKey(Key("rsa", b"old"), there.held[current.key.digest].created - 1, certificate)
    other = HeldKey(Key("ecdsa", b"new kind"), 0, certificate)
    there.held.update({one.key.digest: one for one in (old, other)})
    there.saved = None
    wish(there, algorithms=("rsa", "ecdsa"))
    found = run(there)
    assert old.key in found.keys.previous and other.key in found.keys.next
    assert old.key in run(there, after=10).keys.previous, "in the next run too"


def test_over_a_reboot_only_the_time_since_the_boot_counts() -> None:
    there = world(key_max_age=0)
    found = until(there, RolloverPhase.AGING)
    ready = found.earliest or 0
    there.reboot(300)
    found = run(there, after=200)
    assert (found.phase, found.earliest) == (RolloverPhase.AGING, ready + 300), "of 500 seconds 200 are certain"
    assert "clock_changed" not in lints(found)
    there.reboot(0)
    there.offset = 10**6
    found = run(there, after=100)
    assert found.phase is RolloverPhase.AGING
    assert found.earliest == ready + 300 + 10**6, "a clock that is wrong since the boot skips nothing"


# --- what is noticed on the way ---------------------------------------------------------------------------------------------------


def lint_of(there: World, **changes: Any) -> set[str]:
    evidence = there.evidence(True)
    servers = tuple(replace(one, **changes) for one in evidence.owners[0].servers)
    return lints(step(there.state(), replace(evidence, owners=(replace(evidence.owners[0], servers=servers),)), there.now, there.policy))


def test_mistakes_that_are_noticed() -> None:
    there = settled(key_max_age=0)
    assert lint_of(there) == set()
    assert lint_of(there, ttl=100_000) == {"ttl_too_high"}
    assert lint_of(there, ttl=10) == {"ttl_too_low"}
    assert lint_of(there, signature_expiration=there.now + 100) == {"signature_near_expiry"}
    assert lint_of(there, signature_expiration=there.now + 10**6) == set()
    here = tuple(sorted(there.zone[OWNER]))
    empty = hashlib.sha256(b"").digest()
    assert {"empty_input_digest", "stale_record"} <= lint_of(there, records=(*here, TlsaRecord(3, 1, 1, empty)))
    assert lint_of(there, records=(*here, TlsaRecord(3, 1, 1, b"short"))) == {"malformed_record"}
    assert lint_of(there, records=(*here, TlsaRecord(1, 1, 1, b"x" * 32))) == {"pkix_usage_on_smtp"}
    assert "ta_not_in_chain" in lint_of(there, records=(*here, TlsaRecord(2, 1, 1, b"x" * 32)))
    assert lint_of(there, outcome=Sight.UNKNOWN, records=(), error="REFUSED") == {"server_failure_on_some_ns"}


def test_mistakes_with_two_kinds_of_keys_and_with_issuers() -> None:
    there = settled(algorithms=("rsa", "ecdsa"), key_max_age=0)
    here = tuple(sorted(there.zone[OWNER]))
    assert "one_algorithm_only" in lint_of(there, records=(*here, record(FIRST, 2)))
    there = settled(scheme=Scheme.ISSUER, self_signed=False, key_max_age=0)
    there.deployed[0]["rsa"] = replace(there.ours()[0], not_after=there.now)
    assert "expired_leaf_under_ta" in lint_of(there)
    there.deployed[0]["rsa"] = there.chain(FIRST, b"ca 2")
    assert "ta_retired_issuer" in lint_of(there)


# --- what the rollover cannot replace --------------------------------------------------------------------------------------------


def test_a_second_key_that_cannot_be_replaced_keeps_its_records_and_nothing_else() -> None:
    there = settled(key_max_age=0)
    there.fixed = replace(there.chain(Key("rsa", b"by name")), place="/etc/postfix (mx1.example.org)", replaceable=False)
    until(there, None, ActionKind.PUBLISH)
    until(there, RolloverPhase.STEADY, NONE)
    there.problems.clear()  # of whoever let Postfix serve a key that was not published
    for deployments in (1, 2):
        wish(there, roll=True)
        until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
        found = until(there, RolloverPhase.STEADY, NONE)
        wish(there, roll=False)
        run(there)
        assert there.actions.count(ActionKind.DEPLOY) == deployments and found.state.roll_requested is None
    for _run in range(20):
        assert run(there, after=500).action.kind is NONE
    assert digest_record(3, 1, b"by name") in there.zone[OWNER] and record(FIRST) not in there.zone[OWNER]
    assert "not_replaceable" in lints(run(there)) and not there.problems


def test_a_bad_deployment_beside_a_key_that_cannot_be_replaced_is_taken_back_once() -> None:
    there = settled(key_max_age=0)
    keep_first(there)
    there.fixed = replace(there.chain(Key("rsa", b"by name")), replaceable=False)
    until(there, RolloverPhase.STEADY, NONE)
    there.deploys = "broken"
    wish(there, roll=True)
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)
    until(there, RolloverPhase.DEPLOYED, ActionKind.ROLL_BACK)
    for _run in range(5):
        found = run(there, after=500)
    assert kinds(found) == ["rolled_back"] and there.actions.count(ActionKind.ROLL_BACK) == 1


@pytest.mark.parametrize("self_signed", [True, False])
def test_a_certificate_that_cannot_be_replaced_is_not_renewed_for_ever(self_signed: bool) -> None:
    there = rolled(renew_before=1000, self_signed=self_signed)
    (chain,) = there.ours()
    there.fixed = replace(chain, not_after=there.now + 900, certificate=b"older", place="/etc/postfix (submission/inet)", replaceable=False)
    for _run in range(5):
        found = run(there, after=100)
        assert found.action.kind is NONE and kinds(found) == []
    (text,) = [one.text for one in found.findings if one.id == "not_replaceable"]
    assert text.startswith("/etc/postfix (submission/inet): the certificate of the rsa key") and "renew it there" in text


# --- the way back ---------------------------------------------------------------------------------------------------------------


def badly_deployed(**changes: Any) -> World:
    """The record of the first key was there before anybody looked; its successor was deployed as soon as it could be, and does not work."""
    there = world(**{"key_max_age": 0, "unknown_ttl": 86400, "roll": True, **changes})
    keep_first(there)
    publish_first(there)
    there.deploys = "broken"
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY, every=300, most=900)
    return there


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


# --- instances with keys of their own --------------------------------------------------------------------------------------------


def test_instances_with_different_keys_are_not_rolled_together() -> None:
    there = world(instances=2, key_max_age=0)
    second = Key("rsa", b"second instance")
    there.deployed[1]["rsa"] = replace(there.chain(second), place="/etc/postfix-out")
    until(there, RolloverPhase.STEADY, NONE)
    wish(there, roll=True)
    found = until(there, RolloverPhase.ISSUED, NONE)
    assert kinds(found) == ["different_keys"] and "/etc/postfix-out has the rsa key" in texts(found)
    assert ActionKind.DEPLOY not in there.actions and not there.problems
    there.deployed[1]["rsa"] = there.deployed[0]["rsa"]
    until(there, RolloverPhase.ISSUED, ActionKind.DEPLOY)


@pytest.mark.parametrize("again", [False, True])
def test_instances_that_got_back_different_keys_are_left_in_peace(again: bool) -> None:
    there = world(instances=2, key_max_age=0)
    second = Key("rsa", b"second instance")
    there.deployed[1]["rsa"] = there.chain(second)
    until(there, RolloverPhase.STEADY, NONE)
    wish(there, roll=True)
    until(there, RolloverPhase.ISSUED)
    keep_first(there)
    before = [dict(place) for place in there.deployed]
    there.deployed = [{"rsa": replace(there.chain(next_key(there)), certificate=b"by hand")}] * 2
    run(there, look=False, after=10)
    there.deployed = before
    wish(there, roll=False)
    run(there, after=10)
    wish(there, roll=again)
    for _run in range(5):
        found = run(there, after=400)
        assert found.action.kind is NONE and kinds(found) == ["different_keys" if again else "rolled_back"]


def test_a_record_of_another_server_that_keeps_a_combination_is_named() -> None:
    there = world(foreign=True, matching_types=(1, 2), key_max_age=0)
    publish_first(there)
    until(there, RolloverPhase.STEADY, NONE)
    wish(there, matching_types=(1,))
    for _run in range(3):
        found = run(there, after=700)
    other = digest_record(3, 2, b"foreign")
    assert kinds(found) == ["still_published"] and f"{other} is in the way" in texts(found) and str(record(FIRST, 2)) in texts(found)
    assert record(FIRST, 2) in there.zone[OWNER] and not there.problems
