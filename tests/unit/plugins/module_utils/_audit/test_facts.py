# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of results: one key for every way to write a destination, unknown is no fact, hostile text is bounded."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import (
    EXPIRED,
    EXPIRES_SOON,
    LATER,
    LONGEST,
    NOT_OFFERED,
    Fact,
    destination_key,
    facts_of,
    merged_facts,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.destinations import destination_key as key_of_probe
from ansible_collections.mailops.tls.plugins.module_utils._results.shape import RESULT, has_shape
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import Lookup
from ansible_collections.mailops.tls.tests.unit.makers.audits import (
    AUTHORITY,
    PROBED_AT,
    audited,
    certificate,
    digest,
    endpoint,
    failed,
    lost,
    record,
    tlsa,
)
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean
from hypothesis import given
from hypothesis import strategies as st

HOST = "mx.example.org"


def rows(*endpoints: dict[str, Any], **changes: Any) -> tuple[Fact, ...]:
    return facts_of(audited("example.org", *endpoints, **changes), PROBED_AT, "here")


@pytest.mark.parametrize(
    ("texts", "key"),
    [
        (("Example.ORG", "example.org", "example.org.", "inet:example.org", "EXAMPLE.org:25"), "example.org"),
        (("bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "Xn--Bcher-Kva.example"), "xn--bcher-kva.example"),
        (("bücher.example:2525", "xn--bcher-kva.example:2525"), "xn--bcher-kva.example:2525"),
        (("[MX.example.org]:25", "[mx.example.org]"), "[mx.example.org]"),
        (("[IPv6:2001:DB8::1]",), "[2001:db8::1]"),
        (("unix:/run/LMTP",), "unix:/run/LMTP"),
        (("",), ""),
        (("[", ), "["),
    ],
)
def test_a_destination_has_one_key_however_it_is_written(texts: tuple[str, ...], key: str) -> None:
    assert {destination_key(text) for text in texts} == {key}


SPELLINGS = (
    "example.org", "Example.ORG", "example.org.", "example.org:25", "example.org:smtp", "inet:example.org", "[example.org]",
    "[Example.org]:25",
    "example.org:587", "example.org:submission", "example.org:0587", "192.0.2.1", "[192.0.2.1]", "[192.0.2.1]:smtp", "192.0.2.1:26",
    "[ipv6:2001:db8::1]", "[2001:DB8:0::1]", "[2001:db8::1]:25", "b\u00fccher.example", "xn--bcher-kva.example", "B\u00dcCHER.example:25",
    "no..name", "a_b.example", "",
)  # fmt: skip


@pytest.mark.parametrize("one", SPELLINGS)
def test_a_probe_and_an_audit_know_the_same_destinations_as_one(one: str) -> None:
    """Otherwise a list with two spellings would have one result less than an audit waits for. More of them are one look."""
    probed = key_of_probe(Protocol.SMTP, Lookup.MX)
    for other in SPELLINGS:
        assert destination_key(one) == destination_key(other) or probed(one) != probed(other), other


@given(st.text(max_size=600))
def test_any_text_has_a_key_that_is_short_and_clean(text: str) -> None:
    key = destination_key(text)
    assert len(key) <= LONGEST and is_clean(key)


def test_long_texts_stay_different() -> None:
    assert len({destination_key("a" * 300 + end) for end in "bc"}) == 2


def test_the_rows_of_a_result_are_its_destination_and_each_endpoint() -> None:
    own, one, two = rows(endpoint(HOST), endpoint(HOST, "2001:db8::1"))
    assert own == Fact(
        "example.org", "", "", 0, "", "here", "verified", True, probed_at=1777896000, mx="10 mx.example.org", dnssec=True
    )
    assert one == Fact(
        "example.org", HOST, "192.0.2.1", 25, "any", "here", "verified", True, probed_at=1777896000, protocol="TLSv1.3",
        certificate=bytes.fromhex(digest(f"{HOST} first key first"))[:16], spki=bytes.fromhex(digest(f"{HOST} first key")),
        issuer=AUTHORITY, not_after=1782777600, expiry=LATER, matched=True, dnssec=True, tlsa=one.tlsa,
    )  # fmt: skip
    assert one.tlsa is not None and one.tlsa.startswith("3 1 1 " + digest(f"{HOST} first key")[:16])
    assert two.key == one.key._replace(address="2001:db8::1")


def test_each_kind_of_key_has_a_row_and_a_kind_that_is_not_there_says_so() -> None:
    whole = endpoint(HOST)
    rsa = {name: whole[name] for name in ("status", "satisfied", "error", "tls", "chain", "verification")}
    rsa.update(algorithm="rsa", offered=True, tlsa={"records": [record(HOST, matched=False)]}, status="untrusted")
    none = {**rsa, "algorithm": "ed25519", "offered": False, "status": "failed", "chain": [], "tls": None}
    first = {**rsa, "algorithm": "any"}
    _own, one, two = rows({**whole, "key_algorithms": [first, rsa, none]})
    assert (one.algorithm, one.status, one.matched) == ("rsa", "untrusted", False)
    assert (two.algorithm, two.status, two.spki, two.looks) == ("ed25519", NOT_OFFERED, None, 0)


def test_what_was_not_learnt_is_no_fact() -> None:
    own, one = rows(lost(HOST))
    assert (own.satisfied, own.looks, own.mx) == (False, 1, "10 mx.example.org")
    assert one[11:16] == (None, None, None, None, False) and (one.tlsa, one.matched, one.expiry) == (None, None, None)
    assert (one.status, one.error, one.looks, one.is_settled) == ("failed", "connect_timeout", 1, False)


@pytest.mark.parametrize("kind", ["dns_error", "connect_refused", "rate_limited"])
def test_a_transient_failure_is_not_settled_by_one_look(kind: str) -> None:
    (own,) = facts_of(failed("example.org", kind), PROBED_AT)
    assert own.looks == 1 and not own.is_settled and own.mx is None


@pytest.mark.parametrize("kind", ["dns_not_found", "null_mx", "invalid_destination"])
def test_what_others_would_be_told_as_well_is_settled(kind: str) -> None:
    (own,) = facts_of(failed("example.org", kind), PROBED_AT)
    assert own.looks == 0 and own.is_settled


def test_a_dead_exchange_beside_a_good_one_leaves_the_destination_settled() -> None:
    own, *ends = rows(endpoint(HOST), lost("mx2.example.org", "192.0.2.2"))
    assert own.is_settled and [one.is_settled for one in ends] == [True, False]


def test_a_failed_lookup_of_records_is_not_settled_whatever_else_is_told() -> None:
    _own, one = rows(endpoint(HOST, tlsa=tlsa(HOST, lookup="error", error="SERVFAIL")))
    assert not one.is_settled and one.tlsa is None


@pytest.mark.parametrize(
    ("given_tlsa", "text"),
    [
        (tlsa(HOST), "none"),
        (tlsa(HOST, lookup="insecure", secure=False), "insecure"),
        (tlsa(HOST, lookup="skipped"), None),
        (tlsa(HOST, lookup="error", error="SERVFAIL"), None),
    ],
)
def test_the_states_of_records(given_tlsa: dict[str, Any], text: str | None) -> None:
    assert rows(endpoint(HOST, tlsa=given_tlsa))[1].tlsa == text


def test_records_are_a_set_and_many_are_told_by_a_digest() -> None:
    some = [record(HOST, f"key {number}") for number in range(9)]
    one, two, three = (rows(endpoint(HOST, tlsa=tlsa(HOST, order)))[1].tlsa for order in (some, some[::-1], some[:8]))
    assert one == two != three
    assert one is not None and ", 5 more (" in one and len(one) <= LONGEST
    assert rows(endpoint(HOST, tlsa=tlsa(HOST, some + some[:3])))[1].tlsa == one


def test_exchanges_are_a_set_with_preferences() -> None:
    one = rows(endpoint("a.example.org"), endpoint("b.example.org"))[0].mx
    assert one == rows(endpoint("b.example.org"), endpoint("a.example.org"))[0].mx == "10 a.example.org, 10 b.example.org"
    route = audited("example.org", endpoint("a.example.org"), endpoint("b.example.org"))["route"]
    assert rows(endpoint("a.example.org"), route={**route, "exchanges": [*route["exchanges"], route["exchanges"][0]]})[0].mx == one


def test_a_domain_without_mx_and_one_that_takes_no_mail_are_two_things() -> None:
    route = audited("example.org", endpoint("example.org"))["route"]
    assert rows(endpoint("example.org"), route={**route, "lookup": "address"})[0].mx == "none"
    assert facts_of(failed("example.org", "null_mx"), PROBED_AT)[0].mx == "null"


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("2026-04-01T00:00:00Z", "2026-06-30T00:00:00Z", LATER),
        ("2026-02-10T00:00:00Z", "2026-05-11T00:00:00Z", EXPIRES_SOON),
        ("2026-02-20T00:00:00Z", "2026-05-21T00:00:00Z", LATER),  # 16 of 90 days: most are renewed about now
        ("2025-05-30T00:00:00Z", "2026-05-30T00:00:00Z", EXPIRES_SOON),
        ("2026-05-01T00:00:00Z", "2026-05-07T00:00:00Z", LATER),
        (None, "2026-05-30T00:00:00Z", EXPIRES_SOON),
        ("2026-01-01T00:00:00Z", "2026-05-04T12:00:00Z", EXPIRED),
        ("2026-01-01T00:00:00Z", None, None),
        ("2026-01-01T00:00:00Z", "2026-13-77T00:00:00Z", None),
    ],
)
def test_classes_of_what_is_left(begins: str | None, ends: str | None, expected: str | None) -> None:
    leaf = certificate(HOST, not_before=begins, not_after=ends)
    assert rows(endpoint(HOST, chain=[leaf]))[1].expiry == expected


def test_text_of_strangers_is_bounded_and_clean() -> None:
    leaf = certificate(HOST, issuer="CN=\u202eevil\x1b[31m" + "x" * 5000)
    issuer = rows(endpoint(HOST, chain=[leaf]))[1].issuer
    assert issuer is not None and len(issuer) <= LONGEST and is_clean(issuer)


@pytest.mark.parametrize("port", [10**40, -1, 65536, None, True])
def test_a_port_is_a_port(port: Any) -> None:
    assert rows(endpoint(HOST, port=port))[1].port in (0, 1)


def looks(*results: dict[str, Any]) -> tuple[Fact, ...]:
    return merged_facts([facts_of(one, PROBED_AT) for one in results])


def test_a_second_look_that_learnt_something_counts() -> None:
    good, bad = audited("example.org", endpoint(HOST)), audited("example.org", lost(HOST))
    assert looks(bad, good) == looks(good, bad) == looks(good) == facts_of(good, PROBED_AT)


def test_a_second_look_that_failed_for_now_as_well_confirms_it() -> None:
    bad = audited("example.org", endpoint("mx2.example.org", "192.0.2.2"), lost(HOST))
    own, two, one = looks(bad, bad)
    assert (one.looks, one.is_settled, two.looks, own.looks) == (2, True, 0, 0)


def test_each_endpoint_is_taken_from_the_look_that_learnt_it() -> None:
    first = audited("example.org", endpoint(HOST), lost("mx2.example.org", "192.0.2.2"))
    second = audited("example.org", lost(HOST), endpoint("mx2.example.org", "192.0.2.2"))
    assert {fact.looks for fact in looks(first, second)} == {0}


def test_a_look_that_lost_the_name_server_does_not_take_the_endpoints_away() -> None:
    good = audited("example.org", endpoint(HOST))
    assert looks(good, failed("example.org")) == facts_of(good, PROBED_AT)
    assert looks(failed("example.org"), failed("example.org"))[0].looks == 2


def test_an_exchange_that_is_listed_twice_has_one_row() -> None:
    assert len(rows(endpoint(HOST), endpoint(HOST, preference=20))) == 2


def test_an_exchange_whose_addresses_nobody_could_tell_has_not_lost_dnssec() -> None:
    broken = lost(HOST, None, "dns_error")
    route = audited("example.org", broken)["route"]
    exchanges = [{**one, "secure": False, "addresses": [], "error": broken["error"]} for one in route["exchanges"]]
    own, one = rows(broken, route={**route, "exchanges": exchanges})
    assert (own.dnssec, one.dnssec) == (True, None)


def test_an_error_that_is_not_there_is_none() -> None:
    attempt = {"server_name": None, "session_offered": True, "session_reused": None}
    one = audited("example.org", endpoint(HOST, reconnects={"ended": "failed", "attempts": [attempt]}), satisfied=False)
    assert has_shape(one, RESULT) and facts_of(one, PROBED_AT)[0].looks == 0


@pytest.mark.parametrize("turned", [False, True])
def test_a_spelling_that_is_no_destination_is_no_look_at_it(turned: bool) -> None:
    good, wrong = rows(endpoint(HOST)), facts_of(failed("example.org.", "invalid_destination"), PROBED_AT, "here")
    assert merged_facts([wrong, good] if turned else [good, wrong]) == good
    assert merged_facts([wrong, wrong]) == wrong
