# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expectations: what meets them, and that nothing uncertain does."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.expectation import (
    Expectation,
    parse_expect,
    unmet_records,
)
from ansible_collections.mailops.tls.tests.unit.makers.tlsa_views import ONE, OWNER, TWO, dead, resolved, server, view
from hypothesis import given
from hypothesis import strategies as st


def expect(**items: Any) -> Expectation:
    return parse_expect({"present": None, "absent": None, "resolver": True, "secure": False, **items})


def item(record: TlsaRecord, owner: str = OWNER + ".") -> dict[str, Any]:
    return {"owner": owner, "rdata": str(record), "ttl": 300}


def unmet(expectation: Expectation, *views: OwnerView) -> list[tuple[str, str, str]]:
    return [(str(one.record or ""), one.place, one.reason) for one in unmet_records(expectation, views)]


def test_everybody_has_it() -> None:
    assert unmet(expect(present=[item(ONE)]), view(server(1, ONE), server(2, ONE, TWO), resolver=resolved(ONE))) == []


def test_everybody_lacks_it() -> None:
    assert unmet(expect(absent=[item(TWO)]), view(server(1, ONE), server(2), resolver=resolved(ONE))) == []


def test_who_lacks_it_and_who_has_it() -> None:
    seen = view(server(1, ONE), server(2, TWO), resolver=resolved(TWO))
    assert unmet(expect(present=[item(ONE)], absent=[item(TWO)]), seen) == [
        (str(ONE), "ns2.example.org (192.0.2.2)", "does not have it"),
        (str(TWO), "ns2.example.org (192.0.2.2)", "has it"),
        (str(ONE), "resolver", "does not have it"),
        (str(TWO), "resolver", "has it"),
    ]


def test_the_resolver_can_be_left_out() -> None:
    assert unmet(expect(present=[item(ONE)], resolver=False), view(server(1, ONE), resolver=resolved())) == []


def test_a_validated_answer_can_be_asked_for() -> None:
    seen = view(server(1, ONE), resolver=resolved(ONE, secure=False))
    assert unmet(expect(present=[item(ONE)]), seen) == []
    assert [place for _record, place, _reason in unmet(expect(present=[item(ONE)], secure=True), seen)] == ["resolver"]


@pytest.mark.parametrize("word", ["present", "absent"])
@pytest.mark.parametrize(
    "seen",
    [
        view(server(1, ONE), dead(2)),
        view(server(1), dead(2)),
        view(server(1, ONE), errors=("addresses of ns2: SERVFAIL",)),
        view(server(1), alias_errors=("alias",)),
        view(),
        view(server(1), resolver=resolved(outcome=Outcome.ERROR, error="SERVFAIL")),
    ],
    ids=["dead", "dead-absent", "not-learnt", "alias", "no-server", "resolver"],
)
def test_nothing_uncertain_meets_it(word: str, seen: OwnerView) -> None:
    assert unmet(expect(**{word: [item(ONE)]}), seen) != []


@given(st.lists(st.sampled_from(["has", "lacks", "dead"]), max_size=5), st.sampled_from(["has", "lacks", "error"]), st.booleans())
def test_met_means_that_every_server_and_the_resolver_say_so(servers: list[str], resolver: str, is_present: bool) -> None:
    made = {"has": lambda n: server(n, ONE), "lacks": lambda n: server(n, TWO), "dead": dead}
    answer = {"has": resolved(ONE), "lacks": resolved(TWO), "error": resolved(outcome=Outcome.ERROR, error="x")}[resolver]
    seen = view(*(made[word](number) for number, word in enumerate(servers, 1)), resolver=answer)
    wanted = "has" if is_present else "lacks"
    met = not unmet(expect(**{"present" if is_present else "absent": [item(ONE)]}), seen)
    assert met == (bool(servers) and set(servers) | {resolver} == {wanted})


def test_other_owners_do_not_matter() -> None:
    assert unmet(expect(present=[item(ONE)]), view(server(1, ONE)), view(dead(1), owner="_465._tcp.mx.example.org")) == []


@pytest.mark.parametrize(
    ("items", "option"),
    [
        ({}, "expect"),
        ({"present": [], "absent": []}, "expect"),
        ({"present": [item(ONE)], "absent": [item(ONE)]}, "expect"),
        ({"present": [{"owner": OWNER, "rdata": "3 1 1 xyz"}]}, "expect.present"),
        ({"absent": [{"owner": "mx.example.org", "rdata": str(ONE)}]}, "expect.absent"),
    ],
    ids=["nothing", "empty", "contradiction", "rdata", "owner"],
)
def test_what_cannot_be_expected(items: dict[str, Any], option: str) -> None:
    with pytest.raises(OptionError) as caught:
        expect(**items)
    assert caught.value.option == option


def test_ttls_of_items_do_not_matter() -> None:
    first, second = item(ONE), {**item(TWO), "ttl": 7}
    assert expect(present=[first, second]).present == {OWNER: (ONE, TWO)}


def test_the_text_names_owner_record_and_place() -> None:
    (one,) = unmet_records(expect(present=[item(ONE)], resolver=False), [view(server(1))])
    assert str(one) == f"{OWNER} {ONE} expected present: ns1.example.org (192.0.2.1) does not have it"
    assert one.as_facts() == {
        "owner": OWNER + ".",
        "rdata": str(ONE),
        "expected": "present",
        "place": "ns1.example.org (192.0.2.1)",
        "reason": "does not have it",
    }
