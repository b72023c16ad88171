# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An owner that is taken out of the options while it has records: senders go on using it, and it keeps its key served."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Key
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.left_out import also_to_look_at
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase, Step
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import as_dict, from_dict
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.step import step
from ansible_collections.mailops.tls.tests.unit.makers.dane_scenes import (
    FIRST,
    kinds,
    lints,
    record,
    run,
    settled,
    texts,
    until,
    wish,
)
from ansible_collections.mailops.tls.tests.unit.worlds.dane_histories import keep_first
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import OWNERS, digest_record
from ansible_collections.mailops.tls.tests.unit.worlds.dane_world import World

KEPT, LEFT = OWNERS


def without_second() -> World:
    """Both owners have the record of the current key, aged, and only the first that of the next one; the second is named no more."""
    there = settled(owners=OWNERS, key_max_age=0)
    wish(there, owners=(KEPT,), roll=True)
    until(there, RolloverPhase.STEADY, ActionKind.NONE, every=300)
    until(there, RolloverPhase.STEADY, ActionKind.NONE, every=300)
    wish(there, roll=False)
    run(there, after=1)
    assert current(there) in there.zone[LEFT] and there.ours()[0].key != FIRST
    return there


def current(there: World) -> TlsaRecord:
    """The record of the key that is served."""
    (chain,) = there.ours()
    return record(chain.key)


def held(there: World) -> Step:
    """A roll that was asked for and is held."""
    wish(there, roll=True)
    return until(there, RolloverPhase.ISSUED)


def test_its_records_are_told_of_and_go_on_being_looked_at() -> None:
    there = without_second()
    found = run(there, after=100)
    assert (found.phase, found.action.kind, kinds(found)) == (RolloverPhase.STEADY, ActionKind.NONE, [])
    (finding,) = [one for one in found.findings if one.id == "owner_left_out"]
    assert finding.subject == LEFT and str(current(there)) in finding.text
    assert also_to_look_at(there.state(), (KEPT,)) == (LEFT,) and also_to_look_at(there.state(), OWNERS) == ()
    assert also_to_look_at(None, OWNERS) == ()


def test_its_records_of_a_key_that_a_person_has_replaced_are_told_of() -> None:
    there = without_second()
    left = current(there)
    there.deployed[0]["rsa"] = there.chain(Key("rsa", b"by hand"))
    found = run(there, after=100)
    assert [one.text for one in found.findings if one.id == "owner_left_out"] == [
        f"{left} is of a key that is not served here any more: senders with DANE turn away, if the name leads here, and the name is not "
        "among those of the rollover any more; name it again, or remove all TLSA records there in one change. "
        "If its zone is gone and its name servers never answer, remove the file with the state"
    ]
    assert [one.subject for one in found.alarms] == [KEPT]
    there.change_zone(LEFT, frozenset({record(Key("rsa", b"of another server"))}))
    there.transfer()
    assert not [one for one in run(there, after=100).findings if one.id == "owner_left_out"]


def test_no_key_is_replaced_that_its_records_match() -> None:
    there = without_second()
    found, before = held(there), current(there)
    assert kinds(found) == ["owner_left_out"] and found.earliest is None
    assert LEFT in texts(found) and str(before) in texts(found)
    for _number in range(20):
        assert run(there, after=1000).action.kind is ActionKind.NONE
    assert not there.problems and current(there) == before


def test_a_key_whose_record_has_aged_there_too_may_be_served_and_so_may_the_one_before_it() -> None:
    there = settled(owners=OWNERS, key_max_age=0)
    keep_first(there)
    before = current(there)
    wish(there, owners=(KEPT,), roll=True)
    until(there, None, ActionKind.DEPLOY)
    there.broken.add(there.ours()[0].key.digest)
    assert run(there, after=10).action.kind is ActionKind.ROLL_BACK
    assert current(there) == before and not there.problems


def test_the_record_of_a_key_that_is_served_no_more_holds_nothing_up() -> None:
    there = without_second()
    assert record(FIRST) in there.zone[LEFT]
    wish(there, matching_types=(1, 2))
    found = until(there, None, ActionKind.PUBLISH)
    assert not found.keys.previous and not there.problems


def test_a_key_of_another_kind_is_not_served_beside_what_its_records_match() -> None:
    there = without_second()
    wish(there, algorithms=("rsa", "ecdsa"))
    found = until(there, RolloverPhase.ISSUED)
    assert kinds(found) == ["owner_left_out"] and len(there.ours()) == 1


def test_an_emergency_is_held_too() -> None:
    there = without_second()
    wish(there, emergency=True, accept_exposure=True)
    found = until(there, RolloverPhase.ISSUED)
    assert kinds(found) == ["owner_left_out"]


def test_named_again_it_gets_the_record_of_the_next_key_and_the_roll_goes_on() -> None:
    there = without_second()
    held(there)
    wish(there, owners=OWNERS)
    found = run(there, after=1)
    assert found.action.kind is ActionKind.PUBLISH and {one.owner for one in found.action.add} == {LEFT}
    begin = there.now
    until(there, None, ActionKind.DEPLOY)
    assert there.now >= begin + 600 and not there.problems


def test_without_its_records_it_goes_on_after_two_ttls() -> None:
    there = without_second()
    held(there)
    there.change_zone(LEFT, frozenset())
    found = run(there, after=1)
    assert (found.action.kind, kinds(found), found.earliest) == (ActionKind.NONE, [], there.now + 600)
    assert "owner_left_out" not in lints(found)
    there.advance(599)
    assert run(there).action.kind is ActionKind.NONE
    assert run(there, after=1).action.kind is ActionKind.DEPLOY
    assert not there.problems
    found = run(there, after=1)
    assert also_to_look_at(there.state(), (KEPT,)) == () and LEFT not in found.state.owners


def test_a_name_server_that_is_silent_about_it_is_no_absence() -> None:
    there = without_second()
    held(there)
    there.change_zone(LEFT, frozenset())
    run(there, after=1)
    there.servers[2].reachable = False
    for _number in range(3):
        found = run(there, after=1000)
        assert found.action.kind is ActionKind.NONE
    there.servers[2].reachable = True
    assert run(there, after=1).earliest == there.now + 600


def test_what_nobody_looked_at_is_not_forgotten() -> None:
    there = without_second()
    held(there)
    evidence = there.evidence(True)
    unseen = replace(evidence, owners=tuple(one for one in evidence.owners if one.owner != LEFT))
    found = run(there)
    state = found.state
    for hours in range(1, 4):
        reading = replace(unseen.reading, wall=there.now + 3600 * hours, uptime=unseen.reading.uptime + 3600 * hours)
        found = step(state, replace(unseen, reading=reading), reading.wall, there.policy)
        state = from_dict(as_dict(found.state))
        assert found.action.kind is ActionKind.NONE and kinds(found) == ["owner_left_out"]


def test_records_of_others_there_hold_nothing_up() -> None:
    there = without_second()
    there.owners = (KEPT,)  # the other name is another server's now
    there.change_zone(LEFT, frozenset([digest_record(3, 1, b"another server")]))
    found = run(there, after=1)
    assert "owner_left_out" not in lints(found)
    wish(there, roll=True)
    until(there, None, ActionKind.DEPLOY)
    assert not there.problems


def test_a_name_that_is_an_alias_now_of_one_that_is_kept_holds_nothing_up() -> None:
    there = without_second()
    run(there, after=1)
    there.lead(LEFT, KEPT, there.zone[KEPT])
    wish(there, roll=True)
    until(there, None, ActionKind.DEPLOY)
    assert not there.problems


def test_dane_is_not_ended_while_it_has_records() -> None:
    there = without_second()
    wish(there, goal=Goal.ABSENT)
    assert current(there) in there.zone[LEFT]
    for _number in range(20):
        found = run(there, after=1000)
    assert found.phase is RolloverPhase.DISABLING and kinds(found) == ["owner_left_out"]
    there.change_zone(LEFT, frozenset())
    found = run(there, after=1)
    assert (found.phase, found.earliest) == (RolloverPhase.DISABLING, there.now + 600)
    assert run(there, after=600).phase is RolloverPhase.DISABLED and not there.problems
