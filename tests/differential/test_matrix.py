# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenario matrix: every row by its cases of the test network, the verdict being that of Postfix 3.12 and smtp(8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.tests.differential import engine_side
from ansible_collections.mailops.tls.tests.differential.comparison import WITHOUT_TLS
from ansible_collections.mailops.tls.tests.differential.matrix import MATRIX, ROWS, Outcome, Refused
from ansible_collections.mailops.tls.tests.differential.situations import NAMING_LEVELS, Situation, anchored_cases


def cases_of(lab: Mapping[str, Any], row: int) -> list[Mapping[str, Any]]:
    """The cases that reproduce a row."""
    return [case for case in (*lab["cases"], *anchored_cases(lab)) if case["matrix_row"] == row]


def situation(case: Mapping[str, Any], level: str) -> Situation:
    """The row's situation; match arguments count where the level uses them."""
    uses_match = level in (*NAMING_LEVELS, "fingerprint")
    return Situation(case, level, match=tuple(case["options"].get("match", ())) if uses_match else ())


def at(endpoint: Any, path: str) -> Any:
    """The item at a path with dots, None where something on the way is missing."""
    for name in path.split("."):
        endpoint = endpoint.get(name) if endpoint is not None else None
    return endpoint


def names(lab: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, str]:
    """What braces in the matrix stand for: the host name of the server (of the case that has it), the mail domain."""
    same = [one for one in lab["cases"] if one["destination"] == case["destination"]]
    hosts = [listener["host"] for one in same for listener in one["listeners"]]
    return {"host": hosts[0] if hosts else "", "domain": case["destination"].strip("[]")}


def subject(outcome: Outcome, result: Mapping[str, Any]) -> Mapping[str, Any]:
    """The endpoint that a row speaks of; the destination itself where there is none."""
    endpoints = [one for one in result["endpoints"] if one["host"].startswith(outcome.host)]
    assert len(endpoints) == (1 if result["endpoints"] else 0)
    return endpoints[0] if endpoints else result


def check(outcome: Outcome, stands_for: Mapping[str, str], result: Mapping[str, Any]) -> None:
    """Compare one outcome with what was seen."""
    seen = subject(outcome, result)
    assert (None if seen["status"] in WITHOUT_TLS else seen["status"]) == outcome.status
    assert seen["satisfied"] is outcome.satisfied
    for path, wanted in outcome.shows.items():
        value = wanted.format(**stands_for) if isinstance(wanted, str) else wanted
        if path == "matched_record":
            records = [one for one in seen["tlsa"]["records"] if one["matched"]]
            assert value in [f"{one['usage']} {one['selector']} {one['matching_type']}" for one in records]
        else:
            assert at(seen, path) == value, path


@pytest.fixture(scope="module")
def results(lab: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """All rows at all their levels, in as few runs as possible."""
    wanted: dict[str, Situation] = {}
    for row, outcomes in MATRIX.items():
        for outcome in outcomes:
            for level in outcome.levels.split() if isinstance(outcome, Outcome) else ():
                for case in cases_of(lab, row):
                    found = situation(case, level)
                    if level in case["expected"]:
                        wanted[found.name] = found
    return engine_side.run_all(lab, list(wanted.values()))


@pytest.mark.parametrize("row", sorted(MATRIX), ids=[f"row-{row}" for row in sorted(MATRIX)])
def test_row(row: int, lab: Mapping[str, Any], results: Mapping[str, dict[str, Any]]) -> None:
    """Every level of the row, in every case that reproduces it."""
    cases = cases_of(lab, row)
    for outcome in MATRIX[row]:
        for level in outcome.levels.split():
            chosen = [situation(case, level) for case in cases if level in case["expected"]]
            assert chosen, f"no case of the test network shows row {row} at {level}"
            for one in chosen:
                if isinstance(outcome, Refused):
                    with pytest.raises(OptionError, match=f"^{outcome.option}: "):
                        engine_side.probe(engine_side.parameters(lab, one), [one.case["destination"]])
                else:
                    check(outcome, names(lab, one.case), results[one.name])


def test_every_row_is_there() -> None:
    """The matrix has 50 rows."""
    assert set(MATRIX) == ROWS
