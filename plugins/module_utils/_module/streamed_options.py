# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a run over a list too long to be returned (fragment `fleet.stream`) as values. Every mistake is an `OptionError`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import RunIdentity
from ansible_collections.mailops.tls.plugins.module_utils._results.json_lines import new_identity
from ansible_collections.mailops.tls.plugins.module_utils._results.progress import SUFFIX

RETURNED_AT_MOST = 1000
"""So many results are returned when nothing was said."""
REPORT_LINES = 200
MOST_WORKERS = 64
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}\Z")
_PRINTABLE = re.compile(r"[!-~](?:[ -~]{0,251}[!-~])?\Z")


class Returned(str, Enum):
    """Which results a task returns."""

    ALL = "all"
    CHANGED = "changed"
    SUMMARY = "summary"


@dataclass(frozen=True)
class StreamOptions:
    """What decides where results go, and not what they are.

    Attributes:
        identity: how the run and this machine are called.
        returned: which results are returned; `None` leaves it to their number.
        previous_file: results of an earlier run to compare with.
        progress_file: the file that says how far it is.
        workers: processes; `None` is as many as there are cores.
        planned: whether the run was given its name, as by a plan that shares a list out and counts for itself what comes of it.
        report_max: most lines of a report; `None` is no limit where all results are returned, and `REPORT_LINES` elsewhere.
    """

    identity: RunIdentity
    returned: Returned | None = None
    previous_file: str | None = None
    progress_file: str | None = None
    workers: int | None = 1
    planned: bool = False
    report_max: int | None = None


def stream_options(params: Mapping[str, Any]) -> StreamOptions:
    """Return the options of the fragment; those of `fleet.changes` where the module has them.

    Raises:
        OptionError: for a value that cannot be used.
    """
    returned = None if params["return"] is None else Returned(params["return"])
    previous = params.get("previous_file")
    if (returned is Returned.CHANGED) is not (previous is not None):
        if returned is Returned.CHANGED:
            raise OptionError("return", "changed", "needs previous_file, the results to compare with")
        raise OptionError("previous_file", previous, "is compared with return: changed only")
    if returned is not None and returned is not Returned.ALL and params["results_file"] is None:
        raise OptionError("return", returned.value, "needs results_file, or results would be nowhere")
    return StreamOptions(
        identity=_identity(params["run_id"], params["vantage"]),
        returned=returned,
        previous_file=previous,
        progress_file=progress_path(params),
        workers=_workers(params.get("workers", "1")),
        planned=params["run_id"] is not None,
        report_max=_report_max(params["report_max"]),
    )


def progress_path(params: Mapping[str, Any]) -> str | None:
    """Return the file of progress: that of the option, or beside the file of results."""
    given: str | None = params["progress_file"]
    results: str | None = params["results_file"]
    return given if given is not None or results is None else results + SUFFIX


def _identity(run: str | None, vantage: str | None) -> RunIdentity:
    new = new_identity()
    if run is not None and not _NAME.match(run):
        raise OptionError("run_id", run, "is not a name of up to 100 letters, digits and the signs . _ : -")
    if vantage is not None and not _PRINTABLE.match(vantage):
        raise OptionError("vantage", vantage, "is not a name of up to 253 printable ASCII characters")
    return RunIdentity(run or new.run, vantage or new.vantage)


def _workers(text: str) -> int | None:
    if text == "auto":
        return None
    if not re.match(r"[0-9]{1,4}\Z", text) or not 1 <= int(text) <= MOST_WORKERS:
        raise OptionError("workers", text, f"is neither auto nor a number from 1 to {MOST_WORKERS}")
    return int(text)


def _report_max(number: int | None) -> int | None:
    if number is not None and not 1 <= number <= 1_000_000:
        raise OptionError("report_max", number, "is not a number from 1 to 1000000")
    return number
