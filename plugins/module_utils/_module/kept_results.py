# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of a run over many subjects: kept by key, written as they come, and told at the end. The same for every probe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import Unmet, not_met
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import ResultKind
from ansible_collections.mailops.tls.plugins.module_utils._results.json_lines import ResultsFile


class KeptResults:
    """Results by key: those of an interrupted run, and every new one, which is written as soon as it is there."""

    def __init__(self, writer: ResultsFile | None, kind: ResultKind) -> None:
        """Take the file, if one is written, with what it has already."""
        self._writer, self._key = writer, kind.key
        self._facts: dict[str, Mapping[str, Any]] = dict(writer.done) if writer is not None else {}

    def __contains__(self, key: str) -> bool:
        """Whether there is a result by this key."""
        return key in self._facts

    def keep(self, item: Mapping[str, Any]) -> None:
        """Keep a new result."""
        self._facts[self._key(item)] = item
        if self._writer is not None:
            self._writer.write(item)

    def in_order(self, keys: Iterable[str]) -> list[Mapping[str, Any]]:
        """Return the results by these keys."""
        return [self._facts[key] for key in keys]


def run_result(
    facts: dict[str, Any], writer: ResultsFile | None, resume: bool, unmet: Sequence[Unmet], warnings: tuple[str, ...]
) -> TaskResult:
    """Return what a task gives back.

    Args:
        facts: results, summary and report.
        writer: the file of results, if one was written.
        resume: whether it was gone on with.
        unmet: what is not as expected, which fails the task.
        warnings: what the user is told.
    """
    if writer is not None and resume:
        facts["resumed"] = {"results": len(writer.done), "oldest": writer.oldest}
    if unmet:
        facts["unmet"] = [one.as_dict() for one in unmet]
    return TaskResult(facts, warnings=warnings, failure=not_met(unmet))
