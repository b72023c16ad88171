# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and requests that are made: their contents, field by field, as section by section of postfix-tls-script has them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._x509 import der, keys, path
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificates import VALIDITY, random_serial, self_signed
from ansible_collections.mailops.tls.plugins.module_utils._x509.requests import (
    UnreadableRequest,
    asks_the_same,
    request,
    request_facts,
)
from ansible_collections.mailops.tls.plugins.module_utils._x509.server_profile import subject_name
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 9, 12, 3, 0, 0, 123456, tzinfo=timezone.utc)
KINDS = {kind: keys.generate(kind) for kind in keys.KeyKind}
KEY = KINDS[keys.KeyKind.ED25519]
BASIC_CONSTRAINTS, KEY_IDENTIFIER, EXTENDED_KEY_USAGE, ALTERNATIVE_NAME = "2.5.29.19", "2.5.29.14", "2.5.29.37", "2.5.29.17"
LABEL = st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,20}[A-Za-z0-9_])?", fullmatch=True)
NAMES = st.lists(st.builds(".".join, st.lists(LABEL, min_size=1, max_size=3)).filter(lambda name: len(name) <= 64), min_size=1, max_size=5)


def issue(key: keys.PrivateKey = KEY, names: tuple[str, ...] = ("mx.example.org", "*.example.net"), serial: int = 5) -> Certificate:
    return self_signed(key, names, not_before=NOW, serial=serial)


@pytest.mark.parametrize("kind", keys.KeyKind, ids=lambda kind: kind.name)
def test_contents_of_a_certificate(kind: keys.KeyKind) -> None:
    made = issue(KINDS[kind])
    assert made.structure is not None and made.structure.version == 3 and made.is_exact
    assert (made.subject, made.issuer, made.subject_der) == ("CN=mx.example.org", "CN=mx.example.org", made.issuer_der)
    assert made.subject_der.endswith(b"\x0c\x0emx.example.org"), "a UTF8String"
    assert made.serial == 5
    assert made.not_before == datetime(2026, 9, 12, 3, tzinfo=timezone.utc)
    assert made.not_after == made.not_before + timedelta(days=36525)
    assert made.spki == KINDS[kind].spki
    assert path.is_self_signed(made)
    digest = {"rsa": "sha256WithRSAEncryption", "ecdsa": "ecdsa-with-SHA256", "ed25519": "ED25519"}[kind.algorithm.value]
    assert (made.signature_algorithm or "").lower() == digest.lower()


def test_extensions_and_their_order() -> None:
    made = issue()
    listed = made.extension_list or ()
    assert [one.oid for one in listed] == [BASIC_CONSTRAINTS, KEY_IDENTIFIER, EXTENDED_KEY_USAGE, ALTERNATIVE_NAME]
    assert not any(one.critical for one in listed)
    assert listed[0].value == b"\x30\x00", "CA:FALSE is the default and not written"
    assert made.extended_key_usage == (make.SERVER_AUTH, make.CLIENT_AUTH)
    assert made.dns_names == ("mx.example.org", "*.example.net")
    assert len(made.subject_key_identifier or b"") == 20


@settings(max_examples=40, deadline=None)
@given(names=NAMES)
def test_names_come_back_in_their_order(names: list[str]) -> None:
    assert issue(names=tuple(names)).dns_names == tuple(names)
    assert issue(names=tuple(names)).subject_common_names == (names[0],)
    assert request_facts(request(KEY, names))["names"] == names


def test_serial_numbers_are_random_positive_and_short() -> None:
    drawn = [random_serial() for draw in range(200)]
    assert len(set(drawn)) == 200
    assert all(0 < one < 1 << 159 for one in drawn)
    assert issue(serial=(1 << 159) - 1).serial == (1 << 159) - 1


def test_hundred_years_pass_the_end_of_utctime() -> None:
    assert issue().not_after == datetime(2126, 9, 13, 3, tzinfo=timezone.utc)
    assert VALIDITY.days == 36525


def test_a_first_name_that_does_not_fit_is_refused() -> None:
    long = "a" * 30 + "." + "b" * 30 + ".org"
    assert len(long) == 65
    with pytest.raises(OptionError, match="1 to 64 characters") as raised:
        issue(names=(long,))
    assert raised.value.option == "names"
    assert issue(names=("mx.example.org", long)).dns_names[1] == long


@pytest.mark.parametrize("kind", keys.KeyKind, ids=lambda kind: kind.name)
def test_contents_of_a_request(kind: keys.KeyKind) -> None:
    loaded = x509.load_pem_x509_csr(request(KINDS[kind], ["mx.example.org", "b.example.org"]))
    assert loaded.is_signature_valid
    assert len(list(loaded.subject)) == 0
    assert [one.oid.dotted_string for one in loaded.extensions] == [KEY_IDENTIFIER, EXTENDED_KEY_USAGE, ALTERNATIVE_NAME]
    assert not any(one.critical for one in loaded.extensions)
    assert (loaded.signature_hash_algorithm is None) == (kind is keys.KeyKind.ED25519)
    assert loaded.signature_hash_algorithm is None or loaded.signature_hash_algorithm.name == "sha256"
    assert der.integer(der.members(der.read_exactly(loaded.tbs_certrequest_bytes))[0]) == 0, "version 1"


def test_facts_of_a_request() -> None:
    pem = request(KEY, ["a.example"], {"C": "DE", "O": "Example, Inc.", "CN": "a.example", "emailAddress": "x@a.example"})
    facts = request_facts(pem)
    assert facts["names"] == ["a.example"]
    assert facts["public_key_sha256"] == KEY.public_key_sha256
    # RFC 4514 begins with the last attribute
    assert str(facts["subject"]).endswith("C=DE") and "Example\\, Inc." in str(facts["subject"])
    assert request_facts(request(KEY, ["a.example"]))["subject"] == ""


@pytest.mark.parametrize(
    ("key", "names", "subject", "same"),
    [
        (keys.KeyKind.ECDSA_P256, ["a.example", "b.example"], {}, True),
        (keys.KeyKind.ECDSA_P256, ["b.example", "a.example"], {}, False),
        (keys.KeyKind.ECDSA_P256, ["a.example"], {}, False),
        (keys.KeyKind.ECDSA_P256, ["a.example", "b.example"], {"CN": "a.example"}, False),
        (keys.KeyKind.RSA_2048, ["a.example", "b.example"], {}, False),
    ],
    ids=["same", "order", "names", "subject", "key"],
)
def test_what_makes_requests_the_same(key: keys.KeyKind, names: list[str], subject: dict[str, str], same: bool) -> None:
    first = request(KINDS[keys.KeyKind.ECDSA_P256], ["a.example", "b.example"])
    assert asks_the_same(first, request(KINDS[key], names, subject)) is same


def test_a_request_with_a_broken_signature_is_not_the_same() -> None:
    pem = request(KEY, ["a.example"])
    whole = x509.load_pem_x509_csr(pem).public_bytes(serialization.Encoding.DER)
    broken = make.pem("CERTIFICATE REQUEST", whole[:-1] + bytes([whole[-1] ^ 1]))
    assert not asks_the_same(broken, pem)


@pytest.mark.parametrize(
    "data", [b"", b"words", KEY.pem(), make.pem("CERTIFICATE REQUEST", b"\x30\x00")], ids=["empty", "words", "key", "short"]
)
def test_what_is_no_request(data: bytes) -> None:
    with pytest.raises(UnreadableRequest):
        request_facts(data)
    with pytest.raises(UnreadableRequest):
        asks_the_same(data, request(KEY, ["a.example"]))


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [({"XX": "a"}, "XX"), ({"CN": ""}, "CN"), ({"CN": "a" * 65}, "64"), ({"C": "DEU"}, "two letters"), ({"C": "D"}, "two letters")],
    ids=["unknown", "empty", "long", "three-letters", "one-letter"],
)
def test_subjects_that_are_refused(attributes: dict[str, str], shown: str) -> None:
    with pytest.raises(OptionError, match=shown) as raised:
        subject_name(attributes)
    assert raised.value.option == "subject"
