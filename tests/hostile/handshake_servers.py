# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are hostile in the TLS handshake: hellos, retries, alerts, floods, broken signatures, flights cut off."""

from __future__ import annotations

import ssl
import zlib

from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._tls.messages import HELLO_RETRY
from ansible_collections.mailops.tls.tests.hostile.dialogue_servers import MEGABYTE, NASTY, then_in_handshake
from ansible_collections.mailops.tls.tests.hostile.hostile import End, Hostile, ends, succeeds
from ansible_collections.mailops.tls.tests.hostile.tampering import (
    Alter,
    TamperingServer,
    before,
    cut_after,
    in_pieces,
    replaced,
)
from ansible_collections.mailops.tls.tests.unit.makers.certificates import issue
from ansible_collections.mailops.tls.tests.unit.makers.record_sealer import (
    ALERT,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    extension,
    message,
    record,
    server_hello,
    vector,
)
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
ECDHE = 0xC02B
"""A cipher suite that every client offers."""
_SESSION_AT = 5 + 4 + 2 + 32
"""Where the session identifier of a ClientHello begins that comes in one record."""
_VERSION_1_3 = extension(43, b"\x03\x04")
_FAILED = ErrorKind.HANDSHAKE_FAILED
_HANDSHAKE = CommonPhase.HANDSHAKE


def tampered(version: ssl.TLSVersion, alter: Alter, *, stay: bool = True) -> Script:
    """Shake hands with an altered first flight, then go on as usual; unless *stay*, leave behind that flight."""

    async def script(peer: Peer) -> None:
        server = TamperingServer(leaf("ecdsa"), version, alter)
        try:
            await peer.offer_tls()
            if stay:
                await peer.start_tls(server)
                await peer.finish()
            else:
                await peer.send(b"220 go\r\n")
                await peer.send_raw(server.exchange(await peer.reader.read(65536)))
        finally:
            server.forget()

    return script


def retrying(*groups: int) -> Script:
    """Answer one ClientHello after the other with a HelloRetryRequest for a group."""

    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.send(b"220 go\r\n")
        hello = await peer.reader.read(65536)
        session = hello[_SESSION_AT + 1 : _SESSION_AT + 1 + hello[_SESSION_AT]]
        for group in groups:
            asked = extension(51, group.to_bytes(2, "big"))
            retry = server_hello(0x1301, [_VERSION_1_3, asked], random=HELLO_RETRY, session=session)
            await peer.send(record(HANDSHAKE, retry))
            await peer.reader.read(65536)
        await peer.hang()

    return script


def flight(*messages: bytes) -> bytes:
    """Return handshake messages, each in records of its own."""
    records = [record(HANDSHAKE, one[at : at + 16000]) for one in messages for at in range(0, len(one), 16000)]
    return b"".join(records)


def fails(name: str, data: bytes) -> Hostile:
    """Return a server that sends these bytes in its handshake, which is the end of it."""
    return ends(name, then_in_handshake(data), _FAILED, _HANDSHAKE)


def spoiled(name: str, version: ssl.TLSVersion, alter: Alter) -> Hostile:
    """Return a server that spoils its own handshake."""
    return ends(f"{name}, {version.name}", tampered(version, alter), _FAILED, _HANDSHAKE)


def flood(name: str, data: bytes) -> Hostile:
    """Return a server that sends the same again and again in its handshake."""
    allowed: tuple[End, ...] = ((_FAILED, _HANDSHAKE), (ErrorKind.LIMIT_EXCEEDED, _HANDSHAKE))
    return Hostile(name, then_in_handshake(data, 20 * MEGABYTE), allowed)


def flipped(number: int) -> Alter:
    """Change the last bit of a message."""
    return replaced(number, lambda body: message(number, body[:-1] + bytes([body[-1] ^ 1])))


def _alpn(protocol: bytes) -> bytes:
    return extension(16, vector(2, vector(1, protocol[:255])))


_CERTIFICATES_12 = vector(3, vector(3, b"0\x82\xff\xff no DER") * 2)
_COMPRESSED = message(25, b"\x00\x01" + b"\x00\xff\xff\xff" + vector(3, zlib.compress(bytes(4 * MEGABYTE))))
_ALERT = (ALERT, b"\x02\x28")

SERVERS: tuple[Hostile, ...] = (
    fails("a version that is none", flight(server_hello(ECDHE, version=0x0399))),
    fails("SSL 3.0", flight(server_hello(ECDHE, version=0x0300))),
    fails("a suite that was not offered", flight(server_hello(0x0005))),
    fails("a protocol that breaks out", flight(server_hello(ECDHE, [_alpn(NASTY)]))),
    fails("extensions cut off", flight(message(2, b"\x03\x03" + bytes(32) + b"\0\xc0\x2b\0\xff\xff\0"))),
    fails("certificates that are none", flight(server_hello(ECDHE), message(11, _CERTIFICATES_12))),
    fails("names that are not text", flight(server_hello(ECDHE), message(11, vector(3, vector(3, issue(NASTY, dns_names=[NASTY]).der))))),
    fails("300 empty certificates", flight(server_hello(ECDHE), message(11, vector(3, bytes(900))))),
    fails("a certificate list of 16 MB", flight(server_hello(ECDHE)) + record(HANDSHAKE, b"\x0b\xff\xff\xff" + bytes(9000))),
    fails("a heartbeat", record(24, b"\x01\xff\xff")),
    fails("a record of 64 KiB", b"\x16\x03\x03\xff\xff" + bytes(65535)),
    fails("a fatal alert", record(ALERT, b"\x02\x28")),
    fails("an alert that is none", record(ALERT, b"\x4d\xc8")),
    fails("data before the handshake", record(23, NASTY)),
    flood("warnings without end", record(ALERT, b"\x01\x70") * 2000),
    flood("empty records without end", record(HANDSHAKE, b"") * 3000),
    flood("cipher changes without end", record(CHANGE_CIPHER_SPEC, b"\x01") * 2500),
    flood("a message without end", record(HANDSHAKE, b"\x0b\x01\x80\x00" + bytes(12000))),
    Hostile("requests for hellos without end", then_in_handshake(record(HANDSHAKE, bytes(16000)), 20 * MEGABYTE),
            ((_FAILED, _HANDSHAKE), (ErrorKind.LIMIT_EXCEEDED, _HANDSHAKE))),
    # OpenSSL before 3.0 follows every one of them, for as long as a probe may take.
    Hostile("retries in a loop", retrying(*[0x19, 0x18] * 20), ((_FAILED, _HANDSHAKE), (ErrorKind.TIMEOUT, _HANDSHAKE))),
    ends("a retry for no group", retrying(0xFFFF), _FAILED, _HANDSHAKE),
    ends("a retry for what was sent", retrying(0x1D), _FAILED, _HANDSHAKE),
    spoiled("a wrong signature", V12, flipped(12)),
    spoiled("a wrong signature", V13, flipped(15)),
    spoiled("a wrong Finished", V13, flipped(20)),
    spoiled("no certificate", V12, replaced(11, lambda body: message(11, vector(3)))),
    spoiled("no certificate", V13, replaced(11, lambda body: message(11, b"\0" + vector(3)))),
    spoiled("two certificate messages", V12, replaced(11, lambda body: message(11, body) * 2)),
    spoiled("two certificate messages", V13, replaced(11, lambda body: message(11, body) * 2)),
    spoiled("a compressed certificate", V13, replaced(11, lambda body: _COMPRESSED)),
    spoiled("a protocol that breaks out", V13, replaced(8, lambda body: message(8, vector(2, _alpn(NASTY))))),
    spoiled("60 KB of extensions", V13, replaced(8, lambda body: message(8, vector(2, extension(9999, bytes(60000)))))),
    spoiled("an alert within the flight", V12, before(1, _ALERT)),
    spoiled("an alert within the flight", V13, before(1, _ALERT)),
    spoiled("a certificate in the clear", V13, before(1, (ALERT, b"\x01\x00"))),
    ends("gone behind the ServerHello, TLSv1_2", tampered(V12, cut_after(1), stay=False), ErrorKind.DISCONNECTED, _HANDSHAKE),
    ends("gone behind the certificate, TLSv1_2", tampered(V12, cut_after(2), stay=False), ErrorKind.DISCONNECTED, _HANDSHAKE),
    ends("gone behind the ServerHello, TLSv1_3", tampered(V13, cut_after(0), stay=False), ErrorKind.DISCONNECTED, _HANDSHAKE),
    ends("gone behind the certificate, TLSv1_3", tampered(V13, cut_after(2), stay=False), ErrorKind.DISCONNECTED, _HANDSHAKE),
    ends("gone before the client's Finished", tampered(V12, cut_after(99), stay=False), ErrorKind.DISCONNECTED, _HANDSHAKE),
    succeeds("records of one byte, TLSv1_2", tampered(V12, in_pieces(1))),
    succeeds("records of one byte, TLSv1_3", tampered(V13, in_pieces(1))),
    succeeds("a few requests for hellos", tampered(V12, before(1, (HANDSHAKE, bytes(400))))),
)
