# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name server that plays a validating resolver: the AD bit is told, not computed (RFC 4035 section 3.2.3).

It answers from zones in memory with CNAMEs followed, tells "no such name" from "no such type" (RFC 2308), truncates
UDP (RFC 2181 section 9), and fails where a zone says so. `Zones` is pure; the two protocol classes carry it.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, field
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.node
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone

MAXIMUM_ALIASES = 10
IDLE_SECONDS = 10.0


@dataclass(frozen=True)
class Zone:
    """One zone: its records, whether the world sees it as signed, and the types whose lookup fails."""

    records: dns.zone.Zone
    signed: bool
    broken_types: frozenset[dns.rdatatype.RdataType] = field(default_factory=frozenset)

    @classmethod
    def parse(cls, origin: str, text: str, signed: bool, broken: tuple[str, ...] = ()) -> Zone:
        """Return the zone `origin` (without final dot) of master-file `text`; raises dnspython's errors."""
        records = dns.zone.from_text(text, origin=origin + ".", relativize=False)
        return cls(records, signed, frozenset(dns.rdatatype.from_text(rdtype) for rdtype in broken))

    @property
    def origin(self) -> dns.name.Name:
        """The zone's apex."""
        return cast(dns.name.Name, self.records.origin)

    def rrset(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> dns.rrset.RRset | None:
        """Return the records at `name`, or `None`."""
        return self.records.get_rrset(name, rdtype)

    def has_name(self, name: dns.name.Name) -> bool:
        """Tell whether the name exists: with records, or only because names below it have some (RFC 8020)."""
        return any(owner.is_subdomain(name) for owner in self.records.nodes)


class Zones:
    """All zones of the network, asked with one DNS message."""

    def __init__(self, zones: list[Zone]) -> None:
        self._zones = sorted(zones, key=lambda zone: len(zone.origin), reverse=True)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """Return the reply to one query."""
        reply = dns.message.make_response(query, recursion_available=True)
        if query.opcode() != dns.opcode.QUERY:
            reply.set_rcode(dns.rcode.NOTIMP)
            return reply
        if len(query.question) != 1 or query.question[0].rdclass != dns.rdataclass.IN:
            reply.set_rcode(dns.rcode.FORMERR)
            return reply
        question = query.question[0]
        secure = self._resolve(question.name, question.rdtype, reply)
        wants_validation = bool(query.ednsflags & dns.flags.DO or query.flags & dns.flags.AD)
        if secure and wants_validation and not query.flags & dns.flags.CD:
            reply.flags |= dns.flags.AD
        return reply

    def _resolve(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType, reply: dns.message.Message) -> bool:
        """Fill in `reply`, following aliases; return whether every zone on the way is signed."""
        secure = True
        for _alias in range(MAXIMUM_ALIASES):
            zone = next((zone for zone in self._zones if name.is_subdomain(zone.origin)), None)
            if zone is None:
                reply.set_rcode(dns.rcode.NXDOMAIN)
                return secure
            secure = secure and zone.signed
            if rdtype in zone.broken_types:
                break
            found = zone.rrset(name, rdtype)
            if found is not None:
                reply.answer.append(found)
                return secure
            alias = zone.rrset(name, dns.rdatatype.CNAME)
            if alias is None:
                _deny(zone, name, reply)
                return secure
            reply.answer.append(alias)
            name = alias[0].target
        reply.answer.clear()
        reply.set_rcode(dns.rcode.SERVFAIL)
        return False


def _deny(zone: Zone, name: dns.name.Name, reply: dns.message.Message) -> None:
    """Say NODATA or NXDOMAIN, with the zone's SOA for caching (RFC 2308 section 2)."""
    soa = zone.rrset(zone.origin, dns.rdatatype.SOA)
    if soa is not None:
        reply.authority.append(soa)
    if not zone.has_name(name):
        reply.set_rcode(dns.rcode.NXDOMAIN)


class Datagrams(asyncio.DatagramProtocol):
    """DNS over UDP; what cannot be read gets no answer."""

    def __init__(self, zones: Zones) -> None:
        self._zones = zones
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for the answers."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one query."""
        try:
            query = dns.message.from_wire(data)
            reply = self._zones.answer(query)
        except dns.exception.DNSException:
            return
        room = query.payload if query.edns >= 0 else 512
        try:
            wire = reply.to_wire(max_size=max(room, 512))
        except dns.exception.TooBig:
            short = dns.message.make_response(query, recursion_available=True)
            short.flags |= dns.flags.TC
            wire = short.to_wire()
        if self._transport is not None:
            self._transport.sendto(wire, addr)


async def serve_stream(zones: Zones, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """DNS over TCP (RFC 7766): length-prefixed queries until the client is done, silent or unreadable."""
    try:
        while True:
            prefix = await asyncio.wait_for(reader.readexactly(2), IDLE_SECONDS)
            data = await asyncio.wait_for(reader.readexactly(struct.unpack("!H", prefix)[0]), IDLE_SECONDS)
            wire = zones.answer(dns.message.from_wire(data)).to_wire(max_size=65535)
            writer.write(struct.pack("!H", len(wire)) + wire)
            await writer.drain()
    except (asyncio.IncompleteReadError, asyncio.TimeoutError, ConnectionError, dns.exception.DNSException):
        pass
    finally:
        writer.close()
