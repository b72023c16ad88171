# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process ends between any two steps of any run, and the next run goes on. Nobody who sends mail notices."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.unit.worlds.rolling import CHAINS, HOUR, Killed, World

DEPLOYING = 21
"""Steps of a run that deploys one key into two instances; one more for being done."""


def killed_round(world: World, stop: int, **given: Any) -> bool:
    """Run and die at a step, then run again; returns whether there was such a step."""
    try:
        run = world.run(stop=stop, **given)
    except Killed:
        world.wait(60)
        world.round(**given)
        return True
    world.obey(run)
    world.wait(HOUR)
    return False


@pytest.mark.parametrize("stop", range(DEPLOYING + 1))
def test_killed_at_the_same_step_of_every_run(tmp_path: Path, stop: int) -> None:
    world = World(tmp_path, "ecdsa", instances=2)
    first, deaths = world.digests(), 0
    for number in range(38 if stop < 5 else 22):  # keys that were made here are removed in other steps
        deaths += killed_round(world, stop, roll=number in (8, 22))
    assert (deaths > 0) == (stop < DEPLOYING)
    assert_rolled(world, first, 2)


@pytest.mark.parametrize("stop", [3, 4, 7, 14, 20, 25, 32, 38])
def test_killed_between_two_keys(tmp_path: Path, stop: int) -> None:
    world = World(tmp_path, "rsa", "ecdsa", instances=2)
    first = world.digests()
    for number in range(30):
        killed_round(world, stop, roll=number == 8)
    assert_rolled(world, first, 4)


def assert_rolled(world: World, first: set[str], keys: int) -> None:
    """Current and next keys are there, and nothing else: no old key or record, no copy, no half of a file."""
    assert world.runs[-1].facts["phase"] == "steady" and not world.digests() & first
    assert {one.data.hex() for one in world.records} > world.digests() and len(world.records) == keys
    assert len([one for one in world.keys if one.endswith(".key.pem")]) == keys
    for instance in world.instances:
        there = {os.path.join(instance.directory, one) for one in os.listdir(instance.directory) if one != "first.pem"}
        assert there == set(instance.main[CHAINS].split(", "))
    assert not list(world.folder.rglob(".*"))


@pytest.mark.parametrize("stop", range(19))
def test_killed_while_a_deployment_is_taken_back(tmp_path: Path, stop: int) -> None:
    world = World(tmp_path, "ecdsa", instances=2)
    first = world.digests()
    world.until("steady")
    world.until("deployed", roll=True)
    spoiled = world.probe()
    spoiled[0]["endpoints"][0]["status"] = "untrusted"
    try:
        world.run(verification=spoiled, stop=stop)
    except Killed:
        world.wait(60)
    for number in range(6):
        world.round(verification=spoiled if number == 0 else world.probe())
    assert world.digests() == first
    assert "rolled_back" in [one["id"] for one in world.runs[-1].facts["blockers"]]


def test_half_written_files_are_cleared_away(tmp_path: Path) -> None:
    world = World(tmp_path, "ecdsa")
    world.round()
    folder = tmp_path / "state" / "default"
    halves = [folder / ".state.json.0123456789abcdef", folder / "keys" / ".20231114-221320-rsa-0011.key.pem.0123456789abcdef"]
    for path in halves:
        path.write_text("half")
    world.run(check_mode=True)
    assert all(path.exists() for path in halves)
    world.run()
    assert not any(path.exists() for path in halves)
