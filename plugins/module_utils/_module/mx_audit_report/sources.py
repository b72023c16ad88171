# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of results and of changes, read line by line: plain or gzipped, of any module that probes.

They may come from a machine that somebody else has taken over. So each line has a longest length, has to have the shape of a result, and
what is wrong is told with the file and the line.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import seconds_of
from ansible_collections.mailops.tls.plugins.module_utils._audit.line_file import LONGEST_LINE, open_results
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Observed, ReportedRun, observed
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import (
    DESTINATIONS,
    DOMAINS,
    LOGINS,
    MAILBOXES,
    NotResults,
    ResultKind,
    parse_header,
    parse_one_of,
    read_mapping,
)

_KINDS = (DESTINATIONS, DOMAINS, LOGINS, MAILBOXES)


class LinePlace(NamedTuple):
    """Where a line is, and when it was written; of two of the same name the greater one counts."""

    probed_at: str
    file: int
    number: int


class ResultsFiles:
    """Files of results as one: each result once, the newest where a run was gone on with."""

    def __init__(self, option: str, paths: Sequence[str], probers: Sequence[str] = ()) -> None:
        """Look through all files.

        Args:
            option: what names them.
            paths: the files.
            probers: from where each of them came, where that is known. Else it is what the file says.

        Raises:
            OptionError: one of them cannot be read, or holds something else.
        """
        self._option, self._paths, self._probers = option, tuple(paths), tuple(probers)
        self.runs: tuple[ReportedRun, ...] = ()
        self.moment = ""
        self.torn: list[str] = []
        newest: dict[tuple[str, str], LinePlace] = {}
        for at, path in enumerate(self._paths):
            run = self._look_through(at, path, newest)
            self.runs += (run,) if run is not None else ()
        self._wanted = {(place.file, place.number) for place in newest.values()}

    def results(self) -> Iterator[Observed]:
        """Yield every result.

        Raises:
            OptionError: when one is not what it was.
        """
        for at, path in enumerate(self._paths):
            kind = DESTINATIONS
            for number, line in self._lines(path):
                if (at, number) not in self._wanted:
                    continue
                kind, result, probed_at = self._parsed(path, line, number, kind)
                found = observed(result, probed_at, self.runs[at].vantage)
                if found is not None:
                    yield found

    def _look_through(self, at: int, path: str, newest: dict[tuple[str, str], LinePlace]) -> ReportedRun | None:
        run = None
        for number, line in self._lines(path):
            if number == 1:
                run = self._run(path, line)
                run = replace(run, vantage=self._probers[at]) if self._probers else run
                continue
            found = read_mapping(line)
            name = _key(found) if found is not None else ""
            if run is None or found is None or not name:
                raise OptionError(self._option, path, f"has a line {number} that is not the result of a probe")
            place = LinePlace(str(found.get("probed_at")), at, number)
            if seconds_of(place.probed_at) is not None:
                self.moment = max(self.moment, place.probed_at)
            key = (run.vantage, name)
            newest[key] = max(place, newest.get(key, place))
        if run is None:
            raise OptionError(self._option, path, "is empty: it is no file of results")
        return run

    def _run(self, path: str, line: bytes) -> ReportedRun:
        try:
            options = parse_header(line)
        except NotResults as problem:
            raise OptionError(self._option, path, str(problem)) from problem
        header = read_mapping(line) or {}
        run, vantage, started = (str(header.get(name, "")) for name in ("run", "vantage", "started"))
        return ReportedRun(run, vantage, started, options)

    def _parsed(self, path: str, line: bytes, number: int, first: ResultKind) -> tuple[ResultKind, dict[str, Any], str]:
        """Return a result with its kind, *first* being that of the line before."""
        found = parse_one_of((first, *_KINDS), line, number)
        if found is None:
            raise OptionError(self._option, path, f"has a line {number} that is not the result of a probe")
        return found[0], *found[1]

    def _lines(self, path: str) -> Iterator[tuple[int, bytes]]:
        """Yield the whole lines; the last one has no end where a run was interrupted."""
        for number, line in enumerate(read_lines(self._option, path), 1):
            if line.endswith(b"\n"):
                yield number, line
            elif path not in self.torn:
                self.torn.append(path)


class FoundChanges(NamedTuple):
    """What is different from the audit before, and the name of that where the file says it."""

    changes: tuple[Mapping[str, Any], ...]
    previous: str | None


def read_changes(option: str, path: str) -> FoundChanges:
    """Return the changes in a file, one a line; the first line can be a header.

    Raises:
        OptionError: when it is no such file.
    """
    found: list[Mapping[str, Any]] = []
    previous = None
    for number, line in enumerate(read_lines(option, path), 1):
        change = read_mapping(line)
        if change is None or not isinstance(change.get("kind"), str):
            raise OptionError(option, path, f"has a line {number} that is no change")
        if change["kind"] != "header":
            found += [change] if change.get("ignored") is not True else []  # nobody wants to hear of those
        elif isinstance(change.get("previous"), str):
            previous = change["previous"]
    return FoundChanges(tuple(found), previous)


def read_lines(option: str, path: str) -> Iterator[bytes]:
    """Yield the lines of a file, which may be gzipped.

    Raises:
        OptionError: when it cannot be read, or a line is longer than any result.
    """
    try:
        with open_results(path) as stream:
            for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE + 1), b""), 1):
                if len(line) > LONGEST_LINE:
                    raise OptionError(option, path, f"has a line {number} that is longer than any result")
                yield line
    except OSError as error:
        raise OptionError(option, path, f"cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise OptionError(option, path, "is damaged: what is compressed in it has no end") from error


def _key(found: Mapping[str, Any]) -> str:
    """Return by what a result is known, whatever the module, and nothing for what is none; a host and a domain can have one name."""
    with suppress(KeyError, TypeError):
        for kind in _KINDS:
            if isinstance(found.get(kind.name), str):
                logged_in = kind.name == "target" and any("logins" in one for one in found["endpoints"])
                return f"{kind.name} {logged_in} {kind.key(found).lower()}"
    return ""
