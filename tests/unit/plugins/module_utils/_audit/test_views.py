# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run as several probers saw it."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import Fact, facts_of
from ansible_collections.mailops.tls.plugins.module_utils._audit.views import compare_views
from ansible_collections.mailops.tls.tests.unit.makers.audits import LATER_AT, PROBED_AT, audited, certificate, digest, endpoint, lost

HOST = "mx.example.org"
GOOD = audited("example.org", endpoint(HOST))


def seen(**views: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = [fact for place, one in views.items() for fact in facts_of(one, PROBED_AT, place)]
    return [(one.reference, one.change.key.vantage, one.change.kind.value) for one in compare_views(rows)]


def test_whoever_sees_the_same_tells_nothing() -> None:
    assert seen(a=GOOD) == seen(a=GOOD, b=GOOD, c=GOOD) == []
    rows: list[Fact] = [*facts_of(GOOD, PROBED_AT, "a"), *facts_of(GOOD, LATER_AT, "b")]
    assert compare_views(rows) == []


def test_dns_that_answers_each_of_them_differently() -> None:
    assert seen(a=GOOD, b=audited("example.org", endpoint("other.example.org"))) == [("a", "b", "mx")]
    assert seen(a=GOOD, b=audited("example.org", endpoint(HOST, "192.0.2.7"))) == [("a", "b", "address")]


def test_another_key_behind_the_same_address_is_no_renewal() -> None:
    other = audited("example.org", endpoint(HOST, chain=[certificate(HOST, key="other key", serial="other")]))
    assert seen(a=GOOD, b=other, c=GOOD) == [("a", "b", "key")]
    rows = [fact for place, one in (("a", GOOD), ("b", other)) for fact in facts_of(one, PROBED_AT, place)]
    (found,) = compare_views(rows)
    told = found.as_facts()
    assert (told["before"], told["after"]) == (digest(f"{HOST} first key"), digest(f"{HOST} other key"))
    assert (told["reference"], told["vantage"], told["address"]) == ("a", "b", "192.0.2.1")


def test_another_certificate_of_the_same_key_is_on_its_way_to_all_machines() -> None:
    assert seen(a=GOOD, b=audited("example.org", endpoint(HOST, chain=[certificate(HOST, serial="other")]))) == []


def test_whoever_learnt_nothing_is_no_witness() -> None:
    assert seen(a=audited("example.org", lost(HOST)), b=GOOD) == []
    refused = audited("example.org", lost(HOST, kind="starttls_not_offered"))
    assert seen(a=refused, b=GOOD) == [("b", "a", "delivery"), ("b", "a", "verdict")]
