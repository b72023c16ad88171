# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distinguished names: decoded, compared as RFC 5280 section 7.1 says, and written as RFC 4514 says."""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der

COMMON_NAME = "2.5.4.3"

_SHORT_NAMES = {
    COMMON_NAME: "CN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
    "2.5.4.5": "serialNumber",
}

_COMPARED_AS_TEXT = frozenset((0x0C, 0x13, 0x14, 0x16, 0x1A, 0x1C, 0x1E))
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class Attribute(NamedTuple):
    """One attribute of a name: type as dotted text, and the undecoded value."""

    oid: str
    value: der.Element


Name = tuple[tuple[Attribute, ...], ...]
"""The relative distinguished names in the order of the certificate, each a set of attributes."""


def parse(raw: bytes) -> Name:
    """Return a DER Name decoded.

    Raises:
        DerError: when it does not decode.
    """
    return tuple(
        tuple(_attribute(element) for element in der.members(relative, der.SET))
        for relative in der.members(der.read_exactly(raw))
    )


def _attribute(element: der.Element) -> Attribute:
    parts = der.members(element)
    if len(parts) != 2:
        raise der.DerError("an attribute has two parts")
    return Attribute(der.object_identifier(parts[0]), parts[1])


def values(name: Name, oid: str) -> tuple[str, ...]:
    """Return the texts of all attributes of one type, in the order of the name; only those of a string type."""
    return tuple(
        der.text(attribute.value)
        for relative in name
        for attribute in relative
        if attribute.oid == oid and der.is_text(attribute.value)
    )


def canonical(raw: bytes) -> object:
    """Return a value that is equal for names OpenSSL holds for equal: ASCII case and runs of space make no difference.

    A name that does not decode is compared by its bytes.
    """
    try:
        return tuple(tuple(sorted(_canonical(attribute) for attribute in relative)) for relative in parse(raw))
    except der.DerError:
        return raw


def _canonical(attribute: Attribute) -> tuple[str, int, bytes]:
    if attribute.value.tag not in _COMPARED_AS_TEXT:
        return attribute.oid, attribute.value.tag, attribute.value.content
    folded = " ".join(der.text(attribute.value).translate(_ASCII_LOWER).split())
    return attribute.oid, 0, folded.encode("utf-8", "surrogatepass")


def rfc4514(name: Name) -> str:
    """Return the name as RFC 4514 text, last RDN first; a type without short name by its OID."""
    return ",".join("+".join(_written(attribute) for attribute in relative) for relative in reversed(name))


def _written(attribute: Attribute) -> str:
    label = _SHORT_NAMES.get(attribute.oid, attribute.oid)
    if not der.is_text(attribute.value):
        return f"{label}=#{attribute.value.raw.hex()}"
    return f"{label}={_escaped(der.text(attribute.value))}"


def _escaped(value: str) -> str:
    text = "".join("\\" + char if char in '\\"+,;<>' else "\\00" if char == "\0" else char for char in value)
    if text[:1] in ("#", " "):
        text = "\\" + text
    if len(value) > 1 and text.endswith(" "):
        text = text[:-1] + "\\ "
    return text
