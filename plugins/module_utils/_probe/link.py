# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bounded byte stream over one TCP or unix connection, with deadlines that always hold.

The only place where the prober touches a socket. Reading pauses when the peer sends faster than the probe takes, so a
flood costs the peer, not us; writing waits for the peer in the same way. Every wait ends at a time on the loop's clock:
asyncio.wait_for can swallow a cancellation before Python 3.12, so a timer wakes the one waiter instead.
"""

from __future__ import annotations

import asyncio
import errno
import os
from dataclasses import dataclass
from typing import cast

from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Phase, ProbeError

BUFFER_LIMIT = 128 * 1024
"""Received bytes that may wait to be taken before reading pauses."""


@dataclass(frozen=True)
class Target:
    """Where to connect to: an IP address and port, or the path of a unix-domain socket."""

    address: str
    port: int
    unix_path: str | None = None


class Link(asyncio.Protocol):
    """One connection: bytes received, waiting to be taken by one reader."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._full = False
        self._ended: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) >= BUFFER_LIMIT and self._transport is not None:
            self._transport.pause_reading()
            self._paused = True
        self._wake()

    def eof_received(self) -> bool:
        self._ended = self._ended or "the server closed the connection"
        self._wake()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._ended = "the connection broke: %s" % (getattr(exc, "strerror", None) or exc)
        self._ended = self._ended or "the connection is closed"
        self._wake()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._wake()

    def write(self, data: bytes) -> None:
        """Send bytes; what does not fit into the socket now follows by itself. A connection that has ended takes nothing."""
        if self._transport is not None and data and not self._transport.is_closing():
            self._transport.write(data)

    async def drain(self, until: float, phase: Phase) -> None:
        """Wait until most of what was written has gone out, so that no more of it waits here than the peer takes.

        A connection that has ended is no reason to wait; what the peer said before is still to be read then.

        Raises:
            ProbeError: `timeout` in *phase*.
        """
        while self._full and self._ended is None:
            if self._loop.time() >= until:
                raise ProbeError(ErrorKind.TIMEOUT, phase, "the server does not take what is sent")
            await self._wait(until)

    async def receive(self, until: float, phase: Phase) -> bytes:
        """Return the bytes received so far, at least one, waiting for them up to *until* on the loop's clock.

        Raises:
            ProbeError: `timeout` or `disconnected` in *phase*.
        """
        while not self._buffer:
            if self._ended is not None:
                raise ProbeError(ErrorKind.DISCONNECTED, phase, self._ended)
            if self._loop.time() >= until:
                raise ProbeError(ErrorKind.TIMEOUT, phase, "no answer in time")
            await self._wait(until)
        data = bytes(self._buffer)
        self._buffer.clear()
        if self._paused and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
            self._paused = False
        return data

    def close(self) -> None:
        """Close after what was written has gone out."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    async def _wait(self, until: float) -> None:
        self._waiter = self._loop.create_future()
        timer = self._loop.call_at(until, self._wake)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


async def connect(target: Target, until: float) -> Link:
    """Open a connection before *until* on the loop's clock.

    Raises:
        ProbeError: `connect_refused`, `connect_timeout` or `connect_failed`.
    """
    loop = asyncio.get_running_loop()
    if target.unix_path is not None:
        opening = asyncio.ensure_future(loop.create_unix_connection(Link, target.unix_path))
    else:
        opening = asyncio.ensure_future(loop.create_connection(Link, target.address, target.port))
    done, _pending = await asyncio.wait([opening], timeout=max(0.0, until - loop.time()))
    if not done:
        opening.cancel()
        await asyncio.wait([opening])
        if opening.cancelled() or opening.exception() is not None:
            raise ProbeError(ErrorKind.CONNECT_TIMEOUT, CommonPhase.CONNECT, "no answer to the connection request")
    try:
        return opening.result()[1]
    except OSError as error:
        # asyncio puts its own words into strerror; the system's say it better.
        text = os.strerror(error.errno) if error.errno else str(error)
        raise ProbeError(_connect_kind(error), CommonPhase.CONNECT, text) from error


def _connect_kind(error: OSError) -> ErrorKind:
    if error.errno == errno.ECONNREFUSED:
        return ErrorKind.CONNECT_REFUSED
    return ErrorKind.CONNECT_TIMEOUT if error.errno == errno.ETIMEDOUT else ErrorKind.CONNECT_FAILED
