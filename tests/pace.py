# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time limits of tests: those of an idle machine, longer by as much as this one is slow or busy.

A test that waits for something to end by itself needs some limit. What is fixed there fails on a machine that has other
things to do, and says nothing about the code.
"""

from __future__ import annotations

import functools
import hashlib
import os
import time

USUAL = 0.07
"""Seconds that the piece of work below takes on an ordinary, idle processor."""
ROOM = 3.0
"""How many times slower a machine may be before the limits of tests grow: they have that much room anyway."""


@functools.cache
def _work() -> float:
    """Return how many times longer a piece of work takes here than on an ordinary, idle processor."""
    began = time.perf_counter()
    digest = b""
    for _round in range(60_000):
        digest = hashlib.sha256(digest).digest()
    return (time.perf_counter() - began) / USUAL


def slowness() -> float:
    """Return how many times longer things take on this machine as it is now; at least 1."""
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    return max(1.0, busy, _work())


def patient(seconds: float) -> float:
    """Return a time limit for this machine as it is now.

    Args:
        seconds: what is plenty on an idle one.
    """
    return seconds * max(1.0, slowness() / ROOM)
