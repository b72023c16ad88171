# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One of several processes of a run: looks at what it gets of the list, and says what it found to the process that writes.

It gets little of the list at a time, and asks for more when it can begin with it. What it finds to be another one's to look at, since
that one looks at the same servers, it gives away, and it gets what others give to it, which comes first.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections import OrderedDict, deque
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, Callable, Optional

from ansible_collections.mailops.tls.plugins.module_utils._module.streamed import INTERVAL, Streamed
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_messages import (
    NO_SERVERS,
    Handed,
    Messages,
    Said,
    message,
    pack_handed,
    pack_result,
    unpack_dealt,
    unpack_handed,
)
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import result_line

Begin = Callable[[Iterable[Optional[str]]], Awaitable[None]]
"""Looks at some subjects, and returns when it is done with them. None says that there are none now."""
DEALT = 25
"""So many subjects of the list are dealt out at a time. A worker has less than twice as many that it has not begun with. So all come to
the end of the list together, however much more one of them has to do for each (decision 0168)."""
_PIECE = 1 << 16
_GATHERED = 0.02
"""Seconds for which what was found or given away is kept back, so that one waking of the other process is for several. What is found
counts as at work until the other one has written it, so that no more is lost by this (decision 0155)."""
_MOST_GATHERED = 1 << 16
_REMEMBERED_MOST = 10_000
"""So many subjects that wait are kept with what others know of them, and of so many servers it is kept who looks at them."""


def servers_of(names: Iterable[str]) -> bytes:
    """Return the digest of servers, by their names in any order."""
    text = "\n".join(sorted(name.lower() for name in names))
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=len(NO_SERVERS)).digest() if text else NO_SERVERS


class ParentGone(Exception):
    """The process that writes is not there any more: nobody wants to know what is found."""


class WorkerLink:
    """What a worker has to do with the others."""

    def __init__(self, run: Streamed, own: socket.socket, index: int, count: int) -> None:
        """Take the run as it was when this process was forked, this end of the socket, and which of how many this is."""
        self.index, self.count = index, count
        self._run, self._own = run, own
        self._inbox: deque[Handed] = deque()
        self._owners: OrderedDict[bytes, int] = OrderedDict()
        self._stock: deque[str] = deque()
        self._asked, self._listed = True, True
        self._given: dict[str, Handed] = {}
        self._through = False
        self._unkept = self._waiting = 0
        self._heard = asyncio.Event()
        self._arrived = asyncio.Event()
        self._ended = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._gathered = bytearray()
        self._later: asyncio.TimerHandle | None = None
        self._go_on: Callable[[], None] = lambda: None

    def texts(self) -> Iterator[str | None]:
        """Yield what others have given to this worker, else what came of the list, None while there is nothing; to the end of the list."""
        while True:
            self._ask_for_more()
            if self._inbox:
                yield self._inbox.popleft().text
            elif self._stock:
                yield self._stock.popleft()
            elif self._listed:
                yield None
            else:
                self._through = True
                return

    def owner(self, servers: bytes, *, given: bool) -> int:
        """Return which worker looks at servers, by their digest. What is *given* is this one's, unless these have been given on."""
        if servers == NO_SERVERS:
            return self.index
        owner = self._owners.get(servers)
        if owner is None:
            owner = self.index if given else self._first_owner(servers)
            if owner != self.index:
                return owner
        self._remember(servers, owner)
        return owner

    def _remember(self, servers: bytes, owner: int) -> None:
        """Keep in mind who looks at servers. Those of long ago are forgotten: so is what was seen of them."""
        self._owners[servers] = owner
        self._owners.move_to_end(servers)
        if len(self._owners) > _REMEMBERED_MOST:
            self._owners.popitem(last=False)

    def _first_owner(self, servers: bytes) -> int:
        return int.from_bytes(servers, "big") % self.count

    def given(self, text: str) -> Handed | None:
        """Return what another one has given away, with what that knew of it."""
        return self._given.get(text)

    def give_away(self, handed: Handed) -> None:
        """Give a subject to the worker that looks at its servers, with what is known of it."""
        self._given.pop(handed.text, None)
        self._gather(Said.HANDED, pack_handed(handed))

    def keep(self, key: str, result: Mapping[str, Any]) -> None:
        """Say what was found."""
        self._given.pop(key, None)
        self._unkept += 1
        line = result_line(self._run.options.identity, datetime.now(timezone.utc), result)
        self._gather(Said.RESULT, pack_result(key, line, self._run.share(result)))

    async def room(self, most: int, active: Callable[[], int]) -> None:
        """Wait until something may be begun: what is at work and what is not written yet is lost together when this run is killed.

        Args:
            most: how many that may be.
            active: tells how many are at work, with those that wait here.
        """
        self._waiting += 1
        try:
            while active() - self._waiting + self._unkept >= most:
                self._send()
                self._heard.clear()
                await self._heard.wait()
        finally:
            self._waiting -= 1

    async def work(self, begin: Begin, look: Callable[[], tuple[int, int]], go_on: Callable[[], None]) -> None:
        """Look at what comes of the list and at what others give, until nobody has anything left.

        Args:
            begin: looks at some subjects.
            look: tells how many are looked at, and how many wait.
            go_on: tells what was begun that there are subjects again, where there were none.

        Raises:
            ParentGone: the other process has ended.
        """
        self._go_on = go_on
        reader, self._writer = await asyncio.open_connection(sock=self._own)
        listening = asyncio.ensure_future(self._listen(reader))
        telling = asyncio.ensure_future(self._tell(look))
        working = asyncio.ensure_future(self._work(begin))
        try:
            await asyncio.wait({listening, working}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()
            await working
        finally:
            for task in (listening, telling, working):
                task.cancel()

    async def end(self, said: Said, content: bytes) -> None:
        """Say the last word."""
        self._say(said, content)
        if self._writer is not None:
            await self._writer.drain()
            self._writer.close()
            await self._writer.wait_closed()

    async def _work(self, begin: Begin) -> None:
        """Begin with the list. When it is at its end, what still comes is begun at once, and waits for nothing else."""
        share = asyncio.ensure_future(self._share(begin))
        ended = asyncio.ensure_future(self._ended.wait())
        at_work: set[asyncio.Future[Any]] = {share, ended}
        while at_work:
            if self._through and self._inbox:
                at_work.add(asyncio.ensure_future(begin(self._taken())))
            self._arrived.clear()
            arrived = asyncio.ensure_future(self._arrived.wait())
            done, unused = await asyncio.wait({arrived, *at_work}, return_when=asyncio.FIRST_COMPLETED)
            arrived.cancel()
            at_work -= done
            for task in done - {arrived}:
                task.result()

    async def _share(self, begin: Begin) -> None:
        await begin(self.texts())
        self._say(Said.THROUGH)

    def _taken(self) -> Iterator[str]:
        while self._inbox:
            yield self._inbox.popleft().text
            self._ask_for_more()

    def _ask_for_more(self) -> None:
        if not self._asked and len(self._inbox) + len(self._stock) < DEALT:
            self._asked = True
            self._say(Said.MORE)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        messages = Messages()
        while data := await reader.read(_PIECE):
            for said, content in messages.take(data):
                if said is Said.END:
                    self._ended.set()
                elif said is Said.KEPT:
                    self._unkept -= int(content)
                    self._heard.set()
                elif said is Said.DEALT:
                    self._take_of_the_list(unpack_dealt(content))
                elif said is Said.MORE:
                    self._give_on(int(content))
                else:
                    self._take_handed(unpack_handed(content))
            self._go_on()
        raise ParentGone

    def _take_of_the_list(self, texts: Sequence[str]) -> None:
        self._stock.extend(texts)
        self._asked, self._listed = False, bool(texts)

    def _take_handed(self, handed: Handed) -> None:
        if len(self._inbox) >= _REMEMBERED_MOST:
            handed = handed._replace(known=b"")
        self._given[handed.text] = handed
        self._inbox.append(handed)
        self._asked = self._asked and self._listed
        self._arrived.set()

    def _give_on(self, owner: int) -> None:
        """Give half of what waits here to another worker: that whose servers nobody has looked at yet."""
        kept: list[Handed] = []
        last = [self._inbox.pop() for unused in range(len(self._inbox) // 2)]
        for handed in last:
            looks = self._owners.get(handed.servers, owner)
            if looks == owner and handed.servers != NO_SERVERS and self._first_owner(handed.servers) == self.index:
                self._remember(handed.servers, owner)
                self.give_away(handed._replace(owner=owner))
            else:
                kept.append(handed)
        self._inbox.extend(reversed(kept))

    async def _tell(self, look: Callable[[], tuple[int, int]]) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            self._heard.set()  # what was at work can be parked by now
            self._say(Said.LOOK, b"%d %d" % look())

    def _say(self, said: Said, content: bytes = b"") -> None:
        self._gathered += message(said, content)
        self._send()

    def _gather(self, said: Said, content: bytes) -> None:
        """Say it soon."""
        self._gathered += message(said, content)
        if len(self._gathered) > _MOST_GATHERED:
            self._send()
        elif self._later is None:
            self._later = asyncio.get_running_loop().call_later(_GATHERED, self._send)

    def _send(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._writer is not None and self._gathered:
            self._writer.write(bytes(self._gathered))
            self._gathered.clear()
