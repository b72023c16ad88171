# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `mx_audit_changes` as one checked value."""

from __future__ import annotations

from collections.abc import Mapping
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
        directory: the folder of the store.
        run: the latter run; None for the newest.
        previous: the former; None for the one before.
        ignore: tells which changes are of no interest.
        most: how many changes are returned.
        vantages: whether to compare what several probers saw in the latter.
    """

    directory: str
    run: str | None
    previous: str | None
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
        run, previous = (None if params[name] is None else run_name(params[name], name) for name in ("run", "previous"))
        if run is not None and previous is not None and previous >= run:
            raise OptionError("previous", previous, f"does not come before run, which is {run}")
        if not 0 <= params["max"] <= MOST:
            raise OptionError("max", params["max"], f"is not between 0 and {MOST}")
        ignore = ignoring(params["ignore"])
        return cls(audit_folder(params["directory"]), run, previous, ignore, params["max"], params["vantages"])
