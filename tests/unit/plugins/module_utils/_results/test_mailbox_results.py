# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of mailboxes: which are tried again when a run goes on, and how they are reported."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import mailbox_failed_for_now, mailbox_key
from ansible_collections.mailops.tls.plugins.module_utils._results.mailbox_report import mailbox_report


def error(kind: str) -> dict[str, str]:
    return {"kind": kind, "phase": "connect", "text": "told"}


def endpoint(state: str = "open", kind: str | None = None, tlsa_error: str | None = None) -> dict[str, Any]:
    return {
        "service": "imaps", "host": "mail.example.org", "address": "192.0.2.1", "port": 993, "port_state": state,
        "status": "failed" if kind else "verified", "satisfied": kind is None, "error": error(kind) if kind else None,
        "tlsa": {"error": tlsa_error, "records": []},
    }  # fmt: skip


def result(*endpoints: dict[str, Any], **changes: Any) -> dict[str, Any]:
    own = {"target": "mail.example.org", "lookup": "host", "srv": [], "status": "verified", "satisfied": True, "error": None}
    return {**own, "ports": None, "endpoints": list(endpoints), "lint": [], **changes}


@pytest.mark.parametrize(
    ("found", "again"),
    [
        (result(endpoint()), False),
        (result(endpoint(), endpoint("refused", "connect_refused"), endpoint("filtered", "connect_timeout")), False),
        (result(endpoint("refused", "connect_refused"), error=error("connect_refused")), True),
        (result(endpoint(), endpoint("open", "timeout")), True),
        (result(endpoint("open", "starttls_not_offered")), False),
        (result(endpoint("error", "dnssec_unavailable")), True),
        (result(endpoint(), srv=[{"error": error("dns_error")}]), True),
        (result(endpoint(), endpoint(tlsa_error="SERVFAIL")), True),
        (result(error=error("invalid_destination")), False),
    ],
)
def test_what_can_end_differently_is_tried_again(found: dict[str, Any], again: bool) -> None:
    assert mailbox_failed_for_now(found) is again


def test_a_host_and_a_domain_of_one_name_are_told_apart() -> None:
    assert mailbox_key(result()) != mailbox_key(result(lookup="srv"))


def test_the_report_is_table_then_ports_then_findings() -> None:
    finding = {
        "severity": "error", "id": "an_id", "subject": "mail.example.org[192.0.2.1]:993",
        "text": "seen \x1b[31mred " + "x" * 99, "fix": "Mend it.",
    }  # fmt: skip
    ports = [{"address": "192.0.2.1", "port": port, "state": state} for port, state in ((25, "refused"), (143, "open"))]
    lines = mailbox_report([result(endpoint(), ports=ports, lint=[finding])])
    assert lines[0].startswith("DESTINATION") and lines[2].startswith("  imaps mail.example.org[192.0.2.1]:993")
    assert lines[3] == "ports of 192.0.2.1: 25 refused, 143 open"
    assert lines[4].startswith("error: an_id: mail.example.org[192.0.2.1]:993: seen ") and lines[-1] == "    Mend it."
    assert all(line.isprintable() and len(line) <= 100 for line in lines)
