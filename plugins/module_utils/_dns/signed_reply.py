# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A primary server's reply, as bytes, to a value: its TSIG signature is checked before anything in it is believed (RFC 8945 section 5.3).

The records are walked here and not by `dns.message`, which fails as a whole for a TLSA record of the wrong length. The signature is
dnspython's work.
"""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.update_failure import UpdateFailed, UpdateFailureKind

try:
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype
    import dns.tsig
except ImportError:
    pass  # what is missing is named before anything runs

_HEADER = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")
_QUESTION = struct.Struct("!HH")
_FLAG_QR, _FLAG_AA, _FLAG_TC = 0x8000, 0x0400, 0x0200
_TYPE_OPT, _TYPE_TSIG = 41, 250

NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, YXDOMAIN, YXRRSET, NXRRSET, NOTAUTH, NOTZONE = range(11)


@dataclass(frozen=True)
class Record:
    """One record of a reply: `owner` as dnspython's name, type, class and TTL as numbers, and where its RDATA is in the message."""

    owner: Any
    rdtype: int
    rdclass: int
    ttl: int
    offset: int
    length: int


@dataclass(frozen=True)
class SignedReply:
    """A reply: `rcode`, whether the server is authoritative (AA), whether it was cut (TC), answer and authority section.

    `signed`: it has a signature that was found to be right. `wire` is the message, for the RDATA of its records.
    """

    rcode: int
    authoritative: bool
    truncated: bool
    signed: bool
    answers: tuple[Record, ...]
    authorities: tuple[Record, ...]
    wire: bytes

    def rdata(self, record: Record) -> bytes:
        """Return the RDATA of a record as it stands; names in it may be compressed."""
        return self.wire[record.offset:record.offset + record.length]


def is_reply(wire: bytes, query_id: int, opcode: int) -> bool:
    """Tell whether bytes can be the reply to a message: a reply at all, with its id and opcode."""
    if len(wire) < _HEADER.size:
        return False
    identifier, flags = struct.unpack_from("!HH", wire)
    return bool(identifier == query_id and flags & _FLAG_QR and flags >> 11 & 0xF == opcode)


def read_reply(wire: bytes, query_id: int, opcode: int, key: dns.tsig.Key | None, request_mac: bytes) -> SignedReply:
    """Return the reply in *wire*.

    Args:
        key: the key that the request was signed with, None when it was not.
        request_mac: the request's signature, which the reply's covers.

    Raises:
        UpdateFailed: MALFORMED, or what is wrong with the signature. A reply without one is returned with `signed` false.
    """
    if not is_reply(wire, query_id, opcode):
        raise UpdateFailed(UpdateFailureKind.MALFORMED, "the reply answers another message")
    try:
        identifier, flags, questions, *counts = _HEADER.unpack_from(wire)
        offset = _HEADER.size
        for _number in range(questions):
            offset = _name(wire, offset)[1] + _QUESTION.size
        sections, signature = _sections(wire, offset, counts)
    except (struct.error, IndexError, ValueError, dns.exception.DNSException):
        raise UpdateFailed(UpdateFailureKind.MALFORMED, "the reply cannot be read") from None
    signed = key is not None and signature is not None
    if key is not None and signature is not None:
        _verify(wire, key, request_mac, *signature)
    answers, authorities, _additional = sections
    return SignedReply(
        flags & 0xF, bool(flags & _FLAG_AA), bool(flags & _FLAG_TC), signed, tuple(answers), tuple(authorities), wire
    )


def _sections(wire: bytes, offset: int, counts: list[int]) -> tuple[list[list[Record]], tuple[Record, int] | None]:
    """Return the records of the three sections, and the signature with the place where it begins: the last of all records."""
    sections: list[list[Record]] = []
    signature = None
    for count in counts:
        section: list[Record] = []
        for _number in range(count):
            start = offset
            owner, offset = _name(wire, offset)
            rdtype, rdclass, ttl, length = _RECORD.unpack_from(wire, offset)
            record = Record(owner, rdtype, rdclass, ttl if ttl < 0x80000000 else 0, offset + _RECORD.size, length)
            offset = record.offset + length
            if offset > len(wire) or signature is not None:
                raise ValueError("a record that runs past the end, or behind the signature")
            if rdtype == _TYPE_TSIG:
                signature = (record, start)
            elif rdtype != _TYPE_OPT:
                section.append(record)
        sections.append(section)
    if signature is not None and (signature[0].offset + signature[0].length != len(wire) or not counts[2]):
        raise ValueError("something behind the signature")
    return sections, signature


def _name(wire: bytes, offset: int) -> tuple[dns.name.Name, int]:
    name, used = dns.name.from_wire(wire, offset)
    return name, offset + used


def _verify(wire: bytes, key: dns.tsig.Key, request_mac: bytes, record: Record, start: int) -> None:
    """Check the signature of a reply.

    Raises:
        UpdateFailed: when it is wrong, or the server did not take that of the request.
    """
    name = key.name.to_text(True)
    validate: Any = dns.tsig.validate
    try:
        rdata = dns.rdata.from_wire(dns.rdataclass.ANY, dns.rdatatype.TSIG, wire, record.offset, record.length)
        validate(wire, key, record.owner, rdata, int(time.time()), request_mac, start)
    except dns.tsig.PeerBadKey:
        # Knot says so of a key that it knows, too, when the key is not for updates.
        text = "the server does not know the key %s with the algorithm %s, or not for this (BADKEY)"
        text %= (name, key.algorithm.to_text(True))
        raise UpdateFailed(UpdateFailureKind.BAD_KEY, text) from None
    except dns.tsig.PeerBadSignature:
        raise UpdateFailed(UpdateFailureKind.BAD_SIGNATURE, f"the server has another secret for the key {name} (BADSIG)") from None
    except (dns.tsig.PeerBadTime, dns.tsig.BadTime):
        text = "the clocks of this machine and of the server differ by more than TSIG allows (BADTIME)"
        raise UpdateFailed(UpdateFailureKind.BAD_TIME, text) from None
    except (dns.exception.DNSException, ValueError, struct.error) as error:
        text = f"the signature of the reply is wrong ({type(error).__name__})"
        raise UpdateFailed(UpdateFailureKind.BAD_SIGNATURE, text) from None
