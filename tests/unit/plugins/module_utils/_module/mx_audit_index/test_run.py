# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `mx_audit_index` as a task uses it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_changes.run import run_mx_audit_changes
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_index.run import run_mx_audit_index
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.tests.unit.makers.audit_files import written
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, endpoint, failed

RUNS = [f"2026050{day}T120000Z-5f0c1a2b" for day in range(1, 6)]
GOOD, BAD = audited("example.org", endpoint("mx.example.org")), failed("example.net", "dns_not_found")


class Task:
    """Calls the module with a store of its own."""

    def __init__(self, path: Path) -> None:
        self.path, self.store = path, path / "audit"

    def shard(self, *results: dict[str, Any], prober: str = "p1", **more: Any) -> dict[str, Any]:
        return {"prober": prober, "src": str(written(self.path / f"{prober}.jsonl", *results)), **more}

    def run(self, *shards: dict[str, Any], run: str = RUNS[0], check: bool = False, **more: Any) -> TaskResult:
        params = {"directory": str(self.store), "run": run, "shards": list(shards), "keep": None, "keep_facts": None, **more}
        return run_mx_audit_index(params, check_mode=check)

    def refused(self, *shards: dict[str, Any], **more: Any) -> OptionError:
        with pytest.raises(OptionError) as caught:
            self.run(*shards, **more)
        return caught.value


@pytest.fixture(name="task")
def fixture_task(tmp_path: Path) -> Task:
    return Task(tmp_path)


def test_a_run_of_two_probers(task: Task) -> None:
    result = task.run(task.shard(GOOD, expected=1), task.shard(BAD, prober="p2", expected=2))
    assert result.changed and result.warnings == ()
    taken = {"foreign": 0, "kept": 0, "refused": None}
    assert result.facts == {
        "run": RUNS[0], "path": str(task.store / "runs" / RUNS[0]), "whole": False,
        "counts": {"destinations": 2, "endpoints": 1, "by_status": {"failed": 1, "verified": 1}},
        "no_destinations": {"count": 0, "first": []},
        "probers": [
            {"prober": "p1", "file": "shard-p1.jsonl.gz", "expected": 1, "received": 1, "whole": True, **taken},
            {"prober": "p2", "file": "shard-p2.jsonl.gz", "expected": 2, "received": 1, "whole": False, **taken},
        ],
        "missing": ["p2"], "removed": [],
    }  # fmt: skip
    assert os.readlink(task.store / "latest") == f"runs/{RUNS[0]}"


def test_the_second_time_nothing_changes(task: Task) -> None:
    shards = [task.shard(GOOD, expected=1), {"prober": "p2", "src": None, "expected": 3}]
    first = task.run(*shards)
    second = task.run(*shards)
    assert first.changed and not second.changed and first.facts == second.facts


def test_check_mode_tells_the_same_and_writes_nothing(task: Task) -> None:
    shards = [task.shard(GOOD, expected=1), {"prober": "p2", "src": None, "expected": 3}]
    would = task.run(*shards, check=True)
    assert would.changed and not task.store.exists()
    assert would.facts == task.run(*shards).facts
    assert not task.run(*shards, check=True).changed
    assert not task.run({"prober": "p1", "src": None}, check=True).changed
    assert task.run(task.shard(BAD), check=True, keep=1).changed


def test_what_is_refused_or_left_out_is_told(task: Task) -> None:
    (task.path / "list").write_text("# ours\nexample.org,a comment\n\n", encoding="utf-8-sig")
    (task.path / "bad").write_text("no results\n")
    given = task.shard(GOOD, BAD, destinations_file=str(task.path / "list"))
    result = task.run(given, {"prober": "p2", "src": str(task.path / "bad"), "expected": 1})
    assert result.warnings == (
        "1 results of p1 were left out: they are of destinations that it was not given.",
        "What came of p2 was not taken: it has no header: it is of a version before 1.0.0, which did not note the options, or no file of"
        " results.",
    )
    assert result.facts["missing"] == ["p2"] and result.facts["probers"][0]["whole"]


def test_what_came_before_and_not_again_is_told(task: Task) -> None:
    task.run(task.shard(GOOD, BAD, expected=2))
    result = task.run(task.shard(BAD, expected=2))
    assert result.warnings == ("1 results of p1 had come before, and did not come again. They are kept.",)
    assert result.facts["whole"] and result.facts["probers"][0]["kept"] == 1


def test_something_in_the_place_of_the_link_is_told(task: Task) -> None:
    task.run(task.shard(GOOD))
    (task.store / "latest").unlink()
    (task.store / "latest").mkdir()
    result = task.run(task.shard(GOOD), run=RUNS[1])
    assert result.changed and result.warnings == (
        f"{task.store / 'latest'} is something else than a link, so it does not lead to the run that came last. Remove it.",
    )


def test_old_runs_lose_their_lines_and_then_their_facts(task: Task) -> None:
    for run in RUNS[:4]:
        task.run(task.shard(GOOD), run=run)
    result = task.run(task.shard(GOOD), run=RUNS[4], keep=2, keep_facts=4)
    assert result.facts["removed"] == RUNS[:3]
    assert sorted(os.listdir(task.store / "runs")) == RUNS[3:]
    from ansible_collections.mailops.tls.plugins.module_utils._audit.index import AuditIndex

    with AuditIndex(str(task.store / "audit.sqlite3")) as index:
        assert [one.name for one in index.runs()] == RUNS[1:]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"kind": "run", "shards": []}'])
def test_a_run_whose_header_cannot_be_read_is_kept_and_named(task: Task, damage: bytes) -> None:
    for run in RUNS[:3]:
        task.run(task.shard(GOOD), run=run)
    header = task.store / "runs" / RUNS[2] / "header.json"
    header.write_bytes(damage)
    result = task.run(task.shard(GOOD), run=RUNS[3], keep=2)
    assert result.facts["removed"] == [RUNS[0]] and sorted(os.listdir(task.store / "runs")) == RUNS[1:4]
    (warning,) = result.warnings
    assert warning == f"{header} cannot be read, so nobody knows what that run is. It is kept. Mend the file, or remove its folder."


def test_a_run_that_nobody_was_told_of_is_compared_with_no_more(task: Task) -> None:
    def told(run: str) -> tuple[Any, ...]:
        params: dict[str, Any] = {"directory": str(task.store), "run": run, "previous": None, "ignore": [], "max": 9, "vantages": False}
        found = run_mx_audit_changes(params, check_mode=False)
        return found.changed, found.facts["previous"], found.facts["changed_destinations"]

    for run, result in zip(RUNS, (GOOD, BAD, BAD)):
        task.run(task.shard(result), run=run)
    assert told(RUNS[2]) == (False, RUNS[1], [])
    task.run(task.shard(BAD), run=RUNS[3], untold=[RUNS[1], RUNS[2], "20200101T000000Z-unheard"])
    assert told(RUNS[3]) == (True, RUNS[0], ["example.net", "example.org"])
    (task.store / "audit.sqlite3").unlink()
    assert told(RUNS[3]) == (True, RUNS[0], ["example.net", "example.org"])
    assert task.refused(task.shard(BAD), run=RUNS[3], untold=[RUNS[3]]).option == "untold"


def test_a_clock_that_goes_back_does_not_change_the_order_of_runs(task: Task) -> None:
    for run in RUNS[1:3]:
        assert task.run(task.shard(GOOD), run=run).warnings == ()
    would = task.run(task.shard(GOOD), run=RUNS[0], keep=2, check=True)
    result = task.run(task.shard(GOOD), run=RUNS[0], keep=2)
    assert would.facts == result.facts and result.facts["removed"] == [RUNS[1]]
    assert os.readlink(task.store / "latest") == f"runs/{RUNS[0]}"
    (warning,) = result.warnings
    assert warning.startswith(f"The run {RUNS[0]} is named for a time before that of {RUNS[2]}, which came into the store first.")
    (task.store / "audit.sqlite3").unlink()
    assert task.run(task.shard(GOOD), run=RUNS[3], keep=2).facts["removed"] == [RUNS[2]]


@pytest.mark.parametrize("damage", [b"", b"not a database, but long enough to be one" * 100, None])
def test_an_index_that_is_lost_is_made_again(task: Task, damage: bytes | None) -> None:
    before = task.run(task.shard(GOOD, expected=1))
    index = task.store / "audit.sqlite3"
    if damage is None:
        index.unlink()
    else:
        index.write_bytes(damage)
    result = task.run(task.shard(BAD, prober="p2", expected=1), run=RUNS[1])
    assert bool(result.warnings) == bool(damage) and (task.store / "audit.sqlite3.damaged").exists() == bool(damage)
    assert task.run(task.shard(GOOD, expected=1)).facts == before.facts


def in_the_middle(index: Path) -> None:
    """Leave the beginning as it is, so that the damage is found on the way."""
    content = index.read_bytes()
    index.write_bytes(content[:4096] + bytes(len(content) - 4096))


def changed_by(statement: str) -> Callable[[Path], None]:
    def change(index: Path) -> None:
        database = sqlite3.connect(index)
        database.execute(statement)
        database.commit()
        database.close()

    return change


@pytest.mark.parametrize(
    "damage", [in_the_middle, changed_by("DROP TABLE facts"), changed_by("PRAGMA user_version = -1")], ids=["middle", "table", "version"]
)
def test_damage_that_is_found_later_is_mended_too(task: Task, damage: Callable[[Path], None]) -> None:
    before = task.run(task.shard(GOOD, expected=1))
    task.run(task.shard(GOOD, expected=1), run=RUNS[1])
    damage(task.store / "audit.sqlite3")
    (task.store / "audit.sqlite3-journal").write_bytes(b"of the damaged one")
    result = task.run(task.shard(BAD, expected=1), run=RUNS[2])
    assert len(result.warnings) == 1 and result.warnings[0].startswith("The index was damaged")
    assert result.facts["whole"] and result.facts["counts"]["destinations"] == 1
    assert (task.store / "audit.sqlite3.damaged").exists()
    assert task.run(task.shard(GOOD, expected=1)).facts == before.facts


@pytest.mark.parametrize(
    ("more", "option", "reason"),
    [
        ({"run": "../x"}, "run", "is not the name of a run"),
        ({"directory": ""}, "directory", "is not the name of a directory"),
        ({"directory": "/proc/nothing"}, "directory", "cannot be used"),
        ({"keep": 0}, "keep", "is no number of runs"),
        ({"keep": 3, "keep_facts": 2}, "keep_facts", "is less than keep"),
        ({"shards": []}, "shards", "names no prober"),
        ({"shards": [{"prober": ""}]}, "shards.prober", "is no name"),
        ({"shards": [{"prober": "a\tb"}]}, "shards.prober", "is no name"),
        ({"shards": [{"prober": "a"}, {"prober": "a"}]}, "shards.prober", "is there twice"),
        ({"shards": [{"prober": "a", "expected": -1}]}, "shards.expected", "is no number"),
        ({"shards": [{"prober": "a", "src": "/nonexistent"}]}, "shards.src", "is no file"),
        ({"shards": [{"prober": "a", "destinations_file": "/nonexistent"}]}, "shards.destinations_file", "cannot be read"),
    ],
)
def test_mistakes(task: Task, more: dict[str, Any], option: str, reason: str) -> None:
    caught = task.refused(task.shard(GOOD), **more)
    assert caught.option == option and caught.reason.startswith(reason)
    assert not task.store.exists()


def test_a_store_that_others_can_write_is_refused(task: Task) -> None:
    task.store.mkdir(mode=0o777)
    task.store.chmod(0o777)
    assert "can be written by others" in task.refused(task.shard(GOOD)).reason
