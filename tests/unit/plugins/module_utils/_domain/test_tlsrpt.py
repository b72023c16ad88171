# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLSRPT records (RFC 8460 section 3)."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus
from ansible_collections.mailops.tls.plugins.module_utils._domain.tlsrpt import TlsRpt, look_up_tlsrpt, read_tlsrpt
from ansible_collections.mailops.tls.tests.unit.makers.small_dns import SmallDns, absent, failed, found
from hypothesis import given
from hypothesis import strategies as st

OWNER = "_smtp._tls.example.org"


def read(*records: str) -> TlsRpt:
    return read_tlsrpt(found(OWNER, "TXT", *records) if records else absent(OWNER, "TXT"))


def ids(result: TlsRpt) -> list[str]:
    return [one.id for one in result.findings]


@pytest.mark.parametrize(
    ("record", "uris"),
    [
        ("v=TLSRPTv1; rua=mailto:t@example.org", ["mailto:t@example.org"]),
        ("v=TLSRPTv1;rua=https://r.example/v1?x=1", ["https://r.example/v1?x=1"]),
        ("v=TLSRPTv1 ; rua=mailto:a@example.org , https://r.example/ ;", ["mailto:a@example.org", "https://r.example/"]),
        ("v=TLSRPTv1; rua=mailto:a@example.org; rua=mailto:b@example.org", ["mailto:a@example.org", "mailto:b@example.org"]),
        ("v=TLSRPTv1; x-new=1; rua=MAILTO:a@example.org?subject=x", ["MAILTO:a@example.org?subject=x"]),
    ],
)
def test_valid(record: str, uris: list[str]) -> None:
    result = read("google-site-verification=1", record)
    assert (result.status, [one.uri for one in result.rua], result.failure, ids(result)) == (RecordStatus.VALID, uris, None, [])
    assert result.published is True
    assert result.as_facts() == {
        "status": "valid", "record": record, "error": None, "rua": [{"uri": uri, "scheme": uri.partition(":")[0].lower()} for uri in uris],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ("v=TLSRPTv1 rua=mailto:t@example.org", "semicolon"),
        ("v=TLSRPTv1", "semicolon"),
        ("v=TLSRPTv1;", "no rua"),
        ("v=TLSRPTv1; ruf=mailto:t@example.org", "no rua"),
        ("v=TLSRPTv1; rua=mailto:t@example.org;; x=y", "no field"),
        ("v=TLSRPTv1; rua = mailto:t@example.org", "no field"),
        ("v=tlsrptv1; rua=mailto:t@example.org", "begins with"),
        ("\ufeffv=TLSRPTv1; rua=mailto:t@example.org", "begins with"),
        (" v=TLSRPTv1; rua=mailto:t@example.org", "begins with"),
        ("v=TLS-RPTv1; rua=mailto:t@example.org", "begins with"),
    ],
)
def test_invalid(record: str, problem: str) -> None:
    result = read(record)
    assert result.status is RecordStatus.INVALID and ids(result) == ["tlsrpt_record_invalid"]
    assert result.failure is not None and problem in result.failure.text
    assert result.findings[0].subject == OWNER and result.published is False


@pytest.mark.parametrize(
    "uri",
    ["t@example.org", "mailto:t", "mailto:@example.org", "http://r.example/", "https://", "https://u:p@r.example/", "ftp://r.example",
     "mailto:t@example.org!10m", "mailto:a b@example.org"],
)  # fmt: skip
def test_an_address_that_gets_no_reports(uri: str) -> None:
    alone = read(f"v=TLSRPTv1; rua={uri}")
    assert (alone.status, ids(alone)) == (RecordStatus.INVALID, ["tlsrpt_rua_invalid"])
    beside = read(f"v=TLSRPTv1; rua={uri},mailto:t@example.org")
    assert (beside.status, ids(beside)) == (RecordStatus.VALID, ["tlsrpt_rua_invalid"])


def test_the_four_states() -> None:
    two = read("v=TLSRPTv1; rua=mailto:a@example.org", "v=TLSRPTv1; rua=mailto:b@example.org")
    assert (two.status, ids(two)) == (RecordStatus.MULTIPLE, ["tlsrpt_multiple_records"])
    assert (read().status, ids(read())) == (RecordStatus.NONE, [])
    assert read("v=spf1 -all").status is RecordStatus.NONE
    assert read("v=TLSRPTv1; rua=mailto:a@example.org", "V=TLSRPTV1; x").status is RecordStatus.VALID
    error = read_tlsrpt(failed(OWNER, "TXT"))
    assert (error.status, error.published, ids(error)) == (RecordStatus.ERROR, None, [])
    text = f"TXT records of {OWNER}: SERVFAIL from 192.0.2.53"
    assert error.as_facts()["error"] == {"kind": "dns_error", "phase": "dns", "text": text}


def test_it_is_looked_up_below_the_domain() -> None:
    dns = SmallDns(records={(OWNER, "TXT"): ["v=TLSRPTv1; rua=mailto:t@example.org"]})
    assert asyncio.run(look_up_tlsrpt("example.org", dns.ask)).status is RecordStatus.VALID
    assert dns.asked == [(OWNER, "TXT")]


@given(st.one_of(st.text(), st.text(alphabet="=;, \tv1rua:mailto@.!").map("v=TLSRPTv1;".__add__)))
def test_any_text(text: str) -> None:
    result = read(text)
    assert (result.status is RecordStatus.VALID) is any(one.usable for one in result.rua) or result.failure is not None
    assert (result.status is RecordStatus.INVALID) is (result.failure is not None)


def test_a_record_of_64_kilobytes_is_read_and_bounded() -> None:
    result = read("v=TLSRPTv1; rua=" + ",".join(["mailto:t@example.org"] * 3000))
    assert result.status is RecordStatus.VALID and len(result.rua) == 20 and len(str(result.as_facts())) < 10000
