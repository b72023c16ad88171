# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that the user does not want to hear of."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import Change, ChangeKind
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import FactKey
from ansible_collections.mailops.tls.plugins.module_utils._audit.ignoring import LONGEST, MOST, NoJmespath, ignoring
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError

pytest.importorskip("jmespath")
KEY = Change(ChangeKind.KEY, FactKey("example.org", "mx.example.org", "192.0.2.1", 25, "any", "p1"), "aa", "bb")
NEW = Change(ChangeKind.NEW, FactKey("example.org"), None, "verified")


@pytest.mark.parametrize(
    ("expression", "key", "new"),
    [
        ("kind == 'key'", True, False),
        ("kind == 'new' && destination == 'example.org'", False, True),
        ("ends_with(destination, '.org')", True, True),
        ("starts_with(host, 'mx.')", True, False),  # of what is null, nothing is true
        ("host", True, False),
        ("before", True, False),
        ("port > `25`", False, False),
        ("contains(['new', 'gone'], kind)", False, True),
        ("counts", True, True),
        ("!counts", False, False),
        ("`0`", True, True),
        ("`[]`", False, False),
    ],
)
def test_what_an_expression_ignores(expression: str, key: bool, new: bool) -> None:
    assert (ignoring([expression])(KEY), ignoring([expression])(NEW)) == (key, new)
    assert ignoring(["kind == 'no such kind'", expression])(KEY) == key


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("kind ==", "is no JMESPath expression over a change"),
        ("", "is no JMESPath expression over a change"),
        ("nosuch(kind)", "is no JMESPath expression over a change"),
        ("abs(kind)", "is no JMESPath expression over a change"),
        ("kid == 'key'", "names kid, which a change does not have; it has kind, destination"),
        ("kind == 'key' && [hst]", "names hst, which"),
        ("(" * 2000 + "kind" + ")" * 2000, "is no JMESPath expression over a change"),
        ("kind" + " " * LONGEST, f"has more than {LONGEST} characters"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_compared(expression: str, reason: str) -> None:
    with pytest.raises(OptionError) as caught:
        ignoring(["kind == 'key'", expression])
    assert caught.value.option == "ignore" and caught.value.reason.startswith(reason)


def test_there_is_an_end_to_expressions() -> None:
    with pytest.raises(OptionError, match=f"{MOST} are possible"):
        ignoring(["kind"] * (MOST + 1))


def test_nothing_is_needed_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jmespath", None)
    assert not ignoring([])(KEY)
    with pytest.raises(NoJmespath):
        ignoring(["kind"])
