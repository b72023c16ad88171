# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS bytes written by hand: records, messages, and records sealed as TLS 1.3 does (RFC 8446 sections 4, 5.2, 7.1)."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23


def record(kind: int, payload: bytes, version: int = 0x0303) -> bytes:
    """Return one record."""
    return bytes([kind]) + version.to_bytes(2, "big") + len(payload).to_bytes(2, "big") + payload


def message(kind: int, body: bytes) -> bytes:
    """Return one handshake message."""
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def vector(size: int, *parts: bytes) -> bytes:
    """Return a vector: the length in so many octets, and the parts."""
    content = b"".join(parts)
    return len(content).to_bytes(size, "big") + content


def extension(number: int, content: bytes) -> bytes:
    """Return one extension of a hello."""
    return number.to_bytes(2, "big") + vector(2, content)


def server_hello(
    suite: int, extensions: Iterable[bytes] = (), *, random: bytes = b"r" * 32, session: bytes = b"", version: int = 0x0303
) -> bytes:
    """Return a ServerHello message; `supported_versions` is the caller's to add."""
    body = version.to_bytes(2, "big") + random + vector(1, session) + suite.to_bytes(2, "big") + b"\0"
    return message(2, body + vector(2, *extensions))


class Sealer:
    """Seals records of TLS 1.3 under one traffic secret, one after another."""

    def __init__(self, suite: int, secret: bytes) -> None:
        """Take the cipher suite (0x1301 to 0x1303) and the secret, as a key log gives it."""
        self._suite = suite
        self._use(secret)

    def _use(self, secret: bytes) -> None:
        suite = self._suite
        self._secret = secret
        self._digest: hashes.SHA256 | hashes.SHA384 = hashes.SHA384() if suite == 0x1302 else hashes.SHA256()
        key = _expand(secret, b"key", 16 if suite == 0x1301 else 32, self._digest)
        self._iv = int.from_bytes(_expand(secret, b"iv", 12, self._digest), "big")
        self._seal = ChaCha20Poly1305(key).encrypt if suite == 0x1303 else AESGCM(key).encrypt
        self._sequence = 0

    def update(self) -> None:
        """Go on to the next secret, as after a KeyUpdate (RFC 8446 section 7.2)."""
        self._use(_expand(self._secret, b"traffic upd", self._digest.digest_size, self._digest))

    def record(self, kind: int, payload: bytes, padding: int = 0) -> bytes:
        """Return the next record, of content type *kind*, with so many octets of padding."""
        inner = payload + bytes([kind]) + bytes(padding)
        header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big")
        nonce = (self._iv ^ self._sequence).to_bytes(12, "big")
        self._sequence += 1
        return header + self._seal(nonce, inner, header)


def _expand(secret: bytes, label: bytes, length: int, digest: hashes.SHA256 | hashes.SHA384) -> bytes:
    full = b"tls13 " + label
    info = length.to_bytes(2, "big") + vector(1, full) + b"\0"
    return HKDFExpand(algorithm=digest, length=length, info=info).derive(secret)
