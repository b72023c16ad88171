# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is said about one name: of several results the worst counts, and the worst come first."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.material import observed
from ansible_collections.mailops.tls.plugins.module_utils._report.sight import Sight, sight_of
from ansible_collections.mailops.tls.plugins.module_utils._report.subject import (
    EXPIRY_CLASSES,
    ChangeGrade,
    Subject,
    change_grade,
    changed_name,
    days_between,
    expiry_class,
    joined,
)
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.reports import MOMENT, domain_result


def seen(result: dict[str, Any]) -> Sight:
    found = observed(result)
    assert found is not None
    return sight_of(found)


def subject(*results: dict[str, Any], **more: Any) -> Subject:
    return joined("example.org", [seen(one) for one in results], MOMENT, **more)


def test_results_of_two_modules_are_one_subject() -> None:
    found = subject(audited("example.org", endpoint("mx.example.org")), domain_result("example.org"))
    assert (found.kinds, found.status, found.satisfied) == (("destination", "domain"), "verified", True)
    assert (found.worst, found.findings, found.keys, found.issuers) == ("warning", ("dmarc_missing",), ("ECDSA 256",), ("Example Trust",))
    assert (found.days_left, found.expiry) == (56, "60 days")


def test_of_two_looks_the_worse_one_counts() -> None:
    found = subject(audited("example.org", endpoint("mx.example.org")), audited("example.org", lost("mx.example.org")))
    assert (found.status, found.satisfied, found.error, found.reason) == ("failed", False, "connect_timeout", "no answer")


def test_the_worst_come_first() -> None:
    ends = [certificate("mx", not_after="2026-05-05T00:00:00Z")]
    ordered = [
        subject(audited("a", lost("mx"))),
        subject(audited("b", endpoint("mx"), lint=[{"id": "x", "severity": "error"}])),
        subject(domain_result("c")),
        subject(audited("d", endpoint("mx", dane=False))),
        subject(audited("e", endpoint("mx", chain=ends))),
        subject(audited("f", endpoint("mx"))),
    ]
    assert sorted(ordered, key=lambda one: one.badness) == ordered


def test_changes_are_told_once() -> None:
    found = subject(audited("a"), changes=[{"kind": "key"}, {"kind": "tlsa"}, {"kind": "key"}])
    assert found.changes == ("key", "tlsa") and found.changed is ChangeGrade.COUNTS


@pytest.mark.parametrize(
    ("change", "grade"),
    [
        ({"kind": "renewed", "counts": False}, ChangeGrade.QUIET),
        ({"kind": "renewed"}, ChangeGrade.QUIET),
        ({"kind": "key", "counts": False}, ChangeGrade.QUIET),
        ({"kind": "key", "counts": True}, ChangeGrade.COUNTS),
        ({"kind": "verdict", "before": "verified", "after": "untrusted"}, ChangeGrade.WORSE),
        ({"kind": "verdict", "before": "untrusted", "after": "verified"}, ChangeGrade.COUNTS),
        ({"kind": "delivery", "before": "delivered", "after": "not delivered (timeout)"}, ChangeGrade.WORSE),
        ({"kind": "verdict", "before": " ", "after": ","}, ChangeGrade.COUNTS),
        ({"kind": "delivery", "before": {"x": 1}, "after": [1]}, ChangeGrade.COUNTS),
        ({"kind": "what nobody knows"}, ChangeGrade.COUNTS),
        ({"kind": ["list"]}, ChangeGrade.COUNTS),
        ({}, ChangeGrade.COUNTS),
    ],
)
def test_what_a_change_is_worth(change: dict[str, Any], grade: ChangeGrade) -> None:
    assert change_grade(change) is grade


@pytest.mark.parametrize(
    ("days", "name"),
    [(None, ""), (-1, "ended"), (0, "7 days"), (6, "7 days"), (7, "14 days"), (29, "30 days"), (179, "180 days"), (180, "later")],
)
def test_classes_of_what_is_left(days: int | None, name: str) -> None:
    assert expiry_class(days) == name and (name in EXPIRY_CLASSES or not name)


def test_days_are_rounded_down() -> None:
    assert days_between(MOMENT, "2026-05-05T11:59:59Z") == 0
    assert days_between(MOMENT, "2026-05-04T11:59:59Z") == -1
    assert days_between(MOMENT, "soon") is None


def test_whose_a_change_is() -> None:
    assert changed_name({"kind": "new", "destination": "a", "host": None}) == "a"
    assert changed_name({"kind": "new", "key": ["a", "mx", "192.0.2.1"]}) == "a"
    assert changed_name({"kind": "new", "key": {"destination": "a"}}) == "a"
    assert changed_name({"kind": "new"}) == ""
