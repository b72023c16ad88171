# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page of a domain has of one result: each certificate once, sessions and grades in short, whatever came."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._report.html.part import part_of
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Observed, ResultOf
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint
from ansible_collections.mailops.tls.tests.unit.makers.reports import delivery_result, domain_result
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


def part(kind: ResultOf, result: dict[str, Any]) -> dict[str, Any]:
    return part_of(Observed(kind, "x", result, "2026-05-04T12:00:00Z", "p1"))


def test_each_certificate_is_there_once() -> None:
    sessions: list[dict[str, Any]] = [
        {"algorithm": name, "offered": True, "chain": [certificate("mx", key=name), certificate("CA")], "tls": {}, "verification": {}}
        for name in ("rsa", "ecdsa")
    ]
    seen = endpoint("mx", chain=[certificate("mx", key="rsa"), certificate("CA")], key_algorithms=sessions)
    found = part(ResultOf.DESTINATION, audited("example.org", seen))
    first = found["result"]["endpoints"][0]
    assert len(found["certificates"]) == 3 and first["chain"] == [0, 1]
    assert [one["chain"] for one in first["key_algorithms"]] == [[0, 1], [2, 1]]
    assert set(first["key_algorithms"][0]) == {"algorithm", "offered", "chain"}


def test_a_certificate_without_fingerprint_stays_where_it_is() -> None:
    found = part(ResultOf.DESTINATION, audited("x", endpoint("mx", chain=[{"subject": "CN=mx"}, 7])))
    assert found["result"]["endpoints"][0]["chain"] == [{"subject": "CN=mx"}, None] and found["certificates"] == []


def test_grades_that_a_result_came_with_are_those_of_the_part() -> None:
    grade = {"policy": "ncsc-2025", "level": "phase_out", "checks": [{"id": "a", "level": "good"}, {"id": "b", "level": "phase_out"}]}
    found = part(ResultOf.DESTINATION, audited("x", endpoint("mx"), grade=[grade]))
    assert "grade" not in found["result"] and [check["id"] for check in found["grades"][0]["checks"]] == ["b"]
    assert part(ResultOf.DESTINATION, audited("x", endpoint("mx"), grade=grade))["grades"] == found["grades"]
    assert "grades" not in part(ResultOf.DESTINATION, audited("x", endpoint("mx"), grade="good"))


def test_chains_of_domains_and_deliveries() -> None:
    assert part(ResultOf.DOMAIN, domain_result("x"))["result"]["mx"]["exchanges"][0]["probe"]["chain"] == [0, 1]
    assert part(ResultOf.DELIVERY, delivery_result("x"))["result"]["submit"]["chain"] == [0, 1]


@given(
    st.sampled_from(list(ResultOf)), st.dictionaries(st.sampled_from(["endpoints", "mx", "submit", "grade", "lint"]), JSON), JSON
)
def test_results_of_any_shape_are_parts(kind: ResultOf, result: dict[str, Any], inner: Any) -> None:
    found = part(kind, {**result, "endpoints": [{"chain": inner, "key_algorithms": inner}, inner]})
    assert json.loads(json.dumps(found, allow_nan=False)) == found
