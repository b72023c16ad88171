# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reply of an authoritative server says: answer, signatures, SOA and delegation (RFC 1034 section 4.3.2, RFC 2308, RFC 4034).

Other than a resolver's reply it is read for what stands around the answer: whether the server is authoritative (AA), when
signatures end, how long absence is remembered, and to which servers a zone is delegated.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome, RecordData
from ansible_collections.mailops.tls.plugins.module_utils._dns.sections import (
    CLASS_IN,
    HEADER,
    MalformedReply,
    WireRecord,
    name_at,
    name_text,
    reading,
    walk,
)
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import (
    MAX_RECORDS,
    Question,
    decode_records,
    extended_error,
    is_truncated,
)

try:
    import dns.rcode
except ImportError:
    pass

_TYPE_A, _TYPE_NS, _TYPE_CNAME, _TYPE_SOA, _TYPE_AAAA, _TYPE_RRSIG, _TYPE_TLSA = 1, 2, 5, 6, 28, 46, 52
_READ_BY_ITSELF = (_TYPE_NS, _TYPE_CNAME, _TYPE_SOA, _TYPE_TLSA)
_FLAG_AA = 0x0400
_NOERROR, _NXDOMAIN = 0, 3
_RRSIG = struct.Struct("!HBBIIIH")
_SOA_NUMBERS = struct.Struct("!IIIII")


@dataclass(frozen=True)
class Signature:
    """An RRSIG record (RFC 4034 section 3.1): what it is for, by which key, and its validity in epoch seconds.

    `wildcard`: it has fewer labels than the owner, so the answer was made from a wildcard (section 3.1.3).
    """

    covers: int
    algorithm: int
    key_tag: int
    signer: str
    inception: int
    expiration: int
    original_ttl: int
    wildcard: bool = False


@dataclass(frozen=True)
class Soa:
    """The SOA record of a zone (RFC 1035 section 3.3.13) as one server has it; `zone` without final dot."""

    zone: str
    serial: int
    ttl: int
    minimum: int

    @property
    def negative_ttl(self) -> int:
        """Seconds that resolvers may remember an absence (RFC 2308 section 5)."""
        return min(self.ttl, self.minimum)


@dataclass(frozen=True)
class Glue:
    """An address in the additional section: `name` of the server, lower case without final dot, and its `address`."""

    name: str
    address: str


@dataclass(frozen=True)
class AuthoritativeReply:
    """What one reply says.

    `outcome` is ERROR for rcodes other than NOERROR and NXDOMAIN, with their `error` text. `alias` is the target when the
    name asked for is an alias. `tlsa` and `name_servers` are records of the name asked for, `records` those of types without a
    place here. `referral` is the zone that the server sends us to in place of an answer, with `delegated_to` and `glue`. Names are
    lower case without final dot. `signatures` cover the answer's RRset. `dropped` counts records beyond what is kept.
    """

    outcome: Outcome
    authoritative: bool
    ttl: int | None = None
    alias: str | None = None
    tlsa: tuple[TlsaRecord, ...] = ()
    records: tuple[RecordData, ...] = ()
    name_servers: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    soa: Soa | None = None
    referral: str | None = None
    delegated_to: tuple[str, ...] = ()
    glue: tuple[Glue, ...] = ()
    dropped: int = 0
    error: str | None = None


def read_authoritative_reply(wire: bytes, question: Question) -> AuthoritativeReply:
    """Return what a reply, already matched by `Question.is_answered_by`, says.

    Raises:
        MalformedReply: for whatever cannot be read, and nothing else.
    """
    return reading(lambda: _read(wire, question))


def _read(wire: bytes, question: Question) -> AuthoritativeReply:
    _reply_id, flags, questions, answers, authorities, additionals = HEADER.unpack_from(wire)
    if is_truncated(wire):
        raise MalformedReply("truncated")
    offset = HEADER.size + (question.size if questions else 0)
    answer = list(walk(wire, offset, answers))
    offset = answer[-1].end if answer else offset
    authority = list(walk(wire, offset, authorities))
    behind = authority[-1].end if authority else offset
    rcode, detail = extended_error(wire, offset, authorities + additionals, flags & 0xF)
    authoritative = bool(flags & _FLAG_AA)
    if rcode not in (_NOERROR, _NXDOMAIN):
        text = dns.rcode.to_text(dns.rcode.Rcode.make(rcode))
        return AuthoritativeReply(Outcome.ERROR, authoritative, error=f"{text} ({detail})" if detail else text)
    own = [one for one in answer if one.rdclass == CLASS_IN and name_at(wire, one.owner_at)[0] == question.owner]
    wanted = [one for one in own if one.rdtype == question.type_number]
    if wanted and rcode == _NXDOMAIN:
        raise MalformedReply("records, and a code that says there are none")
    referral, delegated_to = (None, ()) if authoritative or answer else _referral(wire, authority)
    outcome = Outcome.FOUND if wanted else Outcome.NXDOMAIN if rcode == _NXDOMAIN else Outcome.NODATA
    return AuthoritativeReply(
        outcome,
        authoritative,
        # RFC 2181 section 5.2 forbids TTLs that differ; who sends them gets what caches may do, the longest.
        ttl=max((one.ttl for one in wanted), default=None),
        alias=None if wanted else _alias(wire, own),
        tlsa=tuple(dict.fromkeys(_tlsa(wire, one) for one in wanted[:MAX_RECORDS] if one.rdtype == _TYPE_TLSA)),
        records=() if question.type_number in _READ_BY_ITSELF else decode_records(wire, wanted)[0],
        name_servers=_targets(wire, [one for one in wanted if one.rdtype == _TYPE_NS]),
        signatures=tuple(_signatures(wire, own, question.type_number)),
        soa=_soa(wire, [*own, *authority]),
        referral=referral,
        delegated_to=delegated_to,
        glue=tuple(_glue(wire, behind, additionals)) if referral is not None or question.type_number == _TYPE_NS else (),
        dropped=max(0, len(wanted) - MAX_RECORDS),
    )


def _tlsa(wire: bytes, record: WireRecord) -> TlsaRecord:
    if record.length < 3:
        raise MalformedReply("TLSA record without its three numbers")
    usage, selector, matching_type = wire[record.start:record.start + 3]
    return TlsaRecord(usage, selector, matching_type, wire[record.start + 3:record.end])


def _alias(wire: bytes, own: Sequence[WireRecord]) -> str | None:
    return next(iter(_targets(wire, [one for one in own if one.rdtype == _TYPE_CNAME])), None)


def _targets(wire: bytes, records: Sequence[WireRecord]) -> tuple[str, ...]:
    """The names that NS or CNAME records are about, each once, at most `MAX_RECORDS`."""
    return tuple(dict.fromkeys(_lower(wire, one.start) for one in records[:MAX_RECORDS]))


def _referral(wire: bytes, authority: Sequence[WireRecord]) -> tuple[str | None, tuple[str, ...]]:
    """The zone that an answerless reply refers to, and its servers (RFC 1034 section 4.3.2 step 3b)."""
    records = [one for one in authority if one.rdtype == _TYPE_NS and one.rdclass == CLASS_IN]
    if not records:
        return None, ()
    return _lower(wire, records[0].owner_at), _targets(wire, records)


def _signatures(wire: bytes, own: Sequence[WireRecord], covers: int) -> Iterator[Signature]:
    for record in [one for one in own if one.rdtype == _TYPE_RRSIG][:MAX_RECORDS]:
        covered, algorithm, labels, ttl, expiration, inception, key_tag = _RRSIG.unpack_from(wire[record.start:record.end])
        if covered == covers:
            signer = _lower(wire, record.start + _RRSIG.size)
            wildcard = labels < _label_count(wire, record.owner_at)
            yield Signature(covered, algorithm, key_tag, signer, inception, expiration, ttl, wildcard)


def _label_count(wire: bytes, owner_at: int) -> int:
    """Labels as RRSIG records count them: without the root, and without the asterisk of a wildcard itself."""
    labels = [one for one in name_at(wire, owner_at)[0].labels if one]
    return len(labels) - (1 if labels[:1] == [b"*"] else 0)


def _soa(wire: bytes, records: Sequence[WireRecord]) -> Soa | None:
    """The first SOA record: in the answer, or beside the statement that there is none."""
    for record in records:
        if record.rdtype != _TYPE_SOA or record.rdclass != CLASS_IN:
            continue
        offset = record.start
        for _name in ("mname", "rname"):
            offset += name_at(wire, offset)[1]
        if offset + _SOA_NUMBERS.size != record.end:
            raise MalformedReply("SOA record of the wrong length")
        serial, _refresh, _retry, _expire, minimum = _SOA_NUMBERS.unpack_from(wire, offset)
        return Soa(_lower(wire, record.owner_at), serial, record.ttl, minimum)
    return None


def _glue(wire: bytes, offset: int, count: int) -> Iterator[Glue]:
    kept = 0
    for record in walk(wire, offset, count):
        size = {_TYPE_A: 4, _TYPE_AAAA: 16}.get(record.rdtype)
        if size == record.length and record.rdclass == CLASS_IN and kept < MAX_RECORDS:
            kept += 1
            yield Glue(_lower(wire, record.owner_at), str(ipaddress.ip_address(wire[record.start:record.end])))


def _lower(wire: bytes, offset: int) -> str:
    return name_text(name_at(wire, offset)[0]).lower()
