# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports: the page of many graded domains, made and opened in Chromium, and every format for ten times as many. Lines are made up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .measure import Command, Failed, Usage, here, in_turn, run, sized, spread
from .page import table

GRADED, MANY = sized(10_000), sized(100_000)
FORMATS = ("html", "csv", "junit", "prometheus", "tlsrpt", "icinga", "terminal")
PROGRAM = """
import json, sys, time
from datetime import datetime, timezone
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.arguments import report_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.options import report_options
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.run import make_report
from ansible_collections.mailops.tls.plugins.plugin_utils._report_formats import FORMATS
options = report_options(ArgumentSpecValidator(report_arguments()).validate(json.load(sys.stdin)).validated_parameters)
wall, cpu = time.monotonic(), time.process_time()
made = make_report(options, FORMATS[options.format], datetime.now(timezone.utc))
print(json.dumps([time.monotonic() - wall, time.process_time() - cpu, made.size]))
"""


def lines(path: Path, count: int) -> Path:
    """Write the results that reports are made of."""
    program = ["-m", "ansible_collections.mailops.tls.tests.benchmarks.report_lines", str(path), str(count)]
    subprocess.run([sys.executable, "-B", *program], check=True, env={**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]})
    return path


def making(source: Path, dest: Path, kind: str, policies: Sequence[str] = ()) -> Command:
    """One process that does what the task does, without Ansible; there has to be a report afterwards."""

    def check(output: str) -> None:
        size = json.loads(output.splitlines()[-1])[2]
        if not size or dest.stat().st_size != size:
            raise Failed(f"{dest} has not the {size} bytes that were told:\n{output[-2000:]}")

    given = {"src": [str(source)], "dest": str(dest), "format": kind, "policy": list(policies) or None}
    environment = {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "PYTHONDONTWRITEBYTECODE": ""}
    return Command([sys.executable, "-c", PROGRAM], check, json.dumps(given), environment)


def opening(folder: Path, name: str, rounds: int) -> Command:
    """Chromium with the page."""
    environment = {"REPORT_PAGES": str(folder), "REPORT_MODULES": os.environ["BENCH_BROWSER"]}
    return Command(["node", str(here() / "page_times.mjs"), name, str(rounds)], lambda _output: None, environment=environment)


def reports(rounds: int) -> str:
    """Make reports, and open the page."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        graded = lines(place / "graded.jsonl", GRADED)
        made = in_turn({"page": making(graded, place / "page.html", "html", ["ncsc-2025"])}, rounds)["page"]
        shown = json.loads(run(opening(place, "page", 4 * rounds)).output.splitlines()[-1])
        source = lines(place / "many.jsonl", MANY)
        found = {kind: run(making(source, place / f"report.{kind}", kind)) for kind in FORMATS}
    return "\n".join([
        f"## Reports of {GRADED} and of {MANY} domains\n",
        f"The page of {GRADED} scanned domains, graded by `ncsc-2025`. Times are without Ansible and the start of Python:\n",
        _page(made, shown),
        f"Every format, of {MANY} domains without grades:\n",
        table(["format", "by the clock", "CPU", "memory", "size"], [_row(kind, usage) for kind, usage in found.items()]),
    ])  # fmt: skip


def _said(usage: Usage) -> tuple[float, float, float]:
    wall, cpu, size = json.loads(usage.output.splitlines()[-1])
    return wall, cpu, size / 1_000_000


def _page(made: Sequence[Usage], shown: dict[str, list[float]]) -> str:
    wall, cpu, size = zip(*map(_said, made))
    rows = [
        ["made, by the clock", spread(wall).show(1, " s"), "10 s"],
        ["made, CPU", spread(cpu).show(1, " s"), ""],
        ["memory", spread([one.peak for one in made]).show(0, " MB"), ""],
        ["size", f"{size[0]:.2f} MB", "5 MB"],
        ["loaded in Chromium", spread(shown["load"]).show(unit=" s"), "1 s"],
        ["sorted", spread(shown["sort"]).show(unit=" s"), "0.5 s"],
        ["filtered", spread(shown["filter"]).show(unit=" s"), ""],
        ["one domain opened", spread(shown["open"]).show(unit=" s"), ""],
    ]
    return table(["", "takes", "goal"], rows)


def _row(kind: str, usage: Usage) -> list[str]:
    wall, cpu, size = _said(usage)
    return [kind, f"{wall:.1f} s", f"{cpu:.1f} s", f"{usage.peak:.0f} MB", f"{size:.2f} MB"]
