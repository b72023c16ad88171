# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole rollovers, run by run: what is done, published and told. `World.check` watches the senders all the time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import parse_wanted
from ansible_collections.mailops.tls.tests.unit.worlds.rolling import (
    CHAINS,
    FIRST,
    HOST,
    OWNER,
    ROLL,
    World,
    files,
    rolled,
)


@pytest.mark.parametrize(("kinds", "instances"), [(["ecdsa"], 1), (["rsa", "ecdsa"], 1), (["rsa", "ecdsa"], 2)])
def test_from_no_dane_to_a_rolled_key(tmp_path: Path, kinds: list[str], instances: int) -> None:
    world = World(tmp_path, *kinds, instances=instances)
    first = world.digests()
    for _number in FIRST:
        world.round()
    assert world.actions == FIRST and world.runs[-1].facts["phase"] == "steady"
    assert world.digests() == first and len(world.records) == 2 * len(kinds)
    for number in range(len(ROLL)):
        world.round(roll=number == 0)
    assert world.actions[len(FIRST) :] == ROLL and world.runs[-1].facts["phase"] == "steady"
    assert len(world.digests()) == len(kinds) and not world.digests() & first
    assert {one.data.hex() for one in world.records} > world.digests() and len(world.records) == 2 * len(kinds)
    for instance in world.instances:
        files = [one for one in os.listdir(instance.directory) if one != "first.pem"]
        assert sorted(os.path.join(instance.directory, one) for one in files) == sorted(instance.main[CHAINS].split(", "))


def test_older_parameters_stay_in_use(world: World) -> None:
    instance = world.instances[0]
    instance.use_legacy()
    first = world.digests()
    world.until("steady")
    for _number in range(2):
        world.until("verified", roll=True)
        world.until("steady")
        world.until("steady")
        world.round()
        keys = str(world.folder / "state" / "default" / "keys")
        assert {os.path.dirname(instance.main[one]) for one in ("smtpd_tls_cert_file", "smtpd_tls_key_file")} == {keys}
        assert CHAINS not in instance.main and os.listdir(instance.directory) == ["first.pem"]
    assert not first & world.digests() and len([one for one in world.keys if one.endswith(".key.pem")]) == 2


def test_a_key_is_rolled_by_its_age(world: World) -> None:
    world.until("steady")
    assert world.round(key_max_age=0.0).facts["earliest"] is None
    due = world.run(key_max_age=2.0).facts["earliest"]
    assert due == "2023-11-16T22:13:20Z"
    world.until("deployed", key_max_age=2.0, limit=48)


def test_check_mode_says_what_comes_and_writes_nothing(world: World) -> None:
    would = world.run(check_mode=True)
    assert not (world.folder / "state").exists() and would.facts["action"]["kind"] == "publish" and not would.changed
    assert would.facts["dns"]["add"] and would.facts["message"].startswith("absent: would be the next step: to publish ")
    seen = []
    for number in range(len(FIRST) + len(ROLL)):
        before = files(world)
        would = world.run(check_mode=True, roll=number == len(FIRST))
        assert files(world) == before
        run = world.round(roll=number == len(FIRST))
        assert (would.facts["action"]["kind"], would.changed) == (run.facts["action"]["kind"], run.changed)
        assert not would.facts["action"]["done"]
        seen.append(run.facts["action"]["kind"])
    assert seen == FIRST + ROLL


def test_the_diff_has_phase_records_andfiles(world: World) -> None:
    run = world.round()
    (record,) = world.records
    assert run.diff["before"] == {"phase": "absent", "records": {OWNER: []}, "files": []}
    assert run.diff["after"] == {"phase": "absent", "records": {OWNER: [str(record)]}, "files": []}
    run = world.round()
    (path,) = run.diff["after"]["files"]
    assert run.diff["after"]["phase"] == "staged" and path.endswith(".key.pem") and os.path.exists(path)


def test_records_have_the_ttl_of_their_name_or_the_one_that_was_asked_for(world: World) -> None:
    first = world.round(ttl=300)
    assert [one["ttl"] for one in first.facts["dns"]["add"]] == [300]
    world.round()
    assert [one["ttl"] for one in world.run(ttl=300).facts["dns"]["add"]] == [3600]
    assert world.runs[-1].facts["dns"]["single_records"]["add"][0]["record"] == OWNER + "."
    assert world.runs[-1].facts["dns"]["split_records"]["add"][0]["record"] == HOST


@pytest.mark.parametrize(
    "target", ["_25._tcp.tlsa.example.org", "tlsa201._dane.example.org", "tlsa201.example", r"a\.b._dane.example.org", "*._dane.example"]
)
def test_a_key_is_rolled_at_the_target_of_an_alias(world: World, target: str) -> None:
    world.target = target
    run = world.round()
    assert {one["owner"] for one in run.facts["dns"]["add"]} == {target + "."}
    assert {one["record"] for one in run.facts["dns"]["single_records"]["add"]} == {target + "."}
    assert parse_wanted(run.facts["dns"]["add"])[0].owner == target
    rolled(world)
    assert "retire" in world.actions


def test_a_key_of_another_kind_stays_with_its_records(tmp_path: Path) -> None:
    world = World(tmp_path, "rsa", "ecdsa")
    kept = world.digests("rsa")
    rolled_kind = world.digests("ecdsa")
    world.until("steady", algorithms=["ecdsa"])
    world.until("verified", algorithms=["ecdsa"], roll=True)
    world.until("steady", algorithms=["ecdsa"])
    assert world.digests("rsa") == kept and not world.digests("ecdsa") & rolled_kind
    assert {one.data.hex() for one in world.records} == kept | world.digests()


def test_may_deploy_is_one_server_s_turn(world: World) -> None:
    world.until("steady")
    old = world.digests()
    for _number in range(4):
        run = world.round(roll=True, may_deploy=False)
    assert world.digests() == old and run.facts["phase"] in ("ready", "issued")
    world.until("deployed", roll=True)


def test_records_of_strangers_are_left_alone(world: World) -> None:
    world.round()
    stranger = TlsaRecord(3, 1, 1, b"\x07" * 32)
    world.publish([stranger])
    world.until("steady")
    world.until("verified", roll=True)
    world.until("steady")
    assert stranger in world.records
    assert "stale_record" in [one["id"] for one in world.runs[-1].facts["findings"]]
