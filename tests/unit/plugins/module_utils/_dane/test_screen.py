# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which TLSA records are usable (docs/postfix-semantics.md section 3.3), and digest agility."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import association_data, preferred, screen
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from hypothesis import given, settings
from hypothesis import strategies as st

ISSUED = make.issue()
OFF_CURVE = ISSUED.key.spki[:-1] + bytes([ISSUED.key.spki[-1] ^ 1])


def case_name(value: object) -> str:
    """A test's name must not hold the bytes, nor their number: certificates differ from one process to the next."""
    return "data" if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize(
    ("parameters", "data", "dropped"),
    [
        ((3, 1, 1), b"", True), ((0, 1, 1), bytes(32), True), ((1, 1, 1), bytes(32), True), ((4, 1, 1), bytes(32), True),
        ((255, 0, 0), bytes(32), True), ((3, 1, 255), bytes(32), True), ((3, 2, 1), bytes(32), False),
        ((3, 255, 1), bytes(32), False), ((3, 1, 3), b"\xaa\xbb", False), ((3, 1, 1), bytes(31), False),
        ((3, 1, 2), bytes(32), False), ((3, 1, 1), bytes(33), False), ((2, 0, 0), ISSUED.key.spki, False),
        ((2, 0, 0), ISSUED.der + b"\0", False), ((2, 0, 0), ISSUED.der[:-1], False), ((2, 1, 0), ISSUED.der, False),
        ((2, 1, 0), ISSUED.key.spki + b"\0", False), ((3, 1, 0), b"junk", False), ((2, 1, 0), OFF_CURVE, False),
        ((3, 0, 0), make.issue(spki=make.sequence(b"\x05\0", b"\x05\0")).der, False),
        ((3, 1, 0), make.sequence(make.sequence(make.oid("1.2.3")), make.bit_string(b"key")), False),
    ],
    ids=case_name,
)  # fmt: skip
def test_unusable(parameters: tuple[int, int, int], data: bytes, dropped: bool) -> None:
    (screened,) = screen([TlsaRecord(*parameters, data)])
    assert (screened.usable, screened.dropped) == (False, dropped)
    assert screened.reason


@pytest.mark.parametrize("usage", [2, 3])
@pytest.mark.parametrize(
    ("selector", "matching_type", "data"),
    [(0, 0, ISSUED.der), (1, 0, ISSUED.key.spki), (0, 1, bytes(32)), (1, 1, bytes(32)), (0, 2, bytes(64)), (1, 2, bytes(64)),
     (1, 0, make.Key.generate("rsa768").spki), (0, 0, make.issue(key=make.Key.generate("ed448")).der)],
    ids=case_name,
)  # fmt: skip
def test_usable(usage: int, selector: int, matching_type: int, data: bytes) -> None:
    (screened,) = screen([TlsaRecord(usage, selector, matching_type, data)])
    assert (screened.usable, screened.dropped, screened.reason) == (True, False, None)


def test_a_digest_that_is_not_listed_is_disabled() -> None:
    record = TlsaRecord(3, 1, 2, bytes(64))
    assert not screen([record], ["sha256"])[0].usable
    assert screen([record], ["sha256", "sha512"])[0].usable


def test_other_digests_by_number() -> None:
    (screened,) = screen([TlsaRecord(3, 0, 7, hashlib.sha384(ISSUED.der).digest())], ["sha384=7", "sha256"])
    assert screened.usable and screened.digest == "sha384"
    assert association_data(0, 7, Certificate(ISSUED.der), screened.digest) == screened.record.data


@pytest.mark.parametrize(
    "name", ["sha384", "sha384=1", "sha384=2", "sha384=255", "sha384=0", "nope=4", "shake_128=4", "", "sha256=2"]
)
def test_bad_digests(name: str) -> None:
    with pytest.raises(OptionError, match="dane_digests"):
        screen([], [name])


def test_association_data() -> None:
    certificate, spki = Certificate(ISSUED.der), ISSUED.key.spki
    assert association_data(0, 0, certificate) == ISSUED.der
    assert association_data(1, 0, certificate) == spki
    assert association_data(1, 1, certificate) == hashlib.sha256(spki).digest()
    assert association_data(0, 2, certificate) == hashlib.sha512(ISSUED.der).digest()
    assert association_data(2, 1, certificate) is None
    assert association_data(1, 3, certificate) is None
    assert association_data(1, 1, Certificate(b"broken")) is None
    assert association_data(0, 1, Certificate(b"broken")) == hashlib.sha256(b"broken").digest()


def test_agility_is_per_usage_and_selector_and_only_of_usable_records() -> None:
    kept = (
        TlsaRecord(3, 1, 2, bytes(64)),
        TlsaRecord(3, 0, 1, bytes(32)),
        TlsaRecord(2, 1, 1, bytes(32)),
        TlsaRecord(2, 1, 0, ISSUED.key.spki),
    )
    lost = TlsaRecord(3, 1, 1, bytes(32)), TlsaRecord(2, 1, 2, bytes(63))
    order = [each.record for each in preferred(screen([*lost, *reversed(kept)]))]
    assert order == list(kept)


def test_agility_follows_the_preference() -> None:
    records = [TlsaRecord(3, 1, 1, bytes(32)), TlsaRecord(3, 1, 2, bytes(64))]
    assert [each.record for each in preferred(screen(records, ["sha256", "sha512"]))] == records[:1]
    assert [each.record for each in preferred(screen(records))] == records[1:]


@settings(deadline=None)
@given(
    st.lists(
        st.builds(TlsaRecord, st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.binary(max_size=70)),
        max_size=8,
    )
)
def test_any_record_is_screened(records: list[TlsaRecord]) -> None:
    screened = screen(records)
    assert [each.record for each in screened] == records
    assert all(each.usable is (each.reason is None) and not (each.usable and each.dropped) for each in screened)
    assert all(each.usable for each in preferred(screened))
