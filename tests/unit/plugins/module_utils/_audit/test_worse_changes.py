# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which changes are for the worse: mail that is not delivered any more, a verdict that fell, a certificate that runs out."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import Change, ChangeKind, compare
from ansible_collections.mailops.tls.plugins.module_utils._audit.comparison import ChangeTally
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import FactKey, facts_of, merged_facts
from ansible_collections.mailops.tls.tests.unit.makers.audits import LATER_AT, PROBED_AT, audited, endpoint, lost


@pytest.mark.parametrize(
    ("kind", "before", "after", "worse"),
    [
        ("delivery", "delivered", "not delivered (connect_refused)", True),
        ("delivery", "delivered (connect_refused)", "not delivered", True),
        ("delivery", "not delivered", "delivered", False),
        ("delivery", "delivered", "not delivered (opted_out)", False),
        ("verdict", "verified", "failed (opted_out)", False),
        ("verdict", "verified", "untrusted", True),
        ("verdict", "untrusted", "verified", False),
        ("verdict", "untrusted", "failed (disconnected)", True),
        ("verdict", "untrusted, satisfied", "untrusted, not satisfied", True),
        ("verdict", "untrusted, not satisfied", "untrusted, satisfied", False),
        ("verdict", "plaintext, not satisfied (starttls_not_offered)", "verified", False),
        ("expiry", "later (2026-12-01)", "soon (2026-12-01)", True),
        ("key", "ab", "cd", False),
        ("error", None, "rejected", False),
        ("gone", "verified", None, False),
    ],
)
def test_what_is_worse(kind: str, before: str | None, after: str | None, worse: bool) -> None:
    assert Change(ChangeKind(kind), FactKey("example.org"), before, after).is_worse is worse


def test_the_texts_are_those_of_a_comparison() -> None:
    good, bad = audited("example.org", endpoint("mx.example.org")), audited("example.org", lost("mx.example.org"))
    one = facts_of(good, PROBED_AT)
    two = merged_facts([facts_of(bad, LATER_AT)] * 2)
    down, up = compare(one, two), compare(two, one)
    assert {change.kind.value for change in down} == {"delivery", "verdict"} and all(change.is_worse for change in down)
    assert up and not any(change.is_worse for change in up)


def test_the_first_destinations_are_named_and_what_is_ignored_is_not() -> None:
    tally = ChangeTally(10, 3, lambda change: change.key.destination == "b.example")
    for name in "abcdef":
        for kind, before, after in (("delivery", "delivered", "not delivered"), ("verdict", "verified", "failed")):
            tally.add(Change(ChangeKind(kind), FactKey(f"{name}.example"), before, after))
    assert tally.regressed == ["a.example", "c.example", "d.example"]
