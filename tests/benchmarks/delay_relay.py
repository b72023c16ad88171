# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay that makes a near server answer as if it were far: each chunk of the server waits before it is passed on.

Listens on all addresses and connects to the same address on another port. What the client says is passed on at once, so
one exchange takes as long as with a round trip time of the delay. Several of these may share the port.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import resource
import signal
from collections import deque
from typing import cast


class Side(asyncio.Protocol):
    """One of the two connections of a relayed session; what it receives goes to its `other` side."""

    def __init__(self, delay: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._delay = delay
        self._waiting: deque[bytes | None] = deque()
        self._before: list[bytes | None] = []
        self._transport: asyncio.Transport | None = None
        self.other: Side = self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send what the other side said while this one was still connecting."""
        self._transport = cast(asyncio.Transport, transport)
        before, self._before = self._before, []
        for chunk in before:
            self.pass_on(chunk)

    def data_received(self, data: bytes) -> None:
        """Hand a chunk over, later or at once."""
        self._hand_over(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end comes behind all chunks, as they came."""
        self._hand_over(None)

    def pass_on(self, chunk: bytes | None) -> None:
        """Send a chunk to this side's peer; None closes."""
        if self._transport is None:
            self._before.append(chunk)
        elif chunk is None:
            self._transport.close()
        elif not self._transport.is_closing():
            self._transport.write(chunk)

    def _hand_over(self, chunk: bytes | None) -> None:
        if not self._delay:
            self.other.pass_on(chunk)
            return
        self._waiting.append(chunk)
        self._loop.call_later(self._delay, self._due)

    def _due(self) -> None:
        # Timers of the same instant may fire in any order; the queue keeps that of the chunks.
        self.other.pass_on(self._waiting.popleft())


class Client(Side):
    """The side of the client; its connection opens the one to the server."""

    def __init__(self, port: int, delay: float) -> None:
        super().__init__(0.0)
        self._server = Side(delay)
        self._port = port
        self._opening: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to the address that the client asked for."""
        self.other, self._server.other = self._server, self
        super().connection_made(transport)
        self._opening = asyncio.ensure_future(self._open(transport.get_extra_info("sockname")[0]))

    async def _open(self, address: str) -> None:
        try:
            await self._loop.create_connection(lambda: self._server, address, self._port)
        except OSError:
            self.pass_on(None)


async def relay(listen: int, to: int, delay: float) -> None:
    """Relay until SIGTERM; says `ready` on standard output."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    server = await loop.create_server(functools.partial(Client, to, delay), "0.0.0.0", listen, reuse_port=True, backlog=1024)
    print("ready", flush=True)
    await over.wait()
    server.close()


def main() -> None:
    """Read the command line and relay."""
    parser = argparse.ArgumentParser(description="Relay TCP and delay what the server says.")
    parser.add_argument("listen", type=int, help="port to listen on")
    parser.add_argument("to", type=int, help="port to connect to, at the same address")
    parser.add_argument("delay", type=float, help="seconds")
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    asyncio.run(relay(options.listen, options.to, options.delay))


if __name__ == "__main__":
    main()
