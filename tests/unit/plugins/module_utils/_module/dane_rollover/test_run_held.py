# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds a rollover: uncertain DNS, looks from outside, the state and its folder, the clock."""

from __future__ import annotations

import fcntl
import os
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_rollover import run as rollover_run
from ansible_collections.mailops.tls.plugins.module_utils._rollover.outside import AddressesFound
from ansible_collections.mailops.tls.plugins.module_utils._rollover.serving import Servings
from ansible_collections.mailops.tls.plugins.module_utils._rollover.serving import servings as real_servings
from ansible_collections.mailops.tls.tests.unit.worlds.rolling import (
    ADDRESS,
    CHAINS,
    FIRST,
    HOST,
    HOUR,
    OWNER,
    ROLL,
    World,
    files,
    rolled,
)


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
        before = files(world)
        run = world.run(roll=number == len(FIRST))
        held = run.facts["action"]["kind"] == "none" and run.facts["blockers"]
        assert held or (trouble == "insecure" and not world.cache[1])
        changed = {path for path, content in files(world).items() if before.get(path) != content}
        assert not held or changed <= {str(world.folder / "state" / "default" / "state.json")}
        world.dead, world.secure = set(), True
        world.round(roll=number == len(FIRST))
        world.wait(3 * HOUR)


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
    before = files(world)
    run = world.run(roll=True)
    assert run.facts["phase"] is None and not run.changed and files(world) == before
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
    before = files(world)
    run = world.run()
    os.close(descriptor)
    assert run.facts["blockers"][0]["id"] == "locked" and not run.changed and files(world) == before
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
