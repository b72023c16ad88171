# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that an option names, of results or of one JSON object a line: what is wrong with it is a mistake in that option.

Whoever takes such files reads them here: the module that grades and the one that reports. So they take the same files, and refuse the
others by the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._audit.line_file import open_results, whole_lines
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import (
    NotResults,
    ResultKind,
    parse_header,
    parse_one_of,
    read_mapping,
)


class NumberedResult(NamedTuple):
    """A result in a file: the number of its line, the module it is of, and when it was found."""

    number: int
    kind: ResultKind
    result: dict[str, Any]
    probed_at: str


class ResultsReader:
    """One file. `torn` tells after reading whether its last line was cut off, as it is where a run was interrupted."""

    def __init__(self, option: str, path: str) -> None:
        """Take a file that an option names."""
        self._option, self._path = option, path
        self.torn = False

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield the whole lines with their numbers, from 1.

        Raises:
            OptionError: it cannot be read, or a line is longer than any result.
        """
        self.torn = False
        try:
            with open_results(self._path) as stream:
                for number, (_offset, line) in enumerate(whole_lines(stream, cut_off=self._tear), 1):
                    yield number, line
        except NotResults as problem:
            raise OptionError(self._option, self._path, str(problem)) from problem
        except (OSError, ValueError) as problem:  # a path with a null byte is a ValueError
            raise OptionError(self._option, self._path, f"cannot be read: {getattr(problem, 'strerror', None) or problem}") from problem

    def header(self, line: bytes) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return the header in the first line, and the options in that.

        Raises:
            OptionError: the line is none, or of a later version.
        """
        try:
            options = parse_header(line)
        except NotResults as problem:
            raise OptionError(self._option, self._path, str(problem)) from problem
        return read_mapping(line) or {}, options

    def results(self, kinds: Sequence[ResultKind]) -> Iterator[NumberedResult]:
        """Yield each result behind the header.

        Raises:
            OptionError: it is empty, or a line is no result of one of the *kinds*.
        """
        kind, number = kinds[0], 0
        for number, line in self.lines():
            if number == 1:
                self.header(line)
                continue
            found = self.result(line, number, (kind, *kinds))
            kind = found.kind
            yield found
        if number == 0:
            raise self.empty()

    def result(self, line: bytes, number: int, kinds: Sequence[ResultKind]) -> NumberedResult:
        """Return the result in a line, of the first of the *kinds* that it is of.

        Raises:
            OptionError: it is none.
        """
        found = parse_one_of(kinds, line, number)
        if found is None:
            raise self.no_result(number, kinds)
        return NumberedResult(number, found[0], *found[1])

    def empty(self) -> OptionError:
        """Return what is wrong with a file without a line."""
        return OptionError(self._option, self._path, "is empty: it is no file of results")

    def no_result(self, number: int, kinds: Sequence[ResultKind]) -> OptionError:
        """Return what is wrong with a file that has another line."""
        names = " or ".join(sorted({kind.name for kind in kinds}))
        return OptionError(self._option, self._path, f"has a line {number} that is not the result of a probe of a {names}")

    def _tear(self) -> None:
        self.torn = True
