# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `mx_audit_changes` as one checked value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.ignoring import Ignore, ignoring
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.audit_options import audit_folder, run_name

MOST = 10_000


@dataclass(frozen=True)
class ChangesOptions:
    """What to compare.

    Attributes:
        directory: the folder of the store; None when files are compared.
        run: the latter run; None for the newest.
        previous: the former; None for the one before.
        before: the files of the former run, without a store.
        after: those of the latter.
        ignore: tells which changes are of no interest.
        most: how many changes are returned.
        vantages: whether to compare what several probers saw in the latter.
    """

    directory: str | None
    run: str | None
    previous: str | None
    before: tuple[str, ...]
    after: tuple[str, ...]
    ignore: Ignore
    most: int
    vantages: bool

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> ChangesOptions:
        """Return the options of a task.

        Raises:
            OptionError: one cannot be used.
            NoJmespath: jmespath is needed and not there.
        """
        before, after = (tuple(params.get(name) or ()) for name in ("before", "after"))
        directory = None if params.get("directory") is None else audit_folder(params["directory"])
        _check_forms(params, directory, before, after)
        run, previous = (None if params[name] is None else run_name(params[name], name) for name in ("run", "previous"))
        if run is not None and run == previous:
            raise OptionError("previous", previous, "does not come before run, as it is the same")
        if not 0 <= params["max"] <= MOST:
            raise OptionError("max", params["max"], f"is not between 0 and {MOST}")
        ignore = ignoring(params["ignore"])
        return cls(directory, run, previous, before, after, ignore, params["max"], params["vantages"])


def _check_forms(params: Mapping[str, Any], directory: str | None, before: Sequence[str], after: Sequence[str]) -> None:
    """Raise OptionError unless either runs of a store or files are named."""
    if directory is None and not (before and after):
        raise OptionError("directory", None, "is needed, or files of both runs in before and after")
    for name in ("before", "after"):
        if directory is not None and params.get(name):
            raise OptionError(name, params[name], "cannot be given beside directory")
    for name in ("run", "previous"):
        if directory is None and params[name] is not None:
            raise OptionError(name, params[name], "needs a directory: files have no runs")
    if directory is None and params["vantages"]:
        raise OptionError("vantages", True, "needs a directory")
