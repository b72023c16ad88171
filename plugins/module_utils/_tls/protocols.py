# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Protocol lists and cipher grades in Postfix's syntax (tls_proto_mask, tls_cipher.c; docs/postfix-semantics.md section 6).

Tokens are separated by space, tab, comma, colon or line end: `>=V`, `<=V` (the last of each counts), `!V` excludes, a
bare `V` includes, and then every other version is excluded. V is a name in any case, hexadecimal, or empty for no limit.
Unlike Postfix, which only warns and then probes in plaintext, an unusable list is an error before anything is probed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError

_NUMBERS = {"tlsv1": 0x0301, "tlsv1.0": 0x0301, "tlsv1.1": 0x0302, "tlsv1.2": 0x0303, "tlsv1.3": 0x0304}
_OLD = {"sslv2": 0x0200, "sslv3": 0x0300}
_KNOWN = (0x0301, 0x0302, 0x0303, 0x0304)

_EXCLUDED = ":!SEED:!IDEA:!3DES:!RC2:!RC4:!RC5:!kDH:!kECDH:!aDSS:!MD5"
_HIGH = "aNULL:-aNULL:HIGH" + _EXCLUDED + ":@STRENGTH"
_MEDIUM = "aNULL:-aNULL:HIGH:MEDIUM" + _EXCLUDED + ":+RC4:@STRENGTH"
_NULL = "eNULL:!kDH:!kECDH:!aDSS:!MD5:!aNULL"
CIPHER_GRADES = {"high": _HIGH, "medium": _MEDIUM, "low": _MEDIUM, "export": _MEDIUM, "null": _NULL}
"""Grade -> OpenSSL cipher list; low and export are medium since Postfix 3.8."""


@dataclass(frozen=True)
class ProtocolRange:
    """The versions that may be negotiated: wire numbers, None for the library's own limit, and those left out."""

    minimum: int | None = 0x0301
    maximum: int | None = None
    excluded: frozenset[int] = frozenset()

    def allows(self, number: int) -> bool:
        """Return whether a version may be negotiated."""
        return number not in self.excluded and (self.minimum or 0) <= number <= (self.maximum or 0xFFFF)


def parse_protocols(text: str, option: str = "tls_protocols") -> ProtocolRange:
    """Read a protocol list such as `>=TLSv1.2` or `!TLSv1, !TLSv1.1`.

    Raises:
        OptionError: for a word that is not of the syntax, and when no version is left.
    """
    minimum: int | None = None
    maximum: int | None = None
    excluded: set[int] = set()
    included: set[int] = set()
    for token in re.split(r"[ \t,:\r\n]+", text.strip()):
        if not token:
            continue
        if token.startswith((">=", "<=")):
            limit = _limit(token[2:], text, option)
            if token[0] == ">":
                minimum = limit
            else:
                maximum = limit
        else:
            without = token.startswith("!")
            (excluded if without else included).add(_version(token[1:] if without else token, token, text, option))
    if included:
        excluded |= set(_KNOWN) - included
    protocols = ProtocolRange(minimum, maximum, frozenset(excluded & set(_KNOWN)))
    if not any(protocols.allows(number) for number in _KNOWN):
        raise OptionError(option, text, "leaves no TLS protocol version between TLSv1 and TLSv1.3")
    return protocols


def _version(name: str, token: str, text: str, option: str) -> int:
    number = _NUMBERS.get(name.lower(), _OLD.get(name.lower()))
    if number is None:
        raise OptionError(option, text, f"has an unknown TLS protocol version in {token!r}")
    return number


def _limit(name: str, text: str, option: str) -> int | None:
    if name == "" or name.lower() == "none":
        return None
    number = _NUMBERS.get(name.lower())
    if number is None and name.lower() == "sslv3":
        number = _OLD["sslv3"]
    if number is None and re.match(r"^(0x)?[0-9a-f]{1,4}$", name, re.I):
        number = int(name, 16)
    if number is None or number not in _KNOWN + (0x0300,):
        raise OptionError(option, text, f"has an unknown TLS protocol version limit {name!r}")
    return number


def cipher_list(grade: str, explicit: str | None, *, allow_anonymous: bool, openssl_level: int) -> str:
    """Return the OpenSSL cipher list for a handshake.

    Args:
        grade: a key of `CIPHER_GRADES`.
        explicit: an OpenSSL cipher list of the user's in place of the grade.
        allow_anonymous: anonymous ciphers may be negotiated (levels may and encrypt).
        openssl_level: OpenSSL's security level, 0 for may and encrypt, 1 for levels that must match.
            """
    base = explicit if explicit else CIPHER_GRADES[grade]
    return f"{base}{':!eNULL' if allow_anonymous else ':!aNULL'}:@SECLEVEL={openssl_level}"
