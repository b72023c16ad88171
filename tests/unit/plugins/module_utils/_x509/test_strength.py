# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security bits, as OpenSSL 3.0 counts them (EVP_PKEY_get_security_bits)."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_key import PublicKey
from ansible_collections.mailops.tls.plugins.module_utils._x509.strength import (
    key_is_strong,
    security_bits,
    signature_bits,
)
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (PublicKey("rsa", 512), 56), (PublicKey("rsa", 768), 72), (PublicKey("rsa", 1024), 80), (PublicKey("rsa", 2048), 112),
        (PublicKey("rsa", 3072), 128), (PublicKey("rsa", 4096), 152), (PublicKey("rsa", 15360), 256), (PublicKey("rsa", 7), 0),
        (PublicKey("rsa-pss", 2048), 112), (PublicKey("ecdsa", 256, "secp256r1"), 128), (PublicKey("ecdsa", 521, "secp521r1"), 256),
        (PublicKey("ecdsa", 112, None), 56), (PublicKey("ed25519", 256), 128), (PublicKey("ed448", 448), 224),
        (PublicKey("dsa", 2048, None, 256), 112), (PublicKey("dsa", 1024, None, 160), 80), (PublicKey("dsa", 512, None, 160), 0),
        (PublicKey("1.2.3", None), 0),
    ],
)  # fmt: skip
def test_security_bits(key: PublicKey, expected: int) -> None:
    assert security_bits(key) == expected


@pytest.mark.parametrize(("kind", "strong"), [("rsa768", False), ("rsa1024", True), ("ecdsa", True), ("ed25519", True)])
def test_level_one_of_keys(kind: str, strong: bool) -> None:
    assert key_is_strong(Certificate(make.issue(key=make.Key.generate(kind)).der)) is strong


@pytest.mark.parametrize(
    ("kind", "digest", "expected"),
    [
        ("rsa", "md5", 39),
        ("rsa", "sha1", 63),
        ("ecdsa", "sha1", 63),
        ("rsa", "sha224", 112),
        ("ecdsa", "sha512", 256),
        ("ed448", "-", 224),
    ],
)
def test_signature_bits(kind: str, digest: str, expected: int) -> None:
    assert signature_bits(Certificate(make.issue(key=make.Key.generate(kind), digest=digest).der)) == expected


def test_what_cannot_be_read_is_weak() -> None:
    assert not key_is_strong(Certificate(b"")) and signature_bits(Certificate(b"")) == 0
