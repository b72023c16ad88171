# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `tls_grade`: results in, grades and counts out. It reads the files that options name, and nothing else."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.given import read_given
from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import NotGradable, Tally, grades, report_line, subject_of
from ansible_collections.mailops.tls.plugins.module_utils._grade.levels import Level
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._module.tls_grade.options import GradeOptions, grade_options
from ansible_collections.mailops.tls.plugins.module_utils._module.tls_grade.results_source import file_results

_NAMED = 10
_ORDER = [level.value for level in (Level.GOOD, Level.SUFFICIENT, Level.NOT_TESTED, Level.PHASE_OUT, Level.INSUFFICIENT)]
"""Which grades are kept where there are too many: those that say something has to be done."""


def run_tls_grade(params: Mapping[str, Any]) -> TaskResult:
    """Grade results.

    Args:
        params: the parameters of `tls_grade`, as its argument specification leaves them.

    Raises:
        OptionError: for an option that cannot be used. Nothing has been graded then.
    """
    options = grade_options(params, read_given)
    kept = _Kept(options)
    for found in grades(_results(options), options.policies, options.rules, options.domain_facts):
        kept.add(found)
    return TaskResult(kept.as_facts(), failure=kept.failure())


def _results(options: GradeOptions) -> Iterator[Mapping[str, Any]]:
    if options.results_file is not None:
        yield from file_results(options.results_file)
        return
    for number, result in enumerate(options.results or ()):
        try:
            subject_of(result)
        except NotGradable as problem:
            raise OptionError("results", f"item {number}", str(problem)) from problem
    yield from options.results or ()


class _Kept:
    """The grades that are returned, and what is counted of all of them."""

    def __init__(self, options: GradeOptions) -> None:
        self._options = options
        self._tally = Tally()
        self._worst: list[tuple[int, int, dict[str, Any]]] = []
        self._number = 0
        self._below: list[str] = []
        self._untested: list[str] = []
        self._failed = [0, 0]

    def add(self, found: dict[str, Any]) -> None:
        """Take one grade."""
        self._tally.add(found)
        self._number += 1
        entry = (_ORDER.index(found["level"]), -self._number, found)
        if len(self._worst) < self._options.grades_max:
            heapq.heappush(self._worst, entry)
        elif self._options.grades_max:
            heapq.heappushpop(self._worst, entry)
        bound = self._options.fail_below
        if bound is not None and Level(found["level"]).below(bound):
            self._note(0, self._below, found)
        elif found["level"] == Level.NOT_TESTED.value:
            self._note(1, self._untested, found)

    def _note(self, which: int, names: list[str], found: Mapping[str, Any]) -> None:
        self._failed[which] += 1
        if len(names) < _NAMED:
            guilty = [one["id"] for one in found["checks"] if one["mandatory"] and one["level"] == found["level"]]
            names.append(f"{found['subject']} ({found['policy']}: {found['level']}, {', '.join(guilty[:5]) or 'no item'})")

    def as_facts(self) -> dict[str, Any]:
        """Return the return values."""
        in_order = [found for _rank, _number, found in sorted(self._worst, key=lambda entry: -entry[1])]
        return {
            "grades": in_order,
            "left_out": self._number - len(in_order),
            "counts": self._tally.as_facts(),
            "report": [report_line(one) for one in in_order],
        }

    def failure(self) -> str | None:
        """Return the text to fail with."""
        texts = []
        below, untested = self._failed
        if below and self._options.fail_below is not None:
            bound = self._options.fail_below.value
            texts.append(f"{below} of {self._number} grades are below {bound}: {self._listed(self._below, below)}")
        if untested and self._options.fail_untested:
            texts.append(f"{untested} of {self._number} grades are not tested to the end: {self._listed(self._untested, untested)}")
        return "; ".join(texts) or None

    @staticmethod
    def _listed(names: list[str], number: int) -> str:
        return "; ".join(names) + (f"; and {number - len(names)} more" if number > len(names) else "")
