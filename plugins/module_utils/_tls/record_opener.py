# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens the server's encrypted handshake records of TLS 1.3 with a key-log secret (RFC 8446 sections 5.2, 7.1, 7.3)."""

from __future__ import annotations

import hmac
from typing import Callable, Optional

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
except ImportError:
    pass  # the module names the missing library before anything runs

RecordOpener = Callable[[bytes], Optional[tuple[int, bytes]]]
"""Takes the payload of the next record, returns (content type, plaintext), or None when it does not open."""

_KEY_LENGTHS = {0x1301: 16, 0x1302: 32, 0x1303: 32, 0x1304: 16, 0x1305: 16}


def record_opener(suite: int, secret: bytes) -> RecordOpener | None:
    """Return a function that opens the records under *secret* one after another; None for an unknown cipher suite."""
    key_length = _KEY_LENGTHS.get(suite)
    if key_length is None:
        return None
    digest = "sha384" if suite == 0x1302 else "sha256"
    key = _expand(secret, b"key", key_length, digest)
    iv = int.from_bytes(_expand(secret, b"iv", 12, digest), "big")
    if suite == 0x1303:
        decrypt = ChaCha20Poly1305(key).decrypt
    elif suite in (0x1304, 0x1305):
        decrypt = AESCCM(key, 8 if suite == 0x1305 else 16).decrypt
    else:
        decrypt = AESGCM(key).decrypt
    sequence = 0

    def open_record(payload: bytes) -> tuple[int, bytes] | None:
        nonlocal sequence
        nonce = (iv ^ sequence).to_bytes(12, "big")
        sequence += 1
        header = b"\x17\x03\x03" + len(payload).to_bytes(2, "big")
        try:
            inner = decrypt(nonce, payload, header).rstrip(b"\0")
        except (InvalidTag, ValueError, OverflowError):
            return None
        return (inner[-1], inner[:-1]) if inner else None

    return open_record


def _expand(secret: bytes, label: bytes, length: int, digest: str) -> bytes:
    """HKDF-Expand-Label with an empty context, of no more bytes than the digest has: one round of HKDF-Expand (RFC 5869 section 2.3)."""
    full = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(full)]) + full + b"\0"
    return hmac.digest(secret, info + b"\1", digest)[:length]
