# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each hostile mailbox: how the look into it ends, that no message of others is missing then, and how much memory and time it took."""

from __future__ import annotations

import asyncio
import tracemalloc
from dataclasses import dataclass, replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._delivery.errands import Look, LookNote
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import ImapSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Settings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import Retrieval
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan, TimeLimits, gather_evidence
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.tests.hostile.retrieval_servers import (
    BY_IMAP,
    SERVERS,
    HostileRetrieval,
    is_strangers,
    serve,
    world_of,
)
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import unclean
from ansible_collections.mailops.tls.tests.unit.makers.probing import contexts
from ansible_collections.mailops.tls.tests.unit.makers.retrieving import OLD, all_stale, sought
from ansible_collections.mailops.tls.tests.unit.servers.mailbox_servers import Folders
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import ScriptedServer

LIMITS = TimeLimits(600, 600, 600)
GROWTH = 16 * 1024 * 1024
"""Most bytes that client and server together may need beside the messages themselves."""


@dataclass(frozen=True)
class Looked:
    """What came of a look: the result, the connection, and bytes needed."""

    result: Retrieval
    evidence: ProbeEvidence
    growth: int


def look(one: HostileRetrieval, world: Folders) -> Looked:
    """Look into a mailbox by a real connection."""
    wanted = replace(all_stale(), token=OLD) if one.clean else sought(patience=0.0)
    found, limits = Retrieval(), TimeLimits(patient(1), patient(1), patient(4)) if one.waits else LIMITS
    errand = Look(wanted, LookNote(found), one.clean)
    settings = (ImapSettings if one in BY_IMAP else Pop3Settings)(errand=errand)
    contexts()

    async def run() -> Looked:
        async with ScriptedServer(serve(lambda: one.make(world), one.behind)) as server:
            plan = ProbePlan(Target("127.0.0.1", server.port), settings, tls_mode=TlsMode.IMPLICIT)
            loop = asyncio.get_running_loop()
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            evidence = await gather_evidence(plan, contexts(), limits, loop.time() + limits.deadline)
            growth = tracemalloc.get_traced_memory()[1] - before
            return Looked(found, evidence, growth)

    measured = "without end" in one.name or "MB" in one.name or "GB" in one.name
    if measured:
        tracemalloc.start()
    try:
        return asyncio.run(run())
    finally:
        tracemalloc.stop()


def test_all_have_names_of_their_own() -> None:
    assert len({one.name for one in SERVERS}) == len(SERVERS) >= 40


@pytest.mark.parametrize("one", SERVERS, ids=lambda one: one.name)
@tries_again
def test_server(one: HostileRetrieval) -> None:
    world = world_of(one)
    looked = look(one, world)
    failure = looked.evidence.failure
    assert (None if failure is None else (failure.kind, failure.phase)) in (one.ends or [None]), failure
    result = looked.result
    assert (len(result.copies), result.cleanup.removed) == (one.found, one.removed)
    assert sum(1 for stored in world.all if is_strangers(stored)) == one.strangers
    shown = [[copy.as_facts() for copy in result.copies], [folder.as_facts() for folder in result.folders]]
    assert not list(unclean([shown, [line.text for line in looked.evidence.log.transcript]]))
    assert len(result.folders) <= 9 and all(len(copy.header) <= 1024 * 1024 for copy in result.copies)
    assert looked.growth < GROWTH and len(looked.evidence.log.transcript) < 5000
