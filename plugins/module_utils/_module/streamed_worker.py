# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One of several processes of a run: looks at its share of the list, and says what it found to the process that writes.

It has the list and what is done already from the moment it was forked. What it finds to be another one's to look at, since that one
looks at the same servers, it gives away, and it gets what others give to it.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections import deque
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._module.streamed import INTERVAL, Streamed
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_messages import (
    Messages,
    Said,
    message,
    pack_handed,
    pack_result,
    unpack_handed,
)
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import result_line

Begin = Callable[[Iterable[str]], Awaitable[None]]
"""Looks at some subjects, and returns when it is done with them."""
_PIECE = 1 << 16
_GATHERED = 0.02
"""Seconds for which what was found or given away is kept back, so that one waking of the other process is for several. What is found
counts as at work until the other one has written it, so that no more is lost by this (decision 0155)."""
_MOST_GATHERED = 1 << 16
_REMEMBERED_MOST = 10_000
"""So many subjects that wait are kept with what others know of them."""


class ParentGone(Exception):
    """The process that writes is not there any more: nobody wants to know what is found."""


class WorkerLink:
    """What a worker has to do with the others."""

    def __init__(self, run: Streamed, own: socket.socket, index: int, count: int) -> None:
        """Take the run as it was when this process was forked, this end of the socket, and which of how many this is."""
        self.index, self.count = index, count
        self._run, self._own = run, own
        self._inbox: deque[str] = deque()
        self._given: dict[str, bytes] = {}
        self._through = False
        self._unkept = self._waiting = 0
        self._heard = asyncio.Event()
        self._arrived = asyncio.Event()
        self._ended = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._gathered = bytearray()
        self._later: asyncio.TimerHandle | None = None

    def texts(self) -> Iterator[str]:
        """Yield this worker's share, before each item what others have given to it meanwhile."""
        own = self._run.left(self._is_mine)
        while True:
            if self._inbox:
                yield self._inbox.popleft()
                continue
            text = next(own, None)
            if text is None:
                self._through = True
                return
            yield text

    def owner(self, names: Sequence[str]) -> int:
        """Return which worker looks at the servers of these names."""
        if not names:
            return self.index
        digest = hashlib.blake2b("\n".join(sorted(name.lower() for name in names)).encode("utf-8", "replace"), digest_size=4).digest()
        return int.from_bytes(digest, "big") % self.count

    def is_given(self, text: str) -> bool:
        """Tell whether another one gave this away: it is ours whatever its servers are."""
        return text in self._given

    def known(self, text: str) -> bytes:
        """Return what another one knew of what it gave away."""
        return self._given[text]

    def give_away(self, owner: int, text: str, known: bytes) -> None:
        """Give a subject to the worker that looks at its servers, with what is known of it."""
        self._gather(Said.HANDED, pack_handed(owner, text, known))

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

    async def work(self, begin: Begin, look: Callable[[], tuple[int, int]]) -> None:
        """Look at the share and at what others give, until nobody has anything left.

        Args:
            begin: looks at some subjects.
            look: tells how many are looked at, and how many wait.

        Raises:
            ParentGone: the other process has ended.
        """
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
        """Begin with the share. When it is handed out to its end, what still comes is begun at once, and waits for nothing else."""
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
            yield self._inbox.popleft()

    def _is_mine(self, digest: bytes) -> bool:
        return int.from_bytes(digest[8:12], "big") % self.count == self.index

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        messages = Messages()
        while data := await reader.read(_PIECE):
            for said, content in messages.take(data):
                if said is Said.END:
                    self._ended.set()
                elif said is Said.KEPT:
                    self._unkept -= int(content)
                    self._heard.set()
                else:
                    unused, text, known = unpack_handed(content)
                    self._given[text] = known if len(self._inbox) < _REMEMBERED_MOST else b""
                    self._inbox.append(text)
                    self._arrived.set()
        raise ParentGone

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
