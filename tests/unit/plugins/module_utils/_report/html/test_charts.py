# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Charts: what is counted, in which order, and where each bar leads."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._report.html.charts import MOST_BARS, Chart, charts, link
from ansible_collections.mailops.tls.plugins.module_utils._report.material import observed
from ansible_collections.mailops.tls.plugins.module_utils._report.sight import sight_of
from ansible_collections.mailops.tls.plugins.module_utils._report.subject import Subject, joined
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.reports import MOMENT


def subjects(*results: dict[str, object]) -> list[Subject]:
    found = [observed(one) for one in results]
    return [joined(one.name, [sight_of(one)], MOMENT) for one in found if one is not None]


def by_field(found: Sequence[Chart]) -> dict[str, Chart]:
    return {one.field: one for one in found}


def test_verdicts_stand_in_their_order_and_lead_to_their_rows() -> None:
    found = by_field(charts(subjects(audited("a", lost("mx")), audited("b", endpoint("mx")), audited("c", endpoint("mx")))))
    bars = found["status"].bars
    assert [(one.label, one.count, one.share, one.tone, one.link) for one in bars] == [
        ("verified", 2, 100.0, "good", "#status=verified"), ("failed", 1, 50.0, "bad", "#status=failed"),
    ]  # fmt: skip


def test_a_chart_without_anything_to_show_is_not_there() -> None:
    assert set(by_field(charts(subjects(audited("a", lost("mx")))))) == {"status", "error"}
    assert charts([]) == []


def test_all_classes_of_ends_are_there_once_one_is() -> None:
    chart = by_field(charts(subjects(audited("a", endpoint("mx")))))["expiry"]
    assert chart.upright and [one.count for one in chart.bars] == [0, 0, 0, 0, 1, 0, 0, 0]


def test_rare_values_are_summed_up() -> None:
    results = [audited(f"d{n}", endpoint("mx", chain=[certificate("mx", issuer=f"O=Issuer {n:02}")])) for n in range(MOST_BARS + 3)]
    chart = by_field(charts(subjects(*results)))["issuer"]
    assert len(chart.bars) == MOST_BARS and chart.more == 3


def test_links_carry_any_text() -> None:
    assert link("issuer", 'a&b=c "d" #e/é') == "#issuer=a%26b%3Dc%20%22d%22%20%23e%2F%C3%A9"
