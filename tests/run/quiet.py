# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a session counts as stuck: its log has not grown for a long time, counted in seconds of an idle machine.

No session has a time limit. A machine that does ten other things takes ten times as long, and a limit that waits for it
on such a machine says nothing on an idle one.
"""

from __future__ import annotations

import os

LOOK = 10.0
"""Seconds between two looks at a log."""
PATIENCE = 30 * 60.0
"""The longest silence: a rollover waits some minutes for TTLs between two lines."""


class Stuck(Exception):
    """The session has said nothing for too long; the text says for how long."""


class Silence:
    """How long a log has not grown."""

    def __init__(self) -> None:
        self._size = -1
        self._seconds = 0.0

    def look(self, size: int, passed: float, busy: float) -> None:
        """Take note of the log's *size*, *passed* seconds after the look before, while *busy* processes share a processor.

        Raises:
            Stuck: it has not grown for `PATIENCE`, where a second counts less the busier the machine is.
        """
        if size != self._size:
            self._size, self._seconds = size, 0.0
            return
        self._seconds += passed / max(1.0, busy)
        if self._seconds >= PATIENCE:
            raise Stuck(f"said nothing for more than {PATIENCE / 60:.0f} minutes")


def load() -> float:
    """Return how many processes want to run for each processor, in the mean of the last minute."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)
