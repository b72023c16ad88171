# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS work that has to end by a deadline, so that no name server holds anybody up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

_T = TypeVar("_T")


async def within(seconds: float, work: Awaitable[_T]) -> _T | None:
    """Return the outcome of *work*, or None when it is not there after so many *seconds*. It has ended then, too.

    Whoever is cancelled here cancels the work. `asyncio.wait_for` can swallow a cancellation on Python 3.9 to 3.11; `asyncio.wait`
    cannot.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _pending = await asyncio.wait([task], timeout=max(0.0, seconds))
        if done:
            return task.result()
    finally:
        task.cancel()
    await asyncio.wait([task])
    # What still came is as good as in time. An error is that of being stopped.
    return None if task.cancelled() or task.exception() is not None else task.result()
