# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of results that grows while probes end: one JSON object a line, so that an interrupted run can go on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._probe.report import ReportDetail, report_lines


class ResultsFile:
    """Writes results as they come. Text from servers inside is JSON-escaped, so a line is always one result."""

    def __init__(self, path: str, *, resume: bool) -> None:
        """Open O(path), emptied unless O(resume).

        Raises L(OptionError) when it cannot be written, or is to be gone on with and holds something else than results.
        """
        self.done: dict[str, dict[str, Any]] = {}
        try:
            self._stream = open(path, "a+b" if resume else "wb")  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise OptionError("results_file", path, "cannot be written: %s" % error.strerror) from error
        if resume:
            try:
                self._load(path)
            except OptionError:
                self._stream.close()
                raise

    def _load(self, path: str) -> None:
        """Take over the whole lines; a last line without end was cut off by the interruption and is dropped."""
        self._stream.seek(0)
        good = 0
        for number, line in enumerate(self._stream, 1):
            if not line.endswith(b"\n"):
                break
            result = _parse(line)
            if result is None:
                raise OptionError("results_file", path, "cannot be resumed: line %d is not the result of a probe" % number)
            self.done[result["destination"]] = result
            good += len(line)
        self._stream.truncate(good)
        self._stream.seek(0, os.SEEK_END)

    def write(self, result: Mapping[str, Any]) -> None:
        """Add one result and hand it to the kernel at once, for those who follow the file."""
        self._stream.write(json.dumps(result, separators=(",", ":")).encode("utf-8") + b"\n")
        self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def _parse(line: bytes) -> Optional[dict[str, Any]]:
    """Return the result in a line, or None when there is none, or one that lacks what a report needs."""
    try:
        result = json.loads(line)
        if not all(isinstance(result[key], str) for key in ("destination", "status")):
            return None
        report_lines([result], tuple(ReportDetail))
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return None
    return result if isinstance(result, dict) else None
