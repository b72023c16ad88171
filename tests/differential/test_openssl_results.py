# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What OpenSSL makes of chains, from the list below the scenario matrix (docs/postfix-semantics.md section 12).

Each item has a case at level dane, and unit tests.

The servers are real, and both sides judge them: posttls-finger by OpenSSL's own DANE code, we by ours.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.differential import engine_side, postfix_side
from ansible_collections.mailops.tls.tests.differential.comparison import compare
from ansible_collections.mailops.tls.tests.differential.situations import Situation

UNITS = Path(__file__).parents[1] / "unit/plugins/module_utils/_dane/test_match.py"


@dataclass(frozen=True)
class Item:
    """What is so, the case that shows it, OpenSSL's number (None: accepted) and the unit test."""

    text: str
    case: str
    code: int | None
    unit: str


OWN_ANCHOR = "test_the_leaf_is_never_its_own_anchor_but_its_bare_key_is"
TWINS = "test_two_issuers_of_one_name_only_the_chosen_one_is_compared"

LIST = (
    Item("expired intermediate pinned as 2 0 1", "dane-ta-expired-inter", None, "test_dates_of_intermediates"),
    Item("expired root pinned and sent", "dane-ta-expired-root", 10, "test_dates_of_roots_count"),
    Item("expired root as 2 0 0", "dane-ta-expired-full-root", 10, "test_dates_of_roots_count"),
    Item("expired intermediate below a pinned root", "dane-ta-expired-below", 10, "test_dates_of_intermediates"),
    Item("2 x x equal to a self-signed leaf", "dane-ta-own-leaf", 65, OWN_ANCHOR),
    Item("2 1 0 of a self-signed leaf's own key", "dane-ta-own-key", None, OWN_ANCHOR),
    Item("trust anchor that is no CA", "dane-ta-no-ca", 79, "test_anchor_must_be_a_ca"),
    Item("leaf signed with SHA-1 under a trust anchor", "dane-ta-sha1", 68, "test_sha1_below_an_anchor"),
    Item("the same leaf as 3 0 1", "dane-ee-sha1", None, "test_sha1_below_an_anchor"),
    Item("RSA 768, even with 3 1 1", "rsa-768", 66, "test_weak_leaf_fails_even_with_end_entity_match"),
    Item("two intermediates of one name, TLSA names the expired one", "dane-ta-twin-expired", 65, TWINS),
    Item("certificates in the wrong order", "dane-ta-unordered", None, "test_trust_anchors"),
    Item("surplus certificates", "dane-ta-surplus", None, "test_trust_anchors"),
)


@pytest.fixture(scope="module")
def both(lab: Mapping[str, Any]) -> dict[str, tuple[postfix_side.Said, Any]]:
    """What both sides say of all items, by case."""
    cases = {case["name"]: case for case in lab["cases"]}
    wanted = {item.case: Situation(cases[item.case], "dane") for item in LIST}
    said = postfix_side.run_all(lab, list(wanted.values()))
    found = engine_side.run_all(lab, list(wanted.values()))
    return {name: (said[one.name], found[one.name]) for name, one in wanted.items()}


@pytest.mark.parametrize("item", LIST, ids=[item.case for item in LIST])
def test_item(item: Item, both: Mapping[str, tuple[postfix_side.Said, Any]]) -> None:
    """Both sides agree with the list, and with each other in everything else."""
    said, result = both[item.case]
    assert [one for one in compare(said.report, result, "dane") if not one.agrees] == [], said.output
    verification = result["endpoints"][0]["verification"]
    assert (verification["error"] or {"code": None})["code"] == item.code
    assert verification["matched"] is (item.code is None)
    assert said.report.status == ("verified" if item.code is None else "untrusted")


@pytest.mark.parametrize("item", LIST, ids=[item.case for item in LIST])
def test_unit_test_is_there(item: Item) -> None:
    """The unit test that says the same without network exists."""
    functions = {node.name for node in ast.parse(UNITS.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}
    assert item.unit in functions
