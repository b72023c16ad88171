# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scans of hostile servers end in time and within their connections, and call nothing seen that was not proved."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbePlan, TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.scanner import ScanLimits, Scanner
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan import FULL_EXTRA, GRADE_CONNECTIONS
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ScanMode, ScanResult
from ansible_collections.mailops.tls.tests.hostile.scanned_servers import CONNECTIONS, SERVERS, HostileToScans
from ansible_collections.mailops.tls.tests.hostile.servers import SERVERS as PROBED
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import unclean
from ansible_collections.mailops.tls.tests.unit.makers.probing import SETTINGS
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Script, ScriptedServer

GROWTH = 8 * 1024 * 1024


@asynccontextmanager
async def at_once(unused: ProbePlan) -> AsyncIterator[None]:
    """A turn that nobody waits for."""
    yield


def scanned(script: Script, mode: ScanMode, *, waits: bool = False) -> tuple[ScanResult, int]:
    """Scan a server; also the number of connections that it had."""
    seconds = patient(0.5) if waits else 600.0
    limits = ScanLimits(0.0, patient(2) if waits else 600.0, TimeLimits(seconds, seconds, seconds))

    async def run() -> tuple[ScanResult, int]:
        async with ScriptedServer(script) as server:
            plan = ProbePlan(Target("127.0.0.1", server.port), SETTINGS, sni="mx.example.com")
            return await Scanner(limits, at_once).scan(plan, mode), len(server.peers)

    return asyncio.run(run())


def check(result: ScanResult, connections: int) -> None:
    """Check what holds of every scan; a connection that was refused has not reached the server."""
    facts = result.as_facts()
    accepted = len({suite for item in result.suites.values() for suite in item.value or ()})
    assert connections <= result.connections <= (GRADE_CONNECTIONS if result.mode is ScanMode.GRADE else accepted + FULL_EXTRA)
    assert (facts["error"] is None) or facts["stopped"] == facts["error"]["text"]
    assert not list(unclean(facts))
    items = [one for value in facts.values() if isinstance(value, dict) for one in ([value] if "state" in value else value.values())]
    for item in items:
        if isinstance(item, dict):
            assert (item["state"] == "not_tested") <= (item["value"] is None and not item["complete"] and bool(item["why"]))
            assert item["complete"] or item["why"]
    if result.stopped:
        assert not result.groups_complete or all(item.value is not None for item in result.versions.values())


def test_names_are_different() -> None:
    assert len({one.name for one in SERVERS}) == len(SERVERS)


@pytest.mark.parametrize("mode", ScanMode)
@pytest.mark.parametrize("hostile", SERVERS, ids=lambda one: one.name)
@tries_again
def test_server(hostile: HostileToScans, mode: ScanMode) -> None:
    tracemalloc.start()
    try:
        result, connections = scanned(hostile.script(), mode, waits=hostile.waits)
        assert tracemalloc.get_traced_memory()[1] < GROWTH
    finally:
        tracemalloc.stop()
    kind = result.error.kind.value if result.error is not None else None
    assert kind in (hostile.kinds or (None,)), result.stopped
    assert result.connections == CONNECTIONS.get(hostile.name, result.connections)
    check(result, connections)


def test_what_was_not_offered_is_not_accepted() -> None:
    lies = ("a suite that was not offered", "TLS 1.3 where it was not offered", "a version of the future", "a version before all others")
    for name in lies:
        (hostile,) = (one for one in SERVERS if one.name == name)
        result, unused = scanned(hostile.script(), ScanMode.FULL)
        for found in (result.versions, result.suites):
            assert not any(item.value for version, item in found.items() if version != "TLSv1.3" or "TLS 1.3" not in name), name


@pytest.mark.parametrize("mode", ScanMode)
@pytest.mark.parametrize(
    "name",
    [
        "closes at every hello after the fourth", "refuses every hello after the fourth", "two servers by turns", "does not know the name",
        "hangs on long hellos", "closes after its hello",
    ],
)  # fmt: skip
@tries_again
def test_what_is_refused_for_another_reason_is_not_called_not_accepted(name: str, mode: ScanMode) -> None:
    (hostile,) = (one for one in SERVERS if one.name == name)
    result, unused = scanned(hostile.script(), mode, waits=name.startswith("hangs"))
    if name.startswith(("hangs", "closes after")):
        assert result.versions["TLSv1.2"].value is True and not result.primes.complete
    else:
        assert {item.value for item in result.versions.values()} <= {True, None}
    assert not result.groups_complete


@pytest.mark.parametrize("hostile", PROBED, ids=lambda one: one.name)
@tries_again
def test_a_server_that_is_hostile_to_probes(hostile: object) -> None:
    result, connections = scanned(hostile.script, ScanMode.GRADE, waits=True)  # type: ignore[attr-defined]
    check(result, connections)
