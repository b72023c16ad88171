# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a step, whoever chose it: the last look before something is done, tried with steps that no rule would choose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine import step as rollover
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import observe
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.decision import Decision
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import EndpointSight, Evidence, Key, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.invariants import violations
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Action, ActionKind, OwnedRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal, Policy
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.roles import remember_keys, roles
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import rrset_sights
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.situation import Situation, fresh_outside
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import OWNERS, digest_record
from ansible_collections.mailops.tls.tests.unit.worlds.dane_world import World

OWNER = OWNERS[0]
FIRST = Key("rsa", b"first rsa")
STRANGER = digest_record(3, 1, b"another server's")


def settled() -> World:
    there = World(Policy(owners=(OWNER,), algorithms=("rsa",), unknown_ttl=600, key_max_age=0))
    for _run in range(20):
        there.advance(100)
        there.transfer()
        there.run()
    assert there.last is not None and len(there.zone[OWNER]) == 2
    return there


def situation(there: World, evidence: Evidence) -> Situation:
    rrsets = rrset_sights(evidence.owners)
    state = observe(there.state(), evidence, there.now, there.policy)[0]
    state = remember_keys(state, evidence, rrsets, there.now, False)
    outside = fresh_outside(state, evidence)
    return Situation(state, evidence, there.now, there.policy, rrsets, roles(state, evidence, there.policy), outside)


def objections(there: World, action: Action, evidence: Evidence) -> set[str]:
    return {one.blocker.id for one in violations(situation(there, evidence), action)}


def removal(*records: TlsaRecord) -> Action:
    return Action(ActionKind.RETIRE, remove=tuple(OwnedRecord(OWNER, one) for one in records))


def addition(*records: TlsaRecord) -> Action:
    return Action(ActionKind.PUBLISH, add=tuple(OwnedRecord(OWNER, one) for one in records))


def next_record(there: World) -> TlsaRecord:
    held = next(iter(there.held.values()))
    return digest_record(3, 1, held.key.spki)


def test_a_removal_needs_a_complete_and_good_view_from_outside() -> None:
    there = settled()
    action, evidence = removal(next_record(there)), there.evidence(True)
    assert evidence.outside is not None
    (seen,) = evidence.outside
    assert objections(there, action, evidence) == set()
    assert objections(there, action, replace(evidence, outside=None)) == {"not_reached"}
    assert objections(there, action, replace(evidence, outside=())) == {"not_reached"}
    assert objections(there, action, replace(evidence, outside=(replace(seen, reached=False),))) == {"not_reached"}
    assert objections(there, action, replace(evidence, outside=(replace(seen, verified=False),))) == {"not_verified"}
    assert objections(there, action, replace(evidence, outside=(replace(seen, ours=False),))) == {"address_mismatch"}


def test_the_record_of_a_served_key_is_not_removed() -> None:
    there = settled()
    evidence = there.evidence(True)
    assert evidence.outside is not None
    assert objections(there, removal(digest_record(3, 1, FIRST.spki)), evidence) == {"still_served"}
    assert objections(there, removal(*there.zone[OWNER]), evidence) == {"still_served"}, "nor all of them"
    held = next(iter(there.held.values()))
    copy = EndpointSight(OWNER, "192.0.2.7", False, True, True, (ServedChain(held.key, (), 0, "mx7"),))
    assert objections(there, removal(next_record(there)), replace(evidence, outside=(*evidence.outside, copy))) == {"still_served"}


def test_a_record_of_nobody_we_know_is_not_removed() -> None:
    there = settled()
    there.change_zone(OWNER, there.zone[OWNER] | {STRANGER})
    there.transfer()
    assert objections(there, removal(STRANGER), there.evidence(True)) == {"stale_record"}


def test_disabling_removes_all_or_nothing() -> None:
    there = settled()
    there.policy = replace(there.policy, goal=Goal.ABSENT)
    assert objections(there, removal(next_record(there)), there.evidence(True)) == {"not_all_records"}
    assert objections(there, removal(*there.zone[OWNER]), there.evidence(False)) == set()


@pytest.mark.parametrize("adding", [True, False])
def test_no_change_of_an_rrset_in_motion(adding: bool) -> None:
    there = settled()
    record = STRANGER if adding else next_record(there)
    action = addition(record) if adding else removal(record)
    there.change_zone(OWNER, there.zone[OWNER] | {digest_record(3, 1, b"more")})
    assert "secondary_lag" in objections(there, action, there.evidence(True))
    there.transfer()
    there.servers[1].reachable = False
    assert "server_failure_on_some_ns" in objections(there, action, there.evidence(True))


def test_a_new_combination_must_match_all_that_is_served() -> None:
    there = settled()
    evidence = there.evidence(True)
    assert evidence.outside is not None
    good, bad = digest_record(3, 2, FIRST.spki), digest_record(3, 2, b"other")
    assert objections(there, addition(good), evidence) == set()
    assert objections(there, addition(bad), evidence) == {"exchange_without_tlsa"}
    assert objections(there, addition(good), replace(evidence, outside=None)) == {"not_reached"}
    other = EndpointSight(OWNER, "192.0.2.7", False, True, True, (ServedChain(Key("rsa", b"mx7"), (), 0, "mx7"),))
    assert objections(there, addition(good), replace(evidence, outside=(*evidence.outside, other))) == {"exchange_without_tlsa"}
    assert objections(there, addition(digest_record(3, 1, b"other")), replace(evidence, outside=None)) == set(), "no new combination"


def test_a_key_is_not_deployed_without_certificate_or_age() -> None:
    there = settled()
    held = next(iter(there.held.values()))
    action = Action(ActionKind.DEPLOY, keys=(held.key,))
    assert objections(there, action, there.evidence(False)) == {"certificate_missing"}
    there.policy = replace(there.policy, roll=True)
    there.run()
    assert objections(there, action, there.evidence(False)) == set()
    there.saved = None
    assert objections(there, action, there.evidence(False)) == {"aging"}
    there.change_zone(OWNER, there.zone[OWNER] - {next_record(there)})
    assert "secondary_lag" in objections(there, action, there.evidence(False))
    there.transfer()
    assert objections(there, action, there.evidence(False)) == {"no_record_matches"}


def test_a_rule_that_is_wrong_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    there = settled()
    wrong = removal(digest_record(3, 1, FIRST.spki))
    monkeypatch.setattr(rollover, "settle", lambda found: Decision(wrong))
    found = there.run()
    assert found.action.kind is ActionKind.NONE and {one.id for one in found.blockers} == {"still_served"}


def test_a_key_that_is_served_or_published_is_not_deleted() -> None:
    there = settled()
    held = next(iter(there.held.values()))
    assert objections(there, Action(ActionKind.DISCARD, keys=(held.key,)), there.evidence(True)) == {"still_published"}
    both = objections(there, Action(ActionKind.DISCARD, keys=(FIRST,)), there.evidence(True))
    assert both == {"still_served", "still_published"}
    there.servers[0].reachable = False
    unknown = objections(there, Action(ActionKind.DISCARD, keys=(Key("rsa", b"x"),)), there.evidence(True))
    assert unknown == {"server_failure_on_some_ns"}


@pytest.mark.parametrize("adding", [True, False])
def test_no_change_at_a_name_whose_records_come_from_a_wildcard(adding: bool) -> None:
    there = settled()
    evidence = there.evidence(True)
    (sight,) = evidence.owners
    made = replace(sight, servers=tuple(replace(one, wildcard=True) for one in sight.servers))
    action = addition(STRANGER) if adding else removal(next_record(there))
    assert objections(there, action, evidence) == set()
    assert objections(there, action, replace(evidence, owners=(made,))) == {"wildcard_tlsa"}
