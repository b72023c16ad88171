# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results folded one by one say what they say together."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._domain import domain_result
from ansible_collections.mailops.tls.plugins.module_utils._mailbox import result as mailbox_result
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import Unmet
from ansible_collections.mailops.tls.plugins.module_utils._results.tally import Shares, Tally, Telling, add_counts
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import summarize
from hypothesis import given
from hypothesis import strategies as st

RESULTS = st.lists(st.builds(
    lambda status, worst: {"status": status, "satisfied": status == "verified", "worst": worst},
    st.sampled_from(("verified", "failed", "untrusted")), st.sampled_from(("ok", "error")),
))  # fmt: skip


@given(RESULTS)
def test_summaries_add_up(results: list[dict[str, Any]]) -> None:
    for whole in (summarize, mailbox_result.summarize, domain_result.summarize):
        total: dict[str, Any] = dict(whole([]))
        for one in results:
            add_counts(total, whole([one]))
        assert total == whole(results)


def told(*good: bool, limit: int) -> Tally:
    def unmet(results: Any) -> list[Unmet]:
        return [Unmet(one["name"], "", "status", 1, 2, None) for one in results if not one["satisfied"]]

    telling = Telling(summarize, lambda results: [f"{one['name']} is {one['status']}" for one in results], unmet)
    shares, tally = Shares(telling, limit), Tally(limit)
    for number, satisfied in enumerate(good):
        tally.add(shares.of({"name": str(number), "satisfied": satisfied, "status": "verified" if satisfied else "failed"}))
    return tally


def test_a_report_without_room_begins_with_what_is_wrong_and_counts_the_rest() -> None:
    tally = told(True, True, False, True, False, limit=3)
    assert tally.report("domains") == ["2 is failed", "4 is failed", "0 is verified", "and 2 more domains"]
    assert [one.destination for one in tally.unmet] == ["2", "4"] and tally.unmet_total == 2


def test_a_report_with_room_has_no_last_line() -> None:
    assert told(True, False, limit=2).report("domains") == ["1 is failed", "0 is verified"]
    assert told(limit=2).report("domains") == []


def test_however_many_there_are_only_a_few_are_kept() -> None:
    tally = told(*[False] * 1000, *[True] * 1000, limit=5)
    assert len(tally.report("x")) == 6 and tally.report("x")[-1] == "and 1,995 more x"
    assert len(tally.unmet) == 5 and tally.unmet_total == 1000
    assert tally.summary == {"destinations": 2000, "satisfied": 1000, "by_status": {"failed": 1000, "verified": 1000}}
