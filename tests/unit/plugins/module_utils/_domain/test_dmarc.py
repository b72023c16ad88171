# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DMARC of a domain: the walk up the tree, what applies, reports, and every finding once made and once not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dmarc as catalogue
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc import DmarcView, look_up_dmarc
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_lint import lint_dmarc
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_record import DmarcPolicy, is_dmarc, read_dmarc, read_uri
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_walk import names_to_ask, walk_up
from ansible_collections.mailops.tls.plugins.module_utils._domain.public_suffix import read_suffixes
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import DmarcDiscovery
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.tests.unit.makers.asked_zone import FAILS, Zone, run
from hypothesis import given
from hypothesis import strategies as st

OWNER = "_dmarc.example.org"
GOOD = "v=DMARC1; p=reject; rua=mailto:d@example.org"
BASE: Mapping[str, Mapping[str, Any]] = {
    "example.org": {"MX": [(10, "mx.example.org")], "TXT": ["v=spf1 -all"]},
    "agreed.example": {"A": ["192.0.2.1"]},
    "example.org._report._dmarc.agreed.example": {"TXT": ["v=DMARC1;"]},
    "alias.example": {"AAAA": ["2001:db8::1"]},
    "example.org._report._dmarc.alias.example": {"CNAME": "consent.provider.example"},
    "consent.provider.example": {"TXT": ["v=DMARC1"]},
    "wild.example": {"MX": [(10, "mx.example.org")]},
    "*._report._dmarc.wild.example": {"TXT": ["v=DMARC1"]},
    "moved.example": {"MX": [(10, "mx.example.org")]},
    "example.org._report._dmarc.moved.example": {"TXT": ["v=DMARC1; rua=mailto:a@victim.example"]},
    "silent.example": {"MX": [(10, "mx.example.org")]},
    "example.org._report._dmarc.silent.example": {"TXT": FAILS},
    "refusing.example": {"MX": [(0, "")]},
    "example.org._report._dmarc.refusing.example": {"TXT": ["v=DMARC1"]},
    "foreign.example": {"MX": [(10, "mx.example.org")]},
}
SUFFIXES = read_suffixes("// comment\norg\nexample\nuk\nco.uk\n*.ck\n!www.ck\n\u516c\u53f8.cn  x\n")


def view(txt: Any, more: Mapping[str, Mapping[str, Any]] | None = None, **known: Any) -> DmarcView:
    records = txt if isinstance(txt, list) or txt == FAILS else [txt]
    zone = Zone({**BASE, **({OWNER: {"TXT": records}} if records else {}), **(more or {})})
    return run(look_up_dmarc("example.org", zone.ask, **known))


def ids(txt: Any) -> set[str]:
    return {one.id for one in lint_dmarc(view(txt))}


RUA = "v=DMARC1; p=none; rua=mailto:d@{}.example"
CASES = [
    (catalogue.DMARC_MISSING, [], GOOD),
    (catalogue.DMARC_MULTIPLE_RECORDS, [GOOD, "v=DMARC1; p=none"], [GOOD, "v=spf1 -all"]),
    (catalogue.DMARC_VERSION_INVALID, "p=none; v=DMARC1", "v=DMARC1; p=none"),
    (catalogue.DMARC_VERSION_INVALID, "v=dmarc1; p=none", "V = DMARC1 ; p=none"),
    (catalogue.DMARC_VERSION_INVALID, "v=DMARC1 p=none", GOOD),
    (catalogue.DMARC_SYNTAX_ERROR, "v=DMARC1; p:reject", GOOD),
    (catalogue.DMARC_SYNTAX_ERROR, "v=DMARC1; p=reject rua=mailto:d@example.org", "v=DMARC1; p=reject;; rua=mailto:d@example.org;"),
    (catalogue.DMARC_SYNTAX_ERROR, "v=DMARC1; p=reject; adkim=x", "v=DMARC1; p=reject; adkim=S; fo=1:d:s"),
    (catalogue.DMARC_SYNTAX_ERROR, "v=DMARC1; p=reject; fo=0:1", "v=DMARC1; p=reject; policy=x"),
    (catalogue.DMARC_DUPLICATE_TAG, "v=DMARC1; p=none; P=reject", GOOD),
    (catalogue.DMARC_STRAY_BACKSLASH, "v=DMARC1\\; p=reject", GOOD),
    (catalogue.DMARC_STRAY_BACKSLASH, 'v=DMARC1; p="reject"', GOOD),
    (catalogue.DMARC_POLICY_MISSING, "v=DMARC1; rua=mailto:d@example.org", "v=DMARC1; psd=y"),
    (catalogue.DMARC_POLICY_INVALID, "v=DMARC1; p=monitor", "v=DMARC1; p=Reject"),
    (catalogue.DMARC_POLICY_INVALID, "v=DMARC1; p=reject; np=no", "v=DMARC1; p=reject; np=none"),
    (catalogue.DMARC_POLICY_NONE, "v=DMARC1; p=none", GOOD),
    (catalogue.DMARC_TESTING, "v=DMARC1; p=reject; t=y", "v=DMARC1; p=none; t=y"),
    (catalogue.DMARC_SUBDOMAIN_POLICY_WEAKER, "v=DMARC1; p=reject; sp=none", "v=DMARC1; p=quarantine; sp=reject"),
    (catalogue.DMARC_REMOVED_TAG, "v=DMARC1; p=reject; pct=100; rf=afrf; ri=86400", GOOD),
    (catalogue.DMARC_PCT_PARTIAL, "v=DMARC1; p=reject; pct=20", "v=DMARC1; p=reject; pct=100"),
    (catalogue.DMARC_UNKNOWN_TAG, "v=DMARC1; p=none; policy=reject", "v=DMARC1; p=none; ri=1"),
    (catalogue.DMARC_NO_REPORTS, "v=DMARC1; p=none", GOOD),
    (catalogue.DMARC_REPORT_URI_INVALID, "v=DMARC1; p=none; rua=d@example.org", GOOD),
    (catalogue.DMARC_REPORT_URI_INVALID, "v=DMARC1; p=none; rua=mailto:a!b@example.org", "v=DMARC1; p=none; rua=mailto:a%21b@example.org"),
    (catalogue.DMARC_REPORT_URI_NOT_MAILTO, "v=DMARC1; p=none; rua=https://x.example/", GOOD),
    (catalogue.DMARC_REPORT_SIZE_LIMIT, "v=DMARC1; p=none; rua=mailto:d@example.org!10m", GOOD),
    (catalogue.DMARC_REPORT_NOT_AUTHORISED, RUA.format("foreign"), RUA.format("agreed")),
    (catalogue.DMARC_REPORT_NOT_AUTHORISED, "v=DMARC1; p=none; ruf=mailto:d@moved.example", "v=DMARC1; p=none; ruf=mailto:d@alias.example"),
    (catalogue.DMARC_REPORT_NOT_AUTHORISED, RUA.format("foreign"), RUA.format("silent")),
    (catalogue.DMARC_REPORT_DOMAIN_NO_MAIL, RUA.format("refusing"), RUA.format("wild")),
    (catalogue.DMARC_REPORT_DOMAIN_NO_MAIL, RUA.format("gone"), GOOD),
    (catalogue.DMARC_FO_WITHOUT_RUF, "v=DMARC1; p=none; fo=1", "v=DMARC1; p=none; fo=1; ruf=mailto:d@example.org"),
    (catalogue.DMARC_UNRELATED_RECORD, [GOOD, "v=spf1 -all"], GOOD),
]


@pytest.mark.parametrize(("kind", "bad", "good"), CASES, ids=lambda one: one.id if isinstance(one, FindingKind) else "")
def test_finding(kind: FindingKind, bad: Any, good: Any) -> None:
    assert kind.id in ids(bad)
    assert kind.id not in ids(good)


def test_findings_that_need_more_than_a_record() -> None:
    assert {one.id for one in lint_dmarc(view([], {"example.org": {"TXT": ["v=DMARC1; p=reject"]}}))} == {"dmarc_record_in_wrong_place"}
    assert "dmarc_record_in_wrong_place" not in {one.id for one in lint_dmarc(view(GOOD, {"example.org": {"TXT": [GOOD]}}))}
    zone = {"_dmarc.b.example.co.uk": {"TXT": ["v=DMARC1; p=reject; psd=n"]}}
    for suffixes, found in ((SUFFIXES, {"dmarc_org_domain_differs"}), (None, set())):
        seen = run(look_up_dmarc("a.b.example.co.uk", Zone(zone).ask, suffixes))
        assert {one.id for one in lint_dmarc(seen)} - {"dmarc_no_reports"} == found


def test_every_finding_has_a_case() -> None:
    every = {one.id for one in vars(catalogue).values() if isinstance(one, FindingKind)}
    elsewhere = {"dmarc_record_in_wrong_place", "dmarc_org_domain_differs", "bimi_without_enforcement", "bimi_record_invalid"}
    assert every == {kind.id for kind, *rest in CASES} | elsewhere


def test_a_sound_record_has_no_finding() -> None:
    assert lint_dmarc(view(GOOD, suffixes=SUFFIXES)) == ()


@pytest.mark.parametrize(
    ("txt", "status", "policies"),
    [
        (GOOD, "valid", ("reject", "reject", "reject", "reject")),
        ("v=DMARC1; p=reject; sp=none; np=quarantine; t=y", "valid", ("reject", "none", "quarantine", "quarantine")),
        ("v=DMARC1; rua=mailto:d@example.org", "valid", ("none", "none", "none", "none")),
        ("v=DMARC1; p=reject; sp=bad; rua=mailto:d@example.org", "invalid", ("none", "none", "none", "none")),
        ("v=DMARC1", "invalid", ("none", "none", "none", "none")),
        ("v=DMARC1; p:reject; rua=mailto:d@example.org", "invalid", ("none", "none", "none", "none")),
        ("v=DMARC1\\; p=reject", "invalid", (None, None, None, None)),
        ("v=dmarc1; p=reject", "invalid", (None, None, None, None)),
        (["x"], "none", (None, None, None, None)),
        ([], "none", (None, None, None, None)),
        ([GOOD, GOOD + ";"], "multiple", (None, None, None, None)),
        (FAILS, "error", (None, None, None, None)),
    ],
)
def test_status_and_policies(txt: Any, status: str, policies: tuple[str | None, ...]) -> None:
    seen = view(txt)
    facts = seen.as_facts()
    names = ("policy", "subdomain_policy", "nonexistent_policy", "applied_policy")
    assert (facts["status"], tuple(facts[name] for name in names)) == (status, policies)
    assert (facts["error"] is None) is (status in ("valid", "none"))
    assert facts.keys() == view(GOOD).as_facts().keys()
    assert seen.enforced is (None if txt == FAILS else policies[3] in ("quarantine", "reject"))


def test_facts() -> None:
    record = "v=DMARC1; p=quarantine; sp=reject; adkim=s; fo=1:d; pct=50; x=y; rua=mailto:d@example.org,mailto:e@wild.example; ruf=nonsense"
    assert view(record, suffixes=SUFFIXES).as_facts() == {
        "status": "valid", "location": "example.org", "organizational_domain": "example.org", "organizational_domain_psl": "example.org",
        "walked": ["_dmarc.example.org", "_dmarc.org"], "record": record, "policy": "quarantine", "subdomain_policy": "reject",
        "nonexistent_policy": "reject", "applied_policy": "quarantine", "testing": False, "psd": "u", "adkim": "s", "aspf": "r",
        "fo": ["1", "d"], "removed_tags": ["pct"], "unknown_tags": ["x"],
        "rua": [
            {"uri": "mailto:d@example.org", "scheme": "mailto", "address": "d@example.org", "domain": "example.org", "external": False,
             "authorized": True, "accepts_mail": True},
            {"uri": "mailto:e@wild.example", "scheme": "mailto", "address": "e@wild.example", "domain": "wild.example", "external": True,
             "authorized": True, "accepts_mail": True},
        ],
        "ruf": [
            {"uri": "nonsense", "scheme": None, "address": None, "domain": None, "external": None, "authorized": None,
             "accepts_mail": None},
        ],
        "error": None,
    }  # fmt: skip


def test_the_order_of_the_walk_is_that_of_the_standard() -> None:
    assert names_to_ask("a.b.c.d.e.f.g.h.i.j.mail.example.com") == (
        "a.b.c.d.e.f.g.h.i.j.mail.example.com", "g.h.i.j.mail.example.com", "h.i.j.mail.example.com", "i.j.mail.example.com",
        "j.mail.example.com", "mail.example.com", "example.com", "com",
    )  # fmt: skip
    for labels in range(1, 60):
        assert len(names_to_ask(".".join("x" * labels))) == min(labels, 8)


def test_a_walk_of_a_hundred_labels_asks_eight_times() -> None:
    zone = Zone({})
    run(walk_up(".".join("x" * 100), zone.ask))
    assert len(zone.questions) == 8


NONE = "v=DMARC1; p=none"
BANK = {"giant.bank.example": NONE, "bank.example": NONE + "; psd=y"}


@pytest.mark.parametrize(
    ("domain", "records", "organizational", "location"),
    [
        ("a.mail.example.com", {"mail.example.com": NONE, "example.com": NONE}, "example.com", "example.com"),
        ("a.mail.example.com", {"mail.example.com": NONE + "; psd=n", "example.com": NONE}, "mail.example.com", "mail.example.com"),
        ("a.mail.example.com", {"com": NONE + "; psd=y"}, "example.com", "com"),
        ("example.com", {"example.com": NONE}, "example.com", "example.com"),
        ("signing.example.com", {"signing.example.com": NONE, "example.com": NONE}, "example.com", "signing.example.com"),
        ("a.b.c.d.e.f.g.h.i.j.k.example.com", {"example.com": NONE}, "example.com", "example.com"),
        ("giant.bank.example", BANK, "giant.bank.example", "giant.bank.example"),
        ("x.giant.bank.example", BANK, "giant.bank.example", "giant.bank.example"),
        ("mail.mega.bank.example", {"bank.example": NONE + "; psd=y"}, "mega.bank.example", "bank.example"),
        ("bank.example", {"bank.example": NONE + "; psd=y", "example": NONE}, "bank.example", "bank.example"),
        ("a.example.com", {}, "a.example.com", None),
        ("a.example.com", {"a.example.com": "v=DMARC1; psd=n; p=none", "example.com": NONE}, "a.example.com", "a.example.com"),
        ("a.example.com", {"example.com": [NONE, NONE + ";"], "com": NONE}, "com", "com"),
        ("a.example.com", {"com": FAILS, "example.com": NONE}, None, "example.com"),
        ("a.example.com", {"com": FAILS, "a.example.com": NONE}, None, "a.example.com"),
        ("a.b.example.com", {"b.example.com": NONE + "; psd=n", "a.b.example.com": FAILS}, None, "b.example.com"),
    ],
)
def test_the_walk(domain: str, records: Mapping[str, Any], organizational: str | None, location: str | None) -> None:
    """The examples of RFC 9989 section 4.10.2 and appendix B.3, and what they leave out."""
    names = {f"_dmarc.{name}": {"TXT": txt if isinstance(txt, list) or txt == FAILS else [txt]} for name, txt in records.items()}
    walk = run(walk_up(domain, Zone(names).ask))
    assert (walk.organizational, walk.location.domain if walk.location else None) == (organizational, location)


def test_what_could_not_be_asked_below_the_record_leaves_everything_open() -> None:
    zone = Zone({OWNER: {"TXT": [GOOD]}, "_dmarc.a.example.org": {"TXT": FAILS}})
    seen = run(look_up_dmarc("a.example.org", zone.ask))
    assert seen.status.value == "error" and seen.failure is not None and seen.enforced is None
    above = run(look_up_dmarc("example.org", Zone({OWNER: {"TXT": [GOOD]}, "_dmarc.org": {"TXT": FAILS}}).ask))
    assert above.status.value == "valid" and above.organizational is None and above.enforced is True


@pytest.mark.parametrize(("exists", "applied"), [(True, "quarantine"), (False, "reject")])
def test_subdomains_inherit(exists: bool, applied: str) -> None:
    zone = Zone({OWNER: {"TXT": ["v=DMARC1; p=none; sp=quarantine; np=reject"]}})
    seen = run(look_up_dmarc("www.example.org", zone.ask, exists=exists))
    assert seen.inherited and seen.applied_policy is DmarcPolicy(applied)
    assert {one.subject for one in lint_dmarc(seen)} == {OWNER}


@pytest.mark.parametrize(
    ("uri", "external", "authorized", "accepts"),
    [
        ("mailto:d@example.org", False, True, True),
        ("mailto:d@mail.example.org", False, True, False),
        ("mailto:d@agreed.example", True, True, True),
        ("mailto:d@alias.example", True, True, True),
        ("mailto:d@wild.example", True, True, True),
        ("mailto:d@foreign.example", True, False, True),
        ("mailto:d@moved.example", True, False, True),
        ("mailto:d@silent.example", True, None, True),
        ("mailto:d@refusing.example", True, True, False),
        ("https://foreign.example/x", True, False, None),
    ],
)
def test_reports(uri: str, external: bool, authorized: bool | None, accepts: bool | None) -> None:
    (one,) = view(f"v=DMARC1; p=none; rua={uri}").rua
    assert (one.external, one.authorized, one.accepts_mail) == (external, authorized, accepts)


def test_discovery_by_a_list_alone() -> None:
    zone = Zone({**BASE, OWNER: {"TXT": ["v=DMARC1; p=none; rua=mailto:d@x.example.org"]}})
    seen = run(look_up_dmarc("a.b.example.org", zone.ask, SUFFIXES, DmarcDiscovery.PSL))
    facts = seen.as_facts()
    assert facts["walked"] == ["_dmarc.a.b.example.org", OWNER] and facts["location"] == "example.org"
    assert (facts["organizational_domain"], facts["organizational_domain_psl"]) == (None, "example.org")
    assert seen.rua[0].external is False
    walked = run(look_up_dmarc("a.b.example.org", zone.ask, SUFFIXES, DmarcDiscovery.TREE_WALK)).as_facts()
    assert (walked["organizational_domain"], walked["organizational_domain_psl"]) == ("example.org", None)


@pytest.mark.parametrize(
    ("domain", "organizational"),
    [
        ("a.example.co.uk", "example.co.uk"), ("example.uk", "example.uk"), ("co.uk", "co.uk"), ("a.b.c.ck", "b.c.ck"),
        ("c.ck", "c.ck"),
        ("a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn"), ("a.xn--\u00e9.uk", "xn--\u00e9.uk"), ("x", "x"), ("// comment", "// comment"),
        ("a.www.ck", "www.ck"), ("a.b.unknown", "b.unknown"), ("X.Example.ORG", "example.org"), ("org", "org"),
    ],
)  # fmt: skip
def test_public_suffixes(domain: str, organizational: str) -> None:
    assert SUFFIXES.organizational_domain(domain) == organizational


@pytest.mark.parametrize(
    ("text", "scheme", "domain"),
    [
        ("mailto:a@b.example", "mailto", "b.example"), ("MAILTO:A%40x@B.Example?subject=x", "mailto", "b.example"),
        ("mailto:a@", "mailto", None),
        ("mailto:", "mailto", None), ("https://[::1]/", "https", None), ("https://h.example:99/", "https", "h.example"),
        ("http://[", "http", None),
        ("a@b", None, None), (":x", None, None), ("mailto:a@b.example!10", "mailto", "b.example"), ("mailto:\u00e9@b.example", None, None),
    ],
)  # fmt: skip
def test_addresses(text: str, scheme: str | None, domain: str | None) -> None:
    assert (read_uri(text).scheme, read_uri(text).domain) == (scheme, domain)


PARTS = st.sampled_from(
    ("v=DMARC1", "p=none", "p=", "sp=x", "rua=mailto:a@b.example,,!", "ruf=https://[", "fo=0:1:d", "pct=\0", "t=y", "psd=n", "=", "\u202e",
     "np", "adkim = s", "rua=mailto:%FF@x")
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.one_of(PARTS, st.text(max_size=9)), max_size=8).map(lambda parts: ";".join(["v=DMARC1", *parts]))))
def test_no_record_raises(txt: str) -> None:
    seen = view(txt)
    lint_dmarc(seen)
    assert "\u202e" not in str(seen.as_facts()) and (seen.record is not None) is is_dmarc(txt)
    if is_dmarc(txt):
        record = read_dmarc(txt)
        again = read_dmarc("; ".join(f"{tag.name}={tag.value}" for tag in record.tags.tags))
        assert again.tags.tags == record.tags.tags and again.policy is record.policy


@pytest.mark.parametrize(
    "txt",
    ["v=DMARC1;" + "rua=mailto:a@b.example," * 3000, "v=DMARC1;" + "p=none;" * 9000, "v=DMARC1; p=" + "x" * 65000, "v=DMARC1" + " " * 65000,
     "p" * 65000, " " * 65000 + "p=none", "v=DMARC1; rua=" + "mailto:" * 9000],
)  # fmt: skip
def test_huge_records(txt: str) -> None:
    zone = Zone({**BASE, OWNER: {"TXT": [txt]}})
    seen = run(look_up_dmarc("example.org", zone.ask))
    assert all(len(one.text) < 3000 for one in lint_dmarc(seen)) and len(zone.questions) < 400 and len(seen.rua) <= 20
