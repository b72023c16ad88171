# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gauges: bounded, escaped, and with certificates that have ended among them."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.material import MissingShare
from ansible_collections.mailops.tls.plugins.module_utils._report.prometheus import HELP, prometheus
from ansible_collections.mailops.tls.tests.unit.makers.audits import certificate, endpoint, lost, record
from ansible_collections.mailops.tls.tests.unit.makers.formats import broken, hostile, one
from ansible_collections.mailops.tls.tests.unit.makers.reports import material

_SAMPLE = re.compile(r'(mailops_tls_[a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (-?[0-9.e+]+)')


def _samples(text: str) -> dict[str, float]:
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            matched = _SAMPLE.fullmatch(line)
            assert matched, line
            found[line.rpartition(" ")[0]] = float(matched.group(3))
    return found


WHERE = 'destination="a.example",host="mx.example.org",address="192.0.2.1",port="25"'


def test_a_good_endpoint() -> None:
    found = _samples(prometheus(material([one("a.example")])))
    assert found[f"mailops_tls_endpoint_satisfied{{{WHERE}}}"] == 1
    assert found[f'mailops_tls_tlsa_record_matched{{{WHERE},usage="3",selector="1",matching_type="1"}}'] == 1
    assert found['mailops_tls_destination_satisfied{destination="a.example"}'] == 1
    assert found["mailops_tls_last_run_seconds"] == 1777896000
    assert "mailops_tls_changes" not in found


def test_an_ended_certificate_is_still_there() -> None:
    ended = one("a.example", endpoint("mx", chain=[certificate("mx", not_after="2020-01-01T00:00:00Z")]))
    found = _samples(prometheus(material([ended])))
    assert [value for name, value in found.items() if "not_after" in name] == [1577836800]
    assert found['mailops_tls_certificates_ending{within_days="0"}'] == 1


def test_of_two_records_alike_the_worse_counts() -> None:
    records = [record("mx", matched=False), record("mx", matched=True)]
    both = one("a.example", endpoint("mx", tlsa={"lookup": "found", "records": records}))
    found = _samples(prometheus(material([both])))
    assert [value for name, value in found.items() if "record_matched" in name] == [0]


def test_what_was_not_tested_is_told_apart() -> None:
    busy, dead = one("a.example", lost("mx", kind="rate_limited")), one("b.example", lost("mx", kind="timeout"))
    found = _samples(prometheus(material([busy, dead])))
    assert {name.partition("{")[2].partition(",")[0]: value for name, value in found.items() if "endpoint_tested" in name} == {
        'destination="a.example"': 0,
        'destination="b.example"': 1,
    }


def test_too_many_series_leave_only_sums() -> None:
    results = [one(f"d{number}.example") for number in range(50)]
    found = _samples(prometheus(material(results), most_series=100))
    assert found["mailops_tls_series_left_out"] == 300
    assert found['mailops_tls_destinations{status="verified"}'] == 50
    assert not [name for name in found if "destination=" in name]
    enough = _samples(prometheus(material(results), most_series=300))
    assert enough["mailops_tls_series_left_out"] == 0
    assert len([name for name in enough if "destination=" in name]) == 300


def test_words_of_no_list_make_no_series_of_their_own() -> None:
    results = [one("d.example")] * 9
    forged = [{**one, "endpoints": [endpoint("mx", status=f"s{at}", tls={"protocol": f"p{at}"})]} for at, one in enumerate(results)]
    found = _samples(prometheus(material(forged)))
    assert found['mailops_tls_endpoints{status="other"}'] == 9
    assert found['mailops_tls_endpoint_protocols{protocol="other"}'] == 9


def test_changes_are_counted_where_they_are_known() -> None:
    assert _samples(prometheus(material([one("a.example")], changes=[])))["mailops_tls_changes"] == 0
    changes = [{"kind": "new"}, {"kind": "renewed", "counts": False}]
    assert _samples(prometheus(material([one("a.example")], changes=changes)))["mailops_tls_changes"] == 1


def test_every_metric_has_its_help_and_every_line_can_be_read() -> None:
    text = prometheus(material(hostile()))
    assert _samples(text)
    told = re.findall(r"^# HELP mailops_tls_(\S+)", text, re.MULTILINE)
    assert told == [name for name in HELP if name in told]


@pytest.mark.parametrize("seed", range(200))
def test_a_broken_result_is_no_traceback(seed: int) -> None:
    assert _samples(prometheus(material([broken(seed), one("good.example")])))


def test_shares_that_never_came_are_counted() -> None:
    missing = (MissingShare("p2", 0, 10, "nothing came"),)
    assert "mailops_tls_shares_missing 1\n" in prometheus(material([one("a.example")], missing=missing))
    assert "mailops_tls_shares_missing 0\n" in prometheus(material([one("a.example")]))
