# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scripted DNS responder on 127.0.0.1, UDP and TCP on one port, in the event loop of the test that uses it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import cast

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from ansible_collections.mailops.tls.tests.lab.machinery.ports import udp_and_tcp

Alter = Callable[[bytes], Sequence[bytes]]


@dataclass(frozen=True)
class Scripted:
    """One scripted answer: zone file lines, rcode and flags; `alter` turns the right reply into the datagrams sent."""

    records: tuple[str, ...] = ()
    rcode: str = "NOERROR"
    ad: bool = False
    recursion_available: bool = True
    truncated: bool = False
    silent: bool = False
    delay: float = 0.0
    edns_options: tuple[dns.edns.Option, ...] = ()
    alter: Alter | None = None


@dataclass(frozen=True)
class Question:
    """One question as it came in."""

    name: str
    rdtype: str
    do: bool
    ad: bool
    over: str


class Responder:
    """Async context manager; `script` maps (name without final dot, type) to the answer. Other questions: REFUSED."""

    def __init__(self, script: Mapping[tuple[str, str], Scripted]) -> None:
        self.script = dict(script)
        self.questions: list[Question] = []
        self.port = 0
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.AbstractServer | None = None

    async def __aenter__(self) -> Responder:
        loop = asyncio.get_running_loop()
        packets, stream = udp_and_tcp()
        self.port = packets.getsockname()[1]
        self._udp, _protocol = await loop.create_datagram_endpoint(lambda: _Datagrams(self), sock=packets)
        self._tcp = await asyncio.start_server(self._serve_stream, sock=stream)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()

    def asked(self) -> list[tuple[str, str]]:
        """The (name, type) of every question so far, in order."""
        return [(question.name, question.rdtype) for question in self.questions]

    def reply(self, wire: bytes, over: str) -> tuple[Scripted, dns.message.Message]:
        """Note the question in *wire* and build its reply."""
        query = dns.message.from_wire(wire)
        name = query.question[0].name.to_text(True).lower()
        rdtype = dns.rdatatype.to_text(query.question[0].rdtype)
        do = bool(query.ednsflags & dns.flags.DO)
        self.questions.append(Question(name, rdtype, do, bool(query.flags & dns.flags.AD), over))
        scripted = self.script.get((name, rdtype), Scripted(rcode="REFUSED"))
        message = dns.message.make_response(query, recursion_available=scripted.recursion_available)
        message.set_rcode(dns.rcode.from_text(scripted.rcode))
        message.flags &= ~(dns.flags.AA | dns.flags.AD)
        if scripted.ad and (do or query.flags & dns.flags.AD):
            message.flags |= dns.flags.AD
        message.use_edns(0, 0, 1232, options=list(scripted.edns_options))
        _fill(message, scripted.records)
        return scripted, message

    async def _serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                wire = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
                scripted, message = self.reply(wire, "tcp")
                reply = message.to_wire(max_size=65535)
                for part in scripted.alter(reply) if scripted.alter else [reply]:
                    writer.write(len(part).to_bytes(2, "big") + part)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        scripted, message = self._responder.reply(data, "udp")
        if scripted.silent:
            return
        if scripted.truncated:
            message.flags |= dns.flags.TC
            message.answer = []
        reply = message.to_wire(max_size=65535)
        altered = not scripted.truncated and scripted.alter
        for part in altered(reply) if altered else [reply]:
            asyncio.get_running_loop().call_later(scripted.delay, self._transport.sendto, part, addr)


def _fill(message: dns.message.Message, lines: Sequence[str]) -> None:
    """Add zone file lines to the answer section in their order."""
    for line in lines:
        owner, ttl, _class, rdtype, rdata = line.split(None, 4)
        rrset = dns.rrset.from_text(owner, int(ttl), "IN", rdtype, rdata)
        target = message.find_rrset(message.answer, rrset.name, rrset.rdclass, rrset.rdtype, create=True)
        for rdata_value in rrset:
            target.add(rdata_value, int(ttl))
