# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results that wait for a sign: how many at a time, and for how long there is any use in it."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._smtp.doubted import MOST, Doubted, Waiting
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult


@pytest.mark.parametrize(("places", "most", "in_the_end"), [(100, 50, 0), (1, 0, 0), (10 * MOST, MOST, 0), (None, MOST, MOST)])
def test_where_they_take_places_they_wait_until_so_many_have_waited_in_vain(places: int | None, most: int, in_the_end: int) -> None:
    ended: list[int] = []

    async def has_to(unused: DestinationResult) -> bool:
        return True

    async def end(result: DestinationResult) -> None:
        ended.append(cast(int, result))

    async def scene() -> None:
        doubted = Doubted(places)
        for number in range(3 * MOST):
            await doubted.wait(Waiting(cast(DestinationResult, number), None, has_to, end))
            begun = number + 1
            assert begun - len(ended) == min(begun, most if begun <= MOST else in_the_end)
            await doubted.look()
        await doubted.end(None)

    asyncio.run(scene())
    assert ended == list(range(3 * MOST)), "each comes out, and in the order in which they came"
