# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One SubjectPublicKeyInfo for a key file, whoever reads it: EC points keep the form in which the file writes them."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509 import der, keys
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificates import self_signed
from ansible_collections.mailops.tls.plugins.module_utils._x509.ec_point import with_point_of
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import pem_blocks
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import public_part
from ansible_collections.mailops.tls.plugins.module_utils._x509.requests import asks_the_same, request, request_facts
from ansible_collections.mailops.tls.plugins.module_utils._x509.signature import is_signed_by
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

NOW = datetime(2026, 9, 12, 3, tzinfo=timezone.utc)


def compressed_file(kind: str, label: str) -> bytes:
    """The file of a key with its point compressed."""
    private = make.Key.generate(kind).private
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    point = private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    pkcs8 = private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    algorithm = der.members(der.read_exactly(pkcs8))[1]
    content = with_point_of(make.sequence(algorithm.raw, make.bit_string(point)), pkcs8)
    if label == "EC PRIVATE KEY":
        inner = der.members(der.read_exactly(der.members(der.read_exactly(content))[2].content))
        curve = der.members(algorithm)[1]
        content = make.sequence(inner[0].raw, inner[1].raw, make.tlv(0xA0, curve.raw), inner[-1].raw)
    return make.pem(label, content)


@pytest.mark.parametrize("kind", ["ecdsa", "ecdsa-p384"])
@pytest.mark.parametrize("label", ["PRIVATE KEY", "EC PRIVATE KEY"])
def test_a_compressed_point_is_the_same_in_all_that_is_made_of_the_key(kind: str, label: str) -> None:
    text = compressed_file(kind, label)
    spki = public_part(text)  # OpenSSL's view, which is Postfix's
    key = keys.load(text)
    assert key.spki == spki != keys.library_spki(key.signer)
    asked = request(key, ["mx.example.org"])
    (block,) = pem_blocks(asked)
    assert spki in block.der and request_facts(asked)["public_key_sha256"] == key.public_key_sha256
    assert asks_the_same(asked, request(key, ["mx.example.org"]))
    issued = self_signed(key, ["mx.example.org"], not_before=NOW, serial=5)
    assert issued.spki == spki and is_signed_by(issued, spki)
    assert public_part(key.pem()) == spki == keys.load(key.pem()).spki


def spelt_out_file(label: str) -> bytes:
    """The file of a P-256 key with explicit parameters, as ``openssl ec -param_enc explicit`` writes it."""
    private = make.Key.generate("ecdsa").private
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    prime, order = 2**256 - 2**224 + 2**192 + 2**96 - 1, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    base = bytes.fromhex(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    )
    parameters = make.sequence(
        make.integer(1),
        make.sequence(make.oid("1.2.840.10045.1.1"), make.integer(prime)),
        make.sequence(make.octet_string((prime - 3).to_bytes(32, "big")), make.octet_string(b.to_bytes(32, "big"))),
        make.octet_string(base), make.integer(order), make.integer(1),
    )  # fmt: skip
    secret = make.octet_string(private.private_numbers().private_value.to_bytes(32, "big"))
    public = private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    point = make.tlv(0xA1, make.bit_string(public))
    if label == "EC PRIVATE KEY":
        return make.pem(label, make.sequence(make.integer(1), secret, make.tlv(0xA0, parameters), point))
    algorithm = make.sequence(make.oid("1.2.840.10045.2.1"), parameters)
    return make.pem(label, make.sequence(make.integer(0), algorithm, make.octet_string(make.sequence(make.integer(1), secret, point))))


@pytest.mark.parametrize("label", ["PRIVATE KEY", "EC PRIVATE KEY"])
def test_a_curve_that_is_spelt_out_is_refused_where_it_would_become_another_key(label: str) -> None:
    text = spelt_out_file(label)
    assert len(public_part(text)) > 300, "OpenSSL keeps the parameters, so the digest is another one than with the curve's name"
    with pytest.raises(keys.UnusableKey, match="named_curve"):
        keys.load(text)


def test_an_uncompressed_point_stays_so() -> None:
    key = make.Key.generate("ecdsa")
    assert keys.load(key.pem).spki == key.spki == keys.load(keys.load(key.pem).pem()).spki
