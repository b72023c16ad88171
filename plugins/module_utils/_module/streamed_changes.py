# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the results of a run is not as in the file of an earlier one, told as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import compare_destination
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import destination_key, facts_of, merged_facts
from ansible_collections.mailops.tls.plugins.module_utils._audit.previous import PreviousResults
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.access import UnsafeFile
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import Line, NotResults, differing_options

OPTION = "previous_file"


class ChangesSince:
    """The earlier results, and what differs from them so far. What was not learnt, renewals and passing failures are no changes."""

    def __init__(self, path: str) -> None:
        """Open the file of the earlier run.

        Raises:
            OptionError: it cannot be read, or is no file of results.
        """
        self._path = path
        self._destinations = 0
        self._kinds: Counter[str] = Counter()
        try:
            self._previous = PreviousResults(path)
        except UnsafeFile as problem:
            raise OptionError(OPTION, path, f"cannot be compared with: it {problem}") from problem
        except OSError as error:
            raise OptionError(OPTION, path, f"cannot be read: {error.strerror or error}") from error
        except NotResults as problem:
            raise OptionError(OPTION, path, f"cannot be compared with: it {problem}") from problem

    def warnings(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        """Tell which *options* that decide results are other than in the earlier run: what differs can come of them."""
        differing = differing_options(self._previous.options, options)
        if not differing:
            return ()
        return (f"previous_file was written with other options, which can be why results differ: {', '.join(differing)}",)

    def differs(self, result: Line, look_before: Line | None) -> bool:
        """Compare a result, and tell whether anything about it has changed.

        Args:
            result: the result.
            look_before: what an earlier look of the same run saw, which failed for then. What fails twice is no passing failure.

        Raises:
            OptionError: the file was damaged meanwhile.
        """
        name = destination_key(result.result["destination"])
        try:
            before = self._previous.facts(name)
        except NotResults as problem:
            raise OptionError(OPTION, self._path, f"cannot be compared with: it {problem}") from problem
        looks = [facts_of(one.result, one.probed_at) for one in (look_before, result) if one is not None]
        kinds = [one.kind.value for one in compare_destination(name, before, merged_facts(looks)) if one.counts]
        self._destinations += bool(kinds)
        self._kinds.update(set(kinds))
        return bool(kinds)

    def forget(self) -> None:
        """Begin to count."""
        self._destinations = 0
        self._kinds.clear()

    def told(self) -> dict[str, Any]:
        """Return how many destinations have changed, and in what."""
        return {"destinations": self._destinations, "by_kind": dict(self._kinds)}

    def close(self) -> None:
        """Close the file."""
        self._previous.close()
