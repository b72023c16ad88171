# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a monitoring plugin prints: one line, a state that goes with it, and performance data that nobody can forge."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.icinga import ExitCode, icinga
from ansible_collections.mailops.tls.plugins.module_utils._report.material import MissingShare
from ansible_collections.mailops.tls.tests.unit.makers.audits import certificate, endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.formats import broken, hostile, one
from ansible_collections.mailops.tls.tests.unit.makers.reports import delivery_result, material, rollover_result


def _ending(moment: str) -> dict[str, Any]:
    return one("a.example", endpoint("mx", chain=[certificate("mx", not_after=moment)]))


@pytest.mark.parametrize(
    ("result", "state", "said"),
    [
        (one("a.example"), ExitCode.OK, "MAIL TLS OK - 1 of 1 satisfied"),
        (_ending("2026-05-17T00:00:00Z"), ExitCode.WARNING, "ends in 12 days"),
        (_ending("2026-05-18T12:00:00Z"), ExitCode.OK, "1 of 1 satisfied"),
        (_ending("2026-05-06T00:00:00Z"), ExitCode.CRITICAL, "ends in 1 day |"),
        (_ending("2020-11-03T00:00:00Z"), ExitCode.CRITICAL, "has ended"),
        (one("a.example", lost("mx", kind="timeout")), ExitCode.CRITICAL, "mail would not be delivered"),
        (one("a.example", lost("mx", kind="rate_limited")), ExitCode.UNKNOWN, "not tested"),
        (one("a.example", satisfied=None), ExitCode.UNKNOWN, "no verdict"),
        (rollover_result("mx.example.org", alarm=True), ExitCode.CRITICAL, "mx.example.org: not as wanted, mx.example.org: steady"),
        (delivery_result("mx", delivered=False), ExitCode.CRITICAL, "mx: a message was not delivered"),
    ],
)
def test_the_state_of_one(result: dict[str, Any], state: ExitCode, said: str) -> None:
    found, text = icinga(material([result]))
    assert found is state
    assert said in text.splitlines()[0]


def test_nothing_probed_is_unknown() -> None:
    assert icinga(material([]))[0] is ExitCode.UNKNOWN


def test_what_is_wrong_counts_more_than_what_is_not_known() -> None:
    results = [one("a.example", lost("mx", kind="rate_limited")), _ending("2026-05-13T00:00:00Z")]
    assert icinga(material(results))[0] is ExitCode.WARNING
    assert icinga(material([*results, one("b.example", lost("mx", kind="timeout"))]))[0] is ExitCode.CRITICAL


def test_performance_data() -> None:
    data = icinga(material([one("a.example"), one("b.example", lost("mx", kind="timeout"))]))[1].splitlines()[0].partition(" | ")[2]
    assert data == "satisfied=1;;;0;2 untested=0;;;0;2 days_left=56;14:;3:"


def test_hostile_text_forges_no_performance_data_and_no_line() -> None:
    text = icinga(material(hostile()))[1]
    assert text.count("|") == 1
    assert text.isprintable() or all(line.isprintable() for line in text.splitlines())
    assert all(line.startswith("[") or line.startswith("and ") for line in text.splitlines()[1:])


@pytest.mark.parametrize("seed", range(200))
def test_a_broken_result_is_no_traceback(seed: int) -> None:
    assert icinga(material([broken(seed)]))[1].startswith("MAIL TLS ")


def test_a_share_that_never_came_is_unknown_and_never_well() -> None:
    state, text = icinga(material([one("a.example")], missing=(MissingShare("p2", 0, 10, "nothing came"),)))
    assert state is ExitCode.UNKNOWN
    assert "; the share of p2 is not whole, 0 of 10 results came: nothing came | " in text.splitlines()[0]
    assert icinga(material([_ending("2020-11-03T00:00:00Z")], missing=(MissingShare("p2", 0, 10, "nothing came"),)))[0] is ExitCode.CRITICAL
