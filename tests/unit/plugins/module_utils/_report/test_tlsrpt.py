# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures in the shape of RFC 8460: the result types that a sender would have told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.tlsrpt import tlsrpt
from ansible_collections.mailops.tls.tests.unit.makers.audits import endpoint, lost, record
from ansible_collections.mailops.tls.tests.unit.makers.formats import broken, hostile, one
from ansible_collections.mailops.tls.tests.unit.makers.reports import MOMENT, material

RESULT_TYPES = {
    "starttls-not-supported", "certificate-host-mismatch", "certificate-expired", "certificate-not-trusted", "validation-failure",
    "tlsa-invalid", "dnssec-invalid", "dane-required",
}  # fmt: skip


def _report(*results: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(tlsrpt(material(results)))
    return found


def _mistrusted(code: int) -> dict[str, Any]:
    verification = {"effective_level": "secure", "error": {"code": code, "text": "no"}}
    nothing = {"lookup": "none", "records": []}
    return endpoint("mx", status="untrusted", satisfied=False, verification=verification, tlsa=nothing)


@pytest.mark.parametrize(
    ("server", "kind"),
    [
        (lost("mx", kind="starttls_not_offered"), "starttls-not-supported"),
        (lost("mx", kind="handshake_failed"), "validation-failure"),
        (lost("mx", kind="tlsa_lookup_failed"), "dnssec-invalid"),
        (_mistrusted(10), "certificate-expired"),
        (_mistrusted(62), "certificate-host-mismatch"),
        (_mistrusted(20), "certificate-not-trusted"),
        (_mistrusted(65), "validation-failure"),
    ],
)
def test_each_failure_has_its_result_type(server: dict[str, Any], kind: str) -> None:
    (policy,) = _report(one("a.example", server))["policies"]
    (detail,) = policy["failure-details"]
    assert detail["result-type"] == kind
    assert detail["receiving-mx-hostname"] == "mx"
    assert policy["summary"] == {"total-successful-session-count": 0, "total-failure-session-count": 1}


@pytest.mark.parametrize("kind", ["connect_refused", "timeout", "rate_limited", "rejected"])
def test_a_server_that_is_down_is_no_failure_of_tls(kind: str) -> None:
    (policy,) = _report(one("a.example", lost("mx", kind=kind)))["policies"]
    assert policy["failure-details"] == []


def test_servers_with_records_have_a_policy_of_their_own() -> None:
    plain = endpoint("mx", verification={"effective_level": "may", "error": None}, tlsa={"lookup": "none", "records": []})
    policies = _report(one("a.example", endpoint("mx"), plain))["policies"]
    assert [one["policy"]["policy-type"] for one in policies] == ["tlsa", "no-policy-found"]
    assert policies[0]["policy"]["policy-string"] == ["3 1 1 " + record("mx")["data"]]


def test_the_time_is_that_of_the_run() -> None:
    assert _report(one("a.example"))["date-range"] == {"start-datetime": MOMENT, "end-datetime": MOMENT}


def test_hostile_text_stays_text() -> None:
    types = {detail["result-type"] for policy in _report(*hostile())["policies"] for detail in policy["failure-details"]}
    assert types <= RESULT_TYPES


@pytest.mark.parametrize("seed", range(200))
def test_a_broken_result_is_no_traceback(seed: int) -> None:
    _report(broken(seed))
