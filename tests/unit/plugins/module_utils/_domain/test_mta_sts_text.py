# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of MTA-STS: records, policies and patterns (RFC 8461 sections 3 and 4.1)."""

from __future__ import annotations

import time

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._domain.bimi import read_bimi
from ansible_collections.mailops.tls.plugins.module_utils._domain.caa import read_permission
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import (
    PolicyMode,
    StsRecord,
    matching_pattern,
    read_sts_policy,
    read_sts_record,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus
from ansible_collections.mailops.tls.plugins.module_utils._domain.tlsrpt import read_tlsrpt
from ansible_collections.mailops.tls.tests.pace import is_cheap
from ansible_collections.mailops.tls.tests.unit.makers.small_dns import absent, failed, found
from hypothesis import given
from hypothesis import strategies as st

OWNER = "_mta-sts.example.org"
GOOD = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.org\r\nmx: *.example.net\r\nmax_age: 604800\r\n"


def read(*records: str) -> StsRecord:
    return read_sts_record(found(OWNER, "TXT", *records) if records else absent(OWNER, "TXT"))


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ("v=STSv1; id=20260101T000000", "20260101T000000"),
        ("v=STSv1;id=1;", "1"),
        ("v=STSv1 ;\tid=a ; ", "a"),
        ("v=STSv1; x-y.z=!1:2; id=b", "b"),
        ("v=STSv1; id=first; id=second", "first"),
        ("v=STSv1; id=" + "a" * 32, "a" * 32),
    ],
)
def test_valid_record(record: str, name: str) -> None:
    result = read("v=spf1 -all", record)
    assert (result.status, result.id, result.failure) == (RecordStatus.VALID, name, None)
    assert result.as_facts() == {"found": True, "records": [record.replace("\t", "?")], "id": name}


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ("v=STSv1; id=2026-01-01", "letters and digits"),
        ("v=STSv1; id=" + "a" * 33, "letters and digits"),
        ("v=STSv1 id=1", "semicolon"),
        ("v=STSv1", "semicolon"),
        ("v=STSv1;", "no id"),
        ("v=STSv1; ID=1", "no id"),
        ("v=STSv1; id=", "no field"),
        ("v=STSv1; id = 1", "no field"),
        ("v=STSv1;; id=1", "no field"),
        ("v=stsv1; id=1", 'not what "v=stsv1; id=1" begins with'),
        (" v=STSv1; id=1", "begins with"),
        ('"v=STSv1; id=1"', "begins with"),
        ("v = STSv1; id=1", "begins with"),
        ("v=STSv1; id=1; mode: enforce", "no field"),
    ],
)
def test_invalid_record(record: str, problem: str) -> None:
    result = read(record)
    assert result.status is RecordStatus.INVALID and result.failure and problem in result.failure.text


def test_the_other_states_of_a_record() -> None:
    assert read().as_facts() == {"found": False, "records": [], "id": None}
    assert read("v=spf1 -all", "x").status is RecordStatus.NONE
    assert read("v=STSv1; id=1", "V=STSv1; id=1").status is RecordStatus.VALID
    assert read("v=STSv1; id=1", "v=STSv1; id=2").status is RecordStatus.MULTIPLE
    assert read("v=STSv1; id=1", "v=STSv10; id=2").status is RecordStatus.VALID
    unknown = read_sts_record(failed(OWNER, "TXT"))
    assert unknown.status is RecordStatus.ERROR and unknown.as_facts()["found"] is None


def test_a_policy() -> None:
    policy = read_sts_policy(GOOD)
    assert (policy.version, policy.mode, policy.max_age, policy.mx) == (
        "STSv1", PolicyMode.ENFORCE, 604800, ("mail.example.org", "*.example.net")
    )  # fmt: skip
    assert policy.valid and policy.line_ending == "crlf" and policy.text.split("\n")[1] == "mode: enforce"


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        (GOOD.replace(b"\r\n", b"\n"), "lf"),
        (GOOD.replace(b"\r\n", b"\n", 1), "mixed"),
        (GOOD[:-2], "crlf"),
        (GOOD.replace(b"\r\n", b" \t\r\n"), "crlf"),
        (GOOD + b"\r\n", "crlf"),
        (GOOD.replace(b": ", b":"), "crlf"),
        (GOOD + b"x-new: some thing: more\r\n", "crlf"),
        (b"max_age: 604800\r\nmx: a\r\nmode: testing\r\nversion: STSv1", "crlf"),
        (GOOD + b"mode: none\r\nversion: STSv2\r\nmax_age: x\r\n", "crlf"),  # of what comes twice the first counts
    ],
)
def test_what_else_is_a_policy(body: bytes, ending: str) -> None:
    policy = read_sts_policy(body)
    assert policy.valid and policy.line_ending == ending and policy.mode in (PolicyMode.ENFORCE, PolicyMode.TESTING)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b"version: STSv1\r\n", b"", "no version"),
        (b"STSv1", b"STSv2", "version"),
        (b"version", b"Version", "no version"),
        (b"enforce", b"enforced", "mode"),
        (b"enforce", b"Enforce", "mode"),
        (b"mode: enforce\r\n", b"", "no mode"),
        (b"mx: mail.example.org\r\nmx: *.example.net\r\n", b"", "no mx"),
        (b"mail.example.org", b"mail.*.org", "mx"),
        (b"mail.example.org", b"*", "mx"),
        (b"mail.example.org", b"mail.example.org.", "mx"),
        (b"mail.example.org", b"", "mx"),
        (b"mx: mail", b"mx mail", "no line"),
        (b"version", b"\xef\xbb\xbfversion", "no line"),
        (b"\r\n", b"\r", "version"),
    ],
)
def test_an_invalid_policy_names_the_place(old: bytes, new: bytes, problem: str) -> None:
    policy = read_sts_policy(GOOD.replace(old, new))
    assert not policy.valid and problem in str(policy.problem)


@pytest.mark.parametrize("age", [b"", b"x", b"-1", b"1.5", b"12345678901", b"99999999", b"31557601"])
def test_an_invalid_age(age: bytes) -> None:
    policy = read_sts_policy(GOOD.replace(b"604800", age))
    assert policy.problem is None and policy.age_problem and not policy.valid


def test_the_ages_at_the_ends() -> None:
    assert [read_sts_policy(GOOD.replace(b"604800", age)).valid for age in (b"0", b"31557600")] == [True, True]
    assert read_sts_policy(GOOD.replace(b"max_age: 604800\r\n", b"")).age_problem == "there is no max_age"


def test_mode_none_needs_no_exchange() -> None:
    assert read_sts_policy(b"version: STSv1\nmode: none\nmax_age: 86400\n").valid


def test_an_error_page_is_no_policy() -> None:
    policy = read_sts_policy(b"<!DOCTYPE html>\n<html><body>404</body></html>")
    assert not policy.valid and "<!DOCTYPE html>" in str(policy.problem)


@pytest.mark.parametrize(
    ("pattern", "exchange", "matches"),
    [
        ("mail.example.org", "Mail.Example.ORG.", True),
        ("*.example.org", "mx1.example.org", True),
        ("*.example.org", "a.b.example.org", False),
        ("*.example.org", "example.org", False),
        ("example.org", "mx.example.org", False),
        ("*.b.example.org", "a.b.example.org", True),
        ("*.com", "com", False),
    ],
)
def test_a_wildcard_is_one_label_on_the_left(pattern: str, exchange: str, matches: bool) -> None:
    assert matching_pattern(("other.example", pattern), exchange) == (pattern if matches else None)


PIECES = [*GOOD.splitlines(keepends=True), b"\n", b":", b"mx:", b"*.", b"\xff"]


@given(st.one_of(st.binary(), st.lists(st.sampled_from(PIECES)).map(b"".join)))
def test_any_policy(body: bytes) -> None:
    policy = read_sts_policy(body)
    assert policy.valid is (policy.problem is None and policy.age_problem is None)
    assert all(line.isprintable() for line in policy.text.split("\n"))
    if policy.valid:
        assert policy.version == "STSv1" and policy.mode is not None and 0 <= (policy.max_age or 0) <= 31557600


@given(st.one_of(st.text(), st.text(alphabet="=;, \tid1-").map("v=STSv1;".__add__)))
def test_any_record(text: str) -> None:
    result = read(text)
    assert (result.status is RecordStatus.VALID) is (result.id is not None and result.failure is None)


def test_64_kilobytes_are_read_once_and_bounded() -> None:
    policy = read_sts_policy(GOOD + b"".join(b"mx: m%d.example.org\r\n" % number for number in range(10000)))
    assert policy.valid or policy.problem
    assert len(policy.mx) == 200 and len(policy.text) < 10000
    assert read("v=STSv1; id=" + "a" * 65000).status is RecordStatus.INVALID
    assert read("v=STSv1;" + " ;" * 30000).status is RecordStatus.INVALID


def test_blanks_take_no_time() -> None:
    blanks = " " * 65000
    began = time.thread_time()
    assert read(f"v=STSv1; id=1{blanks}x").status is RecordStatus.INVALID
    assert read_tlsrpt(found(OWNER, "TXT", f"v=TLSRPTv1; rua=mailto:a@example.org{blanks}x")).status is RecordStatus.INVALID
    assert read_tlsrpt(found(OWNER, "TXT", f"v=TLSRPTv1;{blanks}rua=mailto:a@example.org{blanks};")).status is RecordStatus.VALID
    assert not read_sts_policy(f"version: STSv1{blanks}x\n".encode()).valid
    assert read_bimi(found(OWNER, "TXT", f"v=BIMI1;{blanks}l{blanks}={blanks};")).status is RecordStatus.VALID
    assert read_permission(f"a.example{blanks};{blanks}b{blanks}={blanks}c{blanks}").malformed is False
    assert is_cheap(time.thread_time() - began, 2)
