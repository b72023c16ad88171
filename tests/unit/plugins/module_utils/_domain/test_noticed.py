# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as they are noticed."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import LONGEST, Noticed, quoted
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

ONE = FindingKind("one", Severity.ERROR, "One", "Why.", "Fix.", "RFC 1")
TWO = FindingKind("two", Severity.NOTICE, "Two", "Why.", "Fix.", "RFC 2")


def test_one_item_for_an_id_and_a_subject() -> None:
    noticed = Noticed()
    for kind, subject, text in ((ONE, "a", "x"), (TWO, "a", "x"), (ONE, "b", "x"), (ONE, "a", "y"), (ONE, "a", "x")):
        noticed.add(kind, subject, text)
    assert [(one.id, one.subject, one.text) for one in noticed.findings()] == [("one", "a", "x; y"), ("two", "a", "x"), ("one", "b", "x")]


def test_many_of_a_kind_are_counted() -> None:
    noticed = Noticed()
    for number in range(8):
        noticed.add(ONE, "a", str(number))
    assert noticed.findings()[0].text == "0; 1; 2; 3; 4; and 3 more"


def test_severity_of_this_case() -> None:
    noticed = Noticed()
    noticed.add(ONE, "a", "x", Severity.NOTICE)
    assert noticed.findings()[0].severity is Severity.NOTICE


def test_what_strangers_wrote_is_cleaned_and_cut() -> None:
    noticed = Noticed()
    noticed.add(ONE, "a\u202e", "{{ x }}\0" + "y" * 1000)
    found = noticed.findings()[0]
    assert found.subject == "a?" and found.text.startswith("{ { x }}?y") and len(found.text) <= LONGEST + 1


def test_quoted() -> None:
    assert quoted("abc") == '"abc"' and quoted("a" * 9, 3) == '"aaa..."'
