# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All hostile servers and a good one in one run: each ends as it has to, the good one is verified, and nothing is left behind."""

from __future__ import annotations

import gc
import json
import logging
import os
import subprocess
import sys
import tracemalloc
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import parse_line
from ansible_collections.mailops.tls.plugins.module_utils._results.lines import ReportDetail
from ansible_collections.mailops.tls.plugins.module_utils._results.shape import RESULT, has_shape
from ansible_collections.mailops.tls.plugins.module_utils._results.table import DEFAULT_WIDTH, table
from ansible_collections.mailops.tls.tests.hostile.servers import SERVERS
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean, unclean

SERVER = "ansible_collections.mailops.tls.tests.hostile.fleet_server"
DEADLINE = 13.0
"""Seconds a probe may take; the limits of its phases are half of it."""
GROWTH = 32 * 1024 * 1024
"""Most bytes of memory that the probes of all of them at once may need; it is 11 MB."""
KEPT = 16 * 1024 * 1024
"""Most bytes that may be left of them, the results among it."""


@pytest.fixture(autouse=True)
def _dns_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The good name server of all of them is busy, and a question that it does not come to is another result."""
    monkeypatch.setattr(dns_settings, "__defaults__", (600.0,))


@pytest.fixture(scope="module", name="fleet")
def fixture_fleet() -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-W", "ignore", "-m", SERVER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            try:
                process.wait(600)
            except subprocess.TimeoutExpired:
                process.kill()


def run(fleet: dict[str, Any], destinations: list[str], **more: Any) -> TaskResult:
    """Run the probe as the module does, with the defaults of its arguments."""
    params = {name: argument.get("default") for name, argument in smtp_arguments().items()}
    given = {"destinations": destinations, "nameservers": [f"127.0.0.1@{fleet['nameserver']}"], "ehlo_name": "probe.test"}
    seconds = patient(DEADLINE)
    limits = {"connect_timeout": seconds / 2, "command_timeout": seconds / 2, "deadline": seconds}
    return run_smtp_probe({**params, **given, **limits, "concurrency": 200, "per_address_limit": 200, **more})


def descriptors() -> list[str]:
    """Return what every open descriptor of this process is."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink("/proc/self/fd/" + number))
        except FileNotFoundError:
            continue  # the listing's own
    return found


def sockets() -> int:
    return sum(1 for one in descriptors() if one.startswith(("socket:", "anon_inode:", "pipe:")))


@pytest.mark.parametrize("level", ["dane", "may"])
@tries_again
def test_all_at_once(level: str, fleet: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    good, all_of_them = fleet["good"], list(fleet["destinations"].values())
    path, trace = (tmp_path / f"{name} in {patient(DEADLINE)} s" for name in ("results", "trace"))
    caplog.clear()
    more: dict[str, Any] = {"security_level": level, "transcript": True, "include_pem": True}
    more.update(results_file=str(path), trace_file=str(trace), report_detail=[one.value for one in ReportDetail])
    run(fleet, [good], security_level=level)  # what is loaded once is loaded now
    gc.collect()
    before = sockets()
    with warnings.catch_warnings(record=True) as warned, caplog.at_level(logging.WARNING):
        warnings.simplefilter("always")
        tracemalloc.start()
        result = run(fleet, all_of_them, **more)
        gc.collect()
        kept, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < GROWTH and kept < KEPT
    assert sockets() == before
    assert not [str(one.message) for one in warned if issubclass(one.category, (ResourceWarning, RuntimeWarning))]
    assert not [record.getMessage() for record in caplog.records]
    check_results(result, fleet, level)
    check_texts(result, path, trace)


def check_results(result: TaskResult, fleet: dict[str, Any], level: str) -> None:
    """Check that each server ended as it has to, and that only the good one was found good."""
    found = {one["destination"]: one for one in result.facts["results"]}
    assert len(found) == len(SERVERS) + 1
    wrong = []
    for number, hostile in enumerate(SERVERS):
        facts = found[fleet["destinations"][f"case{number}.test"]]
        (endpoint,) = facts["endpoints"]
        error = endpoint["error"]
        end = None if error is None else (error["kind"], error["phase"])
        allowed = [(kind.value, phase.value) for kind, phase in hostile.ends] + ([None] if hostile.succeeds else [])
        if end not in allowed or facts["status"] == "verified":
            wrong.append((hostile.name, facts["status"], error))
        if level != "may" and facts["satisfied"]:
            wrong.append((hostile.name, "satisfied", error))
    assert not wrong
    good = found[fleet["good"]]
    assert good["status"] == ("verified" if level == "dane" else "untrusted"), good
    assert good["satisfied"]


def check_texts(result: TaskResult, path: Path, trace: Path) -> None:
    """Check that everything that is shown or written is clean, and that the file holds the results."""
    results = result.facts["results"]
    assert not list(unclean(results)) and not list(unclean(result.facts["report"])) and not list(unclean(list(result.warnings)))
    assert "Traceback" not in json.dumps(result.facts)
    lines = table(results)
    assert all(is_clean(line) and len(line) <= DEFAULT_WIDTH for line in lines)
    assert all(has_shape(one, RESULT) for one in results)
    written = [parse_line(line, number).result for number, line in enumerate(path.read_bytes().split(b"\n")[1:-1], 2)]
    as_json = json.loads(json.dumps(results))
    assert sorted(written, key=json.dumps) == sorted(as_json, key=json.dumps)
    text = trace.read_text(encoding="utf-8")
    assert all(is_clean(line) for line in text.split("\n")) and "TLS session with" in text
