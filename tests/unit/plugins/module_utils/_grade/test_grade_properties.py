# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grades: what must hold whatever the case."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import grade
from ansible_collections.mailops.tls.plugins.module_utils._grade.levels import Level, concluded, worst
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import POLICIES
from ansible_collections.mailops.tls.plugins.module_utils._tls.suites import SUITES
from ansible_collections.mailops.tls.tests.unit.makers.graded import endpoint, item, plain, result, suites, unreachable
from hypothesis import given
from hypothesis import strategies as st

NCSC, INTERMEDIATE, MODERN = (POLICIES[name] for name in ("ncsc-2025", "mozilla-6.0-intermediate", "mozilla-6.0-modern"))
ORDER = ("good", "sufficient", "phase_out", "insufficient")
LEVELS = st.sampled_from(list(Level))
OLDER = st.lists(st.sampled_from([name for number, name in SUITES.items() if number not in (0x00FF, 0x5600)]), max_size=6)


@given(st.lists(LEVELS), LEVELS, st.booleans())
def test_another_part_never_raises_a_level(levels: list[Level], more: Level, complete: bool) -> None:
    before, after = concluded(levels, complete), concluded([*levels, more], complete)
    assert not before.below(after) or not after.tested
    if after.tested and before.tested:
        assert not before.below(after)
    assert concluded(list(reversed(levels)), complete) is before
    if not complete:
        assert before in (Level.NOT_TESTED, Level.PHASE_OUT, Level.INSUFFICIENT)


@given(st.lists(LEVELS))
def test_what_was_not_tested_is_neither_good_nor_bad(levels: list[Level]) -> None:
    assert worst([*levels, Level.NOT_TESTED]) is worst(levels)
    assert not Level.NOT_TESTED.bad and not any(Level.NOT_TESTED.below(one) or one.below(Level.NOT_TESTED) for one in Level)
    if Level.NOT_TESTED in levels and not any(one.bad for one in levels):
        assert concluded(levels, True) is Level.NOT_TESTED


@given(OLDER, OLDER, st.sampled_from([NCSC, INTERMEDIATE, MODERN]))
def test_a_further_suite_never_raises_a_grade(some: list[str], more: list[str], policy: Any) -> None:
    before = grade(result(suites(*some)), policy)
    after = grade(result(suites(*some, *more)), policy)
    for name in ("cipher_suites",):
        levels = ORDER.index(item(before, name)["level"]), ORDER.index(item(after, name)["level"])
        assert levels[0] <= levels[1]
    if before["level"] in ("phase_out", "insufficient"):
        assert ORDER.index(after["level"]) >= ORDER.index(before["level"])


FOUR = (endpoint(), plain(host="a.example.org"), unreachable(host="b.example.org"), endpoint(host="c.example.org", scan=None))


@given(st.permutations(FOUR))
def test_the_order_of_endpoints_does_not_matter(endpoints: list[dict[str, Any]]) -> None:
    def without_fields(found: dict[str, Any]) -> dict[str, Any]:
        found = copy.deepcopy(found)
        for one in found["checks"]:
            one["evidence"] = sorted((entry["value"], entry["level"], entry["endpoint"]) for entry in one["evidence"])
            one["observed"] = sorted(one["observed"])
            one.pop("text")
        return found

    assert without_fields(grade(result(*endpoints), NCSC)) == without_fields(grade(result(*FOUR), NCSC))
