# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rollover cannot replace, and instances with keys of their own, one scene each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import (
    Key,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import ActionKind, RolloverPhase
from ansible_collections.mailops.tls.tests.unit.makers.dane_scenes import (
    FIRST,
    NONE,
    OWNER,
    kinds,
    lints,
    next_key,
    record,
    rolled,
    run,
    settled,
    texts,
    until,
    wish,
    world,
)
from ansible_collections.mailops.tls.tests.unit.worlds.dane_histories import keep_first, publish_first
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import digest_record


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
