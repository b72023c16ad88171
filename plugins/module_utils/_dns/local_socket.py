# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many questions at a time to a nameserver on this machine, by UDP through one socket.

To others each question needs a socket of its own, whose random port is half of what keeps forgers away (RFC 5452). On a loopback
address nobody can forge: the kernel takes packets of that address and port only. So questions share a socket, for as long as one of them
waits, and are told apart by their identifiers. That saves half of the time that a question takes.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import Question

_UDP_BUFFER = 65535
_AT_ONCE = 64
"""Packets that are read before others have a turn."""
_LATE_MOST = 1024
"""Identifiers of questions that are over, whose replies may come yet."""


class _Waiting:
    """A question on its way, until when, and how many packets came meanwhile that answer nothing."""

    __slots__ = ("question", "reply", "stray", "until")

    def __init__(self, question: Question, until: float, reply: asyncio.Future[bytes]) -> None:
        self.question, self.until, self.reply = question, until, reply
        self.stray = 0


class LocalSocket:
    """A socket for one nameserver; open while somebody waits for a reply."""

    def __init__(self, address: str, port: int, timeout: float, stray_most: int, give_up: Callable[[int], Exception]) -> None:
        """Take whom to ask, the seconds for a reply, how many strays are too many, and what tells of no reply by their number."""
        self._address, self._timeout, self._stray_most, self._give_up = (address, port), timeout, stray_most, give_up
        self._loop = asyncio.get_running_loop()
        self._socket: socket.socket | None = None
        self._waiting: dict[int, _Waiting] = {}  # in the order of their deadlines, as all have the same time
        self._late: dict[int, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, question: Question) -> bytes:
        """Return the reply to a question. Raises what the system says of the socket, or what tells of no reply in time."""
        number = self._new_number()
        waiting = _Waiting(question, self._loop.time() + self._timeout, self._loop.create_future())
        try:
            self._send(question.encode(number))
            self._waiting[number] = waiting
            if self._timer is None:
                self._timer = self._loop.call_at(waiting.until, self._ring)
            return await waiting.reply
        finally:
            if self._waiting.get(number) is waiting:
                del self._waiting[number]
            if waiting.reply.cancelled() or not waiting.reply.done() or waiting.reply.exception() is not None:
                self._note_late(number)
            if not self._waiting:
                self.close()

    def close(self) -> None:
        """Close the socket; whoever still waits is stopped."""
        for waiting in self._waiting.values():
            waiting.reply.cancel()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._socket is not None:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None
            self._late.clear()

    def _new_number(self) -> int:
        while True:
            number = secrets.randbits(16)
            if number not in self._waiting and number not in self._late:
                return number

    def _send(self, query: bytes) -> None:
        """Send a query. An error can be about an earlier one, which nobody has been told of yet."""
        opened = self._socket or self._open()
        try:
            opened.send(query)
        except BlockingIOError:
            pass  # as if it were lost on the way
        except OSError as error:
            if not self._waiting:
                raise
            self._fail(error)
            opened.send(query)

    def _open(self) -> socket.socket:
        opened = socket.socket(socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            opened.setblocking(False)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            opened.connect(self._address)
        except BaseException:
            opened.close()
            raise
        self._loop.add_reader(opened.fileno(), self._readable)
        self._socket = opened
        return opened

    def _fail(self, error: Exception) -> None:
        """Tell all who wait."""
        waiting, self._waiting = self._waiting, {}
        for one in waiting.values():
            if not one.reply.done():
                one.reply.set_exception(error)

    def _readable(self) -> None:
        for _packet in range(_AT_ONCE):
            if self._socket is None:
                return
            try:
                wire = self._socket.recv(_UDP_BUFFER)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self._fail(error)
                return
            self._take(wire)

    def _take(self, wire: bytes) -> None:
        number = int.from_bytes(wire[:2], "big")
        found = self._waiting.get(number)
        if found is not None and found.question.is_answered_by(wire, number):
            if not found.reply.done():
                found.reply.set_result(wire)
            return
        if found is None and number in self._late:
            return
        for one in [found] if found is not None else list(self._waiting.values()):
            one.stray += 1
            if one.stray >= self._stray_most and not one.reply.done():
                one.reply.set_exception(self._give_up(one.stray))

    def _ring(self) -> None:
        """End what has waited too long, and wait for the next one."""
        self._timer, now = None, self._loop.time()
        for one in list(self._waiting.values()):
            if one.until > now:
                self._timer = self._loop.call_at(one.until, self._ring)
                return
            if not one.reply.done():
                one.reply.set_exception(self._give_up(one.stray))

    def _note_late(self, number: int) -> None:
        self._late[number] = None
        while len(self._late) > _LATE_MOST:
            del self._late[next(iter(self._late))]
