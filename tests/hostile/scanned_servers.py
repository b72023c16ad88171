# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are hostile to a scan: what they answer to a ClientHello that nobody will finish."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._tls import messages as tls_messages
from ansible_collections.mailops.tls.plugins.module_utils._tls.messages import HELLO_RETRY
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import MessageStream, RecordStream
from ansible_collections.mailops.tls.tests.unit.makers.record_sealer import (
    ALERT,
    HANDSHAKE,
    extension,
    message,
    record,
    server_hello,
    vector,
)
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script

_VERSION_1_3 = extension(43, b"\x03\x04")
MEGABYTE = 1024 * 1024
Answer = Callable[[tls_messages.ClientHello], bytes]


@dataclass(frozen=True)
class HostileToScans:
    """A server, the kinds of errors that a scan of it may have (none: it ends by itself), and whether a time limit ends it."""

    name: str
    script: Callable[[], Script]
    kinds: tuple[str, ...] = ()
    waits: bool = False


def answering(answer: Answer) -> Callable[[], Script]:
    """Offer TLS, hear one hello, and answer with bytes."""

    def made() -> Script:
        async def script(peer: Peer) -> None:
            await peer.offer_tls()
            await peer.send(b"220 go\r\n")
            await peer.send_raw(answer(await heard(peer)))
            await peer.hang()

        return script

    return made


async def heard(peer: Peer) -> tls_messages.ClientHello:
    """Return the hello of the client, whatever pieces it comes in."""
    records, messages = RecordStream(), MessageStream()
    while True:
        data = await peer.reader.read(65536)
        if not data:
            raise ConnectionResetError("the client is gone")
        for one in records.feed(data):
            for found in messages.feed(one.payload):
                return tls_messages.client_hello(found.body)


def chosen(hello: tls_messages.ClientHello, *, version: int | None = None, suite: int | None = None, group: int = 29) -> bytes:
    """Return a ServerHello that chooses this, by default what comes last of what was offered."""
    offered = dict(hello.extensions)
    modern = 43 in offered if version is None else version > 0x0303
    number = hello.suites[-1] if suite is None else suite
    if modern:
        named = extension(43, (version or 0x0304).to_bytes(2, "big"))
        body = server_hello(number, [named, extension(51, group.to_bytes(2, "big"))], random=HELLO_RETRY)
        return record(HANDSHAKE, body)
    body = server_hello(number, [])
    if version is not None:
        body = body[:4] + version.to_bytes(2, "big") + body[6:]
    exchange = b"\x03" + group.to_bytes(2, "big") + vector(1, bytes(65)) + b"\x02\x03" + vector(2, b"s")
    return record(HANDSHAKE, body + message(12, exchange) + message(14, b""))


def after(count: int, words: bytes) -> Callable[[], Script]:
    """Choose what was offered, and from some connection on say these words in place of a greeting."""

    def made() -> Script:
        numbers = itertools.count(1)

        async def script(peer: Peer) -> None:
            if next(numbers) > count:
                await peer.send(words)
                return
            await answering(chosen)()(peer)

        return script

    return made


def _then(act: Callable[[Peer], object]) -> Callable[[], Script]:
    def made() -> Script:
        async def script(peer: Peer) -> None:
            await peer.offer_tls()
            await peer.send(b"220 go\r\n")
            await heard(peer)
            await act(peer)  # type: ignore[misc]

        return script

    return made


async def _drip(peer: Peer) -> None:
    await peer.drip(record(HANDSHAKE, server_hello(0xC02F, [])) * 1000, 0.02)


async def _flood(peer: Peer) -> None:
    await peer.flood(record(HANDSHAKE, b"") * 1000, MEGABYTE)
    await peer.hang()


async def _retries(peer: Peer) -> None:
    retry = record(HANDSHAKE, server_hello(0x1301, [_VERSION_1_3, extension(51, b"\0\x1d")], random=HELLO_RETRY))
    for _round in range(1000):
        await peer.send_raw(retry)
        await asyncio.sleep(0)
    await peer.hang()


def _long_record(hello: tls_messages.ClientHello) -> bytes:
    return b"\x16\x03\x03\xff\xff" + os.urandom(65535)


def _long_message(hello: tls_messages.ClientHello) -> bytes:
    return record(HANDSHAKE, b"\x02\xff\xff\xff" + bytes(1000))


def _endless_chain(hello: tls_messages.ClientHello) -> bytes:
    certificates = vector(3, b"".join(vector(3, os.urandom(2000)) for unused in range(120)))
    flight = server_hello(0xC02B, []) + message(11, certificates)
    return b"".join(record(HANDSHAKE, flight[at : at + 16384]) for at in range(0, len(flight), 16384))


def _alerts() -> Callable[[], Script]:
    """Answer with every alert there is and is not, one connection after the other."""
    numbers = itertools.count()
    return answering(lambda hello: record(ALERT, bytes([2, next(numbers) % 256])))


def _moods() -> Callable[[], Script]:
    """Answer something else each time."""
    answers: tuple[Answer, ...] = (
        chosen,
        lambda hello: record(ALERT, b"\x02\x28"),
        lambda hello: chosen(hello, version=0x0301),
        lambda hello: chosen(hello, group=0xFFFF),
        lambda hello: b"",
    )
    moods = itertools.cycle(answers)

    def answer(hello: tls_messages.ClientHello) -> bytes:
        mood = next(moods)
        return mood(hello)

    return answering(answer)


def _record_of(size: int) -> bytes:
    return b"\x16\x03\x03" + size.to_bytes(2, "big") + server_hello(0xC02F, []) + bytes(size)


def _octets(records: bytes) -> bytes:
    return b"".join(record(one.kind, bytes([octet])) for one in RecordStream().feed(records) for octet in one.payload)


def _tickets() -> bytes:
    return record(HANDSHAKE, message(4, bytes(4) + vector(2, bytes(100)))) * 10_000


def _twice(hello: tls_messages.ClientHello) -> bytes:
    return record(HANDSHAKE, server_hello(hello.suites[-1], [extension(23, b""), extension(23, b"")]))


async def _hello_and_close(peer: Peer) -> None:
    await peer.send_raw(record(HANDSHAKE, server_hello(0xC02F, [])))


def _hangs_on_long_hellos() -> Script:
    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.send(b"220 go\r\n")
        hello = await heard(peer)
        if len(hello.suites) <= 64:
            await peer.send_raw(chosen(hello))
        await peer.hang()

    return script


def _after_hellos(count: int, reply: bytes) -> Callable[[], Script]:
    """Choose what was offered, and from some connection on answer every hello with this and an end."""

    def made() -> Script:
        numbers = itertools.count(1)

        async def script(peer: Peer) -> None:
            await peer.offer_tls()
            await peer.send(b"220 go\r\n")
            hello = await heard(peer)
            await peer.send_raw(chosen(hello) if next(numbers) <= count else reply)

        return script

    return made


def _by_turns() -> Script:
    """Two servers with a suite each behind one address."""
    turns = itertools.cycle((0xC030, 0xC02F))

    def answer(hello: tls_messages.ClientHello) -> bytes:
        suite = next(turns)
        there = suite in hello.suites and 43 not in dict(hello.extensions)
        return chosen(hello, suite=suite) if there else record(ALERT, b"\x02\x28")

    return answering(answer)()


SERVERS: tuple[HostileToScans, ...] = (
    HostileToScans("garbage", answering(lambda hello: os.urandom(4096)), ("protocol_error",)),
    HostileToScans("words", answering(lambda hello: b"421 4.7.0 too many\r\n"), ("protocol_error",)),
    HostileToScans("says nothing", answering(lambda hello: b""), ("timeout",), waits=True),
    HostileToScans("drips a hello", _then(_drip), ("timeout",), waits=True),
    HostileToScans("empty records without end", _then(_flood)),
    HostileToScans("a record of 64 kB", answering(_long_record), ("protocol_error",)),
    HostileToScans("a record that is an octet too long", answering(lambda hello: _record_of(16384 + 2048 + 1)), ("protocol_error",)),
    HostileToScans("records of DTLS", answering(lambda hello: b"\x16\xfe\xfd" + bytes(8) + b"\0\x10" + bytes(16)), ("protocol_error",)),
    HostileToScans("octet by octet", answering(lambda hello: _octets(chosen(hello)))),
    HostileToScans("tickets without end", answering(lambda hello: record(HANDSHAKE, server_hello(hello.suites[-1], [])) + _tickets())),
    HostileToScans("an extension twice", answering(_twice), ("protocol_error",)),
    HostileToScans("closes after its hello", _then(_hello_and_close)),
    HostileToScans("a HelloRetryRequest to everything", answering(lambda hello: chosen(hello, version=0x0304))),
    HostileToScans("does not know the name", answering(lambda hello: record(ALERT, b"\x02\x70"))),
    HostileToScans("hangs on long hellos", _hangs_on_long_hellos, waits=True),
    HostileToScans("closes at every hello after the fourth", _after_hellos(4, b"")),
    HostileToScans("refuses every hello after the fourth", _after_hellos(4, record(ALERT, b"\x02\x28"))),
    HostileToScans("two servers by turns", _by_turns),
    HostileToScans("a message of 16 MB", answering(_long_message), ("timeout",), waits=True),
    HostileToScans("HelloRetryRequests without end", _then(_retries)),
    HostileToScans("a suite that was not offered", answering(lambda hello: chosen(hello, suite=0x5A5A))),
    HostileToScans("another version", answering(lambda hello: chosen(hello, version=0x0301))),
    HostileToScans("TLS 1.3 where it was not offered", answering(lambda hello: chosen(hello, version=0x0304, suite=0x1301))),
    HostileToScans("a version of the future", answering(lambda hello: chosen(hello, version=0x0505))),
    HostileToScans("a version before all others", answering(lambda hello: chosen(hello, version=0))),
    HostileToScans("a group that was not offered", answering(lambda hello: chosen(hello, group=0xFFFF))),
    HostileToScans("everything that is offered", answering(chosen)),
    HostileToScans("certificates without end", answering(_endless_chain), ("timeout",), waits=True),
    HostileToScans("every alert", _alerts()),
    HostileToScans("moods", _moods(), ("timeout",), waits=True),
    HostileToScans("421 at the fifth connection", after(4, b"421 4.7.0 mx.example.com too many connections\r\n"), ("rate_limited",)),
    HostileToScans("450 4.7.1 at the fifth connection", after(4, b"450 4.7.1 too many connections\r\n"), ("rate_limited",)),
    HostileToScans("a line of escape sequences at the fifth", after(4, b"554 \x1b[31m\x00\xe2\x80\xae no\r\n"), ("rejected",)),
    HostileToScans("closes at the fifth", after(4, b""), ("disconnected",)),
)
CONNECTIONS: Mapping[str, int] = {one.name: 5 for one in SERVERS if "fifth" in one.name}
"""How many connections a scan makes that is stopped."""
