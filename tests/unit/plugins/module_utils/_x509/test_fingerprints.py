# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints a user gives."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.fingerprints import (
    check_digest,
    format_fingerprint,
    matching_fingerprint,
    parse_fingerprint,
)
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from hypothesis import given, settings
from hypothesis import strategies as st

MD5 = "00112233445566778899aabbccddeeff"


@pytest.mark.parametrize(
    "text", [MD5, MD5.upper(), ":".join(MD5[at : at + 2] for at in range(0, 32, 2)), "00:11" + MD5[4:]]
)
def test_forms(text: str) -> None:
    assert parse_fingerprint(text, "md5").hex() == MD5


@pytest.mark.parametrize(
    "text",
    ["", ":" + MD5, MD5 + ":", MD5[:-1], "g" * 32, MD5 + "00", MD5[:30], "0" * 194, "00::" + MD5[2:], MD5 + "\nx"],
)
def test_bad_values(text: str) -> None:
    with pytest.raises(OptionError) as problem:
        parse_fingerprint(text, "md5", "fingerprints")
    assert problem.value.option == "fingerprints" and problem.value.value == text


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_round_trip(raw: bytes) -> None:
    assert parse_fingerprint(format_fingerprint(raw)) == raw


@pytest.mark.parametrize(
    ("name", "expected"), [("SHA256", "sha256"), ("sha-1", "sha1"), ("sha3-256", "sha3_256"), ("md5", "md5")]
)
def test_digests(name: str, expected: str) -> None:
    assert check_digest(name) == expected


@pytest.mark.parametrize("name", ["", "sha257", "shake_128"])
def test_unknown_digests(name: str) -> None:
    with pytest.raises(OptionError, match="fingerprint_digest"):
        check_digest(name)


def test_certificate_and_key_both_match() -> None:
    issued = make.issue()
    certificate = Certificate(issued.der)
    of_certificate, of_key = hashlib.sha256(issued.der).digest(), hashlib.sha256(issued.key.spki).digest()
    assert matching_fingerprint(certificate, (bytes(32), of_certificate)) == of_certificate
    assert matching_fingerprint(certificate, (of_key,)) == of_key
    assert matching_fingerprint(certificate, (bytes(32),)) is None
    assert matching_fingerprint(certificate, ()) is None
    assert matching_fingerprint(Certificate(b"broken"), (hashlib.sha256(b"broken").digest(),)) is not None
