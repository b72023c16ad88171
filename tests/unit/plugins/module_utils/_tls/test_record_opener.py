# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening TLS 1.3 records: keys against the example of RFC 8448 and against HKDF written out here with hmac."""

from __future__ import annotations

import hashlib
import hmac
from typing import Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls.record_opener import record_opener
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

Encrypt = Callable[[bytes, bytes, bytes], bytes]


def expand_label(secret: bytes, label: str, length: int, digest: str) -> bytes:
    """HKDF-Expand-Label (RFC 8446 section 7.1) for lengths of one block."""
    full = b"tls13 " + label.encode()
    info = length.to_bytes(2, "big") + bytes([len(full)]) + full + b"\0"
    return hmac.new(secret, info + b"\x01", digest).digest()[:length]


def seal(encrypt: Encrypt, iv: bytes, sequence: int, inner: bytes, tag: int = 16) -> bytes:
    """Return the payload of record number *sequence* (RFC 8446 section 5.2)."""
    nonce = bytes(left ^ right for left, right in zip(iv, sequence.to_bytes(12, "big")))
    return encrypt(nonce, inner, b"\x17\x03\x03" + (len(inner) + tag).to_bytes(2, "big"))


SUITES: dict[int, tuple[int, str, Callable[[bytes], Encrypt], int]] = {
    0x1301: (16, "sha256", lambda key: AESGCM(key).encrypt, 16),
    0x1302: (32, "sha384", lambda key: AESGCM(key).encrypt, 16),
    0x1303: (32, "sha256", lambda key: ChaCha20Poly1305(key).encrypt, 16),
    0x1304: (16, "sha256", lambda key: AESCCM(key, 16).encrypt, 16),
    0x1305: (16, "sha256", lambda key: AESCCM(key, 8).encrypt, 8),
}


def test_the_keys_of_rfc_8448_section_3() -> None:
    secret = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
    key, iv = bytes.fromhex("3fce516009c21727d0f2e4e86ee403bc"), bytes.fromhex("5d313eb2671276ee13000b30")
    opener = record_opener(0x1301, secret)
    assert opener is not None
    assert opener(seal(AESGCM(key).encrypt, iv, 0, b"hello\x16")) == (22, b"hello")


@pytest.mark.parametrize("suite", SUITES)
def test_records_of_every_suite_open_in_their_order(suite: int) -> None:
    length, digest, cipher, tag = SUITES[suite]
    secret = hashlib.new(digest, b"secret").digest()
    encrypt = cipher(expand_label(secret, "key", length, digest))
    iv = expand_label(secret, "iv", 12, digest)
    opener = record_opener(suite, secret)
    assert opener is not None
    assert opener(seal(encrypt, iv, 0, b"first\x16", tag)) == (22, b"first")
    assert opener(seal(encrypt, iv, 1, b"padded\x16" + b"\0" * 40, tag)) == (22, b"padded")
    assert opener(seal(encrypt, iv, 2, b"zeros\0\0\x17", tag)) == (23, b"zeros\0\0")
    assert opener(seal(encrypt, iv, 9, b"out of order\x16", tag)) is None


@pytest.mark.parametrize("payload", [b"", b"x", b"x" * 16, b"x" * 500])
def test_what_is_no_record_under_the_key_does_not_open(payload: bytes) -> None:
    opener = record_opener(0x1301, b"s" * 32)
    assert opener is not None and opener(payload) is None


def test_a_record_of_padding_alone_does_not_open() -> None:
    secret = b"s" * 32
    encrypt, iv = AESGCM(expand_label(secret, "key", 16, "sha256")).encrypt, expand_label(secret, "iv", 12, "sha256")
    opener = record_opener(0x1301, secret)
    assert opener is not None and opener(seal(encrypt, iv, 0, b"\0" * 8)) is None


def test_an_unknown_suite_has_no_opener() -> None:
    assert record_opener(0xC02F, b"s" * 32) is None
