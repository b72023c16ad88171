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
    if destination is None or not has_exchanges(listed):
        return known_set(listed, ())
    answer = await ask(destination.nexthop, "MX", False)
    if answer.outcome is Outcome.ERROR:
        return known_set(listed, None)
    return known_set(listed, [one.exchange for one in answer.records if isinstance(one, MxRecord)])


def has_exchanges(listed: Listed) -> bool:
    """Tell whether there can be MX records to look up."""
    return listed.destination is not None and not listed.destination.address_only and listed.destination.address is None


def known_set(listed: Listed, exchanges: Iterable[str] | None) -> ExchangeSet:
    """Return what a destination with these exchanges is kept together by; None when they could not be asked for."""
    own = frozenset((listed.text if listed.destination is None else listed.destination.nexthop.lower(),))
    if not has_exchanges(listed):
        return ExchangeSet(own)
    names = {one.lower().rstrip(".") for one in exchanges or ()} - {""}
    return ExchangeSet(frozenset(names) or own, failed=exchanges is None)


async def find_exchange_sets(lines: Iterable[Listed], ask: Ask, found: Found, concurrency: int = DEFAULT_CONCURRENCY) -> None:
    """Call *found* for each of the *lines* as soon as its set is known. They are read as there is room, and none is kept."""
    ahead = iter(lines)

    async def work() -> None:
        for listed in ahead:
            found(listed, await exchange_set(listed, ask))

    await asyncio.gather(*(work() for unused in range(concurrency)))
