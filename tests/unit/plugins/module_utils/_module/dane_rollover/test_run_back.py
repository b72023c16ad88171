# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments that go wrong and their way back; aborts, emergencies, and the end of DANE."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Key, issue
from ansible_collections.mailops.tls.tests.unit.worlds.rolling import (
    CHAINS,
    HOST,
    HOUR,
    OWNER,
    World,
    long_ago,
)


def test_a_deployment_that_does_not_verify_is_taken_back(world: World) -> None:
    old = world.digests()
    world.until("steady")
    world.until("deployed", roll=True)
    assert not old & world.digests()
    spoiled = world.probe()
    spoiled[0]["endpoints"][0]["status"] = "untrusted"
    run = world.run(verification=spoiled)
    assert run.facts["action"]["kind"] == "roll_back" and run.facts["action"]["done"] and world.digests() == old
    assert world.instances[0].main[CHAINS] != str(world.folder / "postfix0" / "first.pem")
    for _number in range(5):
        run = world.round()
        assert world.digests() == old
    assert [one["id"] for one in run.facts["blockers"]] == ["rolled_back"]
    world.until("verified", roll=True)
    assert not old & world.digests()


def test_what_was_seen_before_a_deployment_does_not_verify_it(world: World) -> None:
    world.until("steady")
    world.until("issued", roll=True)
    seen, moment = world.probe(), datetime.fromtimestamp(world.now, timezone.utc).isoformat()
    world.wait(60)
    world.until("deployed")
    run = world.run(verification=seen, verified_at=moment)
    assert run.facts["phase"] == "deployed" and run.facts["action"]["kind"] == "verify"
    with pytest.raises(OptionError, match="is needed with verification"):
        world.run(verification=seen, verified_at=None)
    assert world.round().facts["phase"] == "verified"


def test_there_is_a_way_back_when_the_file_of_the_old_key_is_gone(world: World) -> None:
    old = world.digests()
    world.until("steady")
    world.until("deployed", roll=True)
    (world.folder / "postfix0" / "first.pem").unlink()
    spoiled = world.probe()
    spoiled[0]["endpoints"][0]["status"] = "untrusted"
    assert world.run(verification=spoiled).failure is None and world.digests() == old


def test_instances_get_back_what_each_had(tmp_path: Path) -> None:
    world = World(tmp_path, "ecdsa", instances=2)
    key = Key.generate("ecdsa")
    for number, instance in enumerate(world.instances):
        instance.replace(issue(HOST, key=key, dns_names=(HOST,), serial=number + 1, **long_ago()))
    old = [one.served for one in world.instances]
    assert len(set(old)) == 2
    world.until("steady")
    world.until("deployed", roll=True)
    assert [one.served for one in world.instances] != old
    spoiled = world.probe()
    spoiled[0]["endpoints"][0]["status"] = "untrusted"
    run = world.run(verification=spoiled)
    assert run.failure is None
    assert [[chain.certificate for chain in one.served] for one in world.instances] == [[chain.certificate for chain in one] for one in old]


def test_instances_with_keys_of_their_own_are_not_rolled_together(tmp_path: Path) -> None:
    world = World(tmp_path, "ecdsa", instances=2)
    world.instances[1].replace(issue(HOST, key=Key.generate("ecdsa"), dns_names=(HOST,), **long_ago()))
    old = [one.served for one in world.instances]
    world.until("steady")
    run = world.until("issued", roll=True)
    run = world.round(roll=True)
    assert [one["id"] for one in run.facts["blockers"]] == ["different_keys"] and [one.served for one in world.instances] == old


def test_a_reload_that_fails_is_told_and_tried_again(world: World) -> None:
    old = world.digests()
    world.until("steady")
    world.until("issued", roll=True)
    world.instances[0].fails = ["postfix check"]
    run = world.round()
    assert run.failure is not None and "postfix check failed" in run.failure and world.digests() == old
    assert run.facts["blockers"][0]["id"] == "failed" and not run.facts["action"]["done"]
    world.instances[0].fails = []
    world.until("deployed")


def test_abort_gives_up_the_next_key(world: World) -> None:
    world.until("aging")
    kinds = [world.round(abort=True).facts["action"]["kind"] for _number in range(9)]
    assert [one for one in kinds if one != "none"] == ["retire", "discard"] and not world.keys
    assert len(world.records) == 1
    world.until("steady")


def test_abort_is_too_late_after_the_deployment(world: World) -> None:
    world.until("steady")
    world.until("deployed", roll=True)
    assert [one["id"] for one in world.run(abort=True).facts["blockers"]] == ["abort_too_late"]


def test_the_end_of_dane(world: World) -> None:
    world.until("steady")
    world.until("disabled", state="absent")
    assert not world.records and world.actions[-4:].count("retire") == 1
    assert {one["owner"] for run in world.runs for one in run.facts["dns"]["remove"]} == {OWNER + "."}


def test_an_emergency_with_an_aged_next_key(world: World) -> None:
    world.until("steady", min_wait=30 * HOUR, limit=60)
    old = world.digests()
    kinds = [world.round(60, emergency=True).facts["action"]["kind"] for _number in range(8)]
    assert kinds[:5] == ["issue", "deploy", "none", "retire", "discard"] or kinds[:4] == ["issue", "deploy", "retire", "discard"]
    assert not old & {one.data.hex() for one in world.records}


def test_an_emergency_before_the_next_key_is_ready_asks_what_to_do(world: World) -> None:
    world.until("aging")
    run = world.round(emergency=True)
    assert [one["id"] for one in run.facts["blockers"]] == ["exposure"] and "accept_exposure" in run.facts["message"]
    world.until("deployed", emergency=True, accept_exposure=True)
