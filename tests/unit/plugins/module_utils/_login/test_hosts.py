# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At a host there is one login at a time, and how many there were is known to the end."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext

from ansible_collections.mailops.tls.plugins.module_utils._login.hosts import Hosts
from ansible_collections.mailops.tls.plugins.module_utils._probe.crew import Seat


def test_what_was_done_is_remembered_and_where_nothing_was_nothing_is() -> None:
    async def run() -> None:
        hosts = Hosts()
        for name, attempts, too_many in (("Mail.example", 3, False), ("busy.example", 0, True), ("none.example", 0, False)):
            async with hosts.alone_at(name, nullcontext) as host:
                host.attempts += attempts
                host.too_many = too_many
        found = {}
        for name in ("mail.EXAMPLE", "busy.example", "none.example", "other.example"):
            async with hosts.alone_at(name, nullcontext) as host:
                found[name] = (host.attempts, host.too_many)
        assert list(found.values()) == [(3, False), (0, True), (0, False), (0, False)]
        assert not hosts._busy and len(hosts._known) == 2

    asyncio.run(run())


def test_one_at_a_time_and_who_waits_is_parked() -> None:
    async def run() -> None:
        hosts, inside, most = Hosts(), 0, 0
        seats = [Seat() for unused in range(5)]

        async def come(seat: Seat) -> None:
            nonlocal inside, most
            async with hosts.alone_at("mail.example", seat.aside) as host:
                inside += 1
                most = max(most, inside)
                assert not seat.parked
                host.attempts += 1
                await asyncio.sleep(0)
                inside -= 1

        first = [asyncio.ensure_future(come(seat)) for seat in seats]
        async with hosts.alone_at("mail.example", nullcontext) as host:
            await asyncio.sleep(0)
            assert [seat.parked for seat in seats] == [True] * 5
            first.pop().cancel()
            await asyncio.sleep(0)
        await asyncio.gather(*first)
        assert most == 1 and not hosts._busy
        async with hosts.alone_at("mail.example", nullcontext) as host:
            assert host.attempts == 4

    asyncio.run(run())
