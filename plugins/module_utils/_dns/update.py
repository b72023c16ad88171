# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone's primary server: what TLSA records it has, and dynamic updates of them (RFC 2136), signed with TSIG (RFC 8945).

What is read is asked of the same server, in signed messages too, and counts only with AA. An update names in its prerequisites what
was read, so that it does nothing when somebody else was faster (RFC 2136 section 2.4).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns import signed_reply
from ansible_collections.mailops.tls.plugins.module_utils._dns.exchange import over_tcp, over_udp
from ansible_collections.mailops.tls.plugins.module_utils._dns.signed_reply import Record, SignedReply, is_reply, read_reply
from ansible_collections.mailops.tls.plugins.module_utils._dns.tsig_key import TsigKey
from ansible_collections.mailops.tls.plugins.module_utils._dns.update_failure import UpdateFailed, UpdateFailureKind

try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype
    import dns.tsig
    import dns.update
except ImportError:
    pass  # what is missing is named before anything runs

_TYPE_CNAME, _TYPE_SOA, _TYPE_TLSA, _CLASS_IN = 5, 6, 52, 1
_LONGEST_DATAGRAM = 512
"""Longer messages go over TCP, as nsupdate's do (RFC 2136 section 2.1)."""
_READS = 3
"""How often a question is asked over UDP, where datagrams get lost."""

_FAILURES = {
    signed_reply.FORMERR: (UpdateFailureKind.FORMAT_ERROR, "does not understand the message (FORMERR)"),
    signed_reply.SERVFAIL: (UpdateFailureKind.SERVER_FAILURE, "has failed (SERVFAIL)"),
    signed_reply.NOTIMP: (UpdateFailureKind.NOT_IMPLEMENTED, "does not do updates (NOTIMP)"),
    signed_reply.REFUSED: (UpdateFailureKind.REFUSED, "refuses it (REFUSED): the key, or this machine, may not do that"),
    signed_reply.NOTAUTH: (UpdateFailureKind.NOT_AUTHORITATIVE, "is not authoritative, or does not accept the key (NOTAUTH)"),
    signed_reply.NOTZONE: (UpdateFailureKind.NOT_ZONE, "finds a name that is not in the zone (NOTZONE)"),
}
_UNMET = {
    signed_reply.YXDOMAIN: "YXDOMAIN",
    signed_reply.YXRRSET: "YXRRSET",
    signed_reply.NXRRSET: "NXRRSET",
    signed_reply.NXDOMAIN: "NXDOMAIN",
}


@dataclass(frozen=True)
class PublishedRRset:
    """The TLSA RRset that a server has for an owner: its records in a fixed order, and its TTL; no records and `None` without one."""

    records: tuple[TlsaRecord, ...] = ()
    ttl: int | None = None


@dataclass(frozen=True)
class RRsetUpdate:
    """What an update does to one owner: `before` is demanded; then records go and come, those that come with `ttl`.

    `whole`: all records of the RRset go, and `add` is all that there will be. An owner is an absolute name, its final dot optional.
    """

    owner: str
    before: PublishedRRset
    add: tuple[TlsaRecord, ...]
    remove: tuple[TlsaRecord, ...]
    ttl: int
    whole: bool = False


class PrimaryServer:
    """Talks to one address of the primary server of some zones. Every method raises `UpdateFailed`."""

    def __init__(
        self, address: str, port: int = 53, *, key: TsigKey | None = None, use_tcp: bool = True, timeout: float = 10.0
    ) -> None:
        """Nothing is sent yet.

        Args:
            address: an IP address.
            key: signs every message, and every reply must be signed by it; `None` for no signatures at all.
            use_tcp: otherwise UDP is used as long as messages are short.
            timeout: seconds for one exchange.
                """
        self.address = address
        self.port = port
        self._use_tcp = use_tcp
        self._timeout = timeout
        self._key = None if key is None else _library_key(key)

    def zone_of(self, owner: str) -> str:
        """Return the zone that an owner is in, without final dot: the one whose SOA record the server answers with."""
        reply = self._ask(owner, _TYPE_SOA)
        self._require_no_alias(owner, reply)
        for record in (*reply.answers, *reply.authorities):
            if record.rdtype == _TYPE_SOA and _name(owner).is_subdomain(record.owner):
                return _text(record.owner)
        raise self._failed(UpdateFailureKind.NOT_AUTHORITATIVE, f"{owner}: the server names no zone for it")

    def serial(self, zone: str) -> int:
        """Return the serial number in the SOA record of a zone."""
        reply = self._ask(zone, _TYPE_SOA)
        for record in reply.answers:
            if record.rdtype == _TYPE_SOA:
                types = (dns.rdataclass.IN, dns.rdatatype.SOA)
                rdata: Any = dns.rdata.from_wire(*types, reply.wire, record.offset, record.length)
                return int(rdata.serial)
        raise self._failed(UpdateFailureKind.NOT_AUTHORITATIVE, f"{zone}: the server has no zone of this name")

    def read(self, owner: str) -> PublishedRRset:
        """Return the TLSA RRset of an owner. An owner that is an alias raises ALIAS, since nothing can be beside a CNAME."""
        reply = self._ask(owner, _TYPE_TLSA)
        self._require_no_alias(owner, reply)
        found: dict[TlsaRecord, int] = {}
        for record in reply.answers:
            if record.rdclass == _CLASS_IN and record.rdtype == _TYPE_TLSA and record.owner == _name(owner):
                if record.length < 3:
                    raise self._failed(UpdateFailureKind.MALFORMED, f"{owner}: there is a TLSA record without parameters")
                rdata = reply.rdata(record)
                found[TlsaRecord(rdata[0], rdata[1], rdata[2], rdata[3:])] = record.ttl
        if not found:
            return PublishedRRset()
        return PublishedRRset(tuple(sorted(found)), min(found.values()))

    def update(self, zone: str, updates: Sequence[RRsetUpdate]) -> None:
        """Do all updates of a zone in one message, which the server does completely or not at all.

        When its `certain` is false, the update may have been done.

        Raises:
            UpdateFailed: CONFLICT when a prerequisite is not met any more.
        """
        message = _update_message(zone, updates)
        try:
            reply = self._exchange(message, self._timeout)
        except dns.exception.TooBig:
            text = f"an update of {len(updates)} owners of the zone {zone} is larger than a message can be"
            raise UpdateFailed(UpdateFailureKind.FORMAT_ERROR, text, True) from None
        certain = reply.signed or self._key is None
        if reply.rcode == signed_reply.NOERROR:
            self._require_signature(reply)
        elif reply.rcode in _UNMET:
            what = f"the update of {zone} was not done: its prerequisites are not met ({_UNMET[reply.rcode]})"
            raise UpdateFailed(UpdateFailureKind.CONFLICT, what, certain)
        else:
            raise self._rejected(reply, f"update of {zone}", certain)

    def _ask(self, name: str, rdtype: int) -> SignedReply:
        kind = dns.rdatatype.RdataType.make(rdtype)
        what = f"{name} {dns.rdatatype.to_text(kind)}"
        for left in reversed(range(1 if self._use_tcp else _READS)):
            query = dns.message.make_query(_name(name), kind, use_edns=0, payload=1232)
            query.flags &= ~dns.flags.RD
            try:
                reply = self._exchange(query, self._timeout if self._use_tcp else self._timeout / _READS)
                break
            except UpdateFailed as error:
                if not left or error.kind is not UpdateFailureKind.TIMEOUT:
                    times = f", {_READS} times" if error.kind is UpdateFailureKind.TIMEOUT and not self._use_tcp else ""
                    raise UpdateFailed(error.kind, f"{what}: {error}{times}", True) from error
        if reply.rcode not in (signed_reply.NOERROR, signed_reply.NXDOMAIN):
            raise self._rejected(reply, what, True)
        self._require_signature(reply)
        if not reply.authoritative:
            text = f"{what}: the server is not authoritative for it"
            raise self._failed(UpdateFailureKind.NOT_AUTHORITATIVE, text)
        return reply

    def _exchange(self, message: dns.message.Message, timeout: float) -> SignedReply:
        """Sign and send a message. A reply over UDP that was cut is asked for again over TCP."""
        if self._key is not None:
            message.use_tsig({self._key.name: self._key}, self._key.name, algorithm=self._key.algorithm)
        wire = message.to_wire(max_size=65535)
        mac = message.mac or b""
        opcode = int(message.opcode())

        def accept(received: bytes) -> bool:
            return is_reply(received, message.id, opcode)

        if not self._use_tcp and len(wire) <= _LONGEST_DATAGRAM:
            received = over_udp(self.address, self.port, wire, timeout, accept)
            reply = read_reply(received, message.id, opcode, self._key, mac)
            if not reply.truncated:
                return reply
        received = over_tcp(self.address, self.port, wire, timeout)
        return read_reply(received, message.id, opcode, self._key, mac)

    def _require_no_alias(self, owner: str, reply: SignedReply) -> None:
        for record in reply.answers:
            if record.rdtype == _TYPE_CNAME and record.rdclass == _CLASS_IN and record.owner == _name(owner):
                target = _text(_target(reply, record))
                raise self._failed(UpdateFailureKind.ALIAS, f"{owner} is an alias of {target}: publish the records there")

    def _require_signature(self, reply: SignedReply) -> None:
        if self._key is not None and not reply.signed:
            text = f"the reply is not signed with the key {_text(self._key.name)}"
            raise UpdateFailed(UpdateFailureKind.UNSIGNED, f"{self.address}: {text}")

    def _rejected(self, reply: SignedReply, what: str, certain: bool) -> UpdateFailed:
        other = (UpdateFailureKind.OTHER, f"answers with the code {dns.rcode.to_text(dns.rcode.Rcode.make(reply.rcode))}")
        kind, text = _FAILURES.get(reply.rcode, other)
        unsigned = "" if certain or reply.signed else "; the reply is not signed"
        return UpdateFailed(kind, f"{what}: the server {self.address} {text}{unsigned}", certain)

    def _failed(self, kind: UpdateFailureKind, text: str) -> UpdateFailed:
        return UpdateFailed(kind, f"{text} (asked {self.address})", True)


def _update_message(zone: str, updates: Sequence[RRsetUpdate]) -> dns.update.UpdateMessage:
    message = dns.update.UpdateMessage(_name(zone))
    for one in updates:
        owner = _name(one.owner)
        if one.before.records:
            # As single records, not as a set: with the set's TTL, which dnspython would send, servers refuse a prerequisite.
            message.present(owner, *(_rdata(record) for record in one.before.records))
        else:
            message.absent(owner, dns.rdatatype.TLSA)
    for one in updates:
        owner = _name(one.owner)
        if one.whole:
            message.delete(owner, dns.rdatatype.TLSA)
        for record in () if one.whole else one.remove:
            message.delete(owner, _rdata(record))
        for record in one.add:
            message.add(owner, one.ttl, _rdata(record))
    return message


def _rdata(record: TlsaRecord) -> dns.rdata.Rdata:
    """Return a record as dnspython's, whatever its length, which newer ones check in their own class for TLSA."""
    wire = bytes((record.usage, record.selector, record.matching_type)) + record.data
    return dns.rdata.GenericRdata(dns.rdataclass.IN, dns.rdatatype.TLSA, wire)


def _library_key(key: TsigKey) -> Any:
    return dns.tsig.Key(key.name + ".", base64.b64encode(key.secret).decode("ascii"), key.algorithm + ".")


def _target(reply: SignedReply, record: Record) -> Any:
    return dns.name.from_wire(reply.wire, record.offset)[0]


def _name(text: str) -> dns.name.Name:
    return dns.name.from_text(text if text.endswith(".") else text + ".")


def _text(name: Any) -> str:
    text: str = name.to_text(True).lower()
    return "." if text == "@" else text
