# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SPF of a domain: what is counted, what comes out as facts, and every finding once made and once not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._catalogue import spf as catalogue
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf import SpfView, look_up_spf
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_lint import lint_spf
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_walk import SpfStatus
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.tests.unit.domain_cases.world import lines, look_at
from ansible_collections.mailops.tls.tests.unit.makers.asked_zone import FAILS, Zone, run, strings

NAME = "example.org"
BASE: Mapping[str, Mapping[str, Any]] = {
    NAME: {"MX": [(10, "mx.example.org")], "A": ["192.0.2.9"]},
    "mx.example.org": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]},
    "good.example": {"TXT": ["v=spf1 ip4:198.51.100.0/24 -all"]},
    "none.example": {"TXT": ["hello"]},
    "two.example": {"TXT": ["v=spf1 -all", "v=spf1 mx -all"]},
    "bad.example": {"TXT": ["v=spf1 foo -all"]},
    "any.example": {"TXT": ["v=spf1 +all"]},
    "open.example": {"TXT": ["v=spf1 mx"]},
    "ptr.example": {"TXT": ["v=spf1 ptr -all"]},
    "loop.example": {"TXT": ["v=spf1 include:example.org -all"]},
    "deep.example": {"TXT": ["v=spf1 include:none.example -all"]},
    "fails.example": {"TXT": FAILS, "A": FAILS},
    "void.example": {"TXT": ["v=spf1 a:gone2.example -all"]},
    "six.example": {"AAAA": ["2001:db8::6"]},
    "exist.example": {"A": ["127.0.0.2"]},
    **{f"{number}.many.example": {"TXT": ["v=spf1 -all"]} for number in range(12)},
    "eleven.example": {"MX": [(10, f"mx{number}.example") for number in range(11)]},
}


def view(txt: Any, more: Mapping[str, Mapping[str, Any]] | None = None, addresses: tuple[str, ...] = ()) -> SpfView:
    own = {**BASE[NAME], "TXT": txt if txt == FAILS else list(txt) if isinstance(txt, (list, tuple)) else [txt]}
    return run(look_up_spf(NAME, Zone({**BASE, NAME: own, **(more or {})}).ask, addresses))


def ids(seen: SpfView, **known: bool) -> set[str]:
    return {one.id for one in lint_spf(seen, **known)}


MANY = "v=spf1 " + " ".join(f"include:{number}.many.example" for number in range(12)) + " -all"
CASES = [
    (catalogue.SPF_MISSING, ["google-site-verification=x"], "v=spf1 mx -all"),
    (catalogue.SPF_MULTIPLE_RECORDS, ["v=spf1 mx -all", "V=SPF1"], ["v=spf1 mx -all", "x"]),
    (catalogue.SPF_RECORD_NOT_RECOGNISED, " v=spf1 mx -all", "v=spf1 mx -all"),
    (catalogue.SPF_RECORD_NOT_RECOGNISED, "v=spf1; mx -all", "V=spF1 mx -all"),
    (catalogue.SPF_RECORD_NOT_RECOGNISED, '"v=spf1 mx -all"', ["v=spf1 mx -all", "v=spfx", "spf-verification=1"]),
    (catalogue.SPF_RECORD_NOT_RECOGNISED, "v=spf 1 mx -all", "v=spf1  mx  -all "),
    (catalogue.SPF_SYNTAX_ERROR, "v=spf1 ip4:192.0.2.7~all", "v=spf1 ip4:192.0.2.7 ~all"),
    (catalogue.SPF_SYNTAX_ERROR, "v=spf1 mx, -all", "v=spf1 mx -all"),
    (catalogue.SPF_SYNTAX_ERROR, "v=spf1 include -all", "v=spf1 include:good.example -all"),
    (catalogue.SPF_UNKNOWN_MECHANISM, "v=spf1 ipv4:192.0.2.0/24 -all", "v=spf1 ip4:192.0.2.0/24 -all"),
    (catalogue.SPF_INVALID_ADDRESS, "v=spf1 ip4:2001:db8::1 -all", "v=spf1 ip6:2001:db8::1 -all"),
    (catalogue.SPF_INVALID_ADDRESS, "v=spf1 ip4:192.0.2.0/33 -all", "v=spf1 ip4:192.0.2.0/32 -all"),
    (catalogue.SPF_INVALID_ADDRESS, "v=spf1 ip4:mx.example.org -all", "v=spf1 a:mx.example.org -all"),
    (catalogue.SPF_ADDRESS_IN_A, "v=spf1 a:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"),
    (catalogue.SPF_ADDRESS_IN_A, "v=spf1 mx:192.0.2.1/24 -all", "v=spf1 mx/24 -all"),
    (catalogue.SPF_HOST_BITS_SET, "v=spf1 ip4:192.0.2.77/24 -all", "v=spf1 ip4:192.0.2.0/24 -all"),
    (catalogue.SPF_WIDE_NETWORK, "v=spf1 ip4:128.0.0.0/1 -all", "v=spf1 -ip4:128.0.0.0/1 ip4:10.0.0.0/9 -all"),
    (catalogue.SPF_WIDE_NETWORK, "v=spf1 ip6:2000::/3 -all", "v=spf1 ip6:2001:db8::/32 -all"),
    (catalogue.SPF_TOO_MANY_LOOKUPS, MANY, MANY.replace("include:0.many.example include:1.many.example ", "")),
    (catalogue.SPF_LOOKUPS_NEAR_LIMIT, MANY.replace("include:0.many.example include:1.many.example ", ""), "v=spf1 mx -all"),
    (catalogue.SPF_VOID_LOOKUP, "v=spf1 a:gone.example -all", "v=spf1 a:six.example -all"),
    (catalogue.SPF_VOID_LOOKUP, "v=spf1 include:void.example -all", "v=spf1 include:good.example -all"),
    (catalogue.SPF_TOO_MANY_VOID_LOOKUPS, "v=spf1 a:x.gone a:y.gone include:void.example -all", "v=spf1 a:x.gone a:y.gone -all"),
    (catalogue.SPF_MX_TOO_MANY, "v=spf1 mx:eleven.example -all", "v=spf1 mx -all"),
    (catalogue.SPF_INCLUDE_MISSING_RECORD, "v=spf1 include:none.example -all", "v=spf1 include:good.example -all"),
    (catalogue.SPF_INCLUDE_MISSING_RECORD, "v=spf1 include:not.there -all", "v=spf1 include:fails.example -all"),
    (catalogue.SPF_INCLUDE_ERROR, "v=spf1 include:two.example -all", "v=spf1 include:good.example -all"),
    (catalogue.SPF_INCLUDE_ERROR, "v=spf1 redirect=bad.example", "v=spf1 redirect=good.example"),
    (catalogue.SPF_INCLUDE_ERROR, "v=spf1 include:deep.example -all", "v=spf1 include:loop.example -all"),
    (catalogue.SPF_REDIRECT_MISSING_RECORD, "v=spf1 redirect=none.example", "v=spf1 redirect=good.example"),
    (catalogue.SPF_INCLUDE_LOOP, "v=spf1 include:loop.example -all", "v=spf1 include:good.example include:good.example -all"),
    (catalogue.SPF_INCLUDE_LOOP, "v=spf1 redirect=EXAMPLE.org", "v=spf1 redirect=good.example"),
    (catalogue.SPF_INCLUDE_ALLOWS_ALL, "v=spf1 include:any.example -all", "v=spf1 -include:any.example -all"),
    (catalogue.SPF_ALL_PASS, "v=spf1 mx all", "v=spf1 mx -all"),
    (catalogue.SPF_ALL_PASS, "v=spf1 redirect=any.example", "v=spf1 redirect=good.example"),
    (catalogue.SPF_ALL_NEUTRAL, "v=spf1 mx ?all", "v=spf1 mx -all"),
    (catalogue.SPF_ALL_SOFTFAIL, "v=spf1 mx ~all", "v=spf1 mx -all"),
    (catalogue.SPF_ALL_MISSING, "v=spf1 mx", "v=spf1 redirect=good.example"),
    (catalogue.SPF_ALL_MISSING, "v=spf1 redirect=open.example", "v=spf1 redirect=%{i}.example"),
    (catalogue.SPF_TERMS_AFTER_ALL, "v=spf1 -all include:good.example", "v=spf1 -all exp=exp.example.org"),
    (catalogue.SPF_REDIRECT_WITH_ALL, "v=spf1 redirect=good.example -all", "v=spf1 redirect=good.example"),
    (catalogue.SPF_DUPLICATE_MODIFIER, "v=spf1 redirect=a.example redirect=b.example", "v=spf1 redirect=good.example"),
    (catalogue.SPF_UNKNOWN_MODIFIER, "v=spf1 v=spf1 mx -all", "v=spf1 mx -all ra=postmaster rp=10 rr=all"),
    (catalogue.SPF_PTR_USED, "v=spf1 include:ptr.example -all", "v=spf1 mx -all"),
    (catalogue.SPF_MACRO_INVALID, "v=spf1 exists:%{x}.example -all", "v=spf1 exists:%{I}._spf.example.org -all"),
    (catalogue.SPF_MACRO_INVALID, "v=spf1 exists:%{i0}.example.org -all", "v=spf1 exists:%{i1r}.example.org -all"),
    (catalogue.SPF_MACRO_INVALID, "v=spf1 exists:%{t}.example.org -all", "v=spf1 exists:%{ir.}.%{v}._spf.%{d2} -all"),
    (
        catalogue.SPF_STRINGS_JOINED_WITHOUT_SPACE,
        strings("v=spf1 ip4:192.0.2.1", "include:good.example -all"),
        strings("v=spf1 ip4:192.0.2.1 ", "include:good.example -all"),
    ),
    (catalogue.SPF_STRINGS_JOINED_WITHOUT_SPACE, strings("v=spf1", "mx -all"), strings("v=spf1", " mx -all")),
    (catalogue.SPF_NOT_ASCII, "v=spf1 mx \u201c-all\u201d", "v=spf1 mx -all"),
    (catalogue.SPF_NOT_ASCII, 'v=spf1 mx "-all"', "v=spf1 mx -all"),
    (catalogue.SPF_NOT_ASCII, b"v=spf1 mx\x00 -all", "v=spf1 mx -all"),
    (catalogue.SPF_RECORD_TOO_LONG, "v=spf1" + " ip4:192.0.2.77" * 40 + " -all", "v=spf1 mx -all"),
    (catalogue.SPF_SENDER_ID_RECORD, ["v=spf1 -all", "spf2.0/pra mx -all"], "v=spf1 mx -all"),
]


@pytest.mark.parametrize(("kind", "bad", "good"), CASES, ids=lambda one: one.id if isinstance(one, FindingKind) else "")
def test_finding(kind: FindingKind, bad: Any, good: Any) -> None:
    assert kind.id in ids(view(bad))
    assert kind.id not in ids(view(good))


def test_findings_that_need_more_than_a_record() -> None:
    assert "spf_type99_record" in ids(view("v=spf1 -all", {NAME: {"TXT": ["v=spf1 -all"], "SPF": ["v=spf1 -all"]}}))
    assert "spf_type99_record" not in ids(view("v=spf1 -all", {NAME: {"TXT": ["v=spf1 -all"], "SPF": FAILS}}))
    assert "spf_address_not_authorised" in ids(view("v=spf1 ip4:192.0.2.0/24 -all", addresses=("198.51.100.9",)))
    assert "spf_address_not_authorised" not in ids(view("v=spf1 ip4:192.0.2.0/24 -all", addresses=("192.0.2.9",)))
    assert "spf_address_not_authorised" not in ids(view("v=spf1 include:fails.example -all", addresses=("192.0.2.9",)))


def test_every_finding_has_a_case() -> None:
    every = {one.id for one in vars(catalogue).values() if isinstance(one, FindingKind)}
    assert every == {kind.id for kind, *rest in CASES} | {"spf_type99_record", "spf_address_not_authorised"}


def test_a_sound_record_has_no_finding() -> None:
    assert ids(view("v=spf1 mx include:good.example -all", addresses=("192.0.2.1",))) == set()


@pytest.mark.parametrize(
    ("txt", "status", "lookups", "void"),
    [
        ("v=spf1 mx include:good.example -all", "valid", 2, 0),
        ("v=spf1 a:six.example a ip4:192.0.2.1 exp=x.example -all", "valid", 2, 0),
        ("v=spf1 exists:%{i}.example.org -all", "valid", 1, 0),
        ("v=spf1 include:%{i}.example.org mx -all", "macro", 2, 0),
        ("v=spf1 exists:exist.example exists:gone.example -all", "valid", 2, 1),
        ("v=spf1 -all include:none.example", "valid", 0, 0),
        ("v=spf1 redirect=none.example -all", "valid", 0, 0),
        ("v=spf1 redirect=good.example", "valid", 1, 0),
        ("v=spf1 include:%{d}.example -all", "permerror", 1, 0),
        ("v=spf1 foo -all", "permerror", 0, 0),
        ("v=spf1 include:fails.example -all", "temperror", 1, 0),
        ("v=spf1 a:fails.example -all", "temperror", 1, 0),
        ("v=spf1 a:fails.example include:none.example -all", "permerror", 2, 0),
        ("nothing", "none", 0, 0),
        (["v=spf1", "v=spf1 -all"], "multiple", 0, 0),
        (FAILS, "temperror", None, None),
        (MANY, "permerror", 12, 0),
        ("v=spf1 a:x.gone a:y.gone a:z.gone -all", "permerror", 3, 3),
        ("v=spf1 mx:eleven.example -all", "permerror", 1, 0),
    ],
)
def test_status_and_counts(txt: Any, status: str, lookups: int | None, void: int | None) -> None:
    facts = view(txt).as_facts()
    assert (facts["status"], facts["lookups"], facts["void_lookups"]) == (status, lookups, void)


def test_facts() -> None:
    seen = view(strings("v=spf1 mx/28 ~include:good", ".example include:void.example -all"), addresses=("192.0.2.1", "203.0.113.1"))
    assert seen.as_facts() == {
        "status": "valid",
        "records": ["v=spf1 mx/28 ~include:good.example include:void.example -all"],
        "record": "v=spf1 mx/28 ~include:good.example include:void.example -all",
        "lookups": 4,
        "void_lookups": 1,
        "all": "fail",
        "redirect": None,
        "size": 60,
        "includes": [
            {"domain": "good.example", "via": "include", "status": "valid", "lookups": 0, "void_lookups": 0,
             "record": "v=spf1 ip4:198.51.100.0/24 -all"},
            {"domain": "void.example", "via": "include", "status": "valid", "lookups": 1, "void_lookups": 1,
             "record": "v=spf1 a:gone2.example -all"},
        ],
        "terms": [
            {"term": "mx/28", "mechanism": "mx", "qualifier": "pass", "value": "/28", "lookups": 1, "void": 0},
            {"term": "~include:good.example", "mechanism": "include", "qualifier": "softfail", "value": "good.example",
             "lookups": 1, "void": 0},
            {"term": "include:void.example", "mechanism": "include", "qualifier": "pass", "value": "void.example", "lookups": 2, "void": 1},
            {"term": "-all", "mechanism": "all", "qualifier": "fail", "value": None, "lookups": 0, "void": 0},
        ],
        "networks": ["192.0.2.0/28", "2001:db8::1/128"],
        "evaluated": [
            {"address": "192.0.2.1", "result": "pass", "mechanism": "mx/28", "explanation": None, "reason": None},
            {"address": "203.0.113.1", "result": "fail", "mechanism": "-all", "explanation": None, "reason": None},
        ],
        "error": None,
    }  # fmt: skip


def test_facts_where_nothing_was_learnt_have_the_same_keys() -> None:
    facts = view(FAILS).as_facts()
    assert facts.keys() == view("v=spf1 -all").as_facts().keys()
    assert facts["error"] == {"kind": "dns_error", "phase": "dns", "text": "TXT records of example.org: SERVFAIL"}
    assert facts["record"] is None


@pytest.mark.parametrize(
    ("txt", "nobody"),
    [
        ("v=spf1 -all", True),
        ("v=spf1 redirect=good.example", False),
        ("v=spf1 ~all", False),
        ("v=spf1 ip4:192.0.2.1 -all", False),
        ("v=spf1 a:gone.example -all", True),
        ("v=spf1 exists:%{i}.example.org -all", False),
        ("v=spf1 include:fails.example -all", None),
        ("v=spf1 mx", None),
        ("nothing", None),
        (FAILS, None),
    ],
)
def test_whether_anybody_sends(txt: Any, nobody: bool | None) -> None:
    assert view(txt).sends_nobody is nobody


@pytest.mark.parametrize(
    ("txt", "names"),
    [
        ("v=spf1 -all", False), ("v=spf1 mx -all", True), ("v=spf1 a:gone.example -all", True), ("v=spf1 ~mx ?a -all", False),
        ("x", False),
        ("v=spf1 redirect=good.example", True), ("v=spf1 redirect=nobody.example", False),
        ("v=spf1 redirect=fails.example", False), (FAILS, None),
    ],
)  # fmt: skip
def test_whether_senders_are_named(txt: Any, names: bool | None) -> None:
    assert view(txt, {"nobody.example": {"TXT": ["v=spf1 -all"]}}).names_senders is names


def test_where_the_domain_takes_no_mail_the_remedy_is_told() -> None:
    (found,) = lint_spf(view("nothing"), null_mx=True)
    assert '"v=spf1 -all"' in found.text


def test_a_thousand_includes_of_a_stranger_are_not_followed() -> None:
    zone = Zone({NAME: {"TXT": ["v=spf1 " + " ".join(f"include:{number}.bad.example" for number in range(1000))]},
                 "*.bad.example": {"TXT": ["v=spf1 " + " ".join(f"mx:{number}.worse.example" for number in range(1000))]},
                 "*.worse.example": {"MX": [(10, f"mx{number}.worst.example") for number in range(9)]}})  # fmt: skip
    seen = run(look_up_spf(NAME, zone.ask))
    assert seen.status is SpfStatus.PERMERROR and seen.seen.lookups >= 1000 and len(zone.questions) < 700
    assert "spf_too_many_lookups" in ids(seen)


@pytest.mark.parametrize(
    ("txt", "kind", "text"),
    [
        ("v=spf1 foo -all", "document_invalid", 'example.org has "foo": there is no mechanism foo'),
        ("v=spf1 include:deep.example -all", "document_invalid", "deep.example leads to none.example, which has no SPF record"),
        ("v=spf1 include:two.example -all", "document_invalid", "two.example has 2 SPF records"),
        (MANY, "document_invalid", "it needs 12 lookups, 0 of them lead to nothing"),
        ("v=spf1 include:loop.example -all", "document_invalid", "it goes round in a circle: example.org > loop.example > example.org"),
        ("v=spf1 a:fails.example -all", "dns_error", "A records of fails.example: SERVFAIL"),
        ("v=spf1 include:fails.example -all", "dns_error", "TXT records of fails.example: SERVFAIL"),
    ],
)
def test_errors(txt: Any, kind: str, text: str) -> None:
    failure = view(txt).failure
    assert failure is not None and (failure.kind.value, failure.text) == (kind, text)


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ("v=spf1\u00a0mx -all", ": behind v=spf1 stands U+00A0"),
        ("v=spf1\tmx -all", ": behind v=spf1 stands U+0009"),
        ("\ufeffv=spf1 mx -all", ": before v=spf1 stands U+FEFF"),
        ("v=spf 1 mx -all", '"v=spf 1 mx -all"'),
    ],
)
def test_what_looks_like_a_blank_and_is_none_is_named(record: str, told: str) -> None:
    (found,) = [one for one in look_at(lines(f"@ TXT {record}"))["lint"] if one["id"] == "spf_record_not_recognised"]
    assert found["text"].endswith(told)
