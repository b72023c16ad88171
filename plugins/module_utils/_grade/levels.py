# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The levels of a grade, and which one counts where there are several."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Level(str, Enum):
    """How good something is. NOT_TESTED is neither good nor bad: nobody has looked, or nobody could."""

    GOOD = "good"
    SUFFICIENT = "sufficient"
    PHASE_OUT = "phase_out"
    INSUFFICIENT = "insufficient"
    NOT_TESTED = "not_tested"

    __hash__ = str.__hash__  # that of Enum is none of C, and levels are looked up all the time

    @property
    def tested(self) -> bool:
        """False for NOT_TESTED alone."""
        return self is not Level.NOT_TESTED

    @property
    def bad(self) -> bool:
        """True for what has to go, now or soon."""
        return self in (Level.PHASE_OUT, Level.INSUFFICIENT)

    def below(self, other: Level) -> bool:
        """Tell whether this is worse than another level. What was not tested is not below anything."""
        return self.tested and other.tested and _ORDER.index(self) > _ORDER.index(other)


_ORDER = (Level.GOOD, Level.SUFFICIENT, Level.PHASE_OUT, Level.INSUFFICIENT)
_WORST_FIRST = _ORDER[::-1]


def worst(levels: Iterable[Level]) -> Level | None:
    """Return the worst of those that were tested; None when none was."""
    found = set(levels)
    for one in _WORST_FIRST:
        if one in found:
            return one
    return None


def concluded(levels: Iterable[Level], complete: bool) -> Level:
    """Return the level of a whole by those of its parts.

    Something bad counts even if more may be there. The rest is only as good as it is known to the end.
    """
    found = set(levels)
    reached = worst(found)
    if reached is not None and reached.bad:
        return reached
    if not complete or Level.NOT_TESTED in found:
        return Level.NOT_TESTED
    return reached or Level.GOOD
