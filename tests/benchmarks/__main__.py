# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures everything, prints the tables and writes the page. Inside the test network: `lab.py up --bench 2000`, then `lab.py run`."""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Callable

from ..lab import bench
from . import page, playbook, workloads
from .audits import audits
from .diagnosis import diagnosis
from .domains import domains
from .fleet import fleet
from .mailboxes import mailboxes
from .measure import Spread, Usage, in_turn, sized, spread, tell
from .page import Section
from .rates import rates
from .reports import reports
from .scans import scans
from .streaming import streaming

NEAR, FAR = sized(500), sized(1000)
OURS, FINGER, FULL = "smtp_tls_probe", "posttls-finger", "smtp_tls_probe, 500 at a time"


def compare(found: dict[str, list[Usage]], goals: Sequence[str]) -> str:
    """Wall-clock and CPU time of both, and how they stand to each other."""
    ours, finger = found[OURS], found[FINGER]
    rows = []
    for what, goal in zip(("wall", "cpu"), goals):
        mine, theirs = ([getattr(usage, what) for usage in usages] for usages in (ours, finger))
        ratio = spread([mine_once / theirs_once for mine_once, theirs_once in zip(mine, theirs)])
        name = {"wall": "by the clock", "cpu": "CPU of the prober"}[what]
        rows.append([name, spread(mine).show(unit=" s"), spread(theirs).show(unit=" s"), ratio.show(), goal])
    head = ["", OURS, f"{FINGER}, {workloads.JOBS} at a time", "ratio", "goal"]
    return page.table(head, rows)


def near(rounds: int) -> str:
    """500 destinations next door, and where the CPU time goes."""
    destinations = bench.domains(NEAR)
    commands = {OURS: workloads.exchanges(destinations, 100), FINGER: workloads.finger(destinations)}
    found = in_turn(commands, rounds, warm_up=[OURS])
    sampled = in_turn({"sampled": workloads.exchanges(bench.domains(FAR), 100, sample=True)}, 1)["sampled"][0]
    areas = workloads.hot_spots([workloads.said(run.output) for run in found[OURS]], workloads.said(sampled.output)["areas"], NEAR)
    lines = [f"## {NEAR} destinations, servers next door\n", compare(found, ("at most 0.60", "at most 0.40"))]
    lines += ["Where the CPU time of `smtp_tls_probe` goes, per destination:\n", areas]
    return "\n".join(lines)


def far(rounds: int) -> str:
    """1000 destinations whose servers take 100 ms for each reply; memory with 500 probes at a time."""
    destinations = bench.domains(FAR, bench.RELAY_PORT)
    commands = {
        OURS: workloads.exchanges(destinations, 100),
        FINGER: workloads.finger(destinations),
        FULL: workloads.exchanges(destinations, 500),
    }
    with workloads.delaying_relays(bench.RELAY_PORT, bench.PORT):
        found = in_turn(commands, min(rounds, 2), warm_up=[OURS])
    peak = [[name, spread([usage.wall for usage in found[name]]).show(unit=" s"),
             spread([usage.peak for usage in found[name]]).show(0, " MB")] for name in (OURS, FULL)]  # fmt: skip
    peak[0][0] += ", 100 at a time (default)"
    return "\n".join([
        f"## {FAR} destinations, servers 100 ms away\n",
        "A relay holds back everything a server says for 100 ms; DNS is not delayed.\n",
        compare(found, ("at most 15 s", "")),
        "Memory, the peak resident set of the one process:\n",
        page.table(["", "by the clock", "memory (goal: 150 MB)"], peak),
    ])  # fmt: skip


def tasks(rounds: int) -> str:
    """Where the time of one task goes."""
    used, timings = playbook.measure_tasks(bench.domains(1), bench.domains(NEAR), rounds)
    imports = playbook.measure_imports(rounds)
    wall = {name: spread([usage.wall for usage in usages]).median for name, usages in used.items()}
    cpu = {name: spread([usage.cpu for usage in usages]).median for name, usages in used.items()}
    rows = [[name, _milliseconds(wall[name]), _milliseconds(cpu[name])] for name in wall]
    parts = [[package, _show(seconds)] for package, seconds in sorted(imports.items(), key=lambda item: -item[1].median)]
    parts += [["DNS", _show(timings["dns"])], ["the probe itself", _show(timings["total"])]]
    return "\n".join([
        "## One task of ansible-playbook\n",
        page.table(["ansible-playbook with", "by the clock", "CPU"], rows),
        "What a probe of one destination takes longer than `ansible.builtin.ping` consists of:\n",
        page.table(["", "by the clock"], parts),
    ])  # fmt: skip


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def _show(seconds: Spread) -> str:
    return Spread(*(1000 * number for number in (seconds.median, seconds.least, seconds.greatest))).show(0, " ms")


PARTS: Mapping[str, Callable[[int], str | Section]] = {
    "near": near, "far": far, "mailboxes": mailboxes, "scans": scans, "domains": domains, "rates": rates, "fleet": fleet,
    "streaming": streaming, "audits": audits, "reports": reports, "tasks": tasks, "diagnosis": diagnosis,
}  # fmt: skip


def measured(name: str, rounds: int) -> tuple[Section, bool]:
    """Measure one part and print it at once. A part that fails is told so in its place, and the others go on."""
    began = time.monotonic()
    try:
        found = PARTS[name](rounds)
        section, done = found if isinstance(found, Section) else Section(found), True
    except Exception:  # whatever it is, what others have measured is not to be lost
        traceback.print_exc()
        section, done = Section(f"## {name[0].upper()}{name[1:]}\n\nThis part of the run failed.\n"), False
    print(section.text, flush=True)
    tell(f"{name} took {time.monotonic() - began:.0f} s")
    return section, done


def main() -> None:
    """Measure, print, and write the page and its plots when all was measured. One part that failed makes the exit status 1."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure the probes in the test network.")
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], help="only these; then no page is written")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (default %(default)s)")
    parser.add_argument("--page", type=Path, help="write the page here, and its plots into images/ beside it")
    options = parser.parse_args()
    load, began = os.getloadavg()[0], time.monotonic()
    found = "" if options.part else page.programs()
    sections, failed = [], []
    for name in options.part or PARTS:
        section, done = measured(name, options.rounds)
        sections.append(section)
        failed += [] if done else [name]
    if options.page and not options.part:
        machine = page.machine(found, load, (time.monotonic() - began) / 60)
        plots = {name: svg for one in sections for name, svg in one.plots.items()}
        write(options.page, page.page([one.text for one in sections], machine), plots)
    tell(f"all of it took {(time.monotonic() - began) / 60:.0f} minutes")
    if failed:
        sys.exit(f"These parts failed: {', '.join(failed)}")


def write(path: Path, text: str, plots: Mapping[str, str]) -> None:
    """Write the page, and its plots in place of those of an earlier run."""
    folder = path.parent / page.IMAGES
    folder.mkdir(exist_ok=True)
    for old in folder.glob("bench-*.svg"):
        old.unlink()
    for name, svg in plots.items():
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
