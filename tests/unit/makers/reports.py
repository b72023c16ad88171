# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What reports are made of in tests: results of several modules, files of them, and texts that want to be more than text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import grade
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import Policy
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material, ResultOf, observed
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import RunIdentity, header_line, result_line
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, lost

MOMENT = "2026-05-04T12:00:00Z"
HOSTILE = (
    "</script><img src=x onerror=window.hit=1>",
    "--><svg onload=window.hit=1>",
    '" onmouseover="window.hit=1" x="',
    "<!--<script>window.hit=1</script>",
    "=HYPERLINK(\"http://example.net/\";\"click\")",
    "javascript:window.hit=1",
    "{{ 7 * 7 }}{% raw %}{# x #}",
    "${window.hit=1}`",
    "\u202egnp.exe\u2066\u200f",
    "\x1b]0;owned\x07\x1b[2J\x00",
    "line\r\nbreak\u2028\u2029",
    "&lt;b&gt;&amp;",
    "__proto__",
    "constructor",
    "220 " + "A" * 65536,
)  # fmt: skip
"""Texts of servers that try to be markup, script, formula, template, terminal control or another text than they are."""


def hostile_result(text: str, number: int = 0) -> dict[str, Any]:
    """A result whose every text that a server or DNS has a say in is this one."""
    host = f"mx{number}.example.org"
    seen = endpoint(
        text, greeting=text, server_name=text, chain=[certificate(host, subject=text, issuer=f"O={text}", dns_names=[text])],
        error={"kind": "protocol_error", "phase": "ehlo", "text": text}, status="failed", satisfied=False,
    )  # fmt: skip
    finding = {"id": text, "severity": "error", "subject": text, "text": text, "why": text, "fix": text, "reference": text}
    graded = {"level": text, "policy": text, "checks": [{"id": text, "level": text, "text": text, "connections": [text]}]}
    return audited(text, seen, lint=[finding], grade=graded)


def domain_result(domain: str, **changes: Any) -> dict[str, Any]:
    """A result of `mail_domain_info` for a domain that can be delivered to."""
    sender = {
        "outcome": "delivered", "protection": "verified", "fact": "a TLSA record matches",
        "exchanges": [{"exchange": f"mx.{domain}", "address": "192.0.2.1", "preference": 10, "outcome": "delivered",
                       "protection": "verified", "fact": "a TLSA record matches", "expected_down": False,
                       "has_dns_name": True}],
    }  # fmt: skip
    addresses = [{"address": "192.0.2.1", "ptr": [f"mx.{domain}"], "fcrdns": True}]
    host = f"mx.{domain}"
    exchange = {"preference": 10, "exchange": host, "addresses": addresses, "expected_down": False, "probe": endpoint(host)}
    facts: dict[str, Any] = {
        "domain": domain, "error": None, "worst": "warning", "role": "sends_and_receives",
        "zone": {"secure": True, "apex": domain, "agreed": True, "soa": {"serial": 7}, "servers": [{}]},
        "mx": {"null_mx": False, "secure": True, "exchanges": [exchange]},
        "spf": {"status": "valid", "record": "v=spf1 mx -all", "lookups": 1, "error": None},
        "dkim": [], "dmarc": None, "mta_sts": None, "tlsrpt": None, "caa": None, "srv": [], "autoconfig": None, "autodiscover": None,
        "dane": [{"exchange": f"mx.{domain}", "lookup": "found", "records": [], "error": None}],
        "bimi": None, "dnsbl": [], "propagation": [],
        "senders": {name: sender for name in ("no_tls", "opportunistic", "mta_sts", "dane", "dane_and_mta_sts", "mandatory")},
        "lint": [{"id": "dmarc_missing", "severity": "warning", "subject": domain, "text": "no DMARC record", "why": "Others can use it.",
                  "fix": "Publish one.", "reference": "RFC 9989"}],
    }  # fmt: skip
    return {**facts, **changes}


def rollover_result(label: str, **changes: Any) -> dict[str, Any]:
    """An item of `dane_rollover_results`."""
    facts = {"label": label, "phase": "steady", "failed": False, "alarm": False, "lines": [f"{label}: steady"], "days_left": 89}
    return {**facts, **changes}


def delivery_result(host: str, **changes: Any) -> dict[str, Any]:
    """What `mail_delivery_probe` returns."""
    facts = {
        "delivered": True, "worst": "ok", "lint": [], "error": None, "retrieve": None,
        "submit": {**endpoint(host), "service": "submission", "port": 587, "port_state": "open"},
        "steps": [{"step": "rcpt", "ok": True, "reply": {"code": 250, "text": "Ok"}, "error": None, "seconds": 0.02}],
    }  # fmt: skip
    return {**facts, **changes}


def many(count: int) -> list[dict[str, Any]]:
    """Results of many destinations, of every fifth something is wrong."""
    found = []
    for number in range(count):
        domain, host = f"d{number}.example.org", f"mx.d{number}.example.org"
        seen = lost(host) if number % 5 == 4 else endpoint(host, dane=number % 2 == 0)
        found.append(audited(domain, seen))
    return found


def material(results: Sequence[Mapping[str, Any]], policies: Sequence[Policy] = (), **changes: Any) -> Material:
    """What a report of these results is made of, destinations with their grades by policies."""
    given = []
    for one in (observed(result, MOMENT, "p1") for result in results):
        if one is not None and one.kind is ResultOf.DESTINATION:
            one = one._replace(grades=tuple(grade(one.result, policy) for policy in policies))
        given += [one] if one is not None else []
    facts: dict[str, Any] = {"title": "An audit", "moment": MOMENT, "results": lambda: given}
    return Material(**{**facts, **changes})


def written(path: Path, results: Iterable[Mapping[str, Any]], moment: str = MOMENT, vantage: str = "p1") -> Path:
    """Write a file of results, as a run does."""
    identity = RunIdentity("20260504T120000Z-0a1b2c3d", vantage)
    at = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    lines = [header_line(identity, at, {"security_level": "dane"}), *(result_line(identity, at, one) for one in results)]
    path.write_bytes(b"".join(lines))
    return path
