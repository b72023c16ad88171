# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records and names inside the bytes of a DNS message (RFC 1035 section 4.1), found without decoding what nobody asked for."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Callable, TypeVar

try:
    import dns.name
except ImportError:
    pass

MAX_POINTERS = 16
"""Most compression pointers in one name, as in dnspython since 2.9. Encoders need a few; thousands in a row, in each of
thousands of records, would take older versions a minute."""

HEADER = struct.Struct("!HHHHHH")
CLASS_IN = 1
_T = TypeVar("_T")
_RECORD = struct.Struct("!HHIH")
_LONGEST_NAME, _LONGEST_LABEL, _POINTER = 255, 63, 0xC0
_PLAIN_LABEL = re.compile(rb"[A-Za-z0-9_-]+")
"""Labels that presentation format writes as they are. Nearly all are of these; the rest is dnspython's."""
_PLAIN_NAME = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?", re.ASCII)


class MalformedReply(Exception):
    """The bytes of a reply are not a DNS message, or contradict themselves."""


def reading(read: Callable[[], _T]) -> _T:
    """Return what a reader of hostile bytes returns.

    dnspython's readers and struct raise a dozen other types on such bytes.

    Raises:
        MalformedReply: for whatever cannot be read, and nothing else.
    """
    try:
        return read()
    except MalformedReply:
        raise
    except Exception as error:
        raise MalformedReply(type(error).__name__) from error


@dataclass(frozen=True)
class WireRecord:
    """Where one record is: the offset of its owner's name, its type, class and TTL, and offset and length of its data."""

    owner_at: int
    rdtype: int
    rdclass: int
    ttl: int
    start: int
    length: int

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.start + self.length


def walk(wire: bytes, offset: int, count: int) -> Iterator[WireRecord]:
    """Yield *count* records from *offset* on.

    Raises:
        MalformedReply: for a record that cannot be read; IndexError and struct.error past the end.
    """
    for _index in range(count):
        owner_at, offset = offset, _end_of_name(wire, offset)
        rdtype, rdclass, ttl, length = _RECORD.unpack_from(wire, offset)
        start = offset + _RECORD.size
        offset = start + length
        if offset > len(wire):
            raise MalformedReply("record runs past the end")
        yield WireRecord(owner_at, rdtype, rdclass, ttl if ttl < 0x80000000 else 0, start, length)


def _end_of_name(wire: bytes, offset: int) -> int:
    """Return the offset behind a name without decoding it (RFC 1035 section 4.1.4)."""
    while wire[offset]:
        if wire[offset] >= _POINTER:
            return offset + 2
        if wire[offset] > _LONGEST_LABEL:
            raise MalformedReply("label of an unknown type")
        offset += 1 + wire[offset]
    return offset + 1


def name_at(wire: bytes, offset: int) -> tuple[dns.name.Name, int]:
    """Decode a name and return it with the octets it takes where it stands. Raises what `check_name` and dnspython raise."""
    check_name(wire, offset)
    found: tuple[dns.name.Name, int] = dns.name.from_wire(wire, offset)
    return found


def text_at(wire: bytes, offset: int) -> tuple[str, int]:
    """Decode a name to presentation format without the final dot, and return it with the octets it takes where it stands.

    Raises what `name_at` raises, and reads what that reads: whatever is not as in nearly every name is left to it.
    """
    labels: list[str] = []
    at, used, octets, pointed = offset, 0, 1, offset
    while wire[at]:
        length = wire[at]
        if length >= _POINTER:
            used = used or at + 2 - offset
            at = (length & 0x3F) << 8 | wire[at + 1]
            if at >= pointed:
                return _odd_text_at(wire, offset)
            pointed = at
            continue
        label = wire[at + 1:at + 1 + length]
        octets += 1 + length
        if length > _LONGEST_LABEL or octets > _LONGEST_NAME or not _PLAIN_LABEL.fullmatch(label):
            return _odd_text_at(wire, offset)
        labels.append(label.decode("ascii"))
        at += 1 + length
    return ".".join(labels), used or at + 1 - offset


def _odd_text_at(wire: bytes, offset: int) -> tuple[str, int]:
    name, used = name_at(wire, offset)
    return name_text(name), used


def plain_name(name: str) -> tuple[bytes, ...] | None:
    """Return the labels of a name in presentation format if all are plain, else None; the root has none."""
    if len(name) >= _LONGEST_NAME - 1 or not _PLAIN_NAME.fullmatch(name):
        return None
    return tuple(name.rstrip(".").encode("ascii").split(b"."))


def check_name(wire: bytes, offset: int) -> None:
    """Raise `MalformedReply` for a name that is too long, or has more than `MAX_POINTERS` compression pointers."""
    octets = pointers = 0
    while wire[offset]:
        if wire[offset] >= _POINTER:
            pointers += 1
            offset = (wire[offset] & 0x3F) << 8 | wire[offset + 1]
        else:
            octets += 1 + wire[offset]
            offset += 1 + wire[offset]
        if pointers > MAX_POINTERS or octets >= _LONGEST_NAME:
            raise MalformedReply("name without end")


def name_text(name: dns.name.Name | None) -> str:
    """Return a name in presentation format without the final dot; the root is the empty text."""
    return "" if name is None or name == dns.name.root else name.to_text(True)
