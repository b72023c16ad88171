# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every case of the test network at every level that it tells the outcome of: status, satisfied, matched record, error kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.tests.differential import engine_side
from ansible_collections.mailops.tls.tests.differential.comparison import WITHOUT_TLS, took_a_connection
from ansible_collections.mailops.tls.tests.differential.differences import DELIBERATE
from ansible_collections.mailops.tls.tests.differential.situations import Situation


def seen(endpoint: Mapping[str, Any]) -> dict[str, Any]:
    """What an endpoint (or a destination without any) shows of the items that cases tell."""
    error, verification = endpoint["error"], endpoint.get("verification")
    matched = [
        f"{record['usage']} {record['selector']} {record['matching_type']}"
        for record in (endpoint["tlsa"]["records"] if verification and verification["matched"] else ())
        if record["matched"]
    ]
    return {
        "status": None if endpoint["status"] in WITHOUT_TLS else endpoint["status"],
        "satisfied": endpoint["satisfied"],
        "matched": matched,
        "error_kind": error["kind"] if error else None,
    }


def first(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first endpoint that took a connection, as posttls-finger would have it; else the last that did not, or the destination."""
    endpoints = result["endpoints"]
    return next((one for one in endpoints if took_a_connection(one)), endpoints[-1] if endpoints else result)


def check(expected: Mapping[str, Any], endpoint: Mapping[str, Any]) -> None:
    """Compare what a case tells with what was seen; of several records that match, the case names one."""
    actual = seen(endpoint)
    matched = actual.pop("matched")
    wanted = {name: expected[name] for name in actual}
    assert actual == wanted
    assert expected["matched"] in matched if expected["matched"] else not matched


def test_first_endpoint(expected_situation: Situation, found: Mapping[str, dict[str, Any]]) -> None:
    """The endpoint that posttls-finger looks at."""
    assert expected_situation.expected is not None
    deliberate = DELIBERATE.get((expected_situation.case["name"], expected_situation.level), {})
    check({**expected_situation.expected, **deliberate}, first(found[expected_situation.name]))


def test_deliberate_differences_differ(all_situations: Sequence[Situation]) -> None:
    """What we do on purpose is another thing than what the case tells."""
    by_place = {(one.case["name"], one.where): one.expected for one in all_situations}
    for place, seen_instead in DELIBERATE.items():
        expected = by_place[place]
        assert expected is not None
        assert any(expected[name] != value for name, value in seen_instead.items())


def test_each_exchange(expected_situation: Situation, found: Mapping[str, dict[str, Any]]) -> None:
    """All the others, where a case tells of them."""
    endpoints = {one["host"]: one for one in found[expected_situation.name]["endpoints"]}
    for host, levels in expected_situation.case["endpoints"].items():
        if expected_situation.level in levels:
            check(levels[expected_situation.level], endpoints[host])


def test_destination_is_satisfied_by_its_endpoints(expected_situation: Situation, found: Mapping[str, dict[str, Any]]) -> None:
    """smtp(8) tries two sessions: the destination is satisfied when one of the first two that take a connection is."""
    result = found[expected_situation.name]
    reached = [one["satisfied"] for one in result["endpoints"] if took_a_connection(one)]
    assert result["satisfied"] is any(reached[:2])


def test_fingerprint_without_any_is_refused(lab: Mapping[str, Any]) -> None:
    """posttls-finger verifies anything a CA vouches for there (its bug B1); we refuse, as smtp(8) does."""
    cases = [case for case in lab["cases"] if "fingerprint" in case["expected"] and not case["options"].get("match")]
    assert cases
    for case in cases:
        with pytest.raises(OptionError, match="^match: .* at least one fingerprint"):
            engine_side.probe(engine_side.parameters(lab, Situation(case, "fingerprint")), [case["destination"]])
