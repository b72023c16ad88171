# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Block lists: names of questions, answers that are no listings, lists that do not work (RFC 5782)."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer
from ansible_collections.mailops.tls.plugins.module_utils._domain.dnsbl import ListAnswer, Listing, ask_lists, judge_lists, query_name
from ansible_collections.mailops.tls.tests.unit.makers.small_dns import SmallDns, failed, found
from hypothesis import given
from hypothesis import strategies as st

ZONE = "bl.example"
HEALTHY = (found(f"2.0.0.127.{ZONE}", "A", "127.0.0.2"),)
DOMAIN_HEALTHY = (found(f"test.{ZONE}", "A", "127.0.1.2"),)
NAME = f"9.2.0.192.{ZONE}"


def ask(subjects: list[str], *answers: Answer) -> tuple[ListAnswer, ...]:
    return asyncio.run(ask_lists([ZONE], subjects, SmallDns(answers).ask))


def one(*answers: Answer, health: tuple[Answer, ...] = HEALTHY) -> ListAnswer:
    return ask(["192.0.2.9"], *health, *answers)[0]


def ids(answer: ListAnswer) -> list[str]:
    return [finding.id for finding in judge_lists([answer])]


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("192.0.2.99", "99.2.0.192.bl.example"),
        ("2001:db8:1:2:3:4:567:89ab", "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.example"),
        ("example.org.", "example.org.bl.example"),
    ],
)
def test_names_of_questions(subject: str, name: str) -> None:
    assert query_name(subject, ZONE) == name


def test_listed() -> None:
    answer = one(found(NAME, "A", "127.0.0.2", "127.0.0.10"), found(NAME, "TXT", "see https://bl.example/?192.0.2.9"))
    assert answer.as_facts() == {
        "zone": ZONE, "subject": "192.0.2.9", "query": NAME, "status": "listed", "codes": ["127.0.0.2", "127.0.0.10"],
        "text": ["see https://bl.example/?192.0.2.9"], "zone_healthy": True, "error": None,
    }  # fmt: skip
    [finding] = judge_lists([answer])
    assert (finding.id, finding.subject) == ("dnsbl_listed", "192.0.2.9") and "127.0.0.10: see" in finding.text


def test_not_listed() -> None:
    assert (one().status, ids(one())) == (Listing.NOT_LISTED, [])


@pytest.mark.parametrize("code", ["127.255.255.252", "127.255.255.254", "127.255.255.255", "127.0.0.1", "127.0.1.255"])
def test_a_refusal_is_no_listing(code: str) -> None:
    answer = one(found(NAME, "A", code), found(NAME, "TXT", "open resolver"))
    assert (answer.status, ids(answer), answer.text) == (Listing.BLOCKED, ["dnsbl_query_refused"], ("open resolver",))


def test_a_list_that_refuses_everything_is_not_broken() -> None:
    every = [found(f"{name}.{ZONE}", "A", "127.255.255.254") for name in ("2.0.0.127", "1.0.0.127", "9.2.0.192", "test", "invalid")]
    answer = one(*every, health=())
    assert (answer.status, answer.health.healthy, ids(answer)) == (Listing.BLOCKED, None, ["dnsbl_query_refused"])


def test_the_code_refused_is_a_refusal_and_silence_is_an_error() -> None:
    refused = one(failed(NAME, "A", "REFUSED from 192.0.2.53"))
    assert (refused.status, ids(refused)) == (Listing.BLOCKED, ["dnsbl_query_refused"])
    silent = one(failed(NAME, "A", "no reply from 192.0.2.53"))
    assert (silent.status, ids(silent)) == (Listing.ERROR, ["resolver_failure"]) and silent.as_facts()["error"]["kind"] == "dns_error"


def test_a_list_whose_health_is_not_known_lists_nobody() -> None:
    answer = one(found(NAME, "A", "127.0.0.2"), health=(failed(f"2.0.0.127.{ZONE}", "A"),))
    assert (answer.status, answer.health.healthy, ids(answer)) == (Listing.ERROR, None, ["resolver_failure"])


def test_a_dead_list() -> None:
    assert (one(health=()).status, ids(one(health=()))) == (Listing.BROKEN, ["dnsbl_zone_broken"])


@pytest.mark.parametrize("code", ["127.0.0.2", "127.0.0.1"])
def test_a_list_that_has_everything(code: str) -> None:
    answer = one(found(NAME, "A", "127.0.0.2"), found(f"1.0.0.127.{ZONE}", "A", code))
    assert answer.status in (Listing.BROKEN, Listing.BLOCKED)
    if code == "127.0.0.2":
        assert (answer.status, ids(answer)) == (Listing.BROKEN, ["dnsbl_zone_broken"])


def test_a_resolver_that_invents_addresses() -> None:
    names = ("2.0.0.127", "1.0.0.127", "9.2.0.192", "test", "invalid")
    answer = one(*(found(f"{name}.{ZONE}", "A", "203.0.113.9") for name in names), health=())
    assert (answer.status, ids(answer)) == (Listing.BROKEN, ["dnsbl_answer_rewritten"])


def test_an_address_of_ipv6() -> None:
    name = query_name("2001:db8::1", ZONE)
    [by_ipv4_entry] = ask(["2001:db8::1"], *HEALTHY, found(name, "A", "127.0.0.2"))
    assert by_ipv4_entry.status is Listing.LISTED
    own_entry = found(query_name("::ffff:7f00:2", ZONE), "A", "127.0.0.2")
    [by_own_entry] = ask(["2001:db8::1"], own_entry, found(name, "A", "127.0.0.2"))
    assert by_own_entry.status is Listing.LISTED


def test_a_domain_on_a_list_of_domains() -> None:
    [answer] = ask(["example.org"], *DOMAIN_HEALTHY, found(f"example.org.{ZONE}", "A", "127.0.1.2"))
    assert (answer.status, ids(answer)) == (Listing.LISTED, ["dnsbl_listed"])


@pytest.mark.parametrize("name", ["test.bl.example", "dbltest.com"])
def test_lists_of_domains_have_test_entries_of_their_own(name: str) -> None:
    own = found(f"{name}.{ZONE}", "A", "127.0.1.2")
    [answer] = ask(["example.org"], own, found(f"2.0.0.127.{ZONE}", "A", "127.0.1.255"))
    assert (answer.status, answer.health.healthy) == (Listing.NOT_LISTED, True)


def test_a_healthy_list_is_asked_two_questions_for_its_health() -> None:
    dns = SmallDns(HEALTHY)
    asyncio.run(ask_lists([ZONE], ["192.0.2.9", "192.0.2.10"], dns.ask))
    assert len(dns.asked) == 4


def test_a_list_is_asked_only_about_what_it_lists() -> None:
    assert [one.subject for one in ask(["example.org", "192.0.2.9"], *HEALTHY)] == ["192.0.2.9"]
    assert [one.subject for one in ask(["example.org", "192.0.2.9"], *DOMAIN_HEALTHY)] == ["example.org"]
    assert [one.status for one in ask(["example.org", "192.0.2.9"])] == [Listing.BROKEN] * 2


@given(st.lists(st.one_of(st.ip_addresses().map(str), st.text(max_size=10)), min_size=1, max_size=5), st.text(max_size=20))
def test_any_answer(records: list[str], text: str) -> None:
    answer = one(found(NAME, "A", *records), found(NAME, "TXT", text))
    assert isinstance(answer.status, Listing) and answer.as_facts() and len(ids(answer)) <= 1
