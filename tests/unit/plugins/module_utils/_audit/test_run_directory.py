# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a store: names that lead nowhere else, one writer at a time, and what is not believed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import (
    KeptShard,
    RunDirectory,
    RunHeader,
    StoreError,
    shard_name,
)

RUN, OLDER = "20260504T120000Z-5f0c1a2b", "20260503T120000Z-ffffffff"
SHARD = KeptShard("p1", shard_name("p1"), "00", 3, 3)


@pytest.fixture(name="store")
def fixture_store(tmp_path: Path) -> RunDirectory:
    store = RunDirectory(str(tmp_path / "store"))
    store.prepare()
    return store


def test_it_belongs_to_its_user_alone(store: RunDirectory) -> None:
    store.make_run(RUN)
    store.prepare_index()
    modes = [os.stat(path).st_mode & 0o777 for path in (store.path, store.run_path(RUN), store.index)]
    assert modes == [0o700, 0o700, 0o600]


def test_a_folder_that_others_can_write_is_refused(store: RunDirectory) -> None:
    os.chmod(store.path, 0o777)
    with pytest.raises(StoreError, match="can be written by others"):
        store.prepare()


@pytest.mark.parametrize("run", ["", "..", "../x", "20260504T120000Z-", "20260504T120000Z-a/b", "20260504T120000Z-a\n", "x" * 99])
def test_no_name_of_a_run_leads_elsewhere(store: RunDirectory, run: str) -> None:
    with pytest.raises(ValueError, match="is no name of a run"):
        store.run_path(run)


def test_a_run_says_what_it_consists_of(store: RunDirectory) -> None:
    store.make_run(RUN)
    for shards in ((SHARD,), (SHARD, KeptShard("p2", None, None, 5, 0, "nothing came of it"))):
        header = RunHeader(RUN, shards, {"security_level": "dane"})
        store.write_header(header)
        assert store.header(RUN) == header
        told = json.loads(Path(store.run_path(RUN), "header.json").read_text())
        assert (told["kind"], told["whole"], len(told["shards"])) == ("run", header.is_whole, len(shards))
    assert store.header(OLDER) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"shards": [1], "options": {}}', b'{"shards": [], "options": []}',
     b'{"shards": [], "options": {}, "sequence": -1}', b'{"shards": [], "options": {}, "sequence": true}',
     b'{"options": {}, "shards": [{"prober": "p", "file": "../../x", "digest": "", "expected": 1, "received": 1, "reason": null}]}'],
)  # fmt: skip
def test_a_header_that_cannot_be_used_is_none(store: RunDirectory, content: bytes) -> None:
    Path(store.make_run(RUN), "header.json").write_bytes(content)
    assert store.header(RUN) is None


def test_a_header_of_somebody_else_is_not_believed(store: RunDirectory) -> None:
    path = Path(store.make_run(RUN), "header.json")
    path.write_bytes(b"{}")
    path.chmod(0o666)
    with pytest.raises(OSError, match="can be written by others"):
        store.header(RUN)


@pytest.mark.parametrize(
    ("shard", "whole"),
    [
        (SHARD, True),
        (KeptShard("p1", "file", "00", None, 3), True),
        (KeptShard("p1", "file", "00", 4, 3), False),
        (KeptShard("p1", None, None, 0, 0, "nothing came of it"), False),
        (KeptShard("p1", "file", "00", 3, 3, "it is not clear"), False),
    ],
)
def test_what_is_whole(shard: KeptShard, whole: bool) -> None:
    assert shard.is_whole == RunHeader(RUN, (SHARD, shard), {}).is_whole == whole
    assert not RunHeader(RUN, (), {}).is_whole


def latest(store: RunDirectory) -> str:
    assert store.point_at_latest()
    return os.path.basename(os.readlink(os.path.join(store.path, "latest")))


def test_latest_leads_to_the_run_that_came_last_and_has_something(store: RunDirectory) -> None:
    assert store.point_at_latest() and not os.path.lexists(os.path.join(store.path, "latest"))
    for sequence, run in enumerate((RUN, OLDER), 1):
        store.make_run(run)
        store.write_header(RunHeader(run, (SHARD,), {}, sequence))
        assert latest(store) == run
    assert os.readlink(os.path.join(store.path, "latest")) == f"runs/{OLDER}"
    store.make_run("20270101T000000Z-00000000")
    assert latest(store) == OLDER
    store.drop_lines(OLDER)
    assert latest(store) == RUN and store.runs() == ["20270101T000000Z-00000000", RUN]
    assert os.path.samefile(os.path.join(store.path, "latest"), store.run_path(RUN))


@pytest.mark.parametrize("make", [os.mkdir, lambda path: Path(path).write_text("mine")])
def test_what_is_no_link_is_left_alone(store: RunDirectory, make: Callable[[str], object]) -> None:
    path = os.path.join(store.path, "latest")
    make(path)
    store.make_run(RUN)
    store.write_header(RunHeader(RUN, (SHARD,), {}, 1))
    assert not store.point_at_latest() and not os.path.islink(path)


def test_runs_of_a_store_that_did_not_note_their_order_are_in_that_of_their_names(store: RunDirectory) -> None:
    for run, sequence in ((RUN, 0), (OLDER, 0), ("20250101T000000Z-00000000", 1)):
        store.make_run(run)
        store.write_header(RunHeader(run, (SHARD,), {}, sequence))
    assert store.runs() == [OLDER, RUN, "20250101T000000Z-00000000"]


def test_other_things_in_the_folder_are_no_runs(store: RunDirectory) -> None:
    os.mkdir(os.path.join(store.path, "runs", "lost+found"))
    store.make_run(RUN)
    Path(store.path, "runs", OLDER).write_bytes(b"a file with the name of a run")
    assert store.runs() == [RUN] and RunDirectory(store.path + "/none").runs() == []


def test_of_a_run_that_was_put_elsewhere_the_link_is_removed(store: RunDirectory, tmp_path: Path) -> None:
    elsewhere = tmp_path / "larger-disk"
    os.rename(store.make_run(RUN), elsewhere)
    os.symlink(elsewhere, store.run_path(RUN))
    store.write_header(RunHeader(RUN, (SHARD,), {}, 1))
    assert store.runs() == [RUN] and store.header(RUN) is not None
    store.drop_lines(RUN)
    assert store.runs() == [] and (elsewhere / "header.json").exists()


def test_one_writes_at_a_time(store: RunDirectory) -> None:
    code = f"""
import sys
sys.path[:0] = {sys.path!r}
from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import RunDirectory
with RunDirectory({store.path!r}).locked(0):
    print("in", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None and other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(StoreError, match="is being written by another task"), store.locked(0):
            pass
        other.stdin.close()
        with store.locked():
            pass


def test_what_a_killed_writer_left_is_swept_away(store: RunDirectory) -> None:
    store.make_run(RUN)
    code = f"""
import os, sys
sys.path[:0] = {sys.path!r}
from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import RunDirectory
shard = RunDirectory({store.path!r}).new_shard({RUN!r}, "p1")
shard.stream.write(b"half")
shard.stream.flush()
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert len(os.listdir(store.run_path(RUN))) == 1
    store.make_run(RUN)
    assert os.listdir(store.run_path(RUN)) == []
