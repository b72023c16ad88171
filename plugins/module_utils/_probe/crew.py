# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""So many pieces of work at a time, out of a list of any length; what waits for others is parked, and the next one begins.

Each piece has a `Seat`. While every branch of its work waits for others, such as for a turn at a busy address, the piece is parked and
does not count. Parked pieces are kept up to a number. Beyond it a piece is stopped and put back as the bare item, and begins anew when
there is room. Items that were put back are bounded as well: then no more is taken from the list until some of them are done.

What is killed loses what it has found out and not told yet. So a piece that has found something out is not parked any more, and a
result that is held back has a place as well: what is lost together is what may be at work.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, Callable, Generic, NamedTuple, TypeVar

PARKED_MOST = 1000
"""Parked pieces of work, of some 20 kB each."""
PUT_BACK_MOST = 50_000
"""Items that wait to be begun again."""
_T = TypeVar("_T")
_R = TypeVar("_R")


class FleetProgress(NamedTuple):
    """Pieces of work that go on now or whose results are held back, and those that wait for others: parked, or put back."""

    active: int
    parked: int


class Seat:
    """The place of one piece of work: how many of its branches do something, and how many wait for others.

    Where nobody minds, it is a seat of its own.
    """

    __slots__ = ("_at_stake", "_running", "_waiting", "since", "waited")

    def __init__(self) -> None:
        """Begin with one branch at work. `waited` is for how long the piece has done nothing but wait for others, in seconds."""
        self._running, self._waiting, self._at_stake = 1, 0, False
        self.since, self.waited = 0.0, 0.0

    @property
    def waits(self) -> bool:
        """True while all there is to do is to wait for others."""
        return self._waiting > 0 and self._running == 0

    @property
    def parked(self) -> bool:
        """True while it waits for others, and has nothing to lose."""
        return self.waits and not self._at_stake

    def stake(self) -> None:
        """Note that something was found out for this piece of work: it would have to be found out again, if all were lost now."""
        self._at_stake = True
        self._mind()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Wait for others in here: for a turn, or for what somebody else finds out."""
        self._change(-1, 1)
        try:
            yield
        finally:
            self._change(1, -1)

    async def all(self, branches: Iterable[Awaitable[_R]]) -> list[_R]:
        """Do pieces of the work at the same time; what they return, in their order."""
        works = list(branches)
        if not works:
            return []
        if len(works) == 1:
            return [await works[0]]
        self._change(len(works) - 1, 0)
        try:
            return list(await asyncio.gather(*(self._branch(one) for one in works)))
        finally:
            self._change(1, 0)

    async def _branch(self, work: Awaitable[_R]) -> _R:
        try:
            return await work
        finally:
            self._change(-1, 0)

    def _change(self, running: int, waiting: int) -> None:
        self._running += running
        self._waiting += waiting
        self._mind()

    def _mind(self) -> None:
        """Tell whoever wants to know that `parked` may have changed."""


class _Piece(Seat, Generic[_T]):
    """The seat of an item in the work of a crew."""

    def __init__(self, item: _T, again: bool, crew: Crew[_T]) -> None:
        super().__init__()
        self.item, self.again, self._crew = item, again, crew
        self.counted_as_waiting = self.counted_as_parked = self.put_back = False
        self.task: asyncio.Task[None] | None = None

    def _mind(self) -> None:
        self._crew.mind(self)


class Crew(Generic[_T]):
    """Workers for one list after another. Make and use it inside a running event loop."""

    def __init__(self, size: int, parked_most: int = PARKED_MOST, put_back_most: int = PUT_BACK_MOST) -> None:
        """Take how many pieces go on at a time."""
        self._size = size
        self._parked_most, self._room = parked_most, max(1, parked_most // 2)
        self._put_back_most = max(1, put_back_most)
        self._loop = asyncio.get_running_loop()
        self._pieces: set[_Piece[_T]] = set()
        self._put_back: deque[_T] = deque()
        self._parked = self._held = 0
        self._source: Iterator[_T | None] | None = None
        self._work: Callable[[_T, Seat], Coroutine[Any, Any, None]]
        self._over: asyncio.Future[None] | None = None
        self._context = copy_context()

    @property
    def progress(self) -> FleetProgress:
        """How far the work is."""
        return FleetProgress(len(self._pieces) - self._parked + self._held, self._parked + len(self._put_back))

    def hold(self, number: int) -> None:
        """Note that so many results are held back that were made here, or are no longer: each takes a place."""
        self._held += number
        self._fill()

    async def run(self, items: Iterable[_T | None], work: Callable[[_T, Seat], Coroutine[Any, Any, None]]) -> None:
        """Do the *work* on each of *items*. What the work or *items* raise ends everything, and is raised here.

        An item of None says that there is none now; when there is one, `go_on` is called.
        """
        self._source, self._work, self._over = iter(items), work, self._loop.create_future()
        self._context = copy_context()
        try:
            self._fill()
            await self._over
        finally:
            self._source, self._over = None, None
            self._put_back.clear()
            await self._stop()

    def go_on(self) -> None:
        """Look for items again, where there were none."""
        self._fill()

    async def _stop(self) -> None:
        tasks = [piece.task for piece in self._pieces if piece.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _fill(self) -> None:
        """Begin what there is room for; find out whether all is done."""
        if self._over is None or self._over.done():
            return
        try:
            while len(self._pieces) - self._parked + self._held < self._size:
                again = bool(self._put_back) and self._parked < self._room
                if again:
                    self._begin(self._put_back.popleft(), True)
                elif self._source is not None and len(self._put_back) < self._put_back_most:
                    item = next(self._source)
                    if item is None:
                        return
                    self._begin(item, False)
                else:
                    break
        except StopIteration:
            self._source = None
            self._fill()
            return
        except Exception as error:  # what reads the list can fail in its own way
            self._over.set_exception(error)
            return
        if not self._pieces and not self._put_back and self._source is None:
            self._over.set_result(None)

    def _begin(self, item: _T, again: bool) -> None:
        piece = _Piece(item, again, self)
        self._pieces.add(piece)
        # The piece that makes room by being parked is no part of this one: what it was told by DNS must not be inherited.
        self._context.run(self._start, piece)

    def _start(self, piece: _Piece[_T]) -> None:
        piece.task = asyncio.ensure_future(self._work(piece.item, piece))
        piece.task.add_done_callback(lambda task: self._ended(piece, task))

    def mind(self, piece: _Piece[_T]) -> None:
        """Note whether a piece is parked now; called by the piece."""
        if piece not in self._pieces:
            return
        if piece.waits is not piece.counted_as_waiting:
            piece.counted_as_waiting = piece.waits
            now = self._loop.time()
            if piece.waits:
                piece.since = now
            else:
                piece.waited += now - piece.since
        if piece.parked is piece.counted_as_parked:
            return
        piece.counted_as_parked = piece.parked
        if not piece.parked:
            self._parked -= 1
            return
        self._parked += 1
        if self._parked > self._parked_most and not piece.again and piece.task is not None:
            piece.put_back = piece.task.cancel()
        self._fill()

    def _ended(self, piece: _Piece[_T], task: asyncio.Task[None]) -> None:
        self._pieces.discard(piece)
        self._parked -= piece.counted_as_parked
        error = None if task.cancelled() else task.exception()  # of each: what nobody has asked for is written to standard error
        if task.cancelled():
            if piece.put_back and self._over is not None:
                self._put_back.append(piece.item)
        elif error is not None and self._over is not None and not self._over.done():
            self._over.set_exception(error)
            return
        self._fill()
