# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resolvers that are hostile or broken: what they send to whom asks them, by UDP and TCP, and what a lookup has to make of it."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Callable, cast

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome
from ansible_collections.mailops.tls.tests.hostile.dialogue_servers import NASTY
from ansible_collections.mailops.tls.tests.lab.machinery.ports import udp_and_tcp

MX, TLSA, CNAME, OPT = 15, 52, 5, 41
TRUNCATED = 0x8380
_LARGEST = 65535

Datagrams = Callable[[bytes], Sequence[bytes]]
Stream = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class HostileResolver:
    """One resolver: what it sends by UDP; how it behaves on TCP (None: not there); what a lookup of *rdtype* ends with."""

    name: str
    outcome: Outcome
    datagrams: Datagrams
    stream: Stream | None = None
    rdtype: str = "MX"
    warned: bool = False


class Running:
    """Async context manager: a hostile resolver on 127.0.0.1, one port for UDP and TCP."""

    def __init__(self, resolver: HostileResolver) -> None:
        self._resolver = resolver
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.AbstractServer | None = None

    async def __aenter__(self) -> Running:
        loop = asyncio.get_running_loop()
        datagrams = self._resolver.datagrams
        packets, stream = udp_and_tcp()
        self.port = packets.getsockname()[1]
        self._udp, _protocol = await loop.create_datagram_endpoint(lambda: _Udp(datagrams), sock=packets)
        if self._resolver.stream is None:
            stream.close()
        else:
            self._tcp = await asyncio.start_server(self._connected, sock=stream)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        await asyncio.wait([task])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._resolver.stream is not None
        try:
            query = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
            await self._resolver.stream(query, writer)
            await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client had enough
        finally:
            writer.close()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, datagrams: Datagrams) -> None:
        self._datagrams = datagrams

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for one in self._datagrams(data):
            self._transport.sendto(one, addr)


# --- writing replies -----------------------------------------------------------------------------------------------------


def question_of(query: bytes) -> bytes:
    """Return the question section of a query."""
    at = 12
    while query[at]:
        at += 1 + query[at]
    return query[12 : at + 5]


def reply(query: bytes, *answers: bytes, flags: int = 0x81A0, counts: Sequence[int] = ()) -> bytes:
    """Return a reply with these records; *counts* of answers, authorities and additionals, if they are to be others."""
    numbers = tuple(counts) or (len(answers), 0, 0)
    return query[:2] + struct.pack("!HHHHH", flags, 1, *numbers) + question_of(query) + b"".join(answers)


def record(rdtype: int, data: bytes, owner: bytes = b"\xc0\x0c", ttl: int = 60) -> bytes:
    """Return one record, by default of the name asked for."""
    return owner + struct.pack("!HHIH", rdtype, 1, ttl, len(data)) + data


def label(text: bytes) -> bytes:
    """Return one label."""
    return bytes([len(text)]) + text


def fixed(*answers: bytes, flags: int = 0x81A0, counts: Sequence[int] = ()) -> Datagrams:
    """Answer everything with the same records."""
    return lambda query: [reply(query, *answers, flags=flags, counts=counts)]


def truncated(query: bytes) -> Sequence[bytes]:
    """Say that TCP is needed."""
    return [reply(query, flags=TRUNCATED)]


def by_tcp(make: Callable[[bytes], bytes]) -> Stream:
    """Answer by TCP with one message."""

    async def stream(query: bytes, writer: asyncio.StreamWriter) -> None:
        wire = make(query)
        writer.write(len(wire).to_bytes(2, "big") + wire)
        await writer.drain()

    return stream


def at_tcp(make: Callable[[bytes], bytes], name: str, outcome: Outcome, rdtype: str = "MX", *, warned: bool = False) -> HostileResolver:
    """Return a resolver that answers by TCP, with up to 64 KiB."""
    return HostileResolver(name, outcome, truncated, by_tcp(make), rdtype, warned)


# --- what they send ------------------------------------------------------------------------------------------------------


def noise(query: bytes) -> Sequence[bytes]:
    return [query[:2] + random.Random(1).randbytes(200)]


def many_strays(query: bytes) -> Sequence[bytes]:
    return [bytes([number]) + bytes(30) for number in range(200)]


def other_question(query: bytes) -> Sequence[bytes]:
    return [query[:2] + struct.pack("!HHHHH", 0x8180, 1, 0, 0, 0) + label(b"other") + b"\0\0\x0f\0\x01"]


def next_alias(query: bytes) -> Sequence[bytes]:
    """Every name is an alias of another."""
    name = question_of(query)
    return [reply(query, record(CNAME, label(b"x") + name[:-4][-200:] if len(name) < 200 else label(b"y") + b"\0"))]


def pointers(query: bytes) -> bytes:
    """A chain of thousands of compression pointers, and thousands of names that begin at its end."""
    base = 12 + len(question_of(query)) + 12
    chain = b"\0" + b"".join(struct.pack("!H", 0xC000 | (base if at == 0 else base + 2 * at - 1)) for at in range(8000))
    end = struct.pack("!H", 0xC000 | base + 15999)
    one = record(MX, b"\0\x0a" + end, end)
    return reply(query, record(16, chain), *[one] * ((_LARGEST - base - 17000) // len(one)))


def thousands(query: bytes) -> bytes:
    """As many MX records as 64 KiB hold, each with a name of its own."""
    return reply(query, *(record(MX, struct.pack("!H", number % 100) + label(b"%x" % number) + b"\0") for number in range(3200)))


def nasty_exchanges(query: bytes) -> bytes:
    """Exchanges whose names hold every octet there is."""
    names = [bytes(range(start, start + 32)) for start in range(0, 256, 32)] + [NASTY[:63], b".", b"\\", b"*", b"-"]
    return reply(query, *(record(MX, b"\0\x0a" + label(name) + label(b"test") + b"\0") for name in names))


def long_names(query: bytes) -> bytes:
    """A name of 60 KB, in labels that each are fine."""
    return reply(query, record(MX, b"\0\x0a" + label(b"a" * 60) * 1000 + b"\0"))


def options(query: bytes) -> bytes:
    """Thousands of OPT records."""
    return reply(query, *[b"\0" + struct.pack("!HHIH", OPT, 1232, 0, 0)] * 4000, counts=(0, 0, 4000))


def huge_tlsa(query: bytes) -> bytes:
    return reply(query, record(TLSA, b"\x03\x01\x01" + bytes(65000)))


def many_tlsa(query: bytes) -> bytes:
    return reply(query, *(record(TLSA, b"\x03\x01\x01" + number.to_bytes(32, "big")) for number in range(1200)))


async def slowly(query: bytes, writer: asyncio.StreamWriter) -> None:
    for octet in b"\xff\xff" + reply(query) + bytes(1000):
        writer.write(bytes([octet]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def says_much_sends_little(query: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\xff\xff" + reply(query))
    await writer.drain()


async def gone(query: bytes, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


_BOGUS = b"\0" + struct.pack("!HHIH", OPT, 1232, 0, 6 + len(NASTY)) + struct.pack("!HHH", 15, 2 + len(NASTY), 6) + NASTY
_E, _N, _F = Outcome.ERROR, Outcome.NODATA, Outcome.FOUND

RESOLVERS: tuple[HostileResolver, ...] = (
    HostileResolver("silence", _E, lambda query: []),
    HostileResolver("noise", _E, noise),
    HostileResolver("an empty packet", _E, lambda query: [b""]),
    HostileResolver("a header cut off", _E, lambda query: [query[:7]]),
    HostileResolver("a header alone", _E, lambda query: [query[:2] + b"\x81\x80" + bytes(8)]),
    HostileResolver("wrong identifiers", _E, lambda query: [bytes([query[0] ^ 1]) + one[1:] for one in fixed()(query)]),
    HostileResolver("another question", _E, other_question),
    HostileResolver("the question sent back", _E, lambda query: [query]),
    HostileResolver("another opcode", _E, fixed(flags=0xA180)),
    HostileResolver("hundreds of strays", _E, many_strays),
    HostileResolver("truncated and no TCP", _E, truncated),
    HostileResolver("truncated by TCP too", _E, truncated, by_tcp(lambda query: reply(query, flags=TRUNCATED))),
    HostileResolver("truncated and gone", _E, truncated, gone),
    HostileResolver("TCP byte by byte", _E, truncated, slowly),
    HostileResolver("TCP that stops", _E, truncated, says_much_sends_little),
    at_tcp(lambda query: bytes(_LARGEST), "64 KiB of nothing", _E),
    at_tcp(lambda query: b"", "a message of no length", _E),
    at_tcp(pointers, "chains of pointers", _E),
    at_tcp(long_names, "a name of 60 KB", _E),
    at_tcp(options, "4000 OPT records", _N),
    at_tcp(thousands, "thousands of exchanges", _F, warned=True),
    at_tcp(nasty_exchanges, "exchanges that break out", _F),
    at_tcp(huge_tlsa, "a TLSA record of 65 KB", _F, "TLSA"),
    at_tcp(many_tlsa, "1200 TLSA records", _F, "TLSA", warned=True),
    HostileResolver("a TLSA record of no length", _E, fixed(record(TLSA, b"")), rdtype="TLSA"),
    HostileResolver("a TLSA record of two octets", _E, fixed(record(TLSA, b"\x03\x01")), rdtype="TLSA"),
    HostileResolver("a TLSA record without data", _F, fixed(record(TLSA, b"\x03\x01\x01")), rdtype="TLSA"),
    HostileResolver("a pointer to itself", _E, fixed(record(MX, b"\0\x0a\0", b"\xc0\x1e"))),
    HostileResolver("a pointer past the end", _E, fixed(record(MX, b"\0\x0a\xff\xff"))),
    HostileResolver("labels of an unknown kind", _E, fixed(record(MX, b"\0\x0a\x41x\0"))),
    HostileResolver("an alias of itself", _N, fixed(record(CNAME, b"\xc0\x0c")), warned=True),
    HostileResolver("aliases without end", _N, next_alias, warned=True),
    HostileResolver("65535 records announced", _E, fixed(counts=(65535, 65535, 65535))),
    HostileResolver("a record past the end", _E, fixed(record(MX, b"\0\x0a\0")[:-1])),
    HostileResolver("an exchange cut off", _E, fixed(record(MX, b"\0"))),
    HostileResolver("an answer that does not exist", _E, fixed(record(MX, b"\0\x0a\0"), flags=0x8183)),
    HostileResolver("records of somebody else", _E, fixed(record(MX, b"\0\x0a\0", label(b"other") + b"\0"))),
    HostileResolver("a reason that breaks out", _E, fixed(_BOGUS, flags=0x8182, counts=(0, 0, 1))),
    HostileResolver("no recursion", _E, fixed(flags=0x8000)),
    HostileResolver("the longest lifetime", _F, fixed(record(MX, b"\0\x0a\0", ttl=0xFFFFFFFF))),
)
