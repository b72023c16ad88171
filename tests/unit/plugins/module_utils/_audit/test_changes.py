# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a change between two runs, and what does not: each kind with a case for it and cases against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import (
    OF_THE_LIST,
    QUIET,
    Change,
    ChangeKind,
    changed,
    compare,
)
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import Fact, facts_of, merged_facts
from ansible_collections.mailops.tls.tests.unit.makers.audits import (
    LATER_AT,
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
from hypothesis import given, settings
from hypothesis import strategies as st

HOST, OTHER = "mx.example.org", "mx2.example.org"
Result = dict[str, Any]


def of(*results: Result, at: str = PROBED_AT, vantage: str = "here") -> list[Fact]:
    return [fact for one in results for fact in facts_of(one, at, vantage)]


def twice(result: Result, at: str = LATER_AT) -> list[Fact]:
    return list(merged_facts([of(result, at=at)] * 2))


def kinds(before: Result | Sequence[Fact], after: Result | Sequence[Fact], **more: Any) -> list[str]:
    """What is told between two results of one destination, or two sets of rows."""
    old, new = (of(one) if isinstance(one, dict) else one for one in (before, after))
    return [one.kind.value for one in compare(old, new, **more)]


def served(key: str = "first key", serial: str = "second", *, records: Sequence[str] = (), **changes: Any) -> Result:
    """A result whose server has a certificate; the names of keys are those of its TLSA records."""
    leaf = {name: changes.pop(name) for name in ("issuer", "subject", "not_before", "not_after") if name in changes}
    found = [record(HOST, one, matched=one == key) for one in records]
    chain = [certificate(HOST, key=key, serial=serial, **leaf)]
    return audited("example.org", endpoint(HOST, dane=bool(records), chain=chain, tlsa=tlsa(HOST, found), **changes))


GOOD = audited("example.org", endpoint(HOST))
BAD = audited("example.org", lost(HOST))


def test_a_run_beside_itself_shows_nothing() -> None:
    rows = of(GOOD, BAD, failed("example.net"), audited("example.com", endpoint(HOST), lost(OTHER)))
    assert compare(rows, rows) == []


def test_when_it_was_probed_is_no_change() -> None:
    assert compare(of(GOOD), of(GOOD, at=LATER_AT)) == []


# The list, and parts of the audit that never came


def test_an_edit_of_the_list_is_told_apart_from_what_domains_do() -> None:
    old, new = of(GOOD, failed("example.net", "null_mx")), of(GOOD, audited("example.com", endpoint(HOST)))
    found = compare(old, new)
    assert [(one.kind, one.key.destination, one.before, one.after) for one in found] == [
        (ChangeKind.NEW, "example.com", None, "verified"),
        (ChangeKind.GONE, "example.net", "failed", None),
    ]
    assert changed(found)


def test_a_shard_that_never_came_is_missing_and_nothing_is_gone() -> None:
    found = compare(of(GOOD), [], after_whole=False)
    assert [one.kind for one in found] == [ChangeKind.MISSING] and not changed(found)


def test_what_came_back_after_a_missing_shard_is_not_new() -> None:
    assert kinds([], GOOD, before_whole=False) == []


def test_what_came_back_is_compared_with_what_it_was_before_it_was_missing() -> None:
    old = of(GOOD)
    new = of(audited("example.org", endpoint(HOST, tlsa=tlsa(HOST))))
    assert kinds([], new, before_whole=False, earlier=lambda unused: [[], old]) == ["tlsa"]


# Verdicts and errors


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (endpoint(HOST), endpoint(HOST, status="untrusted"), ["verdict"]),
        (endpoint(HOST), endpoint(HOST, satisfied=False), ["delivery", "verdict"]),
        (lost(HOST, kind="starttls_not_offered"), endpoint(HOST), ["delivery", "verdict"]),
        (lost(HOST, kind="starttls_not_offered"), lost(HOST, kind="handshake_failed"), ["error"]),
        (lost(HOST, kind="starttls_not_offered"), lost(HOST, kind="starttls_not_offered"), []),
        (endpoint(HOST, greeting="220 a"), endpoint(HOST, greeting="220 b"), []),
    ],
)
def test_verdicts_and_errors(before: Result, after: Result, expected: list[str]) -> None:
    assert kinds(audited("example.org", before), audited("example.org", after)) == expected


def test_texts_of_a_verdict_say_what_is_different() -> None:
    (one,) = compare(of(GOOD), of(audited("example.org", endpoint(HOST, status="untrusted"))))
    assert (one.before, one.after) == ("verified", "untrusted")
    own, end = compare(of(GOOD), twice(BAD))
    assert (own.before, own.after) == ("delivered", "not delivered")
    assert (end.before, end.after) == ("verified", "failed (connect_timeout)")
    last = compare(of(GOOD), of(audited("example.org", endpoint(HOST, satisfied=False))))[1]
    assert (last.before, last.after) == ("verified, satisfied", "verified, not satisfied")


def test_an_error_of_the_destination_counts_by_itself() -> None:
    assert kinds(failed("example.org", "dns_not_found"), failed("example.org", "null_mx")) == ["error"]
    assert kinds(failed("example.org", "null_mx"), failed("example.org", "null_mx")) == []


# Failures that pass


def test_one_transient_failure_is_told_and_counts_for_nothing() -> None:
    found = compare(of(GOOD), of(BAD))
    assert [one.kind for one in found] == [ChangeKind.UNCONFIRMED] * 2 and not changed(found)


def test_a_second_look_in_the_same_run_confirms_it() -> None:
    assert kinds(of(GOOD), twice(BAD)) == ["delivery", "verdict"]


def test_the_next_run_confirms_it_and_what_was_there_before_is_known() -> None:
    assert kinds(of(BAD), of(BAD, at=LATER_AT), earlier=lambda unused: [of(GOOD)]) == ["delivery", "verdict"]
    assert kinds(of(BAD), of(BAD, at=LATER_AT)) == []


def test_what_was_not_believed_is_not_mended_either() -> None:
    assert kinds(of(BAD), of(GOOD)) == []
    assert kinds(of(BAD), of(GOOD), earlier=lambda unused: [of(GOOD)]) == []


def test_what_was_believed_is_mended() -> None:
    assert kinds(twice(BAD), of(GOOD)) == ["delivery", "verdict"]


def test_another_transient_failure_than_the_day_before_is_no_news() -> None:
    assert kinds(twice(BAD), of(audited("example.org", lost(HOST, kind="connect_refused")))) == []


def test_an_outage_does_not_hide_what_changed_meanwhile() -> None:
    new = served("second key")
    assert kinds(of(BAD), of(new), earlier=lambda unused: [of(served())]) == ["renewed"]
    stranger = served("second key", issuer="CN=Other,O=Other,C=US")
    assert kinds(twice(BAD), of(stranger), earlier=lambda unused: [twice(BAD), of(served())]) == ["delivery", "verdict", "key", "issuer"]


def test_a_server_that_does_not_answer_has_lost_nothing() -> None:
    assert {"protocol", "key", "issuer", "expiry", "tlsa", "mx", "dnssec"}.isdisjoint(kinds(of(GOOD), twice(BAD)))


def test_a_domain_whose_dns_does_not_answer_has_lost_nothing() -> None:
    assert kinds(of(GOOD), of(failed("example.org"))) == ["unconfirmed"]
    assert kinds(of(GOOD), twice(failed("example.org"))) == ["delivery"]


def test_an_exchange_whose_address_is_not_found_is_a_verdict() -> None:
    both = audited("example.org", endpoint(HOST), endpoint(OTHER))
    half = audited("example.org", endpoint(HOST), lost(OTHER, None, "dns_error", port=None))
    assert kinds(of(both), twice(half)) == ["verdict"]
    assert kinds(of(both), of(half)) == ["unconfirmed"]


# Protocol, DNS


def test_protocols() -> None:
    old = {**endpoint(HOST)["tls"], "protocol": "TLSv1.2"}
    assert kinds(GOOD, audited("example.org", endpoint(HOST, tls=old))) == ["protocol"]
    assert kinds(GOOD, audited("example.org", endpoint(HOST, tls={**old, "established": False}))) == []


def test_records() -> None:
    more = [record(HOST), record(HOST, "next key", matched=False)]
    assert kinds(GOOD, audited("example.org", endpoint(HOST, tlsa=tlsa(HOST, more)))) == ["tlsa"]
    assert kinds(*(audited("example.org", endpoint(HOST, tlsa=tlsa(HOST, order))) for order in (more, more[::-1]))) == []
    assert kinds(GOOD, audited("example.org", endpoint(HOST, tlsa=tlsa(HOST, lookup="skipped")))) == []


def test_records_of_a_host_are_told_once_for_all_its_addresses() -> None:
    old = audited("example.org", endpoint(HOST, "192.0.2.1"), endpoint(HOST, "2001:db8::1"))
    new = audited("example.org", endpoint(HOST, "192.0.2.1", tlsa=tlsa(HOST)), endpoint(HOST, "2001:db8::1", tlsa=tlsa(HOST)))
    assert kinds(old, new) == ["tlsa"]


def test_exchanges() -> None:
    two = audited("example.org", endpoint(HOST), endpoint(OTHER))
    assert kinds(GOOD, two) == kinds(two, GOOD) == ["mx"]
    assert kinds(two, audited("example.org", endpoint(OTHER), endpoint(HOST))) == []
    (one,) = compare(of(GOOD), of(two))
    assert (one.key.host, one.before, one.after) == ("", "10 mx.example.org", "10 mx.example.org, 10 mx2.example.org")


def test_dnssec() -> None:
    route = {**GOOD["route"], "secure": False}
    assert kinds(GOOD, {**GOOD, "route": route}) == ["dnssec"]
    exchanges = [{**route["exchanges"][0], "secure": False}]
    assert kinds(GOOD, {**GOOD, "route": {**route, "secure": None, "exchanges": exchanges}}) == ["dnssec"]
    assert kinds(GOOD, {**GOOD, "route": {**route, "secure": None}}) == []


def test_another_address_is_told_and_counts_for_nothing() -> None:
    found = compare(of(GOOD), of(audited("example.org", endpoint(HOST, "192.0.2.9"))))
    assert [(one.kind, one.before, one.after) for one in found] == [(ChangeKind.ADDRESS, "192.0.2.1", "192.0.2.9")]
    assert not changed(found)


def test_another_key_at_another_address_is_not_hidden_by_it() -> None:
    moved = served("strange key", records=["first key"], status="untrusted", satisfied=False, address="192.0.2.9")
    assert {"key", "verdict", "address"} <= set(kinds(served(records=["first key"]), moved))


# Certificates


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (served(), served(), []),
        (served(serial="a"), served(serial="b"), ["renewed"]),
        (served(serial="a", records=["first key"]), served(serial="b", records=["first key"]), ["renewed"]),
        # a new key: the records have to match it, where there are any
        (served("a", records=["a", "b"]), served("b", records=["a", "b"]), ["renewed"]),
        (served("a", records=["a"]), served("b", records=["b"]), ["tlsa", "renewed"]),
        (served("a", records=["a"]), served("b", records=["a"], status="untrusted"), ["verdict", "key"]),
        (served("a", records=["a"]), served("b", records=["a"]), ["key"]),
        # without records: the same authority, and nothing worse than before
        (served("a"), served("b"), ["renewed"]),
        (served("a", status="untrusted"), served("b", status="untrusted"), ["renewed"]),
        (served("a"), served("b", status="untrusted"), ["verdict", "key"]),
        (served("a"), served("b", issuer="CN=E7,O=Example Trust,C=US"), ["renewed"]),
        (served("a"), served("b", issuer="CN=R11,O=Other,C=US"), ["key", "issuer"]),
        (served("a"), served("a", "new", issuer="CN=R11,O=Other,C=US"), ["issuer"]),
        # nobody vouches for a name that a key gives itself
        (served("a", issuer=f"CN={HOST}"), served("b", issuer=f"CN={HOST}"), ["key"]),
        (served("a", "one", issuer=f"CN={HOST}"), served("a", "two", issuer=f"CN={HOST}"), ["renewed"]),
        (served("a", records=["a"], issuer=f"CN={HOST}"), served("b", records=["b"], issuer=f"CN={HOST}"), ["tlsa", "renewed"]),
        (served("a"), served("b", issuer=f"CN={HOST}"), ["key", "issuer"]),
        (served("a", issuer=None), served("b", issuer=None), ["key", "issuer"]),
        (served("a", "one", issuer=None), served("a", "two", issuer=None), ["renewed"]),
    ],
)
def test_renewals_are_told_apart_from_changes(before: Result, after: Result, expected: list[str]) -> None:
    assert sorted(kinds(before, after)) == sorted(expected)


def test_a_renewal_says_until_when() -> None:
    (one,) = compare(of(served("a")), of(served("b", not_after="2026-09-30T00:00:00Z")))
    assert (one.before, one.after, one.counts) == ("until 2026-06-30", "until 2026-09-30, new key", False)


def test_a_certificate_that_nobody_renews() -> None:
    old = served(not_before="2026-02-20T00:00:00Z", not_after="2026-05-19T18:00:00Z")
    later = [*facts_of(old, "2026-05-10T00:00:00Z", "here")]
    expired = [*facts_of(old, "2026-05-20T00:00:00Z", "here")]
    assert kinds(of(old), later) == kinds(later, expired) == kinds(of(old), expired) == ["expiry"]
    assert kinds(later, of(served(serial="new"))) == ["renewed"]
    (one,) = compare(of(old), later)
    assert (one.before, one.after) == ("later (2026-05-19)", "soon (2026-05-19)")


def test_kinds_of_keys() -> None:
    def both(rsa: bool) -> Result:
        whole = endpoint(HOST)
        sessions = [{**whole, "algorithm": name, "offered": name != "rsa" or rsa} for name in ("rsa", "ecdsa")]
        return audited("example.org", {**whole, "key_algorithms": sessions})

    (one,) = compare(of(both(rsa=True)), of(both(rsa=False)))
    assert (one.kind, one.key.algorithm, one.before, one.after) == (
        ChangeKind.KEY, "rsa", digest(f"{HOST} first key"), "none"
    )  # fmt: skip
    assert kinds(both(rsa=False), both(rsa=True)) == ["key"]
    assert kinds(both(rsa=False), both(rsa=False)) == []
    assert kinds(both(rsa=True), GOOD) == []  # another question was asked


# Where it was seen from


def test_the_same_place_is_compared_with_itself() -> None:
    old = [*of(GOOD, vantage="a"), *of(BAD, vantage="b")]
    assert compare(old, old[::-1]) == []
    assert kinds(old, of(GOOD, vantage="a")) == []


def test_a_destination_that_was_given_to_another_machine_has_not_changed() -> None:
    assert kinds(of(GOOD, vantage="a"), of(GOOD, vantage="b")) == []


# Rules that hold for whatever comes


def test_every_kind_counts_or_not_and_is_shown_as_facts() -> None:
    assert QUIET | OF_THE_LIST < set(ChangeKind)
    (one,) = compare(of(GOOD), of(served(records=["first key"], serial="first", status="untrusted")))
    assert one.as_facts() == {
        "kind": "verdict", "destination": "example.org", "host": HOST, "address": "192.0.2.1", "port": 25, "algorithm": "any",
        "vantage": "here", "before": "verified", "after": "untrusted", "counts": True,
    }  # fmt: skip


NAMES = st.sampled_from(["example.org", "example.net", "example.com"])
KEYS = st.sampled_from(["first key", "second key"])


@st.composite
def ends(draw: st.DrawFn) -> Result:
    host, address = draw(st.sampled_from([HOST, OTHER])), draw(st.sampled_from(["192.0.2.1", "192.0.2.2"]))
    if draw(st.booleans()):
        return lost(host, address, draw(st.sampled_from(["connect_timeout", "starttls_not_offered"])))
    key, records = draw(KEYS), draw(st.lists(KEYS, unique=True))
    return endpoint(
        host, address, dane=bool(records), chain=[certificate(host, key=key)],
        tlsa=tlsa(host, [record(host, one, matched=one == key) for one in records]),
    )  # fmt: skip


RESULTS = st.builds(lambda name, found: audited(name, *found) if found else failed(name), NAMES, st.lists(ends(), max_size=3))
RUNS = st.lists(RESULTS, max_size=4, unique_by=lambda one: one["destination"]).map(lambda found: of(*found))


@settings(deadline=None)
@given(RUNS)
def test_nothing_is_different_from_itself(rows: list[Fact]) -> None:
    assert compare(rows, rows) == []


@settings(deadline=None)
@given(RUNS, RUNS, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(before: list[Fact], after: list[Fact], shuffle: Any) -> None:
    found = compare(before, after)
    for rows in (before, after):
        shuffle.shuffle(rows)
    assert compare(before, after) == found


@settings(deadline=None)
@given(RUNS, RUNS)
def test_what_is_new_one_way_is_gone_the_other(one: list[Fact], two: list[Fact]) -> None:
    there, back = compare(one, two), compare(two, one)

    def named(changes: list[Change], kind: ChangeKind) -> list[str]:
        return [one.key.destination for one in changes if one.kind is kind]

    assert named(there, ChangeKind.NEW) == named(back, ChangeKind.GONE)
    assert named(there, ChangeKind.GONE) == named(back, ChangeKind.NEW)
    assert named(there, ChangeKind.MX) == named(back, ChangeKind.MX)


@settings(deadline=None)
@given(RUNS, RUNS)
def test_parts_that_did_not_come_never_make_a_change(before: list[Fact], after: list[Fact]) -> None:
    whole = {one for one in compare(before, after) if one.kind not in OF_THE_LIST}
    found = compare(before, after, before_whole=False, after_whole=False)
    assert {one for one in found if one.kind is not ChangeKind.MISSING} == whole
