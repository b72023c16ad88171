# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller that keeps an audit is killed at every step. The run after it comes to what it comes to without a kill, and tells it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.unit.makers.audit_files import written
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, endpoint, failed, lost
from ansible_collections.mailops.tls.tests.unit.makers.killed_store import kept

OLD, RUN, NEXT = "20260503T120000Z-aa", "20260504T120000Z-bb", "20260505T120000Z-cc"
BAD, GOOD = audited("example.org", lost("mx.example.org")), audited("example.org", endpoint("mx.example.org"))
PROGRAM = """
import json, sys
from pathlib import Path
given = json.load(sys.stdin)
sys.path[:0] = given["path"]
from ansible_collections.mailops.tls.tests.unit.makers.killed_store import killed_everywhere
print(json.dumps(killed_everywhere(Path(given["base"]), Path(given["place"]), given["task"], given["later"])))
"""
STEPS = (
    "os.rename .shard-p1.jsonl.gz", "fsync", "os.rename .header.json", "COMMIT", "os.symlink", "os.rename .changes.jsonl",
    "os.rename .report.csv",
)  # fmt: skip
"""Some that have to be among those that are met."""


CASES = [("nothing", True), ("a run before", True), ("a run before", False), ("half of the run", True)]


@pytest.mark.parametrize(("there", "goes_on"), CASES)
def test_a_killed_controller_leaves_nothing_half_done_and_nothing_untold(tmp_path: Path, there: str, goes_on: bool) -> None:
    base = tmp_path / "base"
    base.mkdir(0o700)
    whole = str(written(tmp_path / "whole", BAD, failed("example.net", "dns_not_found"), BAD))
    if there != "nothing":
        kept(base, OLD, str(written(tmp_path / "old", GOOD)), 1)
    if there == "half of the run":
        kept(base, RUN, str(written(tmp_path / "half", BAD)), 2)
    task: list[Any] = [RUN, whole, 2]
    later = task if goes_on else [NEXT, whole, 2, [RUN]]
    given = {"path": sys.path, "base": str(base), "place": str(tmp_path), "task": task, "later": later}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=json.dumps(given), text=True, check=True, env=dict(os.environ), stdout=subprocess.PIPE
    )
    found = json.loads(done.stdout)
    assert not found["wrong"]
    lacking = {one for one in STEPS if not any(step.startswith(one) for step in found["steps"])}
    assert lacking <= ({"os.symlink"} if there == "half of the run" else set()), found["steps"]
