# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results folded as they come: counted, and told by a report and a list of what is not as expected, neither longer than a limit (pure).

A `Share` is what one result adds. It is plain data, so that another process can make it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._results.expect import Unmet

Results = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Telling:
    """How results of one module are told.

    Attributes:
        summarize: any number of results as numbers.
        report: any number of results as lines.
        unmet: what of any number of results is not as expected; none where nothing is.
        status: the word by which one result is counted.
        good: whether one result is as it should be, so that a report can do without it.
    """

    summarize: Callable[[Results], Mapping[str, Any]]
    report: Callable[[Results], Sequence[str]]
    unmet: Callable[[Results], Sequence[Unmet]] | None
    status: Callable[[Mapping[str, Any]], str] = lambda result: str(result["status"])
    good: Callable[[Mapping[str, Any]], bool] = lambda result: bool(result["satisfied"])

    def not_met(self, results: Results) -> Sequence[Unmet]:
        """Return what of any number of results is not as expected."""
        return self.unmet(results) if self.unmet is not None else ()


class Share(NamedTuple):
    """What one result adds."""

    status: str
    summary: Mapping[str, Any]
    good: bool
    report: Sequence[str]
    unmet: Sequence[Unmet]


class Shares:
    """Makes shares. No more lines of a report are made than can be of use."""

    def __init__(self, telling: Telling, limit: int) -> None:
        self._telling, self._limit = telling, limit
        self._lines = {True: 0, False: 0}

    def look_inside(self, result: Mapping[str, Any]) -> bool:
        """Tell whether more of a result is looked at than how it ended."""
        return self._telling.unmet is not None or self._lines[self._telling.good(result)] < self._limit

    def of(self, result: Mapping[str, Any]) -> Share:
        """Return what a result adds."""
        good = self._telling.good(result)
        unmet = self._telling.not_met([result])
        report: Sequence[str] = ()
        if self._lines[good] < self._limit:
            report = self._telling.report([result])
            self._lines[good] += len(report)
        return Share(self._telling.status(result), self._telling.summarize([result]), good, report, unmet)


@dataclass
class Tally:
    """All shares together. What is not good comes first in a report that has no room for all."""

    limit: int
    count: int = 0
    summary: dict[str, Any] = field(default_factory=dict)
    unmet: list[Unmet] = field(default_factory=list)
    unmet_total: int = 0
    _wrong: list[Sequence[str]] = field(default_factory=list)
    _right: list[Sequence[str]] = field(default_factory=list)

    def add(self, share: Share) -> None:
        """Add one."""
        self.count += 1
        add_counts(self.summary, share.summary)
        if share.report:
            (self._right if share.good else self._wrong).append(share.report)
        self.unmet_total += len(share.unmet)
        self.unmet += share.unmet[: self.limit - len(self.unmet)]

    def report(self, subjects: str) -> list[str]:
        """Return the lines there is room for, and how many *subjects* are not in them."""
        lines: list[str] = []
        told = 0
        for one in (*self._wrong, *self._right):
            if len(lines) + len(one) > self.limit:
                break
            lines += one
            told += 1
        return [*lines, f"and {self.count - told:,} more {subjects}"] if told < self.count else lines


def add_counts(total: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add numbers to those of the same name, also in mappings; what is no number stays as it was first."""
    for name, value in more.items():
        if value.__class__ is int or value.__class__ is float:
            total[name] = total.get(name, 0) + value
        elif isinstance(value, Mapping):
            add_counts(total.setdefault(name, {}), value)
        else:
            total.setdefault(name, value)
