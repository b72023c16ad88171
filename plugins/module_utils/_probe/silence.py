# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that did not answer a connection request several times in a row: for a while they are not asked again.

One server can have thousands of names, each of them a probe of its own. When it is dead, every one of them would wait for the whole
time limit, a few at a time, and a run would go on for hours.
"""

from __future__ import annotations

from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._bounded import Bounded
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target

TIMES = 4
"""Connection requests without an answer, one after the other, by which a server counts as silent."""
SECONDS = 300.0
"""For how long it does."""
_REMEMBERED = 10_000
SILENT = Failure(
    ErrorKind.CONNECT_TIMEOUT, CommonPhase.CONNECT, f"no answer to the last {TIMES} connection requests, so no more were made for a while"
)


class Silence:
    """What is known of servers that do not answer."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take a clock that never jumps, in seconds."""
        self._clock = clock
        self._kept: Bounded[Target, tuple[int, float]] = Bounded(_REMEMBERED)

    def of(self, target: Target) -> Failure | None:
        """Return why a server is not to be connected to now, if so."""
        times, since = self._kept.get(target) or (0, 0.0)
        if times < TIMES:
            return None
        if self._clock() - since < SECONDS:
            return SILENT
        self._kept.drop(target)
        return None

    def note(self, target: Target, failure: Failure | None) -> None:
        """Take note of what a probe failed with, if it did."""
        if failure is None or failure.kind is not ErrorKind.CONNECT_TIMEOUT:
            self._kept.drop(target)
            return
        times = (self._kept.get(target) or (0, 0.0))[0]
        self._kept.put(target, (times + 1, self._clock()), 1)
