# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A primary server of one or two zones in this process: RFC 2136 updates and queries with TSIG over TCP and UDP, on dnspython.

It keeps TLSA records (and CNAMEs) only. Tests make it misbehave: `before_update` runs when an update came in, for somebody else to be
faster; `alter` gets every reply as bytes and returns what is sent, `None` for nothing.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Optional

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.update
from ansible_collections.mailops.tls.plugins.module_utils._dns.tsig_key import TsigKey, tsig_key

KEY = tsig_key("tlsa-update", "c2VjcmV0IG9mIHRoZSB0ZXN0cyBvbmx5ISEhISEhISE=", "hmac-sha256")
Alter = Callable[[bytes, dns.message.Message], Optional[bytes]]
_NEVER = "never.invalid."


class UpdateServer:
    """The server's state. Owners are absolute names with final dot; values are RDATA as text with TTL."""

    def __init__(self, zones: tuple[str, ...] = ("example.org.",)) -> None:
        self.serials = dict.fromkeys(zones, 1)
        self.records: dict[str, dict[str, int]] = {}
        self.aliases: dict[str, str] = {}
        self.updates: list[dns.update.UpdateMessage] = []
        self.over: list[str] = []
        self.signed: list[bool] = []
        self.authoritative = True
        self.query_rcode = dns.rcode.NOERROR
        self.update_rcode = dns.rcode.NOERROR
        self.before_update: Callable[[], None] = lambda: None
        self.ignore_updates = False
        self.alter: Alter = lambda wire, request: wire
        self.keyring = {dns.name.from_text(KEY.name): _library_key(KEY)}
        self.port = 0

    def put(self, owner: str, *rdata: str, ttl: int = 300) -> None:
        """Give an owner these records."""
        self.records[owner] = dict.fromkeys(rdata, ttl)

    def handle(self, wire: bytes, over: str) -> bytes | None:
        """Return the reply to a message."""
        self.over.append(over)
        try:
            request = dns.message.from_wire(wire, keyring=self.keyring)
        except (dns.tsig.BadSignature, dns.message.UnknownTSIGKey, dns.tsig.BadTime) as error:
            return self._tsig_error(wire, error)
        self.signed.append(request.had_tsig)
        reply = dns.message.make_response(request)
        if request.opcode() == dns.opcode.UPDATE:
            reply.set_rcode(self._update(request))
        else:
            self._query(request, reply)
        if over == "udp" and len(reply.to_wire(max_size=65535)) > 1232:
            reply = dns.message.make_response(request)
            reply.flags |= dns.flags.TC | dns.flags.AA
        sent = reply.to_wire(max_size=65535)
        return self.alter(sent, request)

    def _query(self, request: dns.message.Message, reply: dns.message.Message) -> None:
        question = request.question[0]
        reply.set_rcode(self.query_rcode)
        if self.authoritative:
            reply.flags |= dns.flags.AA
        owner = question.name.to_text().lower()
        zone = self._zone(owner)
        soa = dns.rrset.from_text(zone, 60, "IN", "SOA", f"ns.{zone} h.{zone} {self.serials.get(zone, 0)} 1 1 1 60")
        if owner in self.aliases:
            reply.answer.append(dns.rrset.from_text(owner, 60, "IN", "CNAME", self.aliases[owner]))
        elif question.rdtype == dns.rdatatype.SOA and owner == zone:
            reply.answer.append(soa)
        elif question.rdtype == dns.rdatatype.TLSA and self.records.get(owner):
            reply.answer.append(_rrset(owner, self.records[owner]))
        else:
            reply.authority.append(soa)

    def _zone(self, owner: str) -> str:
        found = [zone for zone in self.serials if owner == zone or owner.endswith("." + zone)]
        return max(found, key=len) if found else _NEVER

    def _update(self, request: dns.message.Message) -> dns.rcode.Rcode:
        assert isinstance(request, dns.update.UpdateMessage)
        self.updates.append(request)
        self.before_update()
        if self.update_rcode != dns.rcode.NOERROR:
            return self.update_rcode
        required: dict[str, set[str]] = {}
        for rrset in request.prerequisite:
            owner = rrset.name.to_text().lower()
            assert rrset.ttl == 0
            if rrset.deleting == dns.rdataclass.NONE:
                if self.records.get(owner):
                    return dns.rcode.YXRRSET
            else:
                required.setdefault(owner, set()).update(_texts(rrset))
        if any(set(self.records.get(owner, ())) != texts for owner, texts in required.items()):
            return dns.rcode.NXRRSET
        if not self.ignore_updates:
            for rrset in request.update:
                self._apply(rrset)
            self.serials[request.zone[0].name.to_text()] += 1
        return dns.rcode.NOERROR

    def _apply(self, rrset: dns.rrset.RRset) -> None:
        records = self.records.setdefault(rrset.name.to_text().lower(), {})
        if rrset.deleting == dns.rdataclass.ANY:
            records.clear()
        for text in _texts(rrset):
            if rrset.deleting == dns.rdataclass.NONE:
                records.pop(text, None)
            else:
                records[text] = rrset.ttl

    def _tsig_error(self, wire: bytes, error: Exception) -> bytes | None:
        """Return NOTAUTH with the error in a TSIG record without signature (RFC 8945 section 5.3.2)."""
        codes: dict[type[Exception], int] = {dns.tsig.BadSignature: 16, dns.message.UnknownTSIGKey: 17, dns.tsig.BadTime: 18}
        code = codes[type(error)]
        header = wire[:2] + (0x8000 | int.from_bytes(wire[2:4], "big") & 0x7800 | 9).to_bytes(2, "big")
        name, algorithm = (dns.name.from_text(one).to_wire() or b"" for one in (KEY.name, KEY.algorithm))
        rdata = algorithm + b"\0" * 6 + b"\1\x2c" + b"\0\0" + wire[:2] + code.to_bytes(2, "big") + b"\0\0"
        record = name + b"\0\xfa\0\xff\0\0\0\0" + len(rdata).to_bytes(2, "big") + rdata
        return header + b"\0\0\0\0\0\0\0\1" + record


def _texts(rrset: dns.rrset.RRset) -> list[str]:
    return [_text(rdata) for rdata in rrset]


def _text(rdata: Any) -> str:
    wire = rdata.to_wire() if hasattr(rdata, "to_wire") else b""
    return f"{wire[0]} {wire[1]} {wire[2]} {wire[3:].hex()}"


def _rrset(owner: str, records: Mapping[str, int]) -> dns.rrset.RRset:
    rrset = dns.rrset.RRset(dns.name.from_text(owner), dns.rdataclass.IN, dns.rdatatype.TLSA)
    for text, ttl in records.items():
        usage, selector, matching_type, *data = text.split()
        wire = bytes((int(usage), int(selector), int(matching_type))) + bytes.fromhex("".join(data))
        rrset.add(dns.rdata.GenericRdata(dns.rdataclass.IN, dns.rdatatype.TLSA, wire), ttl)
    return rrset


def _library_key(key: TsigKey) -> dns.tsig.Key:
    return dns.tsig.Key(dns.name.from_text(key.name), key.secret, dns.name.from_text(key.algorithm))


class _Stream(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        size = self.request.recv(2, socket.MSG_WAITALL)
        if len(size) == 2:
            reply = self.server.answer(self.request.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL), "tcp")  # type: ignore[attr-defined]
            if reply is not None:
                self.request.sendall(len(reply).to_bytes(2, "big") + reply)
            else:
                self.server.silence.wait(20)  # type: ignore[attr-defined]


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, sender = self.request
        reply = self.server.answer(wire, "udp")  # type: ignore[attr-defined]
        if reply is not None:
            sender.sendto(reply, self.client_address)


@contextmanager
def serving(server: UpdateServer) -> Iterator[UpdateServer]:
    """Serve on 127.0.0.1, on one port for both protocols, which *server* then knows."""
    silence = threading.Event()
    lock = threading.Lock()

    def answer(wire: bytes, over: str) -> bytes | None:
        with lock:
            return server.handle(wire, over)

    streams = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Stream)
    streams.daemon_threads = True
    server.port = streams.server_address[1]
    datagrams = socketserver.UDPServer(("127.0.0.1", server.port), _Datagram)
    for one in (streams, datagrams):
        vars(one).update(answer=answer, silence=silence)
        threading.Thread(target=one.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        silence.set()
        for one in (streams, datagrams):
            one.shutdown()
            one.server_close()
