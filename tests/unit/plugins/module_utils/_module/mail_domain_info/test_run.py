# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `mail_domain_info`: its file of results, check mode, and what goes on where a run ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.arguments import domain_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.run import run_domain_look
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult

NOBODY = "127.0.0.1@1"
"""A name server that is not there."""


def look(*domains: str, check_mode: bool = False, **changes: Any) -> TaskResult:
    """Run the module for SPF alone, with DNS that nobody answers."""
    params = {name: spec.get("default") for name, spec in domain_arguments().items()}
    own = {"domains": list(domains) or None, "checks": ["spf"], "nameservers": [NOBODY], "ehlo_name": "probe.example.net", "timeout": 0.5}
    return run_domain_look({**params, **{key: value for key, value in own.items() if key in params}, **changes}, check_mode=check_mode)


def test_a_resolver_that_does_not_answer_is_an_error_of_each_domain() -> None:
    result = look("example.org", "example.net")
    assert [one["error"]["kind"] for one in result.facts["results"]] == ["dns_error"] * 2 and result.failure is None
    assert result.facts["summary"] == {"domains": 2, "by_worst": {"error": 2}}
    assert result.facts["report"] and "resumed" not in result.facts and "unmet" not in result.facts


def test_results_are_kept_and_a_run_goes_on_where_one_ended(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    first = look("a b", "c d", results_file=str(path))
    assert len(path.read_text(encoding="utf-8").splitlines()) == 3
    again = look("a b", "c d", "e f", results_file=str(path), resume=True)
    assert again.facts["resumed"]["results"] == 2
    assert again.facts["results"][:2] == first.facts["results"]


def test_domains_of_a_file_are_looked_at_once_and_counted(tmp_path: Path) -> None:
    listed, path = tmp_path / "list", tmp_path / "results.jsonl"
    nothing: dict[str, Any] = {"return": "summary"}
    listed.write_text("# mine\nexample.org\nExample.ORG;7\n\nnot!a!domain\nexample.net\n", encoding="utf-8")
    result = look(domains_file=str(listed), domains=None, results_file=str(path), **nothing)
    assert result.facts["results"] == [] and result.facts["summary"] == {"domains": 3, "by_worst": {"error": 3}}
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    assert {one["domain"]: one["error"]["kind"] for one in lines} == {
        "example.org": "dns_error", "example.net": "dns_error", "not!a!domain": "invalid_destination",
    }  # fmt: skip
    progress = json.loads((tmp_path / "results.jsonl.progress").read_text(encoding="utf-8"))
    assert (progress["done"], progress["total"], progress["by_status"], progress["ended"]) == (3, 3, {"error": 3}, True)
    again = look(domains_file=str(listed), domains=None, results_file=str(path), resume=True)
    assert again.facts["resumed"]["results"] == 1 and len(again.facts["results"]) == 3  # a resolver may answer the next time


def test_more_than_a_thousand_are_written_and_not_returned(tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.write_text("".join(f"not!{number}\n" for number in range(1001)), encoding="utf-8")
    result = look(domains_file=str(listed), domains=None, results_file=str(tmp_path / "results.jsonl"), report_max=3)
    assert result.facts["results"] == [] and result.facts["summary"]["domains"] == 1001
    assert "1,001 domains" in result.warnings[0] and result.facts["report"][-1] == "and 998 more domains"


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    look("a b", "c d", check_mode=True, results_file=str(path))
    assert not list(tmp_path.iterdir())


def test_what_is_expected_is_compared() -> None:
    result = look("example.org", expect={"worst": "ok"})
    assert result.failure is not None and [one["item"] for one in result.facts["unmet"]] == ["worst"]
