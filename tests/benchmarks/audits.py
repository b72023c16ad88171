# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two audits of many domains: kept, compared by the index and by their lines, and what they take on disk. Lines are made up, so no network.

Between the two nights 1 domain in 60 renews a certificate, 1 in 1000 has other TLSA records, and 1 in 2000 is lost or new. A run counts
only when it has found exactly those.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .measure import Command, Failed, Usage, in_turn, run, sized, spread
from .page import table

DOMAINS = sized(100_000, 4000)
NIGHTS = ("20260504T020000Z-00000001", "20260505T020000Z-00000002")
PROGRAM = """
import json, sys, time
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_changes.run import run_mx_audit_changes
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_index.run import run_mx_audit_index
given = json.load(sys.stdin)
wall, cpu = time.monotonic(), time.process_time()
result = {"index": run_mx_audit_index, "changes": run_mx_audit_changes}[given.pop("module")](given, check_mode=False)
print(time.monotonic() - wall, time.process_time() - cpu)
print(json.dumps(result.facts.get("changes", {}).get("by_kind")))
"""


def made(path: Path, night: int) -> None:
    """Write the results of a night."""
    program = ["-m", "ansible_collections.mailops.tls.tests.benchmarks.audit_nights", str(path), str(night), str(DOMAINS)]
    subprocess.run([sys.executable, "-B", *program], check=True, env={**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]})


def expected() -> dict[str, int]:
    """What is different between the two nights."""
    count = DOMAINS
    both = [number for number in range(count) if number % 4000 not in (0, 2000)]
    return {
        "gone": sum(number % 4000 == 2000 for number in range(count)),
        "new": sum(number % 4000 == 0 for number in range(count)),
        "renewed": sum(number % 60 == 7 for number in both),
        "tlsa": sum(number % 1000 == 5 for number in both),
    }


def command(module: str, wanted: Mapping[str, int] | None, **given: Any) -> Command:
    """One process that does what a task does, without Ansible."""

    def check(output: str) -> None:
        if json.loads(output.splitlines()[-1]) != wanted:
            raise Failed(f"{module} found {output[-500:]}, not {wanted}")

    environment = {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "PYTHONDONTWRITEBYTECODE": ""}
    return Command([sys.executable, "-c", PROGRAM], check, json.dumps({"module": module, **given}), environment)


def changes(**given: Any) -> Command:
    """What changed between the two nights."""
    unset = {"directory": None, "run": None, "previous": None, "before": None, "after": None}
    return command("changes", expected(), **{**unset, "ignore": [], "max": 100, "vantages": False, **given})


def audits(rounds: int) -> str:
    """Keep two audits and compare them."""
    with tempfile.TemporaryDirectory() as folder:
        store, kept, grown, one_each = Path(folder, "store"), [], [], 0.0
        for night, name in enumerate(NIGHTS):
            lines = Path(folder, "lines.jsonl")
            made(lines, night)
            shard = {"prober": "probe1", "src": str(lines), "expected": DOMAINS - DOMAINS // 4000}
            before = (store / "audit.sqlite3").stat().st_size if night else 0
            given = {"directory": str(store), "run": name, "shards": [shard], "keep": None, "keep_facts": None}
            kept.append(run(command("index", None, **given)))
            one_each = of_one_exchange(lines)
            grown.append((store / "audit.sqlite3").stat().st_size - before)
            lines.unlink()
        files = [[str(one) for one in sorted((store / "runs" / name).glob("shard-*"))] for name in NIGHTS]
        zipped = [sum(os.path.getsize(one) for one in each) for each in files]
        commands = {"from the index": changes(directory=str(store)), "from the lines": changes(before=files[0], after=files[1])}
        found = in_turn(commands, rounds)
    return "\n".join([
        f"## Two audits of {DOMAINS} domains\n",
        "Made-up results of two nights, 1.25 endpoints for each domain. Times are without Ansible and the start of Python.\n",
        _times({"mx_audit_index, each night": kept, **{f"mx_audit_changes, {name}": usages for name, usages in found.items()}}),
        "On disk:\n",
        _sizes(one_each, zipped, grown),
    ])  # fmt: skip


def _times(found: Mapping[str, list[Usage]]) -> str:
    goals = {"mx_audit_changes, from the index": "0.5 s", "mx_audit_changes, from the lines": "5 s"}
    rows = []
    for name, usages in found.items():
        wall, cpu = zip(*(map(float, one.output.splitlines()[-2].split()) for one in usages))
        peak = spread([one.peak for one in usages])
        rows.append([name, spread(wall).show(unit=" s"), spread(cpu).show(unit=" s"), peak.show(0, " MB"), goals.get(name, "")])
    return table(["", "by the clock", "CPU", "memory", "goal"], rows)


def of_one_exchange(lines: Path) -> float:
    """Return how many bytes a line has on average whose domain has one exchange."""
    with lines.open("rb") as stream:
        return statistics.mean(len(line) for line in stream if line.count(b'"timings":') == 1)


def _sizes(one_each: float, zipped: list[int], grown: list[int]) -> str:
    lines, endpoints = DOMAINS - DOMAINS // 4000, (DOMAINS - DOMAINS // 4000) * 1.25
    rows = [
        ["a line of one exchange", f"{one_each:.0f} bytes", "2500 bytes"],
        ["a line, compressed", f"{zipped[1] / lines:.0f} bytes", "300 bytes"],
        ["the index, for each endpoint", f"{grown[1] / endpoints:.0f} bytes", "350 bytes"],
    ]
    return table(["", "takes", "goal"], rows)
