# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What turns mail away now is told in the same run, in every phase; what a look from outside saw, in every run that has one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._finding import Severity
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import EndpointSight, Evidence, Fault, Key, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase, Step
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.step import step
from ansible_collections.mailops.tls.tests.unit.makers.dane_scenes import (
    FIRST,
    NONE,
    OTHER,
    OWNER,
    badly_deployed,
    next_key,
    record,
    run,
    settled,
    until,
    wish,
    world,
)
from ansible_collections.mailops.tls.tests.unit.worlds.dane_histories import publish_first
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import OWNERS, digest_record
from ansible_collections.mailops.tls.tests.unit.worlds.dane_world import World

HOUR = 3600
STRANGER = Key("rsa", b"by hand")


def alarms(found: Step) -> list[str]:
    return [one.id for one in found.alarms]


def text(found: Step) -> str:
    return "; ".join(one.text for one in found.alarms)


def judged(there: World, **changes: Any) -> Step:
    """A run in which something is seen otherwise than it is."""
    return step(there.state(), replace(there.evidence(True), **changes), there.now, there.policy)


def serve(there: World, key: Key, place: int = 0) -> None:
    there.deployed[place][key.algorithm] = there.chain(key)


# --- keys and records that do not match ---------------------------------------------------------------------------------


def test_a_key_exchanged_by_hand_is_published_and_told_until_caches_know() -> None:
    there = settled()
    assert run(there, after=10).alarms == ()
    serve(there, STRANGER)
    found = run(there, look=False, after=10)
    assert found.action.kind is ActionKind.PUBLISH and record(STRANGER) in [one.record for one in found.action.add]
    assert alarms(found) == ["no_record_matches"] and found.alarms[0].since == there.now
    assert text(found) == (
        f"no record 3 1 1 matches the rsa key {STRANGER.digest[:16]}..., which Postfix serves: senders with DANE turn away now"
    )
    since = there.now
    found = run(there, look=False, after=100)
    assert alarms(found) == ["no_record_matches"] and found.alarms[0].since == since
    assert "(at the resolver)" in text(found)
    found = run(there, look=False, after=250)
    assert "caches may have records 3 1 1 of which none matches" in text(found) and "for 50 seconds more" in text(found)
    assert run(there, look=False, after=51).alarms == ()


@pytest.mark.parametrize(
    "phase",
    [
        RolloverPhase.STAGED, RolloverPhase.PUBLISHED, RolloverPhase.AGING,
        RolloverPhase.VERIFIED, RolloverPhase.RETIRING,
    ],
)
def test_a_key_exchanged_by_hand_is_told_in_every_phase(phase: RolloverPhase) -> None:
    there = world(key_max_age=1200)
    until(there, phase)
    serve(there, STRANGER)
    assert "no_record_matches" in alarms(run(there, after=10))


@pytest.mark.parametrize("wanted", [{"goal": Goal.ABSENT}, {"abort": True}, {"emergency": True}])
def test_a_key_exchanged_by_hand_is_told_whatever_is_wanted(wanted: dict[str, Any]) -> None:
    there = settled()
    serve(there, STRANGER)
    wish(there, **wanted)
    assert alarms(run(there, after=10)) == ["no_record_matches"]


def test_a_key_in_one_of_two_instances_is_told() -> None:
    there = settled(instances=2)
    serve(there, STRANGER, 1)
    assert STRANGER.digest[:16] in text(run(there, after=10))


def test_a_key_of_another_kind_added_by_hand_is_told() -> None:
    there = settled()
    serve(there, Key("ecdsa", b"another kind"))
    found = run(there, after=10)
    assert "matches the ecdsa key" in text(found) and alarms(found) == ["no_record_matches"]


def test_the_next_key_served_by_hand_is_told_only_while_it_is_young() -> None:
    there = world()
    until(there, RolloverPhase.AGING)
    serve(there, next_key(there))
    assert "caches may have" in text(run(there, look=False, after=1))
    there = settled()
    serve(there, next_key(there))
    assert run(there, look=False, after=1).alarms == ()


def test_a_server_or_the_resolver_that_lacks_the_record_is_named() -> None:
    there = settled()
    there.servers[2].zone = {**there.servers[2].zone, OWNER: frozenset({digest_record(3, 1, b"old")})}
    found = run(there, look=False, after=10, sync=False)
    assert "serves (at ns3.example.net (2001:db8::53))" in text(found)
    there = settled()
    there.resolved = {OWNER: (frozenset({digest_record(3, 1, b"old")}), there.now + 200)}
    assert "(at the resolver)" in text(run(there, look=False, after=10))


def test_a_combination_that_matches_nothing_is_told_and_named() -> None:
    there = settled()
    leftover = TlsaRecord(2, 0, 1, b"\x01" * 32)
    there.change_zone(OWNER, there.zone[OWNER] | {leftover})
    assert "no record 2 0 1 matches" in text(run(there, after=10))


def test_another_server_below_the_name_counts_too() -> None:
    there = settled()
    chain = ServedChain(STRANGER, (), there.now + 10**6, "mx9")
    seen = EndpointSight(OWNER, "192.0.2.99", False, True, False, (chain,))
    found = judged(there, outside=(*(there.evidence(True).outside or ()), seen))
    assert "which mx1.example.org [192.0.2.99] serves" in text(found)


def test_records_that_nobody_can_validate_turn_no_mail_away() -> None:
    there = settled()
    serve(there, STRANGER)
    there.secure = False
    found = run(there, look=False, after=10)
    (told,) = [one for one in found.findings if one.id == "no_record_matches"]
    assert told.severity is Severity.WARNING and told.since is None and not found.alarms and "if the records were signed" in told.text


def test_no_records_no_alarm() -> None:
    there = world()
    serve(there, STRANGER)
    assert run(there, look=False).alarms == ()


# --- usage 2, Postfix, signatures -----------------------------------------------------------------------------------------


def anchored(**changes: Any) -> World:
    there = world()
    there.change_zone(OWNER, frozenset({digest_record(3, 1, FIRST.spki), digest_record(2, 1, b"ca 1")}))
    there.transfer()
    there.deployed[0]["rsa"] = replace(there.deployed[0]["rsa"], **changes)
    return there


def test_an_ended_certificate_below_usage_2_is_told() -> None:
    found = run(anchored(not_after=0), look=False)
    assert alarms(found) == ["expired_leaf_under_ta"] and text(found).startswith("Postfix: the certificate of the rsa key")
    assert run(anchored(), look=False).alarms == ()


@pytest.mark.parametrize(
    ("names", "told"), [(("mx1.example.org",), False), (("*.example.org",), False), (None, False), (("mx2.example.org",), True), ((), True)]
)
def test_a_certificate_without_the_name_below_usage_2_is_told(names: tuple[str, ...] | None, told: bool) -> None:
    found = run(anchored(names=names), look=False)
    assert alarms(found) == (["ta_name_mismatch"] if told else [])
    there = settled()
    there.deployed[0]["rsa"] = replace(there.deployed[0]["rsa"], names=names)
    assert run(there, look=False, after=10).alarms == (), "for usage 3 names do not count"


@pytest.mark.parametrize(
    ("changes", "identifier"),
    [
        ({"deployed_error": "/etc/postfix/key.pem: No such file"}, "postfix_uncertain"),
        ({"deployed": ()}, "nothing_deployed"),
        ({"without_tls": ("/etc/postfix: smtp/inet",)}, "starttls_not_offered"),
    ],
)
def test_postfix_that_cannot_serve_tls_is_told_where_records_are(changes: dict[str, Any], identifier: str) -> None:
    assert identifier in alarms(judged(settled(), **changes))
    assert judged(world(), **changes).alarms == ()
    there = settled()
    there.secure = False
    assert judged(there, **changes).alarms == ()


def test_a_signature_that_has_ended_is_told() -> None:
    there = settled()
    evidence = there.evidence(False)
    for left, told in ((10, []), (0, ["signature_near_expiry"])):
        servers = tuple(replace(one, signature_expiration=there.now + left) for one in evidence.owners[0].servers)
        found = judged(there, owners=(replace(evidence.owners[0], servers=servers),))
        assert list(dict.fromkeys(alarms(found))) == told


# --- what was seen from outside -------------------------------------------------------------------------------------------


def look(there: World, after: int, *seen: EndpointSight) -> Step:
    """A run, saved, with another view from outside."""
    there.advance(after)
    there.transfer()
    evidence = replace(there.evidence(True), outside=seen or there.evidence(True).outside)
    return saved(there, evidence)


def saved(there: World, evidence: Evidence) -> Step:
    honest = there.evidence
    there.evidence = lambda look_outside: evidence  # type: ignore[method-assign]
    try:
        return there.run()
    finally:
        there.evidence = honest  # type: ignore[method-assign]


def dead(address: str = "192.0.2.25", problem: str = "Connection refused", fault: Fault | None = Fault.NOT_REACHED) -> EndpointSight:
    return EndpointSight(OWNER, address, True, False, False, (), problem, fault)


def errors(found: Step) -> list[tuple[str, int | None]]:
    return [(one.id, one.since) for one in found.findings if one.severity is Severity.ERROR]


@pytest.mark.parametrize(
    "phase",
    [
        RolloverPhase.ABSENT, RolloverPhase.STAGED, RolloverPhase.AGING,
        RolloverPhase.STEADY, RolloverPhase.VERIFIED,
    ],
)
def test_a_server_that_is_down_is_a_finding_in_every_phase(phase: RolloverPhase) -> None:
    there = world(key_max_age=0 if phase is RolloverPhase.STEADY else 1200)
    if phase is not RolloverPhase.ABSENT:
        until(there, phase, NONE if phase is RolloverPhase.STEADY else None)
    found = look(there, 10, dead())
    assert errors(found) == [("not_reached", there.now)]
    assert [one.text for one in found.findings if one.id == "not_reached"] == ["mx1.example.org [192.0.2.25]: Connection refused"]


def test_what_was_seen_from_outside_is_an_alarm_when_it_lasts() -> None:
    there = settled(key_max_age=0)
    since = there.now + HOUR
    assert look(there, HOUR, dead()).alarms == ()
    assert look(there, HOUR, dead(problem="timed out")).alarms == ()
    found = look(there, HOUR, dead(problem="no STARTTLS", fault=Fault.STARTTLS_NOT_OFFERED))
    assert alarms(found) == ["starttls_not_offered"] and found.alarms[0].since == since
    assert found.phase is RolloverPhase.STEADY and found.action.kind is NONE
    assert look(there, 10).alarms == () and errors(look(there, 10)) == []
    assert look(there, HOUR, dead()).alarms == (), "it begins anew"


def test_one_address_of_several_has_a_time_of_its_own() -> None:
    there = settled(key_max_age=0)
    good = (there.evidence(True).outside or ())[0]
    look(there, HOUR, dead(), dead("2001:db8::25"))
    look(there, HOUR, good, dead("2001:db8::25"))
    found = look(there, HOUR, dead(), dead("2001:db8::25"))
    assert [one.address for one in found.alarms] == ["2001:db8::25"]


def test_runs_that_do_not_look_neither_end_it_nor_tell_it() -> None:
    there = settled(key_max_age=0)
    look(there, HOUR, dead())
    found = run(there, look=False, after=HOUR)
    assert errors(found) == [] and found.alarms == ()
    assert alarms(look(there, HOUR, dead())) == ["not_reached"]


def lost() -> EndpointSight:
    """What stands for a second host that was to look and could not."""
    return EndpointSight(OWNER, "no address", True, False, False, (), "no look from out2", looked=False)


def test_what_one_of_two_hosts_saw_is_an_alarm_while_the_other_is_lost() -> None:
    there = settled(key_max_age=0)
    look(there, HOUR, dead(), lost())
    look(there, HOUR, dead(), lost())
    found = look(there, HOUR, dead(), lost())
    assert alarms(found) == ["not_reached"] and "192.0.2.25" in found.alarms[0].text


def test_a_host_that_is_lost_is_no_alarm_and_ends_none() -> None:
    there = settled(key_max_age=0)
    (good,) = there.evidence(True).outside or ()
    look(there, HOUR, dead())
    for _number in range(3):
        assert errors(look(there, HOUR, good, lost())) == []
    assert alarms(look(there, HOUR, dead())) == ["not_reached"], "the time goes on from what was seen by all"


def test_a_key_is_verified_only_when_every_host_has_looked() -> None:
    there = settled()
    until(there, None, ActionKind.DEPLOY)
    (good,) = there.evidence(True).outside or ()
    found = look(there, 10, good, lost())
    assert found.phase is RolloverPhase.DEPLOYED and found.state.verified_since is None
    assert [one.text for one in found.blockers] == ["mx1.example.org: no look from out2"]
    assert look(there, 10, good).phase is RolloverPhase.VERIFIED


def test_a_key_is_taken_back_by_what_one_of_two_hosts_saw() -> None:
    there = badly_deployed()
    seen = there.evidence(True).outside or ()
    found = look(there, 10, *seen, lost())
    assert (found.phase, found.action.kind) == (RolloverPhase.DEPLOYED, ActionKind.ROLL_BACK)


@pytest.mark.parametrize(("grace", "told"), [(0, True), (None, False)])
def test_the_grace_can_be_none_or_for_ever(grace: int | None, told: bool) -> None:
    there = settled(outside_grace=grace, key_max_age=0)
    look(there, 10, dead())
    assert bool(look(there, 10**6, dead()).alarms) is told
    assert bool(look(settled(outside_grace=grace), 10, dead()).alarms) is told


def test_a_server_that_is_not_verified_or_serves_another_key_is_a_finding() -> None:
    there = settled(key_max_age=0)
    (good,) = there.evidence(True).outside or ()
    refused = replace(good, verified=False, problem="it is untrusted: no matching DANE TLSA records")
    assert [name for name, _since in errors(look(there, 10, refused))] == ["not_verified"]
    other = replace(good, chains=(ServedChain(next_key(there), (), there.now + 10**6, "x"),))
    assert [name for name, _since in errors(look(there, 10, other))] == ["address_mismatch"]


def test_a_name_that_nobody_looked_at_is_a_finding() -> None:
    there = world(owners=OWNERS)
    publish_first(there)
    (first, _second) = there.evidence(True).outside or ()
    found = look(there, 10, first)
    assert ("not_reached", there.now) in errors(found)
    assert any(one.subject == OTHER and "nobody looked from outside" in one.text for one in found.findings)


def test_a_look_from_before_a_deployment_says_nothing() -> None:
    there = settled()
    until(there, RolloverPhase.ISSUED)
    evidence = replace(there.evidence(True), outside=(dead(),), outside_at=there.now - 1)
    assert errors(saved(there, evidence)) == []


def test_a_clock_set_back_leaves_no_time_in_the_future() -> None:
    there = settled(key_max_age=0)
    look(there, 10, dead())
    there.offset = -5000
    found = look(there, 10, dead())
    assert errors(found) == [("not_reached", there.now - 5000)]
