# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes at the edges: publishing that takes its time, other issuers, strangers' records, owners without records, wishes that cross."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import CertificateInHand, EndpointSight, Key
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal, Scheme
from ansible_collections.mailops.tls.tests.unit.makers.dane_scenes import (
    FIRST,
    OTHER,
    OWNER,
    kinds,
    record,
    run,
    settled,
    texts,
    until,
    wish,
    world,
)
from ansible_collections.mailops.tls.tests.unit.worlds.dane_histories import keep_first
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import OWNERS, digest_record
from ansible_collections.mailops.tls.tests.unit.worlds.dane_world import World


def hand_in(there: World, *issuers: bytes, end: int = 10**9) -> None:
    """A newer certificate for the deployed key, by other issuers."""
    (chain,) = there.ours()
    wholes = tuple(b"certificate of " + one for one in issuers)
    certificate = CertificateInHand(issuers, chain.not_after + end, None, b"newer, ends %d" % end, wholes)
    there.held[chain.key.digest] = replace(there.held[chain.key.digest], certificate=certificate)


# --- publishing that takes its time ---------------------------------------------------------------------------------------


def test_a_key_whose_records_are_about_to_go_is_not_deployed() -> None:
    there = settled()
    there.slow = True
    wish(there, abort=True)
    assert run(there, after=100).action.kind is ActionKind.RETIRE
    wish(there, abort=False, roll=True)
    found = run(there, after=300)
    assert found.action.kind is ActionKind.PUBLISH  # they are asked for once more
    assert run(there, after=30).action.kind is not ActionKind.DEPLOY
    there.publish_late()
    until(there, None, ActionKind.DEPLOY)
    assert not there.problems


def test_nor_is_the_way_back_open_to_a_key_whose_records_are_about_to_go() -> None:
    there = settled()
    keep_first(there)
    wish(there, roll=True)
    until(there, None, ActionKind.DEPLOY)
    there.slow = True
    until(there, None, ActionKind.RETIRE)
    there.broken.add(there.ours()[0].key.digest)
    for _number in range(5):
        assert run(there, after=60).action.kind is not ActionKind.ROLL_BACK
    there.publish_late()
    run(there, after=600)
    assert not there.problems


def test_the_end_of_dane_takes_what_was_asked_for_with_it() -> None:
    there = world()
    until(there, None, ActionKind.STAGE)
    there.slow = True
    until(there, None, ActionKind.PUBLISH)
    wish(there, goal=Goal.ABSENT)
    found = run(there, after=100)
    assert found.action.kind is ActionKind.RETIRE and len(found.action.remove) == 2
    there.publish_late()
    until(there, RolloverPhase.DISABLED)
    assert not there.problems


def test_a_digest_is_not_dropped_while_records_of_the_next_key_are_to_come() -> None:
    there = settled(matching_types=(1, 2))
    wish(there, abort=True)
    until(there, None, ActionKind.DISCARD)
    wish(there, abort=False)
    until(there, None, ActionKind.STAGE)
    there.slow = True
    until(there, None, ActionKind.PUBLISH)
    wish(there, matching_types=(1,))
    for _number in range(5):
        assert run(there, after=1000).action.kind is not ActionKind.RETIRE
    there.publish_late()
    until(there, None, ActionKind.RETIRE)
    run(there, after=1000)
    assert not there.problems


# --- other issuers --------------------------------------------------------------------------------------------------------


def issued_by_authority() -> World:
    there = world(scheme=Scheme.ISSUER, self_signed=False)
    keep_first(there)
    until(there, RolloverPhase.STEADY, ActionKind.NONE)
    return there


def test_an_issuer_that_comes_back_needs_its_record_to_age_again() -> None:
    there = issued_by_authority()
    hand_in(there, b"ca 2")
    until(there, None, ActionKind.RENEW)
    until(there, None, ActionKind.RETIRE)
    run(there, after=1500)
    there.problems.clear()
    hand_in(there, b"ca 1", end=2 * 10**9)
    until(there, None, ActionKind.PUBLISH)
    begin = there.now
    until(there, None, ActionKind.RENEW, every=20)
    assert there.now >= begin + 600 and not there.problems


def test_a_renewal_without_the_issuer_that_caches_know_waits() -> None:
    """A person had published the root alone; the intermediate's record is new, and the renewed chain has no root."""
    there = world(ttl=3600, scheme=Scheme.ISSUER, self_signed=False)
    chain = replace(there.ours()[0], issuers=(b"ca 1", b"root"), issuer_certificates=(b"certificate of ca 1", b"certificate of root"))
    there.deployed[0]["rsa"] = chain
    keep_first(there)
    there.change_zone(OWNER, frozenset({digest_record(2, 1, b"root")}))
    until(there, None, ActionKind.PUBLISH)
    begin = there.now
    there.resolved.clear()
    hand_in(there, b"ca 1")
    there.resolved.clear()
    until(there, None, ActionKind.RENEW, every=60)
    assert there.now >= begin + 3600 and not [one for one in there.problems if "newer" in one[1]]


def test_certificates_are_renewed_while_another_server_cannot_be_seen() -> None:
    there = settled(renew_before=30 * 86400)
    there.lifetime = 40 * 86400
    wish(there, roll=True)
    until(there, None, ActionKind.DEPLOY)
    wish(there, roll=False)
    there.deployed[0]["rsa"] = replace(there.ours()[0], not_after=there.now + 20 * 86400)
    away = EndpointSight(OWNER, "192.0.2.99", False, False, False, (), "timed out")
    seen = there._endpoints
    there._endpoints = lambda: [*seen(), away]  # type: ignore[method-assign, assignment, return-value]
    found = run(there, after=60)
    assert found.action.kind is ActionKind.RENEW and found.phase is RolloverPhase.DEPLOYED
    assert "192.0.2.99" in texts(found)


# --- strangers, owners without records, wishes that cross ---------------------------------------------------------------------


def test_no_new_digest_beside_the_record_of_a_stranger() -> None:
    there = settled()
    stranger = digest_record(3, 1, b"a server behind another alias")
    there.change_zone(OWNER, there.zone[OWNER] | {stranger})
    wish(there, matching_types=(1, 2))
    for _number in range(5):
        found = run(there, after=300)
        assert found.action.kind is ActionKind.NONE
    assert kinds(found) == ["stale_record"] and str(stranger) in texts(found)


def test_after_the_end_of_dane_and_a_key_by_hand_dane_can_begin_again() -> None:
    there = settled()
    keep_first(there)
    wish(there, goal=Goal.ABSENT)
    until(there, RolloverPhase.DISABLED)
    by_hand = there.chain(Key("rsa", b"by hand"))
    there.deployed[0]["rsa"] = by_hand
    wish(there, goal=Goal.PRESENT)
    until(there, RolloverPhase.STEADY, ActionKind.NONE)
    assert record(by_hand.key) in there.zone[OWNER] and record(FIRST) not in there.zone[OWNER] and not there.problems


def test_an_owner_that_is_added_after_a_deployment_does_not_take_it_back() -> None:
    there = settled()
    keep_first(there)
    wish(there, roll=True)
    until(there, None, ActionKind.DEPLOY)
    deployed = there.ours()[0].key
    there.owners, there.zone = OWNERS, {**there.zone, OTHER: frozenset()}
    for server in there.servers:
        server.zone = {**server.zone, OTHER: frozenset()}
    wish(there, owners=OWNERS, roll=False)
    until(there, RolloverPhase.STEADY, ActionKind.NONE)
    assert there.ours()[0].key == deployed and record(deployed) in there.zone[OTHER] and not there.problems


def test_a_left_over_of_another_scheme_does_not_keep_the_stolen_key() -> None:
    there = issued_by_authority()
    stolen = there.ours()[0].key
    changes: dict[str, Any] = {"scheme": Scheme.NEXT, "self_signed": True, "emergency": True, "accept_exposure": True}
    wish(there, **changes)
    until(there, None, ActionKind.DEPLOY)
    assert there.ours()[0].key != stolen and not there.problems


def test_a_name_server_that_joins_with_an_old_zone_begins_the_ages_anew() -> None:
    there = settled()
    wish(there, abort=True)
    until(there, None, ActionKind.DISCARD)
    wish(there, abort=False, roll=True)
    until(there, None, ActionKind.PUBLISH)
    before = len(there.old) - 2
    found = until(there, RolloverPhase.AGING, every=10)
    assert found.earliest is not None
    there.advance(found.earliest - there.now - 100)
    there.old = there.old[before:]
    there.join()
    begin = there.now
    until(there, None, ActionKind.DEPLOY, every=10)
    assert there.now >= begin + 300 and not there.problems
