# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public key in a DKIM record (RFC 6376 section 3.6.1, RFC 8463 section 4), read without a library. Pure.

A key that no library would load has to be named all the same: cut short, in the wrong format, too small.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._x509 import der, public_key

RAW_ED25519 = 32
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")


class KeyFormat(str, Enum):
    """How the octets hold the key."""

    SPKI = "spki"
    PKCS1 = "pkcs1"
    RAW = "raw"


class KeyFlaw(Enum):
    """Why no key comes out."""

    NOT_BASE64 = "not base64"
    CUT = "cut"
    NO_KEY = "no key"


@dataclass(frozen=True)
class DkimPublicKey:
    """What is in p=: the type as `k=` would have it (or the name of another algorithm), bits, format; or the flaw."""

    type: str | None = None
    bits: int | None = None
    format: KeyFormat | None = None
    flaw: KeyFlaw | None = None
    reason: str = ""


def read_key(value: str, named: str = "rsa") -> DkimPublicKey:
    """Return what the value of p= holds; white space in it means nothing. `named` is what k= says: 32 octets may begin as DER does."""
    text = re.sub(r"[ \t\r\n]+", "", value)
    if not _BASE64.fullmatch(text):
        reason = "it has the lines of PEM" if "-----" in text else f"{_first_strange(text)!r} is no character of base64"
        return DkimPublicKey(flaw=KeyFlaw.NOT_BASE64, reason=reason)
    digits = text.rstrip("=")
    whole = digits[:-1] if len(digits) % 4 == 1 else digits
    try:
        data = base64.b64decode(whole + "=" * (-len(whole) % 4))
    except (binascii.Error, ValueError) as error:
        return DkimPublicKey(flaw=KeyFlaw.NOT_BASE64, reason=str(error))
    missing = 0 if named == "ed25519" and len(data) == RAW_ED25519 else _missing(data)
    if missing:
        return DkimPublicKey(flaw=KeyFlaw.CUT, reason=f"{missing} octets are missing at its end")
    if len(text) % 4:
        return DkimPublicKey(flaw=KeyFlaw.NOT_BASE64, reason=f"base64 of {len(text)} characters is not padded to a multiple of four")
    return _key(data)


def _first_strange(text: str) -> str:
    return next((char for char in text if not re.match(r"[A-Za-z0-9+/=]", char)), "=")


def _missing(data: bytes) -> int:
    """Return how many octets a DER sequence says that there are and are not."""
    if len(data) < 2 or data[0] != der.SEQUENCE:
        return 0
    size, body = data[1], 2
    if size >= 0x80:
        octets = size & 0x7F
        if not 1 <= octets <= 4 or len(data) < 2 + octets:
            return 0
        size, body = int.from_bytes(data[2:2 + octets], "big"), 2 + octets
    # A length beyond all keys is no cut key, but something else.
    return max(0, body + size - len(data)) if size < 0x4000 else 0


def _key(data: bytes) -> DkimPublicKey:
    if len(data) == RAW_ED25519:
        return DkimPublicKey("ed25519", 256, KeyFormat.RAW)
    try:
        numbers = der.members(der.read_exactly(data))
        if len(numbers) == 2 and all(one.tag == der.INTEGER for one in numbers):
            bits, exponent = der.integer(numbers[0]).bit_length(), der.integer(numbers[1])
            if der.integer(numbers[0]) > 0 < exponent:
                return DkimPublicKey("rsa", bits, KeyFormat.PKCS1)
        key = public_key.decode(data)
    except der.DerError as error:
        return DkimPublicKey(flaw=KeyFlaw.NO_KEY, reason=f"{len(data)} octets that are no public key: {error}")
    return DkimPublicKey(key.type, key.bits, KeyFormat.SPKI)
