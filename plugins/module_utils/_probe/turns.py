# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose turn it is to connect: so many at a time to an address, to its network, to its provider and in all, and not too often.

A turn is made of places in lines, taken one after the other and always in this order: address, interval, network, provider, all. Each
line serves in the order of arrival. So nobody waits for ever, and nobody holds what another needs who holds what he needs. Who waits in
a line of a network holds a place of one of its addresses at most, which nobody else could use anyway.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict, deque
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_address
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target

Aside = Callable[[], AbstractContextManager[None]]
"""Makes the context in which somebody waits for others, and takes nothing that anybody needs."""
ProviderOf = Callable[[str], str]
"""The provider to whom a host belongs: the registrable domain of its name."""


def nowhere() -> AbstractContextManager[None]:
    """Wait where one is: nobody has to know."""
    return nullcontext()


def last_two_labels(host: str) -> str:
    """Return the registrable domain of a host's name where no list of public suffixes is at hand; one more often shared is no harm."""
    return ".".join(host.rstrip(".").lower().split(".")[-2:])


def network_of(address: str) -> str:
    """Return the /24 of an IPv4 address and the /64 of an IPv6 address."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.IPv6Address(int(found) >> 64 << 64)) + "/64"
        found = found.ipv4_mapped
    return str(found).rpartition(".")[0] + ".0/24"


@dataclass(frozen=True)
class Limits:
    """How many connections at a time, None for any number, and the seconds between two to one address."""

    in_all: int = 100
    per_address: int = 4
    per_network: int | None = None
    per_provider: int | None = None
    interval: float = 0.0


class Line:
    """So many places, taken in the order of arrival."""

    __slots__ = ("_free", "_waiting", "users")

    def __init__(self, places: int) -> None:
        """Take how many places there are. `users` is for whoever counts them."""
        self._free, self.users = places, 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take_free(self) -> bool:
        """Take a place if there is one that nobody waits for."""
        if self._free <= 0:
            return False
        self._free -= 1
        return True

    async def take(self) -> None:
        """Take a place as soon as one is free and those before have theirs."""
        if self.take_free():
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._waiting.remove(turn)
            else:
                self.give()  # it was handed over at the same moment
            raise

    def give(self) -> None:
        """Give a place back: to the next in line, if there is one."""
        for turn in self._waiting:
            if not turn.done():
                self._waiting.remove(turn)
                turn.set_result(None)
                return
        self._free += 1


_Key = tuple[str, str]


class Turns:
    """The turns of one run. Make and use it inside a running event loop."""

    def __init__(self, limits: Limits, provider_of: ProviderOf = last_two_labels) -> None:
        """Take the limits, and what tells a host's provider."""
        self._limits, self._provider_of = limits, provider_of
        self._loop = asyncio.get_running_loop()
        self._in_all = Line(limits.in_all)
        self._lines: dict[_Key, Line] = {}
        self._next: OrderedDict[str, float] = OrderedDict()

    @property
    def known(self) -> int:
        """How many addresses, networks and providers are remembered: those that somebody has to do with now."""
        return len(self._lines) + len(self._next)

    async def take(self, target: Target, host: str | None = None, aside: Aside = nowhere) -> Turn:
        """Return a turn at a target as soon as there is one; it has to be given back.

        Args:
            target: where to connect to.
            host: the name of the host there, which tells the provider.
            aside: where to wait for others. For a place among all connections of the run nobody goes aside.
        """
        turn = Turn(self)
        address = target.unix_path or target.address
        try:
            await turn.enter(("address", address), self._limits.per_address, aside)
            if self._limits.interval > 0:
                await turn.enter(("interval", address), 1, aside)
                await self._pause(address, aside)
            if target.unix_path is None:
                await self._beyond_address(turn, address, host, aside)
            await turn.enter(None, 0, aside)
        except BaseException:
            turn.give()
            raise
        if self._limits.interval > 0:
            self._note_start(address)
            turn.leave(("interval", address))
        return turn

    async def _beyond_address(self, turn: Turn, address: str, host: str | None, aside: Aside) -> None:
        if self._limits.per_network is not None:
            await turn.enter(("network", network_of(address)), self._limits.per_network, aside)
        if self._limits.per_provider is not None and host and not is_address(host):
            await turn.enter(("provider", self._provider_of(host)), self._limits.per_provider, aside)

    async def _pause(self, address: str, aside: Aside) -> None:
        """Wait until the address may be connected to again."""
        seconds = self._next.get(address, 0.0) - self._loop.time()
        if seconds > 0:
            with aside():
                await asyncio.sleep(seconds)

    def _note_start(self, address: str) -> None:
        """Remember when the next connection may begin; all intervals are the same, so those that are over come first."""
        now = self._loop.time()
        self._next[address] = now + self._limits.interval
        self._next.move_to_end(address)
        while self._next and next(iter(self._next.values())) <= now:
            self._next.popitem(last=False)

    def line(self, key: _Key | None, places: int) -> Line:
        """Return a line, which has one user more now; None is that of all connections."""
        if key is None:
            return self._in_all
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Line(places)
        line.users += 1
        return line

    def forget(self, key: _Key | None) -> None:
        """Note that a line has one user less; one without any is dropped."""
        if key is not None:
            line = self._lines[key]
            line.users -= 1
            if not line.users:
                del self._lines[key]


class Turn:
    """Places in lines that belong to one connection."""

    __slots__ = ("_taken", "_turns")

    def __init__(self, turns: Turns) -> None:
        """Begin without any place."""
        self._turns = turns
        self._taken: list[tuple[_Key | None, Line]] = []

    async def enter(self, key: _Key | None, places: int, aside: Aside) -> None:
        """Take a place in one line."""
        line = self._turns.line(key, places)
        try:
            if not line.take_free():
                with aside() if key is not None else nowhere():
                    await line.take()
        except BaseException:
            self._turns.forget(key)
            raise
        self._taken.append((key, line))

    def leave(self, key: _Key) -> None:
        """Give back the place in one line."""
        for at, (taken, line) in enumerate(self._taken):
            if taken == key:
                del self._taken[at]
                line.give()
                self._turns.forget(key)
                return

    def give(self) -> None:
        """Give everything back."""
        while self._taken:
            key, line = self._taken.pop()
            line.give()
            self._turns.forget(key)
