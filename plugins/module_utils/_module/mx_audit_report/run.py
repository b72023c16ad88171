# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a report and writes it: the files found, the material put together, the text written where it differs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import Access, NewFile, replace_together
from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import grade
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.kept_run import KeptRun, kept_run
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.options import ReportOptions
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_report.sources import FoundChanges, ResultsFiles, read_changes
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material, Observed, Rendered, ResultOf, observed
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import utc_text

_GRADED = (ResultOf.DESTINATION, ResultOf.MAILBOX)


@dataclass(frozen=True)
class MadeReport:
    """What came of it: whether the file was changed, the size of the report, what somebody should know, and what its format returns."""

    changed: bool
    size: int
    warnings: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def make_report(
    options: ReportOptions, render: Callable[[Material, ReportOptions], Rendered], now: datetime, *, check_mode: bool = False
) -> MadeReport:
    """Make a report and write it.

    Args:
        options: what the task says.
        render: makes the report.
        now: the time of results that nobody has noted one of.
        check_mode: write nothing.

    Raises:
        OptionError: what there is to report cannot be read, or the file cannot be written.
    """
    material, warnings = _material(options, now)
    rendered = render(material, options)
    content = rendered.text.encode("utf-8", "replace")
    if options.dest is None:
        return MadeReport(False, len(content), warnings, rendered.facts)
    changed = _is_other(options.dest, options.mode, content)
    if changed and not check_mode:
        _write(options.dest, options.mode, content)
    return MadeReport(changed, len(content), warnings, rendered.facts)


def _material(options: ReportOptions, now: datetime) -> tuple[Material, tuple[str, ...]]:
    found = read_changes("changes", options.changes) if options.changes is not None else None
    if options.results is not None:
        given = tuple(_graded(options, _given(options.results)))
        return Material(options.title, utc_text(now), lambda: given, **_compared(found)), ()
    if options.directory is None:
        option, kept = "src", KeptRun(options.src)
    else:
        option, kept = "directory", kept_run(options.directory, options.run)
        if found is None:
            found = next((read_changes(option, path) for path in kept.changes), None)
    files = ResultsFiles(option, kept.paths, kept.probers)
    moment = min(files.moment or utc_text(now), utc_text(now))  # a prober can say any time, and certificates would have ended by then
    facts = {"runs": files.runs, "missing": kept.missing, "is_audit": options.directory is not None, **_compared(found)}
    material = Material(options.title, moment, lambda: _graded(options, files.results()), **facts)
    return material, tuple(f"{path}: the last line is cut off and was left out" for path in files.torn)


def _compared(found: FoundChanges | None) -> dict[str, Any]:
    return {} if found is None else {"changes": found.changes, "previous": found.previous}


def _graded(options: ReportOptions, results: Iterable[Observed]) -> Iterable[Observed]:
    for one in results:
        if options.policies and one.kind in _GRADED:
            one = one._replace(grades=tuple(grade(one.result, policy, options.rules) for policy in options.policies))
        yield one


def _given(results: Iterable[Mapping[str, Any]]) -> Iterable[Observed]:
    for number, result in enumerate(results):
        found = observed(result)
        if found is None:
            raise OptionError("results", f"item {number}", "is not the result of a module of this collection")
        yield found


def _is_other(dest: str, mode: int, content: bytes) -> bool:
    """Tell whether the file has to be written: it is not there, or another, or has another mode."""
    try:
        status = os.lstat(dest)
        if stat.S_ISDIR(status.st_mode):
            raise OptionError("dest", dest, "is a folder: name a file in it")
        if not stat.S_ISREG(status.st_mode) or status.st_size != len(content) or stat.S_IMODE(status.st_mode) != mode:
            return True
        with open(dest, "rb") as stream:
            return stream.read() != content
    except OSError:
        return True


def _write(dest: str, mode: int, content: bytes) -> None:
    folder, name = os.path.split(dest)
    try:
        replace_together(folder or ".", [NewFile(name, content, Access(mode))])
    except OSError as error:
        raise OptionError("dest", dest, f"cannot be written: {error.strerror or error}") from error
