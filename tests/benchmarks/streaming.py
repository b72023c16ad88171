# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long lists at the door: going on with a hundred thousand results, and what Ansible itself needs."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from .fleet import RESOLVER, resolver
from .measure import Command, Failed, here, in_turn, run, sized, spread
from .page import table
from .playbook import playbook
from .workloads import said

RESUMED = sized(100_000)
LISTED = (sized(1000), sized(20_000))
"""Destinations that do not exist, for the memory of ansible-playbook."""


def streaming(rounds: int) -> str:
    """All of it, as a section of the page."""
    with resolver():
        parts = [
            "## Long lists\n",
            f"Going on with the results of {RESUMED} destinations, of which none is left to do:\n",
            resume(rounds),
            "ansible-playbook with a list in a file, the largest of its processes:\n",
            ansible(),
        ]
    return "\n".join(parts)


def resume(rounds: int) -> str:
    """Time and memory of a run that finds everything done."""

    def check(output: str) -> None:
        found = said(output)
        if found["resumed"] != RESUMED or found["destinations"] != RESUMED:
            raise Failed(f"the resumed run says {found}")

    with tempfile.TemporaryDirectory() as folder:
        environment = {"PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "PYTHONDONTWRITEBYTECODE": ""}
        program = [sys.executable, str(here() / "streaming_client.py"), folder, str(RESUMED)]
        run(Command([*program, "make"], lambda _output: None, environment=environment))
        usages = in_turn({"resume": Command([*program, "resume"], check, environment=environment)}, rounds)["resume"]
    told: list[dict[str, Any]] = [said(one.output) for one in usages]
    rows = [
        ["by the clock", spread([one["wall"] for one in told]).show(unit=" s"), "at most 5 s"],
        ["CPU", spread([one["cpu"] for one in told]).show(unit=" s"), ""],
        ["memory over that of the imports", spread([one["grown"] for one in told]).show(0, " MB"), "at most 40 MB"],
    ]
    return table(["", "", "goal"], rows)


def ansible() -> str:
    """Memory of ansible-playbook with lists of two sizes."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for count in LISTED:
            listed = Path(folder, f"list{count}")
            listed.write_text("".join(f"d{number}.none.fleet.test\n" for number in range(count)), encoding="ascii")
            given = {"listed": str(listed), "results": f"{listed}.jsonl", "expected": str(count), "nameserver": RESOLVER}
            usage = run(Command(playbook("listed", given), lambda _output: None))
            rows.append([f"{count} destinations", f"{usage.peak:.0f} MB", "at most 120 MB"])
    return table(["", "memory", "goal"], rows)
