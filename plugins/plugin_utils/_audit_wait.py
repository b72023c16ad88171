# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a controller concludes from what it sees of a probe that runs by itself elsewhere: its file of progress, and its job. Pure.

Who writes a file of results has a lock on it. So a job can be started again whenever there is doubt: where another still lives, the new
one ends at once and says so. Then it is the other that is waited for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._results.progress import progress_text

AT_WORK_ALREADY = "is being written by another run"
"""In the error of a probe whose file of results another one writes."""


class Ending(str, Enum):
    """How the wait for a job ended."""

    DONE = "done"
    FAILED = "failed"
    LOST = "lost"
    """Nothing was seen of it for too long, so it is taken for dead."""
    OTHER_ENDED = "other_ended"
    """Another run had the file, and has ended: what is left can be probed now."""


class Outlook:
    """What was seen so far."""

    def __init__(self, patience: float, now: float, longest: float = math.inf) -> None:
        """Take how many seconds without any news mean that it is dead, the time, and how many seconds it may take at most."""
        self.progress: Mapping[str, Any] | None = None
        self._until = now + longest
        self._waits_for_other = False
        self._written: object = None
        self._patience, self._changed = patience, now

    @property
    def ended(self) -> bool:
        """Whether the file of progress says that its run has ended."""
        return self.progress is not None and bool(self.progress.get("ended"))

    def see(self, progress: Mapping[str, Any] | None, now: float) -> bool:
        """Take what the file of progress says; return whether it says something new."""
        if progress is None or progress == self.progress:
            return False
        self.progress, self._changed = progress, now
        return True

    def see_written(self, when: object, now: float) -> None:
        """Take when the file of progress was written: one that says the same for long is still a sign of life."""
        if when is not None and when != self._written:
            self._written, self._changed = when, now

    def give_way(self, now: float) -> None:
        """Wait for the other run that writes the file."""
        self._waits_for_other, self._changed = True, now

    def given_up(self, now: float, text: str) -> Mapping[str, Any] | None:
        """Return that there is nothing more to wait for, where that is so; *text* says what was seen instead."""
        if self._waits_for_other and self.ended:
            return ended(Ending.OTHER_ENDED, "another run probed until now")
        if now - self._changed > self._patience:
            return ended(Ending.LOST, text)
        if now > self._until:  # whoever has taken over the machine could have us wait for ever
            return ended(Ending.LOST, "it was not done in the time that it has")
        return None

    def line(self, name: str) -> str:
        """Return the progress as one line for people."""
        return f"{name}: {progress_text(self.progress)}" if self.progress else ""


def ended(ending: Ending, text: str, summary: object = None) -> Mapping[str, Any]:
    """Return an ending as the task returns it."""
    return {"ending": ending.value, "text": text, "summary": summary}


def pause(waited: float, interval: float) -> float:
    """Return for how many seconds not to look: short at first, so that a short run is not waited for."""
    return min(interval, 1.0 + waited / 10.0)
