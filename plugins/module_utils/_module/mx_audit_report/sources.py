# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of results and of changes, read line by line: plain or gzipped, of any module that probes.

They may come from a machine that somebody else has taken over. So each line has a longest length, has to have the shape of a result, and
what is wrong is told with the file and the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import seconds_of
from ansible_collections.mailops.tls.plugins.module_utils._audit.results_reader import ResultsReader
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Observed, ReportedRun, observed
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import (
    DESTINATIONS,
    DOMAINS,
    LOGINS,
    MAILBOXES,
    read_mapping,
)

_KINDS = (DESTINATIONS, DOMAINS, LOGINS, MAILBOXES)


class LinePlace(NamedTuple):
    """Where a line is, and when it was written; of two of the same name in different files the greater one counts."""

    probed_at: str
    file: int
    number: int


class ResultsFiles:
    """Files of results as one: each result once, where a run was gone on with.

    In a file the last of a name counts, as for the index and for grades: a clock can go back. Of several files it is the newest.
    """

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
        self._readers = [ResultsReader(option, path) for path in paths]
        self.runs: tuple[ReportedRun, ...] = ()
        self.moment = ""
        self.torn: list[str] = []
        newest: dict[tuple[str, str], LinePlace] = {}
        for at, reader in enumerate(self._readers):
            self.runs += (self._look_through(at, reader, newest),)
            if reader.torn:
                self.torn.append(self._paths[at])
        self._wanted = {(place.file, place.number) for place in newest.values()}

    def results(self) -> Iterator[Observed]:
        """Yield every result.

        Raises:
            OptionError: when one is not what it was.
        """
        for at, reader in enumerate(self._readers):
            kind = DESTINATIONS
            for number, line in reader.lines():
                if (at, number) not in self._wanted:
                    continue
                one = reader.result(line, number, (kind, *_KINDS))
                kind = one.kind
                found = observed(one.result, one.probed_at, self.runs[at].vantage)
                if found is not None:
                    yield found

    def _look_through(self, at: int, reader: ResultsReader, newest: dict[tuple[str, str], LinePlace]) -> ReportedRun:
        run = None
        last: dict[tuple[str, str], LinePlace] = {}
        for number, line in reader.lines():
            if number == 1:
                run = _run(*reader.header(line))
                run = replace(run, vantage=self._probers[at]) if self._probers else run
                continue
            found = read_mapping(line)
            name = _key(found) if found is not None else ""
            if run is None or found is None or not name:
                raise reader.no_result(number, _KINDS)
            place = LinePlace(str(found.get("probed_at")), at, number)
            if seconds_of(place.probed_at) is not None:
                self.moment = max(self.moment, place.probed_at)
            last[run.vantage, name] = place
        if run is None:
            raise reader.empty()
        for key, place in last.items():
            newest[key] = max(place, newest.get(key, place))
        return run


def _run(header: Mapping[str, Any], options: Mapping[str, Any]) -> ReportedRun:
    run, vantage, started = (str(header.get(name, "")) for name in ("run", "vantage", "started"))
    return ReportedRun(run, vantage, started, options)


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
    reader = ResultsReader(option, path)
    for number, line in reader.lines():
        change = read_mapping(line)
        if change is None or not isinstance(change.get("kind"), str):
            raise OptionError(option, path, f"has a line {number} that is no change")
        if change["kind"] != "header":
            found += [change] if change.get("ignored") is not True else []  # nobody wants to hear of those
        elif isinstance(change.get("previous"), str):
            previous = change["previous"]
    if reader.torn:
        raise OptionError(option, path, "is not whole: its last line is cut off")
    return FoundChanges(tuple(found), previous)


def _key(found: Mapping[str, Any]) -> str:
    """Return by what a result is known, whatever the module, and nothing for what is none; a host and a domain can have one name."""
    with suppress(KeyError, TypeError):
        for kind in _KINDS:
            if isinstance(found.get(kind.name), str):
                logged_in = kind.name == "target" and any("logins" in one for one in found["endpoints"])
                return f"{kind.name} {logged_in} {kind.key(found).lower()}"
    return ""
