# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""BIMI records: the syntax, and that DMARC has to be enforced."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._domain.bimi import Bimi, judge_bimi, look_up_bimi, read_bimi
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus
from ansible_collections.mailops.tls.tests.unit.makers.small_dns import SmallDns, absent, failed, found
from hypothesis import given
from hypothesis import strategies as st

OWNER = "default._bimi.example.org"
GOOD = "v=BIMI1; l=https://example.org/logo.svg; a=https://example.org/mark.pem;"


def read(*records: str) -> Bimi:
    return read_bimi(found(OWNER, "TXT", *records) if records else absent(OWNER, "TXT"))


def test_valid() -> None:
    result = asyncio.run(look_up_bimi("example.org", SmallDns(records={(OWNER, "TXT"): [GOOD, "x"]}).ask))
    assert result.as_facts() == {
        "status": "valid", "owner": OWNER, "record": GOOD, "location": "https://example.org/logo.svg",
        "authority": "https://example.org/mark.pem", "declined": False, "error": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("record", "declined"),
    [
        ("v=BIMI1; l=; a=;", True),
        ("v=BIMI1;l=", True),
        ("v=BIMI1; l=; a=https://a.example/x", False),
        ("v = BIMI1 ; l=https://a.example/;avp=brand", False),
    ],
)
def test_other_valid_records(record: str, declined: bool) -> None:
    assert (read(record).status, read(record).declined) == (RecordStatus.VALID, declined)


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ("v=BIMI1;", "no l"),
        ("v=BIMI1", "no l"),
        ("v=BIMI1; l=http://a.example/logo.svg", "https"),
        ("v=BIMI1; l=logo.svg", "http"),
        ("v=BIMI1; l=https://a.example/; a=ftp://a.example/", "http"),
        ("v=BIMI1; l=https://a.example/; l=https://b.example/", "twice"),
        ("v=BIMI1; https://a.example/", "no tag"),
    ],
)
def test_invalid(record: str, problem: str) -> None:
    result = read(record)
    assert result.status is RecordStatus.INVALID and result.failure is not None and problem in result.failure.text


def test_the_four_states() -> None:
    assert read().status is RecordStatus.NONE and read("v=BIMI2; l=").status is RecordStatus.NONE
    assert read(GOOD, GOOD + " ").status is RecordStatus.MULTIPLE
    assert read_bimi(failed(OWNER, "TXT")).status is RecordStatus.ERROR


@pytest.mark.parametrize(
    ("record", "enforced", "expected"),
    [
        (GOOD, False, ["bimi_without_enforcement"]),
        (GOOD, True, []),
        (GOOD, None, []),
        ("v=BIMI1; l=", False, []),
        ("v=BIMI1;", False, ["bimi_record_invalid"]),
    ],
)
def test_dmarc_has_to_be_enforced(record: str, enforced: bool | None, expected: list[str]) -> None:
    assert [one.id for one in judge_bimi(read(record), enforced)] == expected


@given(st.one_of(st.text(), st.text(alphabet="la=; \thtps:/.").map("v=BIMI1;".__add__)))
def test_any_text(text: str) -> None:
    result = read(text)
    assert (result.status is RecordStatus.INVALID) is (result.failure is not None)
