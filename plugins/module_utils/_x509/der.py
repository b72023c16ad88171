# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bounded reader of DER elements (X.690), for bytes that a stranger sent.

It exists because libraries refuse certificates that mail servers really use, and because fingerprints and TLSA matching
need the bytes as they came, not re-encoded. Definite lengths only; it never recurses, and raises nothing but
`DerError`.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import NamedTuple

MAX_CHILDREN = 4096
"""Most elements read out of one SEQUENCE or SET; a CRL-sized structure is no part of a certificate."""

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
SET = 0x31

_TEXT_CODECS = {0x0C: "utf-8", 0x12: "ascii", 0x13: "latin-1", 0x14: "latin-1", 0x16: "latin-1", 0x1A: "latin-1",
                0x1C: "utf-32-be", 0x1E: "utf-16-be"}  # fmt: skip


class DerError(ValueError):
    """The bytes are not the DER that was expected here."""


class Element(NamedTuple):
    """One element: its identifier octet, its content, and its raw bytes with identifier and length."""

    tag: int
    content: bytes
    raw: bytes


def read(data: bytes, start: int = 0) -> tuple[Element, int]:
    """Return the element that starts at *start* and the offset behind it."""
    if start + 2 > len(data):
        raise DerError("truncated")
    tag = data[start]
    if tag & 0x1F == 0x1F:
        raise DerError("identifier of more than one octet")
    size, body = data[start + 1], start + 2
    if size >= 0x80:
        octets = size & 0x7F
        if not 1 <= octets <= 4 or body + octets > len(data):
            raise DerError("indefinite or oversized length")
        size, body = int.from_bytes(data[body : body + octets], "big"), body + octets
    end = body + size
    if end > len(data):
        raise DerError("truncated")
    return Element(tag, data[body:end], data[start:end]), end


def read_exactly(data: bytes, tag: int | None = None) -> Element:
    """Return the one element that fills the data, with this tag if one is given."""
    element, end = read(data)
    if end != len(data):
        raise DerError("trailing bytes")
    return expect(element, element.tag if tag is None else tag)


def expect(element: Element, tag: int) -> Element:
    """Return the element if it has this identifier octet."""
    if element.tag != tag:
        raise DerError(f"identifier 0x{element.tag:02x} where 0x{tag:02x} is expected")
    return element


def children(content: bytes) -> list[Element]:
    """Return the elements that fill the content of a constructed element."""
    found: list[Element] = []
    at = 0
    while at < len(content):
        if len(found) >= MAX_CHILDREN:
            raise DerError("too many elements")
        element, at = read(content, at)
        found.append(element)
    return found


def members(element: Element, tag: int = SEQUENCE) -> list[Element]:
    """Return the elements inside a SEQUENCE (or what *tag* says)."""
    return children(expect(element, tag).content)


def integer(element: Element) -> int:
    """Return an INTEGER; non-minimal encodings are read too, as OpenSSL prints them."""
    content = expect(element, INTEGER).content
    if not content:
        raise DerError("empty INTEGER")
    return int.from_bytes(content, "big", signed=True)


def boolean(element: Element) -> bool:
    """Return a BOOLEAN; any non-zero octet is true, as in BER."""
    content = expect(element, BOOLEAN).content
    if len(content) != 1:
        raise DerError(f"BOOLEAN of {len(content)} octets")
    return content != b"\x00"


def object_identifier(element: Element) -> str:
    """Return an OBJECT IDENTIFIER as dotted text."""
    content = expect(element, OBJECT_IDENTIFIER).content
    if not content or content[-1] & 0x80 or len(content) > 128:
        raise DerError("bad OBJECT IDENTIFIER")
    arcs: list[int] = []
    value = 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in [first, arcs[0] - 40 * first, *arcs[1:]])


def bit_string(element: Element) -> bytes:
    """Return the octets of a BIT STRING, unused bits at the end cleared."""
    content = expect(element, BIT_STRING).content
    if not content or content[0] > 7 or (content[0] and len(content) == 1):
        raise DerError("bad BIT STRING")
    unused, octets = content[0], content[1:]
    return octets[:-1] + bytes([octets[-1] >> unused << unused]) if unused else octets


def is_text(element: Element) -> bool:
    """Return whether the element is of a string type that `text` reads."""
    return element.tag in _TEXT_CODECS


def text(element: Element) -> str:
    """Return any of the ASN.1 string types as text; undecodable bytes become U+FFFD."""
    codec = _TEXT_CODECS.get(element.tag)
    if codec is None:
        raise DerError(f"identifier 0x{element.tag:02x} is not a string type")
    return element.content.decode(codec, "replace")


def time(element: Element) -> datetime:
    """Return UTCTime or GeneralizedTime in the one form RFC 5280 section 4.1.2.5 allows (seconds, Z), as aware UTC."""
    digits = element.content[:-1]
    if element.content[-1:] != b"Z" or not digits.isdigit():
        raise DerError("bad time")
    if element.tag == UTC_TIME and len(digits) == 12:
        digits = (b"19" if digits >= b"50" else b"20") + digits
    elif element.tag != GENERALIZED_TIME or len(digits) != 14:
        raise DerError("bad time")
    parts = [int(digits[:4]), *(int(digits[at : at + 2]) for at in range(4, 14, 2))]
    try:
        return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[misc, arg-type]
    except ValueError as problem:
        raise DerError("bad time") from problem
