# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole rollovers, run by run: what is done, published, told and left alone. `World.check` watches the senders all the time."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_rollover import run as rollover_run
from ansible_collections.mailops.tls.plugins.module_utils._rollover.outside import AddressesFound
from ansible_collections.mailops.tls.plugins.module_utils._rollover.serving import Servings
from ansible_collections.mailops.tls.plugins.module_utils._rollover.serving import servings as real_servings
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import parse_wanted
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import pem_blocks
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Key, issue
from ansible_collections.mailops.tls.tests.unit.worlds.rolling import ADDRESS, CHAINS, HOST, HOUR, OWNER, World, long_ago

FIRST = ["publish", "stage", "publish", "none", "none", "none"]
ROLL = ["issue", "deploy", "none", "none", "retire", "discard", "stage", "publish", "none", "none", "none"]


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    return World(tmp_path, "ecdsa")


def rolled(world: World, **given: Any) -> None:
    """From no DANE to the second key."""
    before = world.digests()
    world.until("steady", **given)
    world.until("verified", roll=True, **given)
    world.until("steady", **given)
    assert not before & world.digests()


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


def test_keys_are_nowhere_but_in_their_files(world: World) -> None:
    rolled(world)
    folder = world.folder / "state" / "default"
    secrets = []
    for path in [folder, folder / "keys", *folder.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.is_dir():
            assert mode == 0o700
        elif path.name.endswith((".key.pem", ".json")):
            assert mode == 0o600
        if path.name.endswith(".key.pem"):
            (block,) = pem_blocks(path.read_bytes())
            secrets += block.text.decode().splitlines()[1:-1]
    told = json.dumps([[one.facts, one.diff, one.warnings] for one in world.runs]) + (folder / "state.json").read_text()
    assert len(secrets) >= 3 and not any(line in told for line in secrets) and "PRIVATE" not in told


def test_check_mode_says_what_comes_and_writes_nothing(world: World) -> None:
    would = world.run(check_mode=True)
    assert not (world.folder / "state").exists() and would.facts["action"]["kind"] == "publish" and not would.changed
    assert would.facts["dns"]["add"] and would.facts["message"].startswith("absent: would be the next step: to publish ")
    seen = []
    for number in range(len(FIRST) + len(ROLL)):
        before = _files(world)
        would = world.run(check_mode=True, roll=number == len(FIRST))
        assert _files(world) == before
        run = world.round(roll=number == len(FIRST))
        assert (would.facts["action"]["kind"], would.changed) == (run.facts["action"]["kind"], run.changed)
        assert not would.facts["action"]["done"]
        seen.append(run.facts["action"]["kind"])
    assert seen == FIRST + ROLL


def _files(world: World) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in world.folder.rglob("*") if path.is_file()}


def test_the_diff_has_phase_records_and_files(world: World) -> None:
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


def test_without_a_look_from_outside_nothing_is_published_first(world: World) -> None:
    run = world.round(look=False)
    assert run.facts["action"]["kind"] == "verify" and not run.facts["dns"]["add"]
    assert run.facts["verify"] == {
        "needed": True, "destinations": ["[mx.example.com]:25"], "implicit_destinations": [], "key_algorithms": ["any", "rsa", "ecdsa"],
    }  # fmt: skip


def test_a_lagging_secondary_is_named_and_holds(world: World) -> None:
    world.lagging.add("ns2")
    for _number in range(6):
        run = world.round()
    assert run.facts["action"]["kind"] == "none"
    assert "blocked by ns2.example.com (192.0.2.2): " in run.facts["message"] and "old RRset" in run.facts["message"]
    world.lagging.clear()
    world.transfer()
    world.until("steady")


@pytest.mark.parametrize("trouble", ["dead", "insecure"])
def test_uncertain_dns_holds_everywhere_in_a_rollover(world: World, trouble: str) -> None:
    for number in range(len(FIRST) + len(ROLL)):
        world.dead, world.secure = ({"ns2"}, True) if trouble == "dead" else (set(), False)
        before = _files(world)
        run = world.run(roll=number == len(FIRST))
        held = run.facts["action"]["kind"] == "none" and run.facts["blockers"]
        assert held or (trouble == "insecure" and not world.cache[1])
        changed = {path for path, content in _files(world).items() if before.get(path) != content}
        assert not held or changed <= {str(world.folder / "state" / "default" / "state.json")}
        world.dead, world.secure = set(), True
        world.round(roll=number == len(FIRST))
        world.wait(3 * HOUR)


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


def test_a_look_from_the_future_is_refused_before_anything_is_done(world: World) -> None:
    moment = datetime.fromtimestamp(world.now + 1, timezone.utc).isoformat()
    with pytest.raises(OptionError, match="verified_at.* is later than 2023-11-14T22:13:20Z, which the clock of this machine says"):
        world.run(verified_at=moment)
    assert not (world.folder / "state").exists()


def test_an_exchange_that_is_taken_out_while_it_has_records_keeps_its_key(world: World) -> None:
    world.until("steady")
    old = "old.example.com"
    world.run(exchanges=[HOST, old])
    before = world.digests()
    run = world.until("issued", roll=True)
    assert [one["owner"] for one in run.facts["tlsa"]] == [OWNER + ".", f"_25._tcp.{old}."]
    assert ("owner_left_out", "_25._tcp." + old) in [(one["id"], one["subject"]) for one in run.facts["findings"]]
    run = world.round()
    assert [one["id"] for one in run.facts["blockers"]] == ["owner_left_out"] and world.digests() == before


def test_what_is_served_by_a_name_that_was_taken_out_counts_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def servings(command: Any, directories: Any, hosts: tuple[str, ...], ports: tuple[int, ...]) -> Servings:
        asked.append((hosts, ports))
        return real_servings(command, directories, hosts, ports)

    monkeypatch.setattr(rollover_run, "servings", servings)
    world.until("steady")
    assert set(asked) == {((HOST,), (25,))}
    world.run(exchanges=[HOST, "old.example.com"], ports=[25, 587])
    asked.clear()
    world.run()
    assert set(asked) == {((HOST, "old.example.com"), (25, 587))}


@pytest.mark.parametrize(
    ("addresses", "text"),
    [
        (AddressesFound((ADDRESS, "2001:db8::25")), "mx.example.com [2001:db8::25]: nobody looked at this address"),
        (AddressesFound((ADDRESS,), "AAAA: SERVFAIL"), "could not be found out: AAAA: SERVFAIL"),
        (AddressesFound(), "finds no address"),
    ],
    ids=["one more", "uncertain", "none"],
)
def test_an_address_that_nobody_looked_at_may_serve_any_key(world: World, addresses: AddressesFound, text: str) -> None:
    everything = dict(world.addresses)
    world.addresses = {HOST: addresses}
    run = world.round()
    assert run.facts["action"]["kind"] == "verify" and not world.records
    assert [one["id"] for one in run.facts["blockers"]] == ["not_reached"] and text in run.facts["blockers"][0]["text"]
    world.addresses = everything
    world.until("steady")
    world.until("deployed", roll=True)
    world.addresses = {HOST: addresses}
    for _number in range(4):
        run = world.round()
        assert run.facts["phase"] == "deployed" and text in run.facts["message"]
    world.addresses = everything
    world.until("verified")


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


def test_the_clock_set_back_starts_the_wait_anew(world: World) -> None:
    world.until("aging")
    world.skew = -40 * 86400
    run = world.run()
    assert "clock_changed" in [one["id"] for one in run.facts["findings"]] and run.facts["action"]["kind"] == "none"
    earliest = run.facts["earliest"]
    world.round()
    assert earliest is not None and world.run().facts["phase"] == "aging"


def test_keys_made_after_the_clock_was_set_back_are_the_next_ones(world: World) -> None:
    rolled(world)
    world.skew = -100 * 86400
    world.until("steady")
    assert [len(world.runs[-1].facts["key_roles"][role]) for role in ("current", "next", "previous")] == [1, 1, 0]
    world.until("verified", roll=True)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"format": 1}', '{"format": 1, "state": {"version": 99}}', '{"format": 2}', "[" * 9000]
)
def test_a_state_that_cannot_be_read_holds_and_is_named(world: World, content: str) -> None:
    world.until("steady")
    path = world.folder / "state" / "default" / "state.json"
    path.write_text(content)
    before = _files(world)
    run = world.run(roll=True)
    assert run.facts["phase"] is None and not run.changed and _files(world) == before
    assert run.facts["blockers"][0]["id"] == "state_unreadable" and str(path) in run.facts["message"]
    assert list(run.facts) == list(world.runs[0].facts), "whoever reads results finds everything that is documented"


def test_a_lost_state_only_delays(world: World) -> None:
    for number in range(len(FIRST) + len(ROLL)):
        (world.folder / "state" / "default" / "state.json").unlink(missing_ok=True)
        world.round(roll=number == len(FIRST))
    world.until("steady", limit=60)
    world.until("verified", roll=True)


def test_another_run_is_under_way(world: World) -> None:
    world.round()
    descriptor = os.open(world.folder / "state" / "default", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    before = _files(world)
    run = world.run()
    os.close(descriptor)
    assert run.facts["blockers"][0]["id"] == "locked" and not run.changed and _files(world) == before
    assert "another run" in run.facts["message"]
    assert world.run().facts["action"]["kind"] == "stage"


def test_a_folder_that_others_can_write_to_is_refused(world: World) -> None:
    world.round()
    os.chmod(world.folder / "state" / "default" / "keys", 0o770)
    with pytest.raises(OptionError, match="writable for nobody else"):
        world.run()


def test_a_broken_postfix_holds(world: World) -> None:
    world.until("steady")
    world.instances[0].main[CHAINS] += ", /nowhere.pem"
    run = world.run(roll=True)
    assert [one["id"] for one in run.facts["blockers"]] == ["postfix_uncertain"] and "/nowhere.pem" in run.facts["message"]


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


@pytest.mark.parametrize("end", ["repaired", "removed"])
def test_files_stay_that_an_instance_names_which_is_not_given_any_more(tmp_path: Path, end: str) -> None:
    world = World(tmp_path, "ecdsa", instances=2)
    for one in world.instances:
        one.use_legacy()
    world.until("verified", roll=True)
    world.until("steady")
    given, left = world.instances
    named = [Path(left.main[one]) for one in ("smtpd_tls_cert_file", "smtpd_tls_key_file")]
    left.served = ()  # it is stopped, or found by other names now; its configuration stays
    fewer: dict[str, Any] = {"config_directories": [given.directory]}
    world.until("verified", roll=True, **fewer)
    for _number in range(6):
        run = world.round(**fewer)
    assert run.failure is not None and left.directory in run.failure and "config_directories" in run.failure
    assert all(one.parent.name == "keys" and one.exists() for one in named)
    if end == "repaired":
        left.main.update(smtpd_tls_cert_file="", smtpd_tls_key_file="")
    else:
        (tmp_path / "postfix1").rename(tmp_path / "gone")
    world.until("steady", **fewer)
    assert world.runs[-1].failure is None and not named[1].exists()


def test_files_stay_while_a_former_instance_cannot_be_asked(tmp_path: Path) -> None:
    world = World(tmp_path, "ecdsa", instances=2)
    world.until("verified", roll=True)
    left = world.instances[1]
    left.served = ()
    left.fails = ["postconf -x"]
    fewer: dict[str, Any] = {"config_directories": [world.instances[0].directory]}
    for _number in range(6):
        run = world.round(**fewer)
    assert run.failure is not None and left.directory in run.failure
    left.fails = []
    world.until("steady", **fewer)


def test_the_user_s_file_of_a_retired_key_is_named_until_it_is_gone(world: World) -> None:
    first = Path(world.instances[0].directory, "first.pem")
    world.until("steady")
    world.until("verified", roll=True)
    assert world.round().facts["findings"] == [], "it is the way back"
    for _number in range(8):
        run = world.round()
    (finding,) = run.facts["findings"]
    assert (finding["id"], finding["severity"], finding["subject"]) == ("retired_key_file", "warning", str(first))
    assert "PRIVATE" not in json.dumps(run.facts) and first.exists() and run.facts["alarms"] == []
    first.write_bytes(issue(HOST, key=Key.generate("ecdsa"), dns_names=(HOST,), **long_ago()).pem)
    assert world.round().facts["findings"] == [], "it has another key"
    assert json.loads((world.folder / "state" / "default" / "state.json").read_text())["left_behind"] == {}


def test_the_copies_of_a_retired_key_are_removed_and_not_named(world: World) -> None:
    rolled(world)
    Path(world.instances[0].directory, "first.pem").unlink()
    rolled(world)
    for _number in range(4):
        run = world.round()
    assert run.facts["findings"] == [] and len([one for one in world.keys if one.endswith(".key.pem")]) == 2
