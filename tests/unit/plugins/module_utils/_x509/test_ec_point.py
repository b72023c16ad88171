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
from ansible_collections.mailops.tls.tests.unit import certificates as make
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


def test_an_uncompressed_point_stays_so() -> None:
    key = make.Key.generate("ecdsa")
    assert keys.load(key.pem).spki == key.spki == keys.load(keys.load(key.pem).pem()).spki
