# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys: every kind that can be made, every form that files have, and that they never show themselves."""

from __future__ import annotations

import hashlib
import pickle

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509 import keys
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import public_part
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519

PKCS8, TRADITIONAL = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
OPEN = serialization.NoEncryption()
SECRET = serialization.BestAvailableEncryption(b"secret")
RSA, ECDSA = make.Key.generate("rsa"), make.Key.generate("ecdsa")
EC_PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"


def written(key: make.Key, form: serialization.PrivateFormat, encryption: serialization.KeySerializationEncryption = OPEN) -> bytes:
    private = key.private
    assert isinstance(private, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey))
    return private.private_bytes(serialization.Encoding.PEM, form, encryption)


@pytest.mark.parametrize("kind", keys.KeyKind, ids=lambda kind: kind.name)
def test_every_kind_is_made_written_and_read(kind: keys.KeyKind) -> None:
    key = keys.generate(kind)
    text = key.pem()
    assert text.startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert key.public_key == kind.public_key
    assert key.algorithm is kind.algorithm
    assert keys.load(text) == key
    assert public_part(text) == key.spki


def test_the_digest_is_that_of_the_spki() -> None:
    assert keys.load(RSA.pem).spki == RSA.spki
    assert keys.load(RSA.pem).public_key_sha256 == hashlib.sha256(RSA.spki).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        written(RSA, TRADITIONAL),
        make.issue("a", key=RSA).pem + written(RSA, PKCS8),
        b"Some words of explanation\n" + written(RSA, PKCS8) + make.issue("a", key=RSA).pem,
        written(RSA, PKCS8).replace(b"\n", b"\r\n"),
        written(RSA, PKCS8).rstrip(),
        written(RSA, PKCS8) + ECDSA.pem,
    ],
    ids=["pkcs1", "behind-certificate", "before-certificate", "crlf", "no-newline", "first-of-two"],
)
def test_files_that_servers_have(text: bytes) -> None:
    assert keys.load(text).spki == RSA.spki


def test_key_of_the_ecparam_command_with_its_parameters_in_front() -> None:
    assert keys.load(EC_PARAMETERS + written(ECDSA, TRADITIONAL)).spki == ECDSA.spki


def test_ed448_is_read_though_postfix_has_no_name_for_it() -> None:
    key = keys.load(make.Key.generate("ed448").pem)
    assert (key.public_key.type, key.algorithm, key.signature_hash) == ("ed448", None, None)


def x25519_pem() -> bytes:
    return x25519.X25519PrivateKey.generate().private_bytes(serialization.Encoding.PEM, PKCS8, OPEN)


def pss_pem() -> bytes:
    """A PKCS #8 block whose algorithm is RSASSA-PSS (id-RSASSA-PSS in place of rsaEncryption)."""
    private = RSA.private
    assert isinstance(private, rsa.RSAPrivateKey)
    inner = private.private_bytes(serialization.Encoding.DER, TRADITIONAL, OPEN)
    algorithm = make.sequence(make.oid("1.2.840.113549.1.1.10"))
    return make.pem("PRIVATE KEY", make.sequence(make.integer(0), algorithm, make.tlv(0x04, inner)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "holds no private key"),
        (make.issue("a", key=RSA).pem, "holds no private key"),
        (written(RSA, PKCS8, SECRET), "encrypted"),
        (written(RSA, TRADITIONAL, SECRET), "encrypted"),
        (make.pem("PRIVATE KEY", b"\x30\x03\x02\x01\x00"), "cannot be read"),
        (make.pem("EC PRIVATE KEY", b"nonsense"), "cannot be read"),
        (b"-----BEGIN PRIVATE KEY-----\n????\n-----END PRIVATE KEY-----\n", "cannot be read"),
        (RSA.pem[:-40], "holds no private key"),
        (make.Key.generate("dsa").pem, "of a kind"),
        (x25519_pem(), "of a kind"),
        (pss_pem(), "RSA-PSS"),
    ],
    ids=["empty", "certificate", "pkcs8-encrypted", "pkcs1-encrypted", "short", "nonsense", "no-base64", "cut", "dsa", "x25519", "pss"],
)
def test_what_cannot_be_used_says_why_and_shows_nothing(text: bytes, why: str) -> None:
    with pytest.raises(keys.UnusableKey, match=why) as raised:
        keys.load(text)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    body = text.split(b"\n")[1:2]
    assert not body or not body[0] or body[0].decode() not in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [(keys.KeyKind.RSA_2048, "rsa 2048"), (keys.KeyKind.ECDSA_P384, "ecdsa secp384r1"), (keys.KeyKind.ED25519, "ed25519")],
    ids=lambda value: value.name if isinstance(value, keys.KeyKind) else "text",
)
def test_text_of_a_key_is_its_kind(kind: keys.KeyKind, text: str) -> None:
    key = keys.generate(kind)
    assert repr(key) == str(key) == f"PrivateKey({text})"
    assert f"{[key]}" == f"[PrivateKey({text})]"
    with pytest.raises((TypeError, AttributeError)):
        pickle.dumps(key)


def test_two_keys_are_never_the_same() -> None:
    assert keys.generate(keys.KeyKind.ED25519) != keys.generate(keys.KeyKind.ED25519)
