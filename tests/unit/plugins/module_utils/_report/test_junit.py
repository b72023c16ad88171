# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JUnit XML: a case for each server and check, what was not tested skipped, and a document that can be read whatever is in it."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.junit import junit
from ansible_collections.mailops.tls.plugins.module_utils._report.material import MissingShare
from ansible_collections.mailops.tls.tests.unit.makers.audits import certificate, endpoint, lost, record
from ansible_collections.mailops.tls.tests.unit.makers.formats import broken, hostile, one
from ansible_collections.mailops.tls.tests.unit.makers.reports import material


def _cases(*results: dict[str, Any]) -> dict[str, tuple[str, str]]:
    root = ElementTree.fromstring(junit(material(results)).encode("utf-8"))
    found = {}
    for case in root.iter("testcase"):
        inside = next(iter(case), None)
        found[case.get("name", "")] = ("passed", "") if inside is None else (inside.tag, inside.get("message", ""))
    failures = sum(1 for outcome, _text in found.values() if outcome == "failure")
    assert root.get("failures") == str(failures)
    return found


def test_a_good_server_passes_all_checks() -> None:
    assert {outcome for outcome, _text in _cases(one("a.example")).values()} == {"passed"}
    assert [name.partition(" ")[2] for name in _cases(one("a.example"))] == [
        "delivers", "certificate is valid", "a TLSA record matches",
    ]  # fmt: skip


def test_an_ended_certificate_fails_though_mail_is_delivered() -> None:
    found = _cases(one("a.example", endpoint("mx", chain=[certificate("mx", not_after="2026-05-02T00:00:00Z")])))
    assert found["mx[192.0.2.1]:25 certificate is valid"] == ("failure", "it ended 3 days ago")
    assert found["mx[192.0.2.1]:25 delivers"][0] == "passed"


def test_a_busy_server_is_skipped_a_dead_one_fails() -> None:
    both = (lost("mx", kind="rate_limited"), lost("mx", "192.0.2.2", "connect_refused"))
    found = _cases(one("a.example", *both))
    assert found["mx[192.0.2.1]:25 delivers"] == ("skipped", "rate_limited: no answer")
    assert found["mx[192.0.2.2]:25 delivers"] == ("failure", "connect_refused: no answer")


def test_records_of_which_none_matches_fail() -> None:
    found = _cases(one("a.example", endpoint("mx", tlsa={"lookup": "found", "records": [record("mx", matched=False)]})))
    assert found["mx[192.0.2.1]:25 a TLSA record matches"] == ("failure", "none of these matches: 3 1 1")


def test_a_domain_without_servers_is_a_case() -> None:
    error = {"kind": "dns_not_found", "phase": "dns", "text": "no such domain"}
    found = _cases(one("a.example", endpoints=[], satisfied=False, status="failed", error=error))
    assert found == {"a.example delivers": ("failure", "dns_not_found: no such domain")}


def test_findings_fail_when_they_are_errors() -> None:
    lint = [{"id": f"x{severity}", "severity": severity, "subject": "", "text": "t"} for severity in ("error", "warning")]
    found = _cases(one("a.example", lint=lint))
    assert found["a.example finding xerror"] == ("failure", "t")
    assert found["a.example finding xwarning"] == ("passed", "")


def test_hostile_text_stays_text() -> None:
    root = ElementTree.fromstring(junit(material(hostile(), title="</testsuites>\x00")).encode("utf-8"))
    assert len(root) == len(hostile())
    assert {element.tag for element in root.iter()} == {"testsuites", "testsuite", "testcase", "failure", "skipped"}


@pytest.mark.parametrize("seed", range(200))
def test_a_broken_result_is_no_traceback(seed: int) -> None:
    ElementTree.fromstring(junit(material([broken(seed)])).encode("utf-8"))


def test_a_share_that_never_came_is_skipped_and_not_passed_over() -> None:
    root = ElementTree.fromstring(junit(material([one("a.example")], missing=(MissingShare("p2", 3, None, "a \x00 <b>"),))))
    [case] = [one for one in root.iter("testcase") if one.get("classname") == "(missing)"]
    skipped = case.find("skipped")
    assert skipped is not None and skipped.get("message") == "The share of p2 is not whole, only 3 results came: a ? <b>"
    assert root.get("skipped") == "1"
