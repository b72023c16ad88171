# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each hostile server for mail clients by itself: how the look at it ends, what is told of it, and how much of it is kept."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.conductor import MailboxRun
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.lint import lint
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import MailboxResult
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import parse_host
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.hostile import imap_servers, pop3_servers, sieve_servers
from ansible_collections.mailops.tls.tests.hostile.mailbox import NAME, HostileMailbox, chain
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.certificates import NOW
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import unclean
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import ScriptedServer
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns

SERVERS = (*imap_servers.SERVERS, *pop3_servers.SERVERS, *sieve_servers.SERVERS)
PATIENT = TimeLimits(600, 600, 600)
GROWTH = 8 * 1024 * 1024
"""Most bytes that probe and server together may need, in one process."""
INSIDE = ("capability_tls", "ehlo_tls")
KEPT = 512 * 1024
"""Most characters of a server's facts, the transcript among them."""


@dataclass(frozen=True)
class Looked:
    """What came of a look at one server: facts of its endpoint, ids of findings, and bytes needed."""

    facts: dict[str, Any]
    findings: tuple[str, ...]
    texts: tuple[str, ...]
    growth: int


@pytest.fixture(scope="module", name="contexts")
def fixture_contexts(tmp_path_factory: pytest.TempPathFactory) -> TlsContexts:
    path: Path = tmp_path_factory.mktemp("authority") / "ca.pem"
    path.write_bytes(chain().root.pem)
    contexts = TlsContexts(TlsParameters(ca_file=str(path)))
    contexts.check(must_match=True, need_not_match=True)
    return contexts


@pytest.fixture(name="measured")
def fixture_measured(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether memory is measured, which makes everything slower."""
    wanted = "without end" in request.node.name or "100 GB" in request.node.name
    if wanted:
        tracemalloc.start()
    yield wanted
    tracemalloc.stop()


def look(one: HostileMailbox, contexts: TlsContexts) -> Looked:
    """Look at a server as the module does, with a transcript."""
    waits = any(kind.value in ("timeout", "rate_limited") for kind, _phase in one.ends)
    limits = TimeLimits(patient(0.4), patient(0.4), patient(1.2)) if waits else PATIENT

    async def run() -> Looked:
        async with ScriptedServer(one.script) as server:
            settings = MailboxProbeSettings(services=(one.service,), transcript=True)
            ask = FakeDns().found(NAME, "A", ["127.0.0.1"]).ask
            prober = Prober(contexts, ProberSettings(limits))
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            whole = MailboxRun(settings, ask, prober, NOW)
            results: list[MailboxResult] = []
            await whole.run([parse_host(f"{NAME}:{server.port}")], results.append)
            growth = tracemalloc.get_traced_memory()[1] - before
            (result,) = results
            (endpoint,) = result.as_facts(Detail(transcript=True))["endpoints"]
            found = lint(result, NOW)
            return Looked(endpoint, tuple(one.id for one in found), tuple(one.text for one in found), growth)

    return asyncio.run(run())


def test_there_are_at_least_sixty_and_all_have_names_of_their_own() -> None:
    assert len({one.name for one in SERVERS}) == len(SERVERS) >= 60


@pytest.mark.parametrize("one", SERVERS, ids=lambda one: one.name)
@tries_again
def test_server(one: HostileMailbox, contexts: TlsContexts, measured: bool) -> None:
    looked = look(one, contexts)
    facts, error = looked.facts, looked.facts["error"]
    ends = [(kind.value, phase.value) for kind, phase in one.ends]
    assert ((error["kind"], error["phase"]) in ends) if ends else error is None, error
    # What is wrong behind the handshake changes nothing about the certificate, and satisfies nobody.
    verified = not ends or all(phase in INSIDE for _kind, phase in ends)
    assert facts["satisfied"] is not bool(ends) and (facts["status"] == "verified") is verified, facts["status"]
    assert {name: facts[name] for name in one.facts} == dict(one.facts)
    assert sorted(looked.findings) == sorted(one.findings), looked.texts
    assert not list(unclean([facts, looked.texts]))
    assert len(json.dumps({**facts, "chain": None})) < KEPT and len(facts["unsolicited"]) <= 8
    assert not measured or looked.growth < GROWTH
