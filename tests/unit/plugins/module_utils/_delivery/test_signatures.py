# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM signatures: what they say, and whether they are right, by the library and without it."""

from __future__ import annotations

import base64
import sys

import dkim
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._delivery.signatures import MOST_SIGNATURES, read_signatures, verify
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import header_fields
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
MESSAGE = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nbody\r\n"
OWNER = "s1._domainkey.example.org"
RECORD = b"v=DKIM1; k=rsa; p=" + base64.b64encode(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def signed(message: bytes = MESSAGE) -> bytes:
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    signature: bytes = dkim.sign(message, b"s1", b"example.org", pem, include_headers=[b"from", b"to", b"subject"])
    return signature + message


def test_what_a_signature_says() -> None:
    (one,) = read_signatures(header_fields(signed(), "DKIM-Signature"))
    facts = one.as_facts()
    assert (facts["d"], facts["s"], facts["a"], facts["i"], one.owner) == ("example.org", "s1", "rsa-sha256", "@example.org", OWNER)
    assert [name.lower() for name in facts["h"]] == ["from", "to", "subject"] and facts["bh"] and facts["verified"] is None


def test_right_and_wrong_signatures() -> None:
    changed = (signed().replace(b"body", b"BODY"), signed().replace(b"Subject: x", b"Subject: y"))
    for message, right in ((signed(), True), *((one, False) for one in changed)):
        (one,) = verify(message, read_signatures(header_fields(message, "DKIM-Signature")), {OWNER: RECORD})
        assert one.verified is right and (one.error is None) is right


def test_each_of_several_is_verified_by_itself() -> None:
    message = b"DKIM-Signature: v=1; a=rsa-sha256; d=other.example; s=s2; h=from; bh=AAAA; b=AAAA\r\n" + signed()
    keys = {OWNER: RECORD, "s2._domainkey.other.example": RECORD}
    found = verify(message, read_signatures(header_fields(message, "DKIM-Signature")), keys)
    assert [one.verified for one in found] == [False, True]


@pytest.mark.parametrize(
    ("keys", "verified", "error"),
    [
        ({}, None, "could not be looked up"),
        ({OWNER: None}, False, "there is no key"),
        ({OWNER: b"v=DKIM1; p="}, False, ""),
        ({OWNER: b"v=DKIM1; p=!!"}, False, ""),
        ({OWNER: b"\xff\xfe"}, False, ""),
    ],
)
def test_keys_that_are_none(keys: dict[str, bytes | None], verified: bool | None, error: str) -> None:
    (one,) = verify(signed(), read_signatures(header_fields(signed(), "DKIM-Signature")), keys)
    assert one.verified is verified and error in str(one.error) and one.error


def test_without_the_library_nothing_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dkim", None)
    (one,) = verify(signed(), read_signatures(header_fields(signed(), "DKIM-Signature")), {OWNER: RECORD})
    assert one.verified is None and "dkimpy" in str(one.error)


@pytest.mark.parametrize("field", ["", ";;;", "d=", "d=../x; s=y", "=x", "d=example.org", "s=" + "x" * 9000])
def test_fields_that_are_none(field: str) -> None:
    (one,) = read_signatures([field])
    assert one.owner is None and len(str(one.as_facts())) < 2000
    (found,) = verify(MESSAGE, [one], {})
    assert found.verified is False


def test_not_more_than_a_few_are_read() -> None:
    assert len(read_signatures(["d=x.example; s=y"] * 100)) == MOST_SIGNATURES
