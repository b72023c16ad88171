# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are hostile inside TLS, when the handshake is over: messages without end, and what has no business there."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.tests.hostile.dialogue_servers import MEGABYTE, NASTY
from ansible_collections.mailops.tls.tests.hostile.hostile import Hostile, ends, succeeds
from ansible_collections.mailops.tls.tests.hostile.tampering import TamperingServer
from ansible_collections.mailops.tls.tests.unit.makers.record_sealer import ALERT, APPLICATION_DATA, HANDSHAKE, message, vector
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf
from OpenSSL import SSL, crypto

_GONE, _INSIDE = ErrorKind.DISCONNECTED, SmtpPhase.EHLO_TLS
_LIMIT = ErrorKind.LIMIT_EXCEEDED
_REPLY = b"250-mx.example.com\r\n250 SIZE 1000\r\n"
_FLOOD = 320 * 1024
"""A little more than a probe takes after the handshake."""
Act = Callable[[Peer, TamperingServer], Awaitable[None]]


def inside(act: Act) -> Script:
    """Shake hands by TLS 1.3, hear the second EHLO, and act on the server, which seals what it is told to."""

    async def script(peer: Peer) -> None:
        server = TamperingServer(leaf("ecdsa"), ssl.TLSVersion.TLSv1_3, tickets=0)
        try:
            await peer.offer_tls()
            await peer.start_tls(server)
            await peer.hear()
            await act(peer, server)
            await peer.hang()
        finally:
            server.forget()

    return script


def sealed(kind: int, payload: bytes, most: int = 0, padding: int = 0) -> Script:
    """Send one sealed record, or such records up to so many bytes."""

    async def act(peer: Peer, server: TamperingServer) -> None:
        sealer, sent = server.sealer(), 0
        while sent <= most:
            data = sealer.record(kind, payload, padding)
            sent += len(data)
            await peer.send_raw(data)
            await asyncio.sleep(0)

    return inside(act)


def key_updates(wanted: bytes) -> Script:
    """Change the key again and again, and want the client to do the same (or not)."""

    async def act(peer: Peer, server: TamperingServer) -> None:
        sealer = server.sealer()
        for _round in range(2000):
            await peer.send_raw(sealer.record(HANDSHAKE, message(24, wanted), 200))
            sealer.update()
            await asyncio.sleep(0)

    return inside(act)


async def reply_byte_by_byte(peer: Peer, server: TamperingServer) -> None:
    sealer = server.sealer()
    for octet in _REPLY:
        await peer.send_raw(sealer.record(APPLICATION_DATA, bytes([octet]), 100))


async def plaintext(peer: Peer, server: TamperingServer) -> None:
    await peer.send_raw(_REPLY)


async def goodbye(peer: Peer, server: TamperingServer) -> None:
    await peer.send_raw(server.goodbye())


async def tls_in_tls(peer: Peer, server: TamperingServer) -> None:
    await peer.send(b"\x16\x03\x03\x00\x04\x0e\x00\x00\x00" + b"\x15\x03\x03\x00\x02\x02\x0a")


async def slow_bytes(peer: Peer, server: TamperingServer) -> None:
    for _byte in range(1000):
        await peer.send(b"2")
        await peer.hang_for(0.05)


async def endless_reply(peer: Peer, server: TamperingServer) -> None:
    await peer.flood(b"250-x\r\n" * 2000, 20 * MEGABYTE)


async def refusal(peer: Peer, server: TamperingServer) -> None:
    await peer.send(b"554 " + NASTY + b"\r\n")


async def nasty_capabilities(peer: Peer, server: TamperingServer) -> None:
    await peer.send(b"250-" + NASTY + b"\r\n250-" + NASTY + b"=" + NASTY + b"\r\n250 " + NASTY + b"\r\n")


async def replies_without_end(peer: Peer, server: TamperingServer) -> None:
    await peer.flood(b"250 x\r\n" * 2000, 20 * MEGABYTE)


async def tickets(peer: Peer) -> None:
    certificate = leaf("ecdsa")
    await peer.offer_tls()
    await peer.start_tls(MemoryServer(certificate.pem, certificate.key.pem, version=ssl.TLSVersion.TLSv1_3, tickets=2000))
    await peer.hang()


async def renegotiation(peer: Peer) -> None:
    """TLS 1.2 inside which the server wants to begin again and again; Python's own ssl module cannot."""
    certificate = leaf("ecdsa")
    context = SSL.Context(getattr(SSL, "TLS_METHOD", SSL.SSLv23_METHOD))
    context.set_max_proto_version(0x0303)
    context.use_certificate(crypto.load_certificate(crypto.FILETYPE_PEM, certificate.pem))
    context.use_privatekey(crypto.load_privatekey(crypto.FILETYPE_PEM, certificate.key.pem))
    connection: Any = SSL.Connection(context, None)
    connection.set_accept_state()
    await peer.offer_tls()
    await peer.send(b"220 go\r\n")
    for _round in range(500):
        data = await peer.reader.read(65536)
        if not data:
            return
        connection.bio_write(data)
        try:
            connection.do_handshake()
            connection.renegotiate()
            connection.do_handshake()
        except SSL.Error:
            pass  # it wants more, or the client refuses
        try:
            await peer.send_raw(connection.bio_read(65536))
        except SSL.WantReadError:
            pass


def gone(name: str, script: Script) -> Hostile:
    """Return a server with which TLS ends before its reply to EHLO."""
    return ends(name, script, _GONE, _INSIDE)


SERVERS: tuple[Hostile, ...] = (
    Hostile("key updates without end", key_updates(b"\x01"), ((_GONE, _INSIDE), (_LIMIT, _INSIDE))),
    Hostile("key updates of one side", key_updates(b"\x00"), ((_GONE, _INSIDE), (_LIMIT, _INSIDE))),
    gone("a key update that is none", sealed(HANDSHAKE, message(24, b"\x07"))),
    ends("tickets without end", tickets, _LIMIT, _INSIDE),
    Hostile("tickets of 60 KB", sealed(HANDSHAKE, message(4, bytes(8) + vector(1) + vector(2, bytes(16000)) + vector(2)), _FLOOD),
            ((_GONE, _INSIDE), (_LIMIT, _INSIDE))),
    gone("a certificate asked for afterwards", sealed(HANDSHAKE, message(13, vector(1, b"c") + vector(2)))),
    gone("a message of unknown type", sealed(HANDSHAKE, message(99, bytes(100)))),
    gone("a second ServerHello", sealed(HANDSHAKE, message(2, bytes(80)))),
    Hostile("empty records without end, within TLS", sealed(APPLICATION_DATA, b"", _FLOOD), ((_GONE, _INSIDE), (_LIMIT, _INSIDE))),
    ends("padding without end", sealed(APPLICATION_DATA, b"2", _FLOOD, 16000), _LIMIT, _INSIDE),
    gone("a record of no type", sealed(0, b"", 0, 100)),
    gone("a fatal alert, within TLS", sealed(ALERT, b"\x02\x50")),
    Hostile("warnings without end, within TLS", sealed(ALERT, b"\x01\x5a", _FLOOD), ((_GONE, _INSIDE), (_LIMIT, _INSIDE))),
    gone("goodbye at once", inside(goodbye)),
    gone("plaintext within TLS", inside(plaintext)),
    ends("TLS within TLS", inside(tls_in_tls), ErrorKind.PROTOCOL_ERROR, _INSIDE),
    ends("a reply byte by byte, slowly", inside(slow_bytes), ErrorKind.TIMEOUT, _INSIDE),
    ends("an endless reply within TLS", inside(endless_reply), _LIMIT, _INSIDE),
    ends("a refusal that breaks out, within TLS", inside(refusal), ErrorKind.REJECTED, _INSIDE),
    Hostile("renegotiation again and again", renegotiation,
            ((_GONE, _INSIDE), (_LIMIT, _INSIDE), (ErrorKind.TIMEOUT, _INSIDE))),
    succeeds("capabilities that break out", inside(nasty_capabilities)),
    succeeds("a reply in records of one byte", inside(reply_byte_by_byte)),
    succeeds("replies without end", inside(replies_without_end)),
)
