# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report for a terminal: what changed first, then what is wrong, and no text that is not for people."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.material import MissingShare
from ansible_collections.mailops.tls.plugins.module_utils._report.terminal import WIDTH, terminal
from ansible_collections.mailops.tls.tests.unit.makers.audits import certificate, endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.formats import broken, hostile, one
from ansible_collections.mailops.tls.tests.unit.makers.reports import material

CHANGES = [{"kind": "issuer", "key": {"destination": "a.example"}, "before": "An Issuer", "after": "Another"}]


def test_what_changed_comes_first_and_what_is_wrong_last() -> None:
    text = terminal(material([one("a.example"), one("b.example", lost("mx", kind="timeout"))], changes=tuple(CHANGES)))
    order = [text.index(word) for word in ("CHANGED (1)", "1 of 2 would get their mail", "WRONG (1)")]
    assert order == sorted(order)
    assert "An Issuer -> Another" in text
    assert "no answer" in text


def test_without_anything_wrong_it_says_so() -> None:
    assert terminal(material([one("a.example")])).endswith("Nothing is wrong.\n")
    assert "Nothing has changed" in terminal(material([one("a.example")], changes=()))


def test_certificates_that_end_soon_are_counted() -> None:
    soon = endpoint("mx", chain=[certificate("mx", not_after="2026-05-09T00:00:00Z")])
    assert "The certificates of 1 end within 14 days." in terminal(material([one("a.example", soon)]))


def test_hostile_text_stays_within_its_line() -> None:
    forged = tuple({"kind": each["status"], "key": each["destination"], "before": each, "after": [each]} for each in hostile())
    lines = terminal(material(hostile(), changes=forged))
    assert all(line.isprintable() and len(line) <= WIDTH for line in lines.splitlines())


@pytest.mark.parametrize("seed", range(200))
def test_a_broken_result_is_no_traceback(seed: int) -> None:
    assert terminal(material([broken(seed)]))


def test_what_does_not_count_is_no_change() -> None:
    quiet = {"kind": "renewed", "destination": "a.example", "before": "1", "after": "2", "counts": False}
    text = terminal(material([one("a.example")], changes=(quiet, quiet)))
    assert "Nothing has changed" in text and "Not counted as changes: 2 renewed." in text and "CHANGED" not in text
    both = terminal(material([one("a.example")], changes=(quiet, *CHANGES)))
    assert "CHANGED (1)" in both and "Not counted as changes: 1 renewed." in both


def test_a_share_that_never_came_is_told() -> None:
    text = terminal(material([one("a.example")], missing=(MissingShare("p2", 0, 10, "nothing came"),)))
    assert "The share of p2 is not whole, 0 of 10 results came: nothing came.\n" in text
