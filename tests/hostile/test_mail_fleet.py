# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All hostile servers of mailboxes and logins in one run of each module: each ends as it has to, and the good one is verified."""

from __future__ import annotations

import gc
import json
import logging
import subprocess
import sys
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._login.concealed import Concealment
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.arguments import auth_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.run import run_auth_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.arguments import mailbox_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.run import run_mailbox_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials
from ansible_collections.mailops.tls.tests.hostile.login_servers import PASSWORD, SCRAM, TOKEN, USER
from ansible_collections.mailops.tls.tests.hostile.login_servers import SERVERS as LOGINS
from ansible_collections.mailops.tls.tests.hostile.mail_fleet_server import GOOD, MAILBOXES
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import unclean

SERVER = "ansible_collections.mailops.tls.tests.hostile.mail_fleet_server"
DEADLINE = 15.0
"""Seconds a probe may take; the limits of its phases are half of it. A login has as much again."""
GROWTH = 64 * 1024 * 1024
"""Most bytes that the probes of all of them at once may need, the results among them."""


@pytest.fixture(autouse=True)
def _dns_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The good name server of all of them is busy, and a question that it does not come to is another result."""
    monkeypatch.setattr(dns_settings, "__defaults__", (600.0,))


@pytest.fixture(scope="module", name="fleet")
def fixture_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-W", "ignore", "-m", SERVER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            said = json.loads(process.stdout.readline())
            authority = tmp_path_factory.mktemp("authority") / "ca.pem"
            authority.write_text(said["authority"], encoding="ascii")
            yield {**said, "authority": str(authority)}
        finally:
            process.stdin.close()
            try:
                process.wait(600)
            except subprocess.TimeoutExpired:
                process.kill()


def arguments(fleet: dict[str, Any], spec: dict[str, Any], domains: list[str], **more: Any) -> dict[str, Any]:
    """Return the parameters of a run: the defaults, and what leads to these servers."""
    params = {name: argument.get("default") for name, argument in spec.items()}
    given = {"domains": domains, "nameservers": [f"127.0.0.1@{fleet['nameserver']}"], "ca_file": fleet["authority"], "system_ca": False}
    seconds = patient(DEADLINE)
    limits = {"connect_timeout": seconds / 2, "command_timeout": seconds / 2, "deadline": seconds}
    services = [one.value for one in MailService if one.terms.announced]
    return {**params, **given, **limits, "services": services, "ehlo_name": "probe.test", "concurrency": 200, "per_address_limit": 200,
            "transcript": True, **more}  # fmt: skip


def measured(run: Callable[[], TaskResult], caplog: pytest.LogCaptureFixture) -> dict[str, dict[str, Any]]:
    """Run, and return the one endpoint of each target; check memory, warnings, and every text."""
    caplog.clear()
    with warnings.catch_warnings(record=True) as warned, caplog.at_level(logging.WARNING):
        warnings.simplefilter("always")
        tracemalloc.start()
        result = run()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        gc.collect()
    assert peak < GROWTH, peak
    assert not [str(one.message) for one in warned if issubclass(one.category, (ResourceWarning, RuntimeWarning))]
    assert not [record.getMessage() for record in caplog.records]
    assert not list(unclean([result.facts, list(result.warnings)])) and "Traceback" not in json.dumps(result.facts)
    found = {}
    for one in result.facts["results"]:
        (endpoint,) = one["endpoints"]
        found[one["target"]] = {**endpoint, "lint": sorted(finding["id"] for finding in one["lint"])}
    return found


@tries_again
def test_all_mailboxes_at_once(fleet: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    domains = [GOOD, *(f"mailbox{number}.test" for number in range(len(MAILBOXES)))]
    path = tmp_path / f"results in {patient(DEADLINE)} s"
    more = {"results_file": str(path), "trace_file": f"{path}.trace", "include_pem": True}
    params = arguments(fleet, mailbox_arguments(), domains, **more)
    found = measured(lambda: run_mailbox_probe(params), caplog)
    assert found[GOOD]["status"] == "verified" and found[GOOD]["satisfied"] and found[GOOD]["lint"] == []
    wrong = []
    for number, one in enumerate(MAILBOXES):
        facts = found[f"mailbox{number}.test"]
        error = facts["error"]
        ends = [(kind.value, phase.value) for kind, phase in one.ends]
        right = (error["kind"], error["phase"]) in ends if error is not None else not ends
        if not right or facts["satisfied"] is bool(ends):
            wrong.append((one.name, facts["status"], error))
        elif facts["lint"] != sorted(one.findings) or {name: facts[name] for name in one.facts} != dict(one.facts):
            wrong.append((one.name, facts["lint"], None))
    assert not wrong
    assert path.read_bytes().count(b"\n") == len(domains) + 1


@pytest.mark.parametrize("mechanism", [SCRAM, "PLAIN", "CRAM-MD5"])
@tries_again
def test_all_logins_at_once(mechanism: str, fleet: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tried = {f"login{number}.test": one for number, one in enumerate(LOGINS) if one.mechanism == mechanism and not one.options}
    path = tmp_path / f"results in {patient(DEADLINE)} s"
    who = {"username": USER, "password": PASSWORD, "oauth_token": TOKEN, "mechanisms": [mechanism], "auth_timeout": patient(DEADLINE / 4)}
    who["match"] = [".example.org"]  # SRV records that nobody has validated lead no password to another domain
    params = arguments(fleet, auth_arguments(), list(tried), results_file=str(path), **who)
    found = measured(lambda: run_auth_probe(params), caplog)
    wrong = []
    for domain, one in tried.items():
        (login,) = found[domain]["logins"]
        if login["outcome"] not in [outcome.value for outcome in one.outcome]:
            wrong.append((one.name, login["outcome"], login["error"]))
    assert not wrong
    written = path.read_text(encoding="utf-8") + json.dumps(found)
    assert not any(secret in written for secret in Concealment.of(Credentials(USER, PASSWORD, TOKEN)).forms)
