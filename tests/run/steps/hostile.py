# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What strangers can do to a prober: hostile servers and resolvers, and the fuzz harnesses over their corpus.

On the newest Python and libraries only: it is about our own code, and unit tests cover the same code on the others. The
coverage-guided fuzzer over the same harnesses is for people who have time: `tests/fuzz/run.sh`.
"""

from __future__ import annotations

import toolboxes
from workshop import Skipped, Workshop

from steps.step import Step
from steps.units import run_pytest


def tested(workshop: Workshop, folder: str) -> None:
    """Run the tests of a folder with the newest libraries."""
    if not workshop.has(folder):
        raise Skipped(f"no {folder} in the tree")
    run_pytest(workshop, toolboxes.core_new(workshop) / "python", [folder])


def hostile(workshop: Workshop) -> None:
    """Hostile servers and resolvers: each ends as a result, in time, in bounded memory, and a good one is judged right."""
    tested(workshop, "tests/hostile")


def fuzz(workshop: Workshop) -> None:
    """Every parser of bytes from outside, over its kept corpus and mutations of it."""
    tested(workshop, "tests/fuzz")


STEPS = [
    Step("hostile", "units", hostile),
    Step("fuzz", "units", fuzz),
]
