# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bounded byte stream over one TCP or unix connection, with deadlines that always hold.

The only place where the prober touches a socket. Reading pauses when the peer sends faster than the probe takes, so a
flood costs the peer, not us. Every wait ends at a time on the loop's clock: asyncio.wait_for can swallow a cancellation
before Python 3.12, so a timer wakes the one waiter instead.

The loop only tells when the socket is ready; asyncio's transports would take more of the CPU than the dialogue does (decision 0113).
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Phase, ProbeError

BUFFER_LIMIT = 128 * 1024
"""Received bytes that may wait to be taken before reading pauses."""
UNSENT_LIMIT = 64 * 1024
"""Written bytes that may wait to go out before `drain` waits for the peer."""
_CHUNK = 64 * 1024
"""Most bytes that are read at once."""


@dataclass(frozen=True)
class Target:
    """Where to connect to: an IP address and port, or the path of a unix-domain socket."""

    address: str
    port: int
    unix_path: str | None = None


class Link:
    """One connection: bytes received, waiting to be taken by one reader, and bytes to send, which go out when it waits or closes."""

    def __init__(self, connected: socket.socket) -> None:
        """Take a connected socket that does not block."""
        self._loop = asyncio.get_running_loop()
        self._socket = connected
        self._number = connected.fileno()  # asyncio writes down what it does not know yet, and that of a socket is long
        self._buffer = bytearray()
        self._unsent = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._until = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._reading = self._broken = self._closing = self._closed = False
        self._ended: str | None = None
        self._read_on()

    def write(self, data: bytes) -> None:
        """Send bytes, with the next wait or at the end: what is said in one breath is one packet.

        A connection that has ended takes nothing.
        """
        if not self._broken and not self._closed:
            self._unsent += data

    async def drain(self, until: float, phase: Phase) -> None:
        """Wait until most of what was written has gone out, so that no more of it waits here than the peer takes.

        A connection that has ended is no reason to wait; what the peer said before is still to be read then.

        Raises:
            ProbeError: `timeout` in *phase*.
        """
        if len(self._unsent) < UNSENT_LIMIT:
            return
        self._send()
        while len(self._unsent) >= UNSENT_LIMIT and self._ended is None:
            if self._loop.time() >= until:
                raise ProbeError(ErrorKind.TIMEOUT, phase, "the server does not take what is sent")
            await self._wait(until)

    async def receive(self, until: float, phase: Phase) -> bytes:
        """Return the bytes received so far, at least one, waiting for them up to *until* on the loop's clock.

        Raises:
            ProbeError: `timeout` or `disconnected` in *phase*.
        """
        self._send()
        while not self._buffer:
            if self._ended is not None:
                raise ProbeError(ErrorKind.DISCONNECTED, phase, self._ended)
            if self._loop.time() >= until:
                raise ProbeError(ErrorKind.TIMEOUT, phase, "no answer in time")
            await self._wait(until)
        data = bytes(self._buffer)
        self._buffer.clear()
        self._read_on()
        return data

    def close(self) -> None:
        """Close after what was written has gone out."""
        self._closing = True
        self._send()
        self._stop_reading()
        if not self._unsent:
            self._close_now()

    def abort(self) -> None:
        """Close at once; what was written goes out as far as there is room for it."""
        self._send()
        self._close_now()

    def _close_now(self) -> None:
        if self._closed:
            return
        self._stop_reading()
        self._loop.remove_writer(self._number)
        self._closed = True
        self._ended = self._ended or "the connection is closed"
        self._socket.close()
        if self._alarm is not None:
            self._alarm.cancel()
        self._wake()

    def _read_on(self) -> None:
        if not self._reading and self._ended is None and not self._closing:
            self._loop.add_reader(self._number, self._readable)
            self._reading = True

    def _stop_reading(self) -> None:
        if self._reading:
            self._loop.remove_reader(self._number)
            self._reading = False

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end(f"the connection broke: {error.strerror or error}")
            return
        if not data:
            self._end("the server closed the connection")
            return
        self._buffer += data
        if len(self._buffer) >= BUFFER_LIMIT:
            self._stop_reading()
        self._wake()

    def _end(self, why: str) -> None:
        self._ended = self._ended or why
        self._stop_reading()
        self._wake()

    def _send(self) -> None:
        """Send what there is room for; the rest follows by itself. A connection that broke is found out by reading."""
        if not self._unsent or self._closed:
            return
        try:
            sent = self._socket.send(self._unsent)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self._broken, sent = True, len(self._unsent)
        del self._unsent[:sent]
        if self._unsent:
            self._loop.add_writer(self._number, self._writable)

    def _writable(self) -> None:
        self._loop.remove_writer(self._number)
        self._send()
        if self._closing and not self._unsent:
            self._close_now()
        elif len(self._unsent) < UNSENT_LIMIT:
            self._wake()

    async def _wait(self, until: float) -> None:
        """Wait for bytes, the end, or a time. One timer serves all waits: it is set again when it was too early."""
        self._waiter = self._loop.create_future()
        self._until = until
        if self._alarm is None or self._alarm.when() > until:
            self._set_alarm()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(self._until, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._waiter is None:
            return
        if self._loop.time() < self._until:
            self._set_alarm()
        else:
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


async def connect(target: Target, until: float) -> Link:
    """Open a connection before *until* on the loop's clock.

    Raises:
        ProbeError: `connect_refused`, `connect_timeout` or `connect_failed`.
    """
    opening: socket.socket | None = None
    try:
        opening, address = _socket(target)
        failed = opening.connect_ex(address)
        if failed == errno.EINPROGRESS:
            if not await _opened(opening, until):
                raise ProbeError(ErrorKind.CONNECT_TIMEOUT, CommonPhase.CONNECT, "no answer to the connection request")
            failed = opening.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failed:
            raise OSError(failed, os.strerror(failed))
        link, opening = Link(opening), None
        return link
    except OSError as error:
        raise ProbeError(_connect_kind(error), CommonPhase.CONNECT, error.strerror or str(error)) from error
    finally:
        if opening is not None:
            opening.close()


def _socket(target: Target) -> tuple[socket.socket, Any]:
    """Return a socket for a target and its address as the system wants it; raises OSError."""
    address: Any = target.unix_path
    if target.unix_path is not None:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    else:
        numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        family, kind, protocol, _name, address = socket.getaddrinfo(
            target.address, target.port, type=socket.SOCK_STREAM, flags=numeric
        )[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.setblocking(False)
    return made, address


async def _opened(opening: socket.socket, until: float) -> bool:
    """Wait until connecting is over, one way or the other; False when it is not in time."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[bool] = loop.create_future()

    def tell(in_time: bool) -> None:
        if not over.done():
            over.set_result(in_time)

    number = opening.fileno()
    loop.add_writer(number, tell, True)
    timer = loop.call_at(until, tell, False)
    try:
        return await over
    finally:
        timer.cancel()
        loop.remove_writer(number)


def _connect_kind(error: OSError) -> ErrorKind:
    if error.errno == errno.ECONNREFUSED:
        return ErrorKind.CONNECT_REFUSED
    return ErrorKind.CONNECT_TIMEOUT if error.errno == errno.ETIMEDOUT else ErrorKind.CONNECT_FAILED
