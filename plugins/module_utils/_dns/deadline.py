# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS work that has to end by a deadline, so that no name server holds anybody up."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable
from typing import TypeVar

_T = TypeVar("_T")


async def within(seconds: float, work: Awaitable[_T]) -> _T | None:
    """Return the outcome of *work*, or None when it is not there after so many *seconds*. It has ended then, too.

    Whoever is cancelled here cancels the work. What still comes when it is stopped is as good as in time; an error then is that of
    being stopped.
    """
    if sys.version_info < (3, 11):
        return await _in_a_task(seconds, work)
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a coroutine runs in a task")
    expired = False

    def expire() -> None:
        nonlocal expired
        expired = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(max(0.0, seconds), expire)
    try:
        outcome = await work
    except (Exception, asyncio.CancelledError):
        if not expired:
            raise
        if task.uncancel() > 0:  # somebody else wants this to end as well
            raise asyncio.CancelledError from None
        return None
    finally:
        timer.cancel()
    if expired:
        task.uncancel()
    return outcome


async def _in_a_task(seconds: float, work: Awaitable[_T]) -> _T | None:
    """The same where a task cannot take back that it was cancelled: the work gets a task of its own, which takes 30 µs."""
    task = asyncio.ensure_future(work)
    try:
        done, _pending = await asyncio.wait([task], timeout=max(0.0, seconds))
        if done:
            return task.result()
    finally:
        task.cancel()
    await asyncio.wait([task])
    return None if task.cancelled() or task.exception() is not None else task.result()
