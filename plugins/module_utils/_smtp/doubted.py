# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results that wait for the first sign that a nameserver validates, in the order in which they came.

A run that is killed loses them. So where others are written as they come, they take places of what is at work, half of them at most:
what is lost together is never more than may be at work. When very many have waited in vain, no more of them do: a run over a long list
is not held up to its end by a nameserver that never validates.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult

MOST = 1000
"""So many without any sign, and there will be none."""


@dataclass(frozen=True, eq=False)
class Waiting:
    """A result.

    Attributes:
        result: as it is when the nameserver validates.
        owner: the fleet that it is of.
        has_to: tells whether it has to wait any longer.
        end: takes it when it has waited long enough.
    """

    result: DestinationResult
    owner: object
    has_to: Callable[[DestinationResult], Awaitable[bool]]
    end: Callable[[DestinationResult], Awaitable[None]]


class Doubted:
    """The results of all fleets of a process that wait."""

    def __init__(self, places: int | None = None) -> None:
        """Take how many destinations are looked at at a time; nothing where no result is written before the end."""
        self._most = MOST if places is None else min(MOST, places // 2)
        self.takes_places = places is not None
        self._waiting: deque[Waiting] = deque()
        self._count = 0

    async def wait(self, one: Waiting) -> None:
        """Have a result wait; where there are too many, the first of them has waited long enough."""
        self._waiting.append(one)
        self._count += 1
        if self.takes_places and self._count > MOST:
            self._most = 0
        while len(self._waiting) > self._most:
            await self._end(self._waiting[0])

    async def look(self) -> None:
        """Let go of those that have no reason to wait any more."""
        while self._waiting:
            first = self._waiting[0]
            if await first.has_to(first.result):
                return
            await self._end(first)

    async def end(self, owner: object) -> None:
        """Let go of those of a fleet that is at its end."""
        for one in [one for one in self._waiting if one.owner is owner]:
            await self._end(one)

    async def _end(self, one: Waiting) -> None:
        if one in self._waiting:  # others can have let go of it meanwhile
            self._waiting.remove(one)
            await one.end(one.result)
