# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authoritative name servers on loopback addresses, all on one port, and a resolver that has what a table says.

A server answers from zone file text as RFC 1034 section 4.3.2 says, and misbehaves where it is told to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome, RecordData

Alter = Callable[[bytes], Sequence[bytes]]


@dataclass
class Authority:
    """One server: `zones` by origin (zone file text with absolute names), and how it misbehaves.

    `silent`: nothing comes back. `lame`: no AA and no answers. `alter` turns the right reply into the packets that are sent.
    `truncated`: UDP replies are cut. `drip`: TCP replies come an octet a tenth of a second. `denies`: names it calls nonexistent.
    """

    zones: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    ignored: int = field(default=0, init=False)
    lame: bool = False
    rcode: str = "NOERROR"
    truncated: bool = False
    drip: bool = False
    alter: Alter | None = None
    denies: tuple[str, ...] = ()
    questions: list[tuple[str, str, str]] = field(default_factory=list)
    recursion_desired: bool = False

    def __post_init__(self) -> None:
        self.loaded = {
            dns.name.from_text(origin): dns.zone.from_text(text, origin=dns.name.from_text(origin), relativize=False, check_origin=False)
            for origin, text in self.zones.items()
        }

    def reply(self, wire: bytes, over: str) -> dns.message.Message:
        """The reply to a query, as the server means it."""
        query = dns.message.from_wire(wire)
        name, rdtype = query.question[0].name, query.question[0].rdtype
        self.questions.append((name.to_text(True).lower(), dns.rdatatype.to_text(rdtype), over))
        self.recursion_desired = self.recursion_desired or bool(query.flags & dns.flags.RD)
        reply = dns.message.make_response(query, recursion_available=False)
        reply.set_rcode(dns.rcode.from_text(self.rcode))
        if self.lame or reply.rcode() != dns.rcode.NOERROR:
            return reply
        fitting = [origin for origin in self.loaded if name.is_subdomain(origin)]
        if not fitting:
            reply.set_rcode(dns.rcode.REFUSED)
        else:
            self._answer(reply, self.loaded[max(fitting, key=len)], name, rdtype)
        return reply

    def _answer(self, reply: dns.message.Message, zone: dns.zone.Zone, name: dns.name.Name, rdtype: int) -> None:
        origin = zone.origin or dns.name.root
        for cut in (found for found in zone.nodes if found != origin and name.is_subdomain(found)):
            if zone.get_rdataset(cut, dns.rdatatype.NS):
                _add(reply, reply.authority, zone, cut, dns.rdatatype.NS)
                for target in list(zone.nodes):
                    for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
                        _add(reply, reply.additional, zone, target, kind)
                return
        reply.flags |= dns.flags.AA
        if not _add(reply, reply.answer, zone, name, rdtype) and not _add(reply, reply.answer, zone, name, dns.rdatatype.CNAME):
            exists = any(found.is_subdomain(name) for found in zone.nodes)
            if not exists or name.to_text(True).lower() in self.denies:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            _add(reply, reply.authority, zone, origin, dns.rdatatype.SOA)


def _add(reply: dns.message.Message, section: list[dns.rrset.RRset], zone: dns.zone.Zone, name: dns.name.Name, rdtype: int) -> bool:
    kind = dns.rdatatype.RdataType.make(rdtype)
    rdataset = zone.get_rdataset(name, kind)
    if rdataset is None:
        return False
    for found in (rdataset, zone.get_rdataset(name, dns.rdatatype.RRSIG, covers=kind)):
        if found is not None:
            rrset = dns.rrset.RRset(name, dns.rdataclass.IN, found.rdtype, found.covers)
            rrset.update(found)  # type: ignore[no-untyped-call]
            section.append(rrset)
    return True


class Authorities:
    """Async context manager: servers by address (127.x.y.z); `port` is the one port of all."""

    def __init__(self, servers: Mapping[str, Authority]) -> None:
        self.servers = servers
        self.port = 0
        self._open: list[asyncio.BaseTransport] = []
        self._listening: list[asyncio.AbstractServer] = []
        self._dripping: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Authorities:
        for _try in range(20):
            try:
                await self._listen()
                return self
            except OSError:  # the port is taken on one of them
                self._close()
        raise OSError("no port free for UDP and TCP on all addresses")

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self.port = 0
        for address, server in self.servers.items():
            transport, _protocol = await loop.create_datagram_endpoint(partial(_Datagrams, server), (address, self.port))
            self._open.append(transport)
            self.port = transport.get_extra_info("sockname")[1]

            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Authority = server) -> None:
                await self._serve_stream(server, reader, writer)

            self._listening.append(await asyncio.start_server(serve, address, self.port))

    def _close(self) -> None:
        for transport in self._open:
            transport.close()
        for listener in self._listening:
            listener.close()
        for task in self._dripping:
            task.cancel()
        self._open, self._listening = [], []

    async def _serve_stream(self, server: Authority, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._dripping.add(task)
        try:
            wire = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
            if server.silent:
                server.ignored += 1
                await asyncio.sleep(60)
            reply = server.reply(wire, "tcp").to_wire(max_size=65535)
            for part in server.alter(reply) if server.alter else [reply]:
                framed = len(part).to_bytes(2, "big") + part
                if not server.drip:
                    writer.write(framed)
                for octet in framed if server.drip else b"":
                    writer.write(bytes([octet]))
                    await asyncio.sleep(0.1)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: Authority) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._server.silent:
            self._server.ignored += 1
            return
        message = self._server.reply(data, "udp")
        if self._server.truncated:
            message.flags |= dns.flags.TC
            message.answer = []
        wire = message.to_wire(max_size=65535)
        altered = self._server.alter if not self._server.truncated else None
        for part in altered(wire) if altered else [wire]:
            self._transport.sendto(part, addr)


class TableResolver:
    """A resolver's `ask` and `dnssec_available`: `table` maps (name, type) to records or a whole answer; else no data."""

    def __init__(self, table: Mapping[tuple[str, str], object], *, secure: bool = True, available: bool = True) -> None:
        self.table = dict(table)
        self.secure = secure
        self.available = available
        self.asked: list[tuple[str, str]] = []

    async def ask(self, name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
        """Answer from the table, aliases followed."""
        self.asked.append((name, rdtype))
        return self._answer(name, name, rdtype)

    async def dnssec_available(self) -> bool | None:
        """Whether the root validates."""
        return self.available

    async def validates(self, nameserver: str) -> bool:
        """Whether one nameserver validates."""
        return self.available

    def _answer(self, asked: str, name: str, rdtype: str, hops: int = 0) -> Answer:
        found = self.table.get((name.lower(), rdtype), ())
        if isinstance(found, Answer):
            return found
        alias = self.table.get((name.lower(), "CNAME"))
        if not found and alias and rdtype != "CNAME" and hops < 12:
            return self._answer(asked, cast(Sequence[str], alias)[0], rdtype, hops + 1)
        records = tuple(cast(Sequence[RecordData], found))
        outcome = Outcome.FOUND if records else Outcome.NODATA
        return Answer(asked, rdtype, outcome, records, name, secure=self.secure, ttl=60 if records else None)
