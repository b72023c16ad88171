# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each format of a report, read back by the parser of those it is for. Hostile text goes through every one of them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import junitparser
import parsedmarc
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.csv_table import COLUMNS, csv_table
from ansible_collections.mailops.tls.plugins.module_utils._report.icinga import icinga
from ansible_collections.mailops.tls.plugins.module_utils._report.junit import junit
from ansible_collections.mailops.tls.plugins.module_utils._report.prometheus import HELP, prometheus
from ansible_collections.mailops.tls.plugins.module_utils._report.tlsrpt import tlsrpt
from ansible_collections.mailops.tls.tests.unit.makers.audits import certificate, endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.formats import hostile, one
from ansible_collections.mailops.tls.tests.unit.makers.reports import material
from prometheus_client.parser import text_string_to_metric_families
from pynag.Utils import PerfData

ROOT = Path(__file__).parents[2]
USUAL = (
    one("good.example"),
    one("ended.example", endpoint("mx", chain=[certificate("mx", not_after="2020-01-01T00:00:00Z")])),
    one("dead.example", lost("mx", kind="timeout")),
    one("plain.example", lost("mx", kind="starttls_not_offered")),
    one("busy.example", lost("mx", kind="rate_limited")),
)
WORLDS = pytest.mark.parametrize("results", [USUAL, hostile()], ids=["usual", "hostile"])
Results = Sequence[dict[str, Any]]


@WORLDS
def test_prometheus(results: Results) -> None:
    families = {family.name: family for family in text_string_to_metric_families(prometheus(material(results)))}
    assert set(families) <= {f"mailops_tls_{name}" for name in HELP}
    assert sum(sample.value for sample in families["mailops_tls_destinations"].samples) == len(results)


def test_prometheus_tells_of_certificates_that_have_ended() -> None:
    families = {family.name: family for family in text_string_to_metric_families(prometheus(material(USUAL)))}
    ends = {one.labels["destination"]: one.value for one in families["mailops_tls_endpoint_not_after_seconds"].samples}
    assert ends["ended.example"] == 1577836800


@WORLDS
def test_junit(results: Results) -> None:
    read = junitparser.JUnitXml.fromstring(junit(material(results)).encode("utf-8"))
    suites = list(read)
    assert len(suites) == len(results)
    cases = [case for suite in suites for case in suite]
    assert read.tests == len(cases)
    assert read.failures == sum(1 for case in cases if any(isinstance(one, junitparser.Failure) for one in case.result))


@WORLDS
def test_csv(results: Results) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_table(material(results)), newline=""), strict=True))
    assert len(rows) == sum(len(result["endpoints"]) for result in results)
    assert all(set(row) == set(COLUMNS) for row in rows)


@WORLDS
def test_icinga(results: Results) -> None:
    _state, text = icinga(material(results))
    data = PerfData(text.splitlines()[0].partition("|")[2].strip())
    assert data.is_valid()
    assert {metric.label for metric in data.metrics} >= {"satisfied", "untested"}


@WORLDS
def test_tlsrpt(results: Results) -> None:
    read = parsedmarc.parse_smtp_tls_report_json(tlsrpt(material(results)))
    assert len({policy["policy_domain"] for policy in read["policies"]}) > 1


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    dashboard = json.loads((ROOT / "docs/grafana/mailops-tls.json").read_text(encoding="utf-8"))
    questions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked = {name for question in questions for name in re.findall(r"mailops_tls_[a-z_]+", question)}
    assert asked <= {f"mailops_tls_{name}" for name in HELP}
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
