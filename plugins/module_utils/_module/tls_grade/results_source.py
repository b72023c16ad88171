# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of results read twice: to know which line of each result is the last, and to grade. Only a digest of each is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.line_file import open_results, whole_lines
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._results.digest_table import key_digest
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import (
    DESTINATIONS,
    MAILBOXES,
    NotResults,
    ResultKind,
    parse_header,
    parse_one_of,
)

OPTION = "results_file"
_KINDS = (DESTINATIONS, MAILBOXES)
Numbered = Iterator["tuple[int, ResultKind, dict[str, Any]]"]


def file_results(path: str) -> Iterator[dict[str, Any]]:
    """Yield each result of a file once; where a run was gone on with, the last of a destination counts.

    Raises:
        OptionError: it cannot be read, or something in it is no result of a probe. That is known before the first result is given.
    """
    last: dict[bytes, int] = {}
    for number, kind, result in _results(path):
        last[_digest(kind, result)] = number
    for number, kind, result in _results(path):
        if last.get(_digest(kind, result)) == number:
            yield result


def _digest(kind: ResultKind, result: dict[str, Any]) -> bytes:
    return key_digest(f"{kind.name} {kind.key(result).lower()}")


def _results(path: str) -> Numbered:
    try:
        with open_results(path) as stream:
            kind: ResultKind = DESTINATIONS
            number = 0
            for number, (_offset, line) in enumerate(whole_lines(stream), 1):
                if number == 1:
                    parse_header(line)
                    continue
                kind, result = _parsed(line, number, kind)
                yield number, kind, result
            if number == 0:
                raise NotResults("is empty: it is no file of results")
    except NotResults as problem:
        raise OptionError(OPTION, path, str(problem)) from problem
    except (OSError, ValueError) as problem:
        raise OptionError(OPTION, path, f"cannot be read: {getattr(problem, 'strerror', None) or problem}") from problem


def _parsed(line: bytes, number: int, first: ResultKind) -> tuple[ResultKind, dict[str, Any]]:
    """Return a result and its kind, *first* being that of the line before."""
    found = parse_one_of((first, *_KINDS), line, number)
    if found is None:
        raise NotResults(f"has a line {number} that is no result of smtp_tls_probe or mailbox_tls_probe")
    return found[0], found[1].result
