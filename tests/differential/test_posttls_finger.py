# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every situation through the real posttls-finger and through our engine: they agree, except where `differences` says why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.differential import differences, postfix_side
from ansible_collections.mailops.tls.tests.differential.comparison import compare
from ansible_collections.mailops.tls.tests.differential.situations import Situation


@pytest.fixture(scope="session")
def postfix_version() -> tuple[int, ...]:
    """The version of the posttls-finger here."""
    return postfix_side.version()


def test_agrees(
    situation: Situation,
    said: Mapping[str, postfix_side.Said],
    found: Mapping[str, dict[str, Any]],
    postfix_version: tuple[int, ...],
) -> None:
    """Both sides tell the same, item by item, but for the known differences, all of which occur."""
    run = said[situation.name]
    assert not run.report.tls_disabled, run.output
    items = compare(run.report, found[situation.name], situation.level)
    actual = {(item.name, *item.values) for item in items if not item.agrees}
    assert actual == differences.known(situation, postfix_version), run.output


def test_known_differences_are_of_situations_that_exist(all_situations: list[Situation]) -> None:
    """A difference whose case or level is gone would never be noticed otherwise."""
    assert differences.listed() - {(one.case["name"], one.where) for one in all_situations} == set()


def test_words_that_changed_are_listed(all_situations: list[Situation]) -> None:
    """Where a case says that the word was another one before 3.10.4, the list has to have it, and the other way round."""
    changed = {one.name for one in all_situations if one.expected and one.expected["postfix37"]}
    assert changed == {
        one.name
        for one in all_situations
        if one.expected and ("status", "untrusted") in {found[:2] for found in differences.known(one, (3, 7))}
    }


def test_every_case_is_compared(lab: Mapping[str, Any], all_situations: list[Situation]) -> None:
    """No case is left out but for those with a reason."""
    missing = {case["name"] for case in lab["cases"]} - {one.case["name"] for one in all_situations if one.comparable}
    assert missing == {case["name"] for case in lab["cases"] if case["options"].get("lookup") == "srv"}
