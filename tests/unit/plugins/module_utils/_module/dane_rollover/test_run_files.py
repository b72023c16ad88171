# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of keys: where they are, which are removed, and which have to stay."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import pem_blocks
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Key, issue
from ansible_collections.mailops.tls.tests.unit.worlds.rolling import (
    HOST,
    World,
    long_ago,
    rolled,
)


def test_keys_are_nowhere_but_in_theirfiles(world: World) -> None:
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
