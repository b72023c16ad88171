# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of results read twice: to know which line of each result is the last, and to grade. Only a digest of each is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.results_reader import ResultsReader
from ansible_collections.mailops.tls.plugins.module_utils._results.digest_table import key_digest
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import DESTINATIONS, MAILBOXES, ResultKind

OPTION = "results_file"
_KINDS = (DESTINATIONS, MAILBOXES)


def file_results(path: str) -> Iterator[dict[str, Any]]:
    """Yield each result of a file once; where a run was gone on with, the last of a destination counts.

    Raises:
        OptionError: it cannot be read, or something in it is no result of a probe. That is known before the first result is given.
    """
    reader = ResultsReader(OPTION, path)
    last: dict[bytes, int] = {}
    for one in reader.results(_KINDS):
        last[_digest(one.kind, one.result)] = one.number
    for one in reader.results(_KINDS):
        if last.get(_digest(one.kind, one.result)) == one.number:
            yield one.result


def _digest(kind: ResultKind, result: dict[str, Any]) -> bytes:
    return key_digest(f"{kind.name} {kind.key(result).lower()}")
