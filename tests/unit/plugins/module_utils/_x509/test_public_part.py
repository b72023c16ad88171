# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public parts of private keys: every kind against the SubjectPublicKeyInfo that belongs to it."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import PrivateKeyUnusable, public_part, same_public_key
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Key, bit_string, oid, pem, sequence
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


@pytest.mark.parametrize("kind", ["rsa", "rsa768", "ecdsa", "ecdsa-p384", "ed25519", "ed448", "dsa"])
def test_the_public_part_is_that_of_the_key(kind: str) -> None:
    key = Key.generate(kind)
    assert public_part(key.pem) == key.spki


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "dsa"])
def test_the_older_form_is_read_too(kind: str) -> None:
    key = Key.generate(kind)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    text = key.private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())  # type: ignore[attr-defined]
    assert b"BEGIN PRIVATE KEY" not in text
    assert public_part(text) == key.spki


@pytest.mark.parametrize("form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
def test_an_encrypted_key_is_refused_without_asking(form: serialization.PrivateFormat) -> None:
    encryption = serialization.BestAvailableEncryption(b"open sesame")
    text = Key.generate("ecdsa").private.private_bytes(serialization.Encoding.PEM, form, encryption)  # type: ignore[attr-defined]
    with pytest.raises(PrivateKeyUnusable, match="encrypted"):
        public_part(text)


@pytest.mark.parametrize(
    "text",
    [b"", b"x", pem("PRIVATE KEY", b""), pem("PRIVATE KEY", b"\x30\x03\x02\x01\x00"), pem("CERTIFICATE", b"\x30\x00")],
)
def test_what_is_no_key_is_refused_without_showing_it(text: bytes) -> None:
    with pytest.raises(PrivateKeyUnusable, match="^the private key cannot be read$"):
        public_part(text)


def test_one_key_written_in_two_ways_is_one_key() -> None:
    key = Key.generate("ecdsa")
    point = key.private.public_key().public_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    )
    compressed = sequence(sequence(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")), bit_string(point))
    assert compressed != key.spki
    assert isinstance(serialization.load_der_public_key(compressed), ec.EllipticCurvePublicKey)
    assert same_public_key(compressed, key.spki)


@pytest.mark.parametrize("kinds", [("ecdsa", "ecdsa"), ("rsa", "ecdsa"), ("ed25519", "ed25519"), ("rsa", "rsa"), ("rsa768", "rsa")])
def test_two_keys_are_two(kinds: tuple[str, str]) -> None:
    assert not same_public_key(Key.generate(kinds[0]).spki, Key.generate(kinds[1]).spki)
