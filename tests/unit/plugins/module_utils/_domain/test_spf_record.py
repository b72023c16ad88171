# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of SPF records and their macros: what is read, and that nothing a stranger publishes raises or takes long."""

from __future__ import annotations

import time

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf import look_up_spf
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_check import SpfResult, SpfSender, check_host
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_lint import lint_spf
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_macro import (
    EXPLANATION_LETTERS,
    Macro,
    MacroError,
    expand,
    fitting_name,
    is_askable,
    parse_macros,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_record import BrokenTerm, Flaw, is_spf, parse_record
from ansible_collections.mailops.tls.tests.pace import is_cheap
from ansible_collections.mailops.tls.tests.unit.makers.asked_zone import Zone, run
from hypothesis import example, given
from hypothesis import strategies as st

NAMES = st.sampled_from(("a", "mx", "include", "exists", "ptr", "ip4", "ip6", "all", "redirect", "exp", "moo", "A", "v"))
SIGNS = st.sampled_from((":", "/", "=", "", "//", ":/"))
VALUES = st.sampled_from(
    ("example.org", "%{i}.example", "%{d1r+-}", "%%{d}", "%", "192.0.2.1", "192.0.2.0/24", "2001:db8::/32", "::1/129", "-", "a/24//64", "",
     "a..b", "1" * 5000, "%{l" + "9" * 5000 + "}.x", "\u202eabc", "\0", ".", "x." * 130 + "y")
)  # fmt: skip
TERMS = st.builds("{}{}{}{}".format, st.sampled_from(("", "+", "-", "~", "?", "!")), NAMES, SIGNS, VALUES)
RECORDS = st.lists(st.one_of(TERMS, st.text(max_size=20))).map(lambda terms: " ".join(["v=spf1", *terms]))
CORPUS = [
    "v=spf1 " + "a " * 30000,
    "v=spf1 " + "include:" + "a" * 65000 + ".example",
    "v=spf1 exists:" + "%{i}." * 10000 + "example",
    "v=spf1 exists:" + "%{" * 20000,
    "v=spf1 " + "x=" * 30000,
    "v=spf1 a:" + "1." * 30000 + "1",
    "v=spf1 a:" + "a" * 60000 + "!",
    "v=spf1 ip4:" + "1" * 60000,
    "v=spf1 ip6:" + ":" * 60000,
    "v=spf1 a:" + ":" * 60000 + "g",
    "v=spf1 a/" + "9" * 60000,
    "v=spf1 " + "\0" * 60000,
    "v=spf1 mx \u202e\u2066 -all",
    "v=spf1" + " " * 65000,
]


@given(st.one_of(st.text(), RECORDS))
def test_no_record_raises_and_its_terms_are_its_text(text: str) -> None:
    if is_spf(text):
        record = parse_record(text)
        written = "v=spf1 " + " ".join(term.text for term in record.terms)
        assert parse_record(written).terms == record.terms


@given(st.lists(st.one_of(RECORDS, st.text(max_size=30)), max_size=2), st.sampled_from(("192.0.2.1", "2001:db8::1")))
@example(["v=spf1 a:%{l999}.x"], "192.0.2.1")
def test_no_record_breaks_the_walk_or_the_evaluation(texts: list[str], address: str) -> None:
    zone = Zone({"example.org": {"TXT": texts, "A": ["192.0.2.1"]}, "*.example": {"TXT": ["v=spf1 +all"], "A": ["192.0.2.3"]}})
    seen = run(look_up_spf("example.org", zone.ask, (address,)))
    assert {one["severity"] for one in map(lambda found: found.as_facts(), lint_spf(seen))} <= {"error", "warning", "notice"}
    if len([text for text in texts if is_spf(text)]) != 1:
        assert seen.evaluated[0][1].result in (SpfResult.NONE, SpfResult.PERMERROR)


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: text[:20].strip().replace("\0", "0"))
def test_huge_records_are_read_in_no_time(text: str) -> None:
    zone = Zone({"example.org": {"TXT": [text]}})
    began = time.thread_time()
    seen = run(look_up_spf("example.org", zone.ask, ("192.0.2.1",)))
    for one in (*lint_spf(seen), *lint_spf(seen, null_mx=True)):
        assert len(one.text) < 3000
    assert len(str(seen.as_facts())) < 1000000
    assert is_cheap(time.thread_time() - began, 10)


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("a:", Flaw.SYNTAX), ("a/33", Flaw.ADDRESS), ("a//129", Flaw.ADDRESS), ("a/024", Flaw.ADDRESS),
        ("mx/24/64", Flaw.SYNTAX), ("all:x", Flaw.SYNTAX),
        ("include:example", Flaw.SYNTAX), ("include:a.1", Flaw.SYNTAX), ("include:%%{d}", Flaw.SYNTAX),
        ("ptr/24", Flaw.SYNTAX), ("ip4", Flaw.ADDRESS),
        ("ip4:192.0.2.01", Flaw.ADDRESS), ("ip6:fe80::1%eth0", Flaw.SYNTAX), ("-", Flaw.SYNTAX),
        ("--all", Flaw.SYNTAX), ("redirect=", Flaw.SYNTAX),
        ("a:2001:db8::1", Flaw.ADDRESS_FOR_NAME), ("x=%{q}", Flaw.MACRO), ("\u00e9=x", Flaw.CHARACTER), ("mx\\;", Flaw.CHARACTER),
    ],
)  # fmt: skip
def test_broken_terms(text: str, flaw: Flaw) -> None:
    broken = [term for term in parse_record(f"v=spf1 {text} -all").terms if isinstance(term, BrokenTerm)]
    assert broken and broken[-1].flaw is flaw


@pytest.mark.parametrize(
    "text",
    ["a/0", "a//0", "a/32//128", "mx:example.org/24//64", "a:foo/bar.example/8", "ptr", "PTR:Example.Org.", "include:.org", "include:%{d}",
     "exists:%{i}.%{v}.a-b", "ip4:0.0.0.0/0", "ip6:::/0", "ip6:::ffff:192.0.2.1", "moo.cow-x_1=", "moo=a b", "exp=%_%%%-",
     "a:x.1a", "a:x.1-1"],
)  # fmt: skip
def test_sound_terms(text: str) -> None:
    assert not [term for term in parse_record(f"v=spf1 {text.partition(' ')[0]} -all").terms if isinstance(term, BrokenTerm)]


def test_macros() -> None:
    values = {"d": "email.example.com", "l": "strong-bad", "i": "192.0.2.3", "s": "strong-bad@email.example.com"}
    for text, expected in (
        ("%{s}", "strong-bad@email.example.com"), ("%{d3}", "email.example.com"), ("%{d2}", "example.com"), ("%{d1}", "com"),
        ("%{d4}", "email.example.com"), ("%{dr}", "com.example.email"), ("%{d2r}", "example.email"), ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"), ("%{S}", "strong-bad%40email.example.com"), ("%%%_%-", "% %20"), ("%{ir}.x", "3.2.0.192.x"),
    ):  # fmt: skip
        assert expand(parse_macros(text), values) == expected
    assert parse_macros("a%{d2R}b") == ("a", Macro("d", parts=2, reverse=True), "b")
    assert parse_macros("%{c} of %{t}", EXPLANATION_LETTERS, blanks=True)[1] == " of "
    for text in ("%{c}", "%", "%{d", "%{d00}", "%{}", "a b", "%x"):
        with pytest.raises(MacroError):
            parse_macros(text)


def test_names_are_cut_from_the_left() -> None:
    name = ".".join(["x" * 60] * 5)
    assert fitting_name(name) == ".".join(["x" * 60] * 4) and is_askable(fitting_name(name))
    assert fitting_name("a.b.") == "a.b" and fitting_name("y" * 300) == "y" * 300 and not is_askable("y" * 300)
    assert not is_askable("") and not is_askable("a..b") and not is_askable("z" * 64 + ".b")


def test_what_is_no_full_name_has_no_record() -> None:
    zone = Zone({"localhost": {"TXT": ["v=spf1 -all"]}})
    assert run(check_host(SpfSender("192.0.2.1"), "localhost", zone.ask)).result is SpfResult.NONE
    with pytest.raises(ValueError, match="does not appear"):
        run(check_host(SpfSender("nonsense"), "example.org", zone.ask))


def test_mapped_addresses_are_ipv4_and_macro_p_is_asked_once() -> None:
    zone = Zone({
        "example.org": {"TXT": ["v=spf1 exists:%{p}.x.org exists:%{p}.y.org ip4:192.0.2.1 -all"]},
        "1.2.0.192.in-addr.arpa": {"PTR": ["a.example.org"]},
        "a.example.org": {"A": ["192.0.2.1"]},
    })  # fmt: skip
    found = run(check_host(SpfSender("::ffff:192.0.2.1", "me@example.org"), "example.org", zone.ask))
    assert found.result is SpfResult.PASS and zone.questions.count(("1.2.0.192.in-addr.arpa", "PTR")) == 1
    assert ("a.example.org.x.org", "A") in zone.questions
