# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of an audit: what changed comes first, and nothing that is missing is left unsaid."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.page import SHOWN, audit_page
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean

NOTHING = {"changed": 0, "new": 0, "gone": 0, "renewed": 0, "missing": 0, "unconfirmed": 0, "ignored": 0, "by_kind": {}}


def item(kind: str, before: str | None, after: str | None, **more: Any) -> dict[str, Any]:
    key = {"destination": "example.org", "host": None, "address": None, "port": None, "algorithm": None, "vantage": None}
    return {"kind": kind, **key, "before": before, "after": after, "counts": True, **more}


def prober(name: str, received: int, **more: Any) -> dict[str, Any]:
    one = {"prober": name, "received": received, "expected": received, "refused": None, "foreign": 0, "file": None, **more}
    return {**one, "whole": more.get("whole", one["expected"] == received)}


def result(**more: Any) -> dict[str, Any]:
    return {
        "run_id": "20261130T021500Z-1a2b3c4d", "name": "default", "directory": "/audit/runs/20261130T021500Z-1a2b3c4d",
        "previous": "20261129T021500Z-5e6f7a8b", "whole": True, "changed": False, "changes": NOTHING, "details": [], "views": [],
        "counts": {"destinations": 1311, "endpoints": 1400, "by_status": {"failed": 1, "verified": 1301, "untrusted": 9}},
        "shares": [{"prober": "ams1", "ending": "done", "text": ""}], "probers": [prober("ams1", 1311)],
        "grades": [], "report": None, "no_destinations": {"count": 0, "first": []}, **more,
    }  # fmt: skip


def test_a_night_in_which_nothing_was_seen_is_no_quiet_one() -> None:
    nothing = {"destinations": 0, "endpoints": 0, "by_status": {}}
    lines = audit_page(result(counts=nothing, whole=False))
    assert lines[1] == "Nothing was seen, so nothing is compared with 20261129T021500Z-5e6f7a8b."


def test_a_quiet_night() -> None:
    assert audit_page(result()) == [
        "Audit of 1,311 domains, run 20261130T021500Z-1a2b3c4d",
        "Nothing changed since 20261129T021500Z-5e6f7a8b.",
        "Verdicts: 1,301 verified, 9 untrusted, 1 failed",
    ]


def test_a_first_run_has_nothing_to_compare_with() -> None:
    page = audit_page(result(previous=None, name="partners"))
    assert page[:2] == ["Audit partners of 1,311 domains, run 20261130T021500Z-1a2b3c4d", "There is no run before to compare with."]


def test_changes_come_first() -> None:
    where = {"host": "mx.example.org", "address": "192.0.2.1", "port": 25, "algorithm": "rsa"}
    items = [
        item("delivery", "delivered", "not delivered (connect_refused)"),
        item("key", "ab" * 32, "cd" * 32, **where),
        item("verdict", "verified", "failed (connect_refused)", **{**where, "algorithm": "any"}),
        item("issuer", None, "CN=Inter", host="mx.example.org"),
        item("new", None, "verified", destination="new.example"),
        item("gone", "untrusted", None, destination="gone.example"),
    ]
    changes = {**NOTHING, "changed": 1, "new": 1, "gone": 1, "renewed": 3, "ignored": 2, "by_kind": {"key": 1, "delivery": 1, "address": 4}}
    assert audit_page(result(details=items, changes=changes))[1:] == [
        "Changed since 20261129T021500Z-5e6f7a8b: 1 different, 1 new, 1 gone",
        "  example.org: mail: delivered -> not delivered (connect_refused)",
        "  example.org at mx.example.org[192.0.2.1]:25 (rsa): key: abababababab... -> cdcdcdcdcdcd...",
        "  example.org at mx.example.org[192.0.2.1]:25: verdict: verified -> failed (connect_refused)",
        "  example.org at mx.example.org: issuer: none -> CN=Inter",
        "  new.example: new in the list, verified",
        "  gone.example: no longer in the list, was untrusted",
        "Not counted as changes: 3 renewed, 2 ignored, 4 at other addresses",
        "Verdicts: 1,301 verified, 9 untrusted, 1 failed",
    ]


def test_a_long_list_ends_with_where_the_rest_is() -> None:
    items = [item("mx", "10 a", "10 b", destination=f"d{number}.example") for number in range(100)]
    page = audit_page(result(details=items, changes={**NOTHING, "changed": 1500, "by_kind": {"mx": 1500, "renewed": 70}}))
    assert len([line for line in page if " exchanges: 10 a -> 10 b" in line]) == SHOWN
    assert "  and 1,460 more, in /audit/runs/20261130T021500Z-1a2b3c4d/changes.jsonl" in page


def test_what_is_missing_is_told() -> None:
    shares = [
        {"prober": "ams1", "ending": "done", "text": ""},
        {"prober": "fra1", "ending": "unreachable", "text": "no route to host"},
        {"prober": "sin1", "ending": "lost", "text": ""},
        {"prober": "syd1", "ending": "done", "text": ""},
    ]
    probers = [
        prober("ams1", 5), prober("fra1", 0, expected=800), prober("sin1", 1, expected=2),
        prober("syd1", 0, expected=9, refused="is empty"), prober("old1", 1, expected=None, whole=False),
    ]  # fmt: skip
    page = audit_page(result(shares=shares, probers=probers, changes={**NOTHING, "missing": 801}))
    assert page[-5:] == [
        "The share of fra1 is not whole, 0 of 800: no route to host",
        "The share of sin1 is not whole, 1 of 2: lost",
        "The share of syd1 is not whole, 0 of 9: what came was not taken, since it is empty",
        "The share of old1 is not whole, 1 domain",
        "801 domains of the run before were not seen in this one, and are not counted as gone.",
    ]


def test_vantage_points_are_compared() -> None:
    view = {**item("key", "ab" * 32, "cd" * 32, host="mx.example.org", vantage="fra1"), "reference": "ams1"}
    assert audit_page(result(views=[view] * (SHOWN + 2)))[-SHOWN - 2 :][:2] == [
        "Not the same from everywhere:",
        "  example.org at mx.example.org: key: abababababab... from ams1, cdcdcdcdcdcd... from fra1",
    ]


def test_grades_of_all_probers_are_put_together() -> None:
    grades = [
        {"ncsc-2025": {"good": 1, "sufficient": 1200, "phase_out": 0, "insufficient": 2, "not_tested": 0}},
        {"ncsc-2025": {"good": 1, "sufficient": 34, "phase_out": 0, "insufficient": 0, "not_tested": 5}},
    ]
    assert audit_page(result(grades=grades, report="/audit/report.html"))[-2:] == [
        "By ncsc-2025: 2 good, 1,234 sufficient, 2 insufficient, 5 not tested",
        "Report: /audit/report.html",
    ]


def test_what_a_prober_says_of_itself_is_clean_and_bounded() -> None:
    shares = [{"prober": "ams1", "ending": "failed", "text": "\x1b[2Jno\n\u202e" + "x" * 100_000}]
    (line,) = [line for line in audit_page(result(shares=shares, probers=[prober("ams1", 0, expected=1)])) if "ams1" in line]
    assert len(line) <= 1000 and is_clean(line)


@pytest.mark.parametrize(
    ("count", "first", "line"),
    [
        (1, ["a b"], "1 line of the list is no destination: a b"),
        (2, ["-", "a\x1b[2J b"], "2 lines of the list are no destination: -; a?[2J b"),
        (30, ["x"] * 20, "30 lines of the list are no destination: " + "; ".join(["x"] * 20) + " and 10 more"),
    ],
)
def test_lines_of_the_list_that_are_no_destinations_are_named_at_the_first_audit_too(count: int, first: list[str], line: str) -> None:
    for previous in (None, "20261129T021500Z-5e6f7a8b"):
        lines = audit_page(result(previous=previous, no_destinations={"count": count, "first": first}))
        assert line in lines and all(is_clean(one) for one in lines)
