# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that keeps an audit is killed at every step: what was there stays, and the next task finds nothing half done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.index import AuditIndex
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_index.run import run_mx_audit_index
from ansible_collections.mailops.tls.tests.unit.makers.audit_files import written
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, endpoint, failed, lost

OLD, RUN = "20260503T120000Z-aa", "20260504T120000Z-bb"
BAD, GOOD = audited("example.org", lost("mx.example.org")), audited("example.org", endpoint("mx.example.org"))
PROGRAM = """
import json, os, sys
given = json.load(sys.stdin)
sys.path[:0] = given["path"]
from ansible_collections.mailops.tls.plugins.module_utils._audit import intake
from ansible_collections.mailops.tls.plugins.module_utils._audit.index import AuditIndex
from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import NewShard, RunDirectory
from ansible_collections.mailops.tls.plugins.module_utils._audit.shard_file import ShardWriter
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_index.run import run_mx_audit_index

owner, name = {
    "line": (ShardWriter, "add"), "rows": (AuditIndex, "put"), "sorted in": (AuditIndex, "take_over"),
    "named": (NewShard, "keep"), "header": (RunDirectory, "write_header"), "run": (AuditIndex, "put_run"), "link": (os, "symlink"),
    "removed": (RunDirectory, "drop_lines"),
}[given["step"]]
real, left = getattr(owner, name), given["calls"]

def killed(*arguments, **more):
    global left
    left -= 1
    if left == 0 and not given["after"]:
        os._exit(9)
    result = real(*arguments, **more)
    if left == 0:
        os._exit(9)
    return result

setattr(owner, name, killed)
run_mx_audit_index(given["params"], check_mode=False)
"""


def params(folder: Path, run: str, *results: dict[str, Any], keep: int | None = None) -> dict[str, Any]:
    source = str(written(folder / f"{run}.jsonl", *results))
    shard = {"prober": "p1", "src": source, "expected": 2}
    return {"directory": str(folder / "store"), "run": run, "shards": [shard], "keep": keep, "keep_facts": None}


def state(folder: Path) -> Any:
    """What a store comes to: its files, and its rows by the names of runs."""
    files = sorted(
        (str(path.relative_to(folder / "store")), path.read_bytes() if path.suffix in (".gz", ".json") else b"")
        for path in (folder / "store").rglob("*") if not path.name.endswith((".sqlite3", ".sqlite3-journal"))
    )  # fmt: skip
    with AuditIndex(str(folder / "store/audit.sqlite3")) as index:
        return files, {one.name: (one.whole, list(index.all_rows(one.id))) for one in index.runs()}


STEPS = [("line", 3), ("rows", 3), ("sorted in", 1), ("named", 1), ("header", 1), ("run", 3), ("link", 1), ("removed", 1)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("step", "calls"), STEPS, ids=str)
def test_a_killed_task_leaves_nothing_half_done(tmp_path: Path, step: str, calls: int, after: bool) -> None:
    clean, folder = tmp_path / "clean", tmp_path / "killed"
    second = (BAD, failed("example.net", "dns_not_found"), GOOD)
    for path in (clean, folder):
        path.mkdir()
        run_mx_audit_index(params(path, OLD, GOOD), check_mode=False)
    before = state(folder)[1][OLD]
    run_mx_audit_index(params(clean, RUN, *second, keep=1), check_mode=False)
    given = {"path": sys.path, "step": step, "calls": calls, "after": after, "params": params(folder, RUN, *second, keep=1)}
    done = subprocess.run([sys.executable, "-c", PROGRAM], input=json.dumps(given), text=True, check=False, env=dict(os.environ))
    assert done.returncode == 9, "it did not come to this step"
    with AuditIndex(str(folder / "store/audit.sqlite3")) as index:
        runs = {one.name: one for one in index.runs()}
        assert list(index.all_rows(runs[OLD].id)) == before[1]
        there = list(index.all_rows(runs[RUN].id)) if RUN in runs else []
    assert there in ([], state(clean)[1][RUN][1]), "half a share is in the index"
    run_mx_audit_index(given["params"], check_mode=False)  # type: ignore[arg-type]
    assert state(folder) == state(clean)
