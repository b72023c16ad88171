# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints: digests of a certificate or of its public key, given by a user and compared (Postfix tls_fprint.c)."""

from __future__ import annotations

import hashlib
import re

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

_FORM = re.compile(r"[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2})*\Z")
_LONGEST = 192
"""Postfix's limit of a value's length, colons included."""


def check_digest(name: str, option: str = "fingerprint_digest") -> str:
    """Return a digest's name as hashlib spells it.

    Raises:
        OptionError: when unknown or without a fixed length.
    """
    spelled = name.strip().lower()
    for candidate in (spelled, spelled.replace("-", ""), spelled.replace("-", "_")):
        if candidate in hashlib.algorithms_available:
            try:
                if hashlib.new(candidate, usedforsecurity=False).digest_size > 0:
                    return candidate
            except ValueError:
                continue
    raise OptionError(option, name, "is not a digest known on this machine")


def parse_fingerprint(text: str, digest: str = "sha256", option: str = "match") -> bytes:
    """Return the digest a user wrote: hexadecimal of any case, a colon allowed between any two pairs.

    Postfix only warns, ignores the value, and can then verify any chain (its bug with level fingerprint and a CA file).

    Raises:
        OptionError: when the text has another form or its length is not that of the *digest*.
    """
    value = text.strip()
    if len(value) > _LONGEST or not _FORM.match(value):
        raise OptionError(option, text, "is not a fingerprint: hexadecimal pairs, with or without colons, are expected")
    raw = bytes.fromhex(value.replace(":", ""))
    size = hashlib.new(digest, usedforsecurity=False).digest_size
    if len(raw) != size:
        raise OptionError(option, text, f"has {len(raw)} bytes where a {digest} digest has {size}")
    return raw


def format_fingerprint(raw: bytes) -> str:
    """Return a digest as Postfix prints it: upper case with colons."""
    return ":".join(f"{octet:02X}" for octet in raw)


def matching_fingerprint(
    certificate: Certificate, wanted: tuple[bytes, ...], digest: str = "sha256"
) -> bytes | None:
    """Return the first wanted fingerprint that is the certificate's or its public key's digest; else `None`."""
    found = {certificate.digest(digest), certificate.public_key_digest(digest)}
    return next((raw for raw in wanted if raw.hex() in found), None)
