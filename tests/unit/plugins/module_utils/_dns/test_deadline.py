# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that has to end by a deadline."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns import deadline
from ansible_collections.mailops.tls.plugins.module_utils._dns.deadline import within


@pytest.fixture(autouse=True, params=[False, True], ids=["of this Python", "before 3.11"])
def fixture_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test is of both ways."""
    if request.param:
        monkeypatch.setattr(f"{deadline.__name__}.sys.version_info", (3, 9, 0))


async def said(text: str) -> str:
    return text


async def failing() -> str:
    raise ValueError("no")


def test_what_is_there_in_time() -> None:
    assert asyncio.run(within(60, said("done"))) == "done"
    with pytest.raises(ValueError, match="no"):
        asyncio.run(within(60, failing()))


@pytest.mark.parametrize("seconds", [0.01, 0, -5])
@pytest.mark.parametrize("fails", [False, True])
def test_what_is_late_has_ended(seconds: float, fails: bool) -> None:
    ended: list[str] = []

    async def work() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("work")
            if fails:
                raise OSError("stopped")
        return "never"

    assert asyncio.run(within(seconds, work())) is None
    assert ended == ["work"]


def test_what_comes_at_the_last_moment_counts() -> None:
    async def work() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "just so"
        return "never"

    assert asyncio.run(within(0.01, work())) == "just so"


def test_cancellation_is_handed_on() -> None:
    async def scene() -> None:
        begun, ended = asyncio.Event(), asyncio.Event()

        async def work() -> None:
            try:
                begun.set()
                await asyncio.Event().wait()
            finally:
                ended.set()

        waiter = asyncio.ensure_future(within(600, work()))
        await begun.wait()
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        await ended.wait()

    asyncio.run(scene())


def test_who_is_cancelled_at_the_very_moment_of_the_deadline_ends() -> None:
    async def scene() -> bool:
        waiter = asyncio.ensure_future(within(0.02, asyncio.Event().wait()))
        asyncio.get_running_loop().call_later(0.02, waiter.cancel)
        await asyncio.wait([waiter])
        return waiter.cancelled() or waiter.result() is None

    assert asyncio.run(scene())


def test_a_deadline_leaves_no_trace_of_a_cancellation() -> None:
    async def scene() -> str:
        assert await within(0.01, asyncio.Event().wait()) is None
        task = asyncio.current_task()
        assert task is not None and not getattr(task, "cancelling", int)()
        assert await within(60, within(0.01, asyncio.Event().wait())) is None
        assert await within(0.01, within(60, asyncio.Event().wait())) is None
        await asyncio.sleep(0)
        return "alive"

    assert asyncio.run(scene()) == "alive"
