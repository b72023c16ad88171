# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS messages as bytes: one question out, one reply in (RFC 1035 section 4, RFC 6891 EDNS, RFC 8914 extended errors).

Only the answers to the question are decoded, by dnspython's name and RDATA readers; the rest of a reply (signatures,
authority, additional data) is walked over, names included. That is a fraction of the work of decoding whole messages, one
odd record elsewhere does no harm, and a reply with thousands of records costs no more than one with a hundred.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import (
    LONGEST_TEXT,
    MxRecord,
    Outcome,
    RecordData,
    SrvRecord,
    TxtRecord,
)
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import address_text, is_address, is_record_name
from ansible_collections.mailops.tls.plugins.module_utils._dns.sections import (
    CLASS_IN,
    HEADER,
    MalformedReply,
    WireRecord,
    name_at,
    name_text,
    plain_name,
    reading,
    text_at,
    walk,
)
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

DNSPYTHON_IMPORT_ERROR: ImportError | None = None
try:
    import dns.exception
    import dns.name
    import dns.rcode
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype
except ImportError as error:
    DNSPYTHON_IMPORT_ERROR = error

MAX_RECORDS = 100
"""Most records of one answer that are kept; Postfix's `dns_rr_list_limit`."""
MAX_ALIASES = 10
"""Most CNAME hops followed for one question; Postfix's `dns_lookup`."""
EDNS_PAYLOAD = 1232
"""Largest UDP reply asked for: no fragments on any usual network (DNS flag day 2020)."""

_OPT_RECORD = struct.Struct("!BHHIH")
_OPTION = struct.Struct("!HH")
_POINTER_TO_QUESTION = b"\xc0\x0c"
_TYPE_CNAME = 5
_TYPE_MX = 15
_TYPE_OPT = 41
_TYPE_TLSA = 52
_TYPE_SRV = 33
_NAME_IN_RDATA = {2: 0, _TYPE_CNAME: 0, 12: 0, _TYPE_SRV: 6}
"""Where the name begins in the data of NS, CNAME, PTR and SRV records."""
_SRV = struct.Struct("!HHH")
_ADDRESS_OCTETS = {1: 4, 28: 16}
_TYPES_OF_STRINGS = (16, 99)
"""TXT, and what SPF had once (RFC 4408)."""
_OPTION_EXTENDED_ERROR = 15
_FLAG_QR, _FLAG_AA, _FLAG_TC, _FLAG_RD, _FLAG_RA, _FLAG_AD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020
_OPCODE = 0x7800
_EDNS_DO = 0x8000
_RCODE_NOERROR, _RCODE_NXDOMAIN = 0, 3
_EXTENDED_ERRORS = {
    1: "Unsupported DNSKEY Algorithm", 2: "Unsupported DS Digest Type", 5: "DNSSEC Indeterminate", 6: "DNSSEC Bogus",
    7: "Signature Expired", 8: "Signature Not Yet Valid", 9: "DNSKEY Missing", 10: "RRSIGs Missing", 12: "NSEC Missing",
    15: "Blocked", 16: "Censored", 17: "Filtered", 18: "Prohibited", 20: "Not Authoritative", 22: "No Reachable Authority",
    23: "Network Error", 24: "Invalid Data",
}  # fmt: skip


class InvalidQuestion(ValueError):
    """The name cannot be asked for: not ASCII, an empty or over-long label, or over-long in all."""


@dataclass(frozen=True)
class Reply:
    """What one reply says about its question.

    `owner` is where the aliases inside this reply lead (the name asked for when there are none), `aliases` how many
    there are. NODATA with aliases means only: this reply does not say more. `authenticated` is the AD bit.
    """

    outcome: Outcome
    owner: str
    aliases: int = 0
    looped: bool = False
    records: tuple[RecordData, ...] = ()
    authenticated: bool = False
    ttl: int | None = None
    error: str | None = None
    detail: str | None = None
    warning: str | None = None


class Question:
    """One question, ready to be sent: the name in wire format, the type, and whether DNSSEC data is wanted."""

    def __init__(self, name: str, rdtype: str, want_dnssec: bool, *, recursive: bool = True) -> None:
        """Take the name in presentation format (`""` or `"."` for the root) and the type's mnemonic.

        With *recursive* false it is for an authoritative server: recursion is not desired, and AD means nothing.

        Raises:
            InvalidQuestion: for a name that DNS cannot hold.
            ValueError: for an unknown type.
        """
        labels = plain_name(name)
        if labels is None:
            self.owner = _odd_name(name)
            self._name, self.text = self.owner.to_wire() or b"", name_text(self.owner)
        else:
            self._name = b"".join([bytes((len(label),)) + label for label in labels]) + b"\0"
            self.text = name[:-1] if name.endswith(".") else name
        self.type_number = _type_number(rdtype)
        self.rdtype = rdtype
        self._tail = struct.pack("!HH", self.type_number, CLASS_IN)
        self._opt = _OPT_RECORD.pack(0, _TYPE_OPT, EDNS_PAYLOAD, _EDNS_DO if want_dnssec else 0, 0)
        self._flags = (_FLAG_RD | (_FLAG_AD if want_dnssec else 0)) if recursive else 0

    @cached_property
    def owner(self) -> dns.name.Name:
        """The name, as dnspython has it: only needed beside names of a reply."""
        return dns.name.Name([*(plain_name(self.text) or ()), b""])

    def encode(self, query_id: int) -> bytes:
        """Return the query message: EDNS, DO and AD when DNSSEC data is wanted, and recursion desired of a resolver."""
        return HEADER.pack(query_id, self._flags, 1, 0, 0, 1) + self._name + self._tail + self._opt

    def is_answered_by(self, wire: bytes, query_id: int) -> bool:
        """Tell whether *wire* is a reply to this question: id, direction, opcode, and name, type and class.

        A reply that reports an error may leave out the question (as servers do that cannot read it).
        """
        if len(wire) < HEADER.size:
            return False
        reply_id, flags, questions = struct.unpack_from("!HHH", wire)
        if reply_id != query_id or not flags & _FLAG_QR or flags & _OPCODE:
            return False
        if questions == 0:
            return flags & 0xF not in (_RCODE_NOERROR, _RCODE_NXDOMAIN)
        name_end = HEADER.size + len(self._name)
        return (
            questions == 1
            and wire[HEADER.size:name_end].lower() == self._name.lower()
            and wire[name_end:name_end + len(self._tail)] == self._tail
        )

    @property
    def size(self) -> int:
        """The length of the question section, octets."""
        return len(self._name) + len(self._tail)


def _odd_name(name: str) -> dns.name.Name:
    try:
        return dns.name.from_text(name.encode("ascii").decode("ascii") or ".", dns.name.root)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise InvalidQuestion(f"{clean(name, 300)!r} is not a valid domain name") from error


@lru_cache(maxsize=64)
def _type_number(rdtype: str) -> int:
    try:
        return int(dns.rdatatype.from_text(rdtype))
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError(f"unknown DNS record type {rdtype!r}") from error


def is_truncated(wire: bytes) -> bool:
    """Tell whether a reply says it is cut (TC), so that the question must be asked again by TCP."""
    return bool(wire[2] << 8 & _FLAG_TC)


def read_reply(wire: bytes, question: Question) -> Reply:
    """Return what a reply, already matched by `Question.is_answered_by`, says.

    Raises:
        MalformedReply: for whatever is not a well-formed, complete reply, and nothing else.
    """
    return reading(lambda: _read_reply(wire, question))


def _read_reply(wire: bytes, question: Question) -> Reply:
    _reply_id, flags, questions, answers, authorities, additionals = HEADER.unpack_from(wire)
    if is_truncated(wire):
        raise MalformedReply("truncated")
    offset = HEADER.size + (question.size if questions else 0)
    answer_records = list(walk(wire, offset, answers))
    last = answer_records[-1] if answer_records else None
    offset = last.start + last.length if last else offset
    rcode, detail = extended_error(wire, offset, authorities + additionals, flags & 0xF)
    authenticated = bool(flags & _FLAG_AD)
    name = question.text
    if rcode not in (_RCODE_NOERROR, _RCODE_NXDOMAIN):
        return Reply(Outcome.ERROR, name, error=dns.rcode.to_text(dns.rcode.Rcode.make(rcode)), detail=detail)
    chain = _follow_aliases(wire, answer_records, question) if answer_records else _Chain(())
    wanted = [(_owner(wire, record, question), record) for record in answer_records if _is_wanted(record, question)]
    # As for Postfix, a record beside an alias counts: whoever answers may not know that there must be none.
    matching = [(name, record) for name, record in wanted if name in chain.owners]
    if (rcode == _RCODE_NXDOMAIN and matching) or (wanted and not matching and not chain.ttls):
        raise MalformedReply("answer and question do not fit")
    if matching:
        chain = chain.up_to(matching[0][0])
    if not answer_records and rcode == _RCODE_NOERROR and not flags & (_FLAG_AA | _FLAG_RA):
        # A referral: the server does not recurse for us, so "no records" is not what it says.
        return Reply(Outcome.ERROR, name, error="no recursion offered")
    records, warning = decode_records(wire, [record for _name, record in matching])
    ttls = [*chain.ttls, *(record.ttl for _name, record in matching)]
    outcome = Outcome.FOUND if records else Outcome.NXDOMAIN if rcode == _RCODE_NXDOMAIN else Outcome.NODATA
    return Reply(
        outcome, name_text(chain.end) if chain.ttls else name, len(chain.ttls), chain.looped, records, authenticated,
        min(ttls) if ttls else None, detail=detail, warning=warning,
    )  # fmt: skip


@dataclass(frozen=True)
class _Chain:
    """The aliases inside one reply: the name asked for and where each leads, their TTLs, and whether they never end."""

    owners: tuple[dns.name.Name, ...]
    ttls: tuple[int, ...] = ()
    looped: bool = False

    @property
    def end(self) -> dns.name.Name:
        return self.owners[-1]

    def up_to(self, owner: dns.name.Name) -> _Chain:
        """Return the part that leads to one of its owners."""
        hops = self.owners.index(owner)
        return _Chain(self.owners[: hops + 1], self.ttls[:hops])


def _is_wanted(record: WireRecord, question: Question) -> bool:
    return record.rdtype == question.type_number and record.rdclass == CLASS_IN


def _owner(wire: bytes, record: WireRecord, question: Question) -> dns.name.Name:
    """Return whose record it is. Nearly always that is a pointer to the name in the question, which is known."""
    if wire[record.owner_at:record.owner_at + 2] == _POINTER_TO_QUESTION and wire[4:6] != b"\0\0":
        return question.owner
    return name_at(wire, record.owner_at)[0]


def extended_error(wire: bytes, offset: int, count: int, rcode: int) -> tuple[int, str | None]:
    """Return the rcode with its EDNS extension bits, and the first extended DNS error as text if there is one."""
    for record in walk(wire, offset, count):
        if record.rdtype != _TYPE_OPT:
            continue
        # _walk has read the OPT's "TTL" as a number; its top octet extends the rcode (RFC 6891 section 6.1.3).
        rcode |= wire[record.start - 6] << 4
        position, end = record.start, record.start + record.length
        while position + _OPTION.size <= end:
            code, length = _OPTION.unpack_from(wire, position)
            position += _OPTION.size
            if code == _OPTION_EXTENDED_ERROR and 2 <= length <= end - position:
                return rcode, _extended_error_text(wire[position:position + length])
            position += length
        return rcode, None
    return rcode, None


def _extended_error_text(option: bytes) -> str:
    code = int.from_bytes(option[:2], "big")
    text = clean(option[2:], 200)
    name = _EXTENDED_ERRORS.get(code, f"extended error {code}")
    return f"{name}: {text}" if text else name


def _follow_aliases(wire: bytes, answers: list[WireRecord], question: Question) -> _Chain:
    """Follow the CNAMEs inside one reply.

    Raises:
        MalformedReply: for one that leads to no name of a host.
    """
    owners, ttls = [question.owner], list[int]()
    if question.type_number == _TYPE_CNAME:
        return _Chain((question.owner,))
    aliases = {
        _owner(wire, record, question): record
        for record in answers
        if record.rdtype == _TYPE_CNAME and record.rdclass == CLASS_IN
    }
    while owners[-1] in aliases:
        if len(ttls) >= MAX_ALIASES:
            return _Chain(tuple(owners), tuple(ttls), looped=True)
        record = aliases[owners[-1]]
        owner, used = name_at(wire, record.start)
        if used != record.length:
            raise MalformedReply("CNAME record of the wrong length")
        text = name_text(owner)
        if not (is_record_name(text) or is_address(text)):
            raise MalformedReply(f"malformed domain name in CNAME record: {clean(text, 300)}")
        owners.append(owner)
        ttls.append(record.ttl)
    return _Chain(tuple(owners), tuple(ttls))


def decode_records(wire: bytes, matching: Sequence[WireRecord]) -> tuple[tuple[RecordData, ...], str | None]:
    """Return the distinct record data in the order received, at most `MAX_RECORDS`, and a warning when some are dropped.

    A record that cannot be read is passed over where others can be, as Postfix does.

    Raises:
        MalformedReply: where none can.
    """
    records: dict[RecordData, None] = {}
    unreadable = 0
    for record in matching[:MAX_RECORDS]:
        try:
            records[_decode_one(wire, record)] = None
        except Exception as error:  # of a dozen types, see read_reply
            if record.rdtype == _TYPE_TLSA or (not records and record is matching[-1]):
                raise MalformedReply(str(error) or type(error).__name__) from error
            unreadable += 1
    if matching and not records:
        raise MalformedReply("no record can be read")
    warnings = []
    if unreadable:
        warnings.append(f"{unreadable} records cannot be read and are dropped")
    dropped = len(matching) - MAX_RECORDS
    if dropped > 0:
        warnings.append(f"DNS record count limit ({MAX_RECORDS}) exceeded: {dropped} records dropped")
    return tuple(records), "; ".join(warnings) or None


def _decode_one(wire: bytes, record: WireRecord) -> RecordData:
    if record.rdtype == _TYPE_TLSA:
        # Not by dnspython, which refuses data whose length does not fit the matching type: an unusable record is a
        # finding about that record, not a failed lookup.
        usage, selector, matching_type = wire[record.start:record.start + min(record.length, 3)]
        return TlsaRecord(usage, selector, matching_type, wire[record.start + 3:record.start + record.length])
    if record.rdtype == _TYPE_MX:
        return MxRecord(int.from_bytes(wire[record.start:record.start + 2], "big"), _name_in(wire, record, 2))
    data = wire[record.start:record.end]
    if record.rdtype in _ADDRESS_OCTETS:
        if record.length != _ADDRESS_OCTETS[record.rdtype]:
            raise MalformedReply("address of the wrong length")
        return address_text(data)
    if record.rdtype in _TYPES_OF_STRINGS:
        return TxtRecord(_strings(data))
    if record.rdtype in _NAME_IN_RDATA:
        target = _name_in(wire, record, _NAME_IN_RDATA[record.rdtype], whole=True)
        if record.rdtype != _TYPE_SRV:
            return target
        priority, weight, port = _SRV.unpack_from(data)
        return SrvRecord(priority, weight, port, target)
    rdtype = dns.rdatatype.RdataType.make(record.rdtype)
    rdata: Any = dns.rdata.from_wire(dns.rdataclass.IN, rdtype, wire, record.start, record.length)
    return clean(rdata.to_text(), LONGEST_TEXT)


def _strings(data: bytes) -> tuple[bytes, ...]:
    """Return the character strings of a TXT record, at least one (RFC 1035 section 3.3.14)."""
    strings, at = [], 0
    while at < len(data):
        end = at + 1 + data[at]
        if end > len(data):
            raise MalformedReply("a string runs past the end of its record")
        strings.append(data[at + 1:end])
        at = end
    if not strings:
        raise MalformedReply("a text record without a string")
    return tuple(strings)


def _name_in(wire: bytes, record: WireRecord, offset: int, *, whole: bool = False) -> str:
    """Return the name at an offset in a record's data. What comes behind it does not matter, as for Postfix, unless it is the *whole*."""
    text, used = text_at(wire, record.start + offset)
    if offset + used > record.length or (whole and offset + used < record.length):
        raise MalformedReply("a name runs past the end of its record" if offset + used > record.length else "octets behind a name")
    return text
