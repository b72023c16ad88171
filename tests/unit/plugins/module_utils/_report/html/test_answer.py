# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first sentence of a page says whether anything is wrong now, and never that all is well when it is not or nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.html.answer import Answer
from ansible_collections.mailops.tls.plugins.module_utils._report.html.facts import page_facts
from ansible_collections.mailops.tls.plugins.module_utils._report.material import MissingShare
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.reports import material

GOOD, OTHER, BAD = audited("a", endpoint("mx")), audited("b", endpoint("mx")), audited("c", lost("mx"))
BUSY = audited("d", lost("mx", kind="rate_limited"))
ENDED = audited("e", endpoint("mx", chain=[certificate("mx", not_after="2026-05-01T00:00:00Z")]))


def answered(*results: dict[str, Any], **more: Any) -> Answer:
    return page_facts(material(results, **more)).answer


@pytest.mark.parametrize(
    ("results", "tone", "text"),
    [
        ([], "plain", "Nothing was looked at."),
        ([GOOD], "good", "a is as wanted."),
        ([BAD], "bad", "c is not as wanted: no answer."),
        ([BUSY], "plain", "Whether d is as wanted is not known: no answer."),
        ([GOOD, OTHER], "good", "All 2 are as wanted."),
        ([GOOD, OTHER, BAD], "bad", "1 of 3 is not as wanted."),
        ([BAD, audited("d", lost("mx"))], "bad", "2 of 2 are not as wanted."),
        ([GOOD, BUSY], "poor", "1 of 2 is as wanted. Of the others it is not known."),
        ([BUSY, audited("e", lost("mx", kind="opted_out"))], "plain", "Of none of 2 it is known whether it is as wanted."),
        ([GOOD, ENDED], "poor", "All 2 are as wanted."),
    ],
)
def test_the_answer(results: Sequence[dict[str, Any]], tone: str, text: str) -> None:
    found = answered(*results)
    assert (found.tone, found.first.text) == (tone, text)


def test_nothing_urgent_is_passed_over() -> None:
    worse = {"kind": "verdict", "destination": "a", "before": "verified", "after": "untrusted", "counts": True}
    shares = (MissingShare("p2", 0, 7),)
    found = answered(GOOD, ENDED, audited("b", endpoint("mx"), lint=[{"id": "x", "severity": "error"}]), changes=(worse,), missing=shares)
    assert [(one.text, one.link) for one in found.more] == [
        ("1 is worse than before.", "#changed=worse"),
        ("1 has findings that hurt now.", "#worst=error"),
        ("1 has a certificate that has ended.", "#expiry=ended"),
        ("The share of p2 is not whole, 0 of 7 results came.", ""),
    ]
    assert found.tone == "poor"


def test_the_page_of_one_domain_has_no_table_to_lead_to() -> None:
    assert [(one.text, one.link) for one in answered(ENDED).more] == [("It has a certificate that has ended.", "")]


def test_a_first_audit_says_that_it_is_compared_with_nothing() -> None:
    assert [one.text for one in answered(GOOD, OTHER, is_audit=True).more] == ["There is no comparison with an audit before."]
    assert answered(GOOD, OTHER, is_audit=True).tone == "good"
    assert answered(GOOD, OTHER, is_audit=True, changes=()).more == () and answered(GOOD, OTHER).more == ()
