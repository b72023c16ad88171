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
from collections.abc import Callable
from typing import Any

USUAL = 0.07
"""Seconds that the piece of work below takes on an ordinary, idle processor."""
ROOM = 3.0
"""How many times slower a machine may be before the limits of tests grow: they have that much room anyway."""

MORE = (1.0, 6.0, 36.0)
"""How many times longer the limits are in each try of a test that has to run into them."""
_more = 0.0
"""Which of them it is at now; none in other tests."""


def _work(clock: Callable[[], float]) -> float:
    """Return how many times longer a piece of work takes here than on an ordinary, idle processor."""
    began = clock()
    digest = b""
    for _round in range(60_000):
        digest = hashlib.sha256(digest).digest()
    return (clock() - began) / USUAL


@functools.cache
def _usual_slowness() -> float:
    return _work(time.perf_counter)


def slowness() -> float:
    """Return how many times longer things take on this machine as it is now; at least 1."""
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    return max(1.0, busy, _usual_slowness())


def patient(seconds: float) -> float:
    """Return a time limit for this machine as it is now, or for the present try of a test that has several.

    Args:
        seconds: what is plenty on an idle one.
    """
    return seconds * (_more or max(1.0, slowness() / ROOM))


def tries_again(test: Callable[..., None]) -> Callable[..., None]:
    """Have a test that runs into `patient` limits on purpose try again with longer ones before it fails.

    A machine that is busy comes to a short limit too early, before what the limit is for has begun.
    """

    @functools.wraps(test)
    def patiently(*arguments: Any, **named: Any) -> None:
        global _more
        for _more in MORE:
            try:
                return test(*arguments, **named)
            except BaseException as wrong:  # what pytest raises where nothing else was raised is no Exception
                if isinstance(wrong, (KeyboardInterrupt, SystemExit)) or _more == MORE[-1]:
                    raise
            finally:
                _more = 0.0

    return patiently


def is_cheap(spent: float, seconds: float) -> bool:
    """Tell whether something was computed within a second or so, and not for minutes because it grew out of hand.

    Args:
        spent: what it kept the processor busy; waiting is no part of it.
        seconds: what is plenty on an ordinary processor. On one that is slow or shared it is as much longer as other work is now.
    """
    return spent < seconds or spent < seconds * _work(time.thread_time)
