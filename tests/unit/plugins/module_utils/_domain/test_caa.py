# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CAA records: where they are found, what they permit, what is wrong with them (RFC 8659, RFC 9495)."""

from __future__ import annotations

import asyncio

import dns.message
import dns.rrset
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import Question, read_reply
from ansible_collections.mailops.tls.plugins.module_utils._domain.caa import (
    CaaSet,
    judge_caa,
    look_up_caa,
    organization_of,
    read_caa,
    read_permission,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.caa_authorities import caa_domains
from ansible_collections.mailops.tls.plugins.module_utils._domain.nameservers import read_soa
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus
from ansible_collections.mailops.tls.tests.unit.makers.small_dns import SmallDns, failed, found
from hypothesis import given
from hypothesis import strategies as st

LETS_ENCRYPT = "CN=E7,O=Let's Encrypt,C=US"


def look_up(name: str, *answers: Answer) -> tuple[CaaSet, list[str]]:
    dns = SmallDns(answers)
    return asyncio.run(look_up_caa(name, dns.ask)), [owner for owner, _rdtype in dns.asked]


def read(*records: str) -> CaaSet:
    return read_caa("mx.example.org", found("example.org", "CAA", *records))


def test_the_nearest_records_above_count() -> None:
    result, asked = look_up("a.mx.example.org", found("example.org", "CAA", '0 issue "ca.example"'), found("org", "CAA", '0 issue ";"'))
    assert (result.found_at, asked) == ("example.org", ["a.mx.example.org", "mx.example.org", "example.org"])


def test_the_search_ends_at_the_top_level_domain() -> None:
    result, asked = look_up("mx.example.org")
    assert (result.status, result.found_at, asked) == (RecordStatus.NONE, None, ["mx.example.org", "example.org", "org"])
    assert judge_caa(result, {"host": LETS_ENCRYPT}) == ()


def test_a_failure_on_the_way_ends_it() -> None:
    result, asked = look_up("mx.example.org", failed("mx.example.org", "CAA"), found("example.org", "CAA", '0 issue "ca.example"'))
    assert (result.status, result.records, asked) == (RecordStatus.ERROR, (), ["mx.example.org"])
    assert result.as_facts()["error"]["kind"] == "dns_error" and judge_caa(result) == ()


def test_facts() -> None:
    result = read('0 issue "letsencrypt.org; validationmethods=dns-01"', '128 ISSUEMAIL ";"', '0 iodef "mailto:s@example.org"')
    assert result.as_facts() == {
        "status": "valid",
        "found_at": "example.org",
        "records": [
            {"critical": False, "tag": "issue", "value": "letsencrypt.org; validationmethods=dns-01"},
            {"critical": True, "tag": "issuemail", "value": ";"},
            {"critical": False, "tag": "iodef", "value": "mailto:s@example.org"},
        ],
        "issue": ["letsencrypt.org; validationmethods=dns-01"],
        "issuewild": None,
        "issuemail": [";"],
        "iodef": ["mailto:s@example.org"],
        "error": None,
    }
    assert set(look_up("org")[0].as_facts()) == set(result.as_facts())


@pytest.mark.parametrize(
    ("value", "domain", "parameters"),
    [
        ("ca.example", "ca.example", {}),
        (" \tCA.example\t ", "ca.example", {}),
        (";", "", {}),
        ("", "", {}),
        (" ; ", "", {}),
        ("ca.example;", "ca.example", {}),
        ("ca.example; a=b", "ca.example", {"a": "b"}),
        ("ca.example ; account-uri = https://a/?x=1:2 ; v= ", "ca.example", {"account-uri": "https://a/?x=1:2", "v": ""}),
        ("a--b.example", "a--b.example", {}),
        ("; a=b", "", {"a": "b"}),
    ],
)
def test_a_value_that_permits(value: str, domain: str, parameters: dict[str, str]) -> None:
    permission = read_permission(value)
    assert (permission.domain, permission.parameters, permission.malformed) == (domain, parameters, False)


@pytest.mark.parametrize(
    "value",
    ["https://letsencrypt.org", "ca.example.", "-ca.example", "ca_1.example", "a b", "ca.example; x", "ca.example; =x", "ca.example; a=b c",
     "ca.example; a=b; ", "ca.example;;", "ca.example, b.example", "\u00e9.example", "%%%%%"],
)  # fmt: skip
def test_a_malformed_value_permits_nobody(value: str) -> None:
    permission = read_permission(value)
    assert (permission.malformed, permission.domain) == (True, "")
    assert [one.id for one in judge_caa(read(f'0 issue "{value}"'))] == ["caa_syntax"]
    assert read(f'0 issuewild "{value}"').status is RecordStatus.INVALID


def test_a_critical_record_with_an_unknown_tag() -> None:
    assert [one.id for one in judge_caa(read('128 tbs "x"'))] == ["caa_unknown_critical"]
    assert judge_caa(read('0 tbs "x"', '128 issue "ca.example"', '128 issuevmc ";"')) == ()


@pytest.mark.parametrize(
    ("records", "kind", "forbidden"),
    [
        (['0 issue "ca.example"'], "host", True),
        (['0 issue "ca.example"', '0 issue "LetsEncrypt.org; a=b"'], "host", False),
        (['0 issue ";"'], "host", True),
        (['0 issuemail ";"'], "host", False),
        (['0 issuewild ";"'], "host", False),
        (['0 issuewild ";"', '0 issue "letsencrypt.org"'], "wildcard", True),
        (['0 issue "letsencrypt.org"'], "wildcard", False),
        (['0 issuewild "letsencrypt.org"', '0 issue ";"'], "wildcard", False),
    ],
)
def test_the_issuer_of_today_is_permitted_or_not(records: list[str], kind: str, forbidden: bool) -> None:
    findings = judge_caa(read(*records), {kind: LETS_ENCRYPT})
    assert [one.id for one in findings] == (["caa_forbids_served_issuer"] if forbidden else [])


def test_an_issuer_nobody_knows_is_not_judged() -> None:
    assert judge_caa(read('0 issue "ca.example"'), {"host": "CN=Own CA,O=Example Ltd"}) == ()


def test_organizations() -> None:
    assert organization_of("CN=x,O=A\\, B Ltd,C=US") == "A, B Ltd" and organization_of("CN=O=x") is None
    assert caa_domains("DigiCert Inc")[0] == "digicert.com" and caa_domains("GoDaddy.com, Inc.")[0] == "godaddy.com"
    assert "letsencrypt.org" in caa_domains("Let\u2019s Encrypt") and caa_domains("") == ()


def test_what_is_no_presentation_format_is_broken() -> None:
    for text in ("", "0 issue", "\\# 3 000000", '999 issue "x"'):
        assert (read(text).status, read(text).records) == (RecordStatus.INVALID, ())
    assert read(r'0 issue "a\"b\\c\068"').records[0].value == 'a"b\\cD'


@given(st.one_of(st.text(), st.from_regex(r'[0-9]{1,3} (issue|issuewild|x) "[a-z;=. ]*"', fullmatch=True)))
def test_any_text(text: str) -> None:
    result = read(text)
    assert result.status in (RecordStatus.VALID, RecordStatus.INVALID)
    assert result.as_facts() and all(one.id.startswith("caa_") for one in judge_caa(result, {"host": text}))


def test_a_long_value_takes_no_time() -> None:
    assert read_permission("a-" * 30000).malformed and read_permission("a=" + ";a" * 30000).malformed


@pytest.mark.parametrize(
    ("rdtype", "data"),
    [
        ("CAA", '0 issue "letsencrypt.org; validationmethods=dns-01"'),
        ("CAA", r'128 iodef "mailto:a\"b\\c@example.org"'),
        ("SOA", "ns1.example.net. hostmaster.example.org. 5 7200 3600 1209600 300"),
    ],
)
def test_records_as_they_come_from_the_wire(rdtype: str, data: str) -> None:
    """The texts that are read here are those that dnspython writes, the oldest one too."""
    question = Question("example.org", rdtype, True)
    reply = dns.message.make_response(dns.message.from_wire(question.encode(7)), recursion_available=True)
    reply.answer.append(dns.rrset.from_text("example.org.", 300, "IN", rdtype, data))
    records = read_reply(reply.to_wire(), question).records
    if rdtype == "SOA":
        soa = read_soa(found("example.org", "SOA", *records))
        assert soa is not None and (soa.mname, soa.rname, soa.minimum) == ("ns1.example.net", "hostmaster.example.org", 300)
        return
    result = read_caa("example.org", found("example.org", "CAA", *records))
    expected = "letsencrypt.org; validationmethods=dns-01" if data[0] == "0" else 'mailto:a"b\\c@example.org'
    assert (result.status, result.records[0].value, result.records[0].critical) == (RecordStatus.VALID, expected, data[0] == "1")
