# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server on 127.0.0.1 that does what a script says, in the event loop of the test that uses it.

>>> async def rude(peer):
...     await peer.greet()
...     peer.reset()
>>> async with ScriptedServer(rude) as server: ...     # server.port
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable
from types import TracebackType
from typing import Callable

from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer

EHLO_REPLY = b"250-mx.example.com\r\n250 STARTTLS\r\n"


class Peer:
    """The server's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.heard: list[bytes] = []
        self._tls: MemoryServer | None = None
        self._text = bytearray()

    async def send(self, data: bytes) -> None:
        """Send bytes, inside TLS once it is there."""
        self.writer.write(self._tls.say(data) if self._tls is not None else data)
        await self.writer.drain()

    async def send_raw(self, data: bytes) -> None:
        """Send bytes outside TLS, whatever there is."""
        self.writer.write(data)
        await self.writer.drain()

    async def flood(self, data: bytes, most: int) -> None:
        """Send the same bytes over and over, *most* bytes at the most or until the client has enough."""
        for _round in range(most // len(data) + 1):
            await self.send(data)

    async def drip(self, data: bytes, pause: float = 0.05) -> None:
        """Send byte by byte."""
        for at in range(len(data)):
            await self.send_raw(data[at : at + 1])
            await asyncio.sleep(pause)

    async def hear(self) -> bytes:
        """Return the next line of the client; empty when it is gone."""
        while b"\n" not in self._text:
            data = await self.reader.read(65536)
            if not data:
                return b""
            self._text += self._tls.hear(data) if self._tls is not None else data
        line, _newline, rest = bytes(self._text).partition(b"\n")
        self._text[:] = rest
        self.heard.append(line.strip())
        return line.strip()

    async def greet(self) -> None:
        """Say a greeting and hear the client's own."""
        await self.send(b"220 mx.example.com ESMTP\r\n")
        await self.hear()

    async def imap_inside_tls(self, server: MemoryServer, after: bytes, *, before: bytes = b"STARTTLS LOGINDISABLED") -> None:
        """Talk IMAP until the client knows what is offered inside TLS; *before* and *after* are what is, outside and inside."""
        await self.send(b"* OK [CAPABILITY IMAP4rev1 %s] ready\r\n" % before)
        await self.hear()
        await self.send(b"* CAPABILITY IMAP4rev1 %s\r\na1 OK\r\n" % before)
        await self.hear()
        await self.start_tls(server, b"a2 OK go\r\n")
        await self.hear()
        await self.send(b"* CAPABILITY IMAP4rev1 %s\r\na3 OK\r\n" % after)

    async def offer_tls(self, reply: bytes = EHLO_REPLY) -> None:
        """Go on up to the client's STARTTLS."""
        await self.greet()
        await self.send(reply)
        await self.hear()

    async def start_tls(self, server: MemoryServer, go: bytes = b"220 go\r\n") -> None:
        """Answer STARTTLS and shake hands; from then on everything said and heard is inside TLS."""
        await self.send(go)
        await self.shake_hands(server)

    async def shake_hands(self, server: MemoryServer) -> None:
        """Shake hands as the TLS server."""
        while not server.finished:
            data = await self.reader.read(65536)
            if not data:
                raise ConnectionResetError("the client is gone")
            await self.send_raw(server.exchange(data))
        self._tls = server
        self._text += server.hear(b"")  # what came right behind the client's handshake

    async def finish(self) -> None:
        """Answer EHLO inside TLS and hear QUIT."""
        await self.hear()
        await self.send(b"250-mx.example.com\r\n250 SIZE 1000\r\n")
        await self.hear()

    async def hang(self) -> None:
        """Say nothing any more and hear nothing out, until the client leaves."""
        while await self.reader.read(65536):
            pass

    async def hang_for(self, seconds: float) -> None:
        """Do nothing for a while."""
        await asyncio.sleep(seconds)

    def reset(self) -> None:
        """Break the connection off with a RST."""
        connection = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Peer], Awaitable[None]]


class ScriptedServer:
    """Async context manager; runs the script for each connection, closing it at the script's end.

    It listens at another loopback *address*, on a given *port*, or at a *unix_path* if wanted.
    """

    def __init__(
        self, script: Script, *, address: str = "127.0.0.1", port: int = 0, unix_path: str | None = None
    ) -> None:
        self._script = script
        self._address, self._unix_path = address, unix_path
        self.port = port
        self.peers: list[Peer] = []
        self._server: asyncio.AbstractServer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> ScriptedServer:
        if self._unix_path is not None:
            self._server = await asyncio.start_unix_server(self._connected, self._unix_path)
            return self
        self._server = await asyncio.start_server(self._connected, self._address, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=0.2)  # most scripts end when the client is gone
        for task in list(self._tasks):
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._run(Peer(reader, writer)))
        self._tasks.add(task)
        await asyncio.wait([task])

    async def _run(self, peer: Peer) -> None:
        self.peers.append(peer)
        try:
            await self._script(peer)
        except ConnectionError:
            pass  # the client had enough
        finally:
            peer.writer.close()
