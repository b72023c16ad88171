# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By what destinations are kept together: the exchanges that their MX records name. One question for each; no address is looked up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask, MxRecord, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination

DEFAULT_CONCURRENCY = 100
"""Questions at a time."""


@dataclass(frozen=True)
class Listed:
    """A line of a list: its text, and the destination that it names, if it names one."""

    text: str
    destination: Destination | None


@dataclass(frozen=True)
class ExchangeSet:
    """The names that keep a destination with others. Those *asked* for in vain have their own name only."""

    names: frozenset[str]
    failed: bool = False


Found = Callable[[Listed, ExchangeSet], None]


async def exchange_set(listed: Listed, ask: Ask) -> ExchangeSet:
    """Return what a destination is kept together by: its exchanges, or where it has none that are known, its own host."""
    destination = listed.destination
    if destination is None:
        return ExchangeSet(frozenset((listed.text,)))
    own = frozenset((destination.nexthop.lower(),))
    if destination.address_only or destination.address is not None:
        return ExchangeSet(own)
    answer = await ask(destination.nexthop, "MX", False)
    if answer.outcome is Outcome.ERROR:
        return ExchangeSet(own, failed=True)
    names = {one.exchange.lower().rstrip(".") for one in answer.records if isinstance(one, MxRecord)} - {""}
    return ExchangeSet(frozenset(names) or own)


async def find_exchange_sets(lines: Iterable[Listed], ask: Ask, found: Found, concurrency: int = DEFAULT_CONCURRENCY) -> None:
    """Call *found* for each of the *lines* as soon as its set is known. They are read as there is room, and none is kept."""
    ahead = iter(lines)

    async def work() -> None:
        for listed in ahead:
            found(listed, await exchange_set(listed, ask))

    await asyncio.gather(*(work() for unused in range(concurrency)))
