# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One probe of a scripted server, with the time it took and the memory it needed. Its limits are for those that hang."""

from __future__ import annotations

import asyncio
import functools
import tracemalloc
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import (
    ProbeEvidence,
    ProbePlan,
    TimeLimits,
    gather_evidence,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Script, ScriptedServer

SETTINGS = SmtpSettings("probe.example.net")


@dataclass(frozen=True)
class Probed:
    """What a probe gave back, the seconds it took, and the most bytes that were in use above those before it."""

    evidence: ProbeEvidence
    seconds: float
    growth: int


@functools.cache
def contexts() -> TlsContexts:
    """Return TLS contexts with default parameters, made once."""
    made = TlsContexts(TlsParameters())
    made.check(must_match=True, need_not_match=True)
    return made


def probe(
    script: Script,
    settings: SmtpSettings = SETTINGS,
    *,
    tls_mode: TlsMode = TlsMode.STARTTLS,
    limits: TimeLimits = TimeLimits(600, 600, 600),  # noqa: B008 - a value
    must_match: bool = False,
    sni: str | None = None,
    measure: bool = False,
) -> Probed:
    """Probe a server that follows the script; *measure* its memory too, which makes everything slower."""

    async def run() -> Probed:
        loop = asyncio.get_running_loop()
        async with ScriptedServer(script) as server:
            plan = ProbePlan(Target("127.0.0.1", server.port), settings, must_match, sni, tls_mode=tls_mode)
            begin, before = loop.time(), _reset_peak() if measure else 0
            evidence = await gather_evidence(plan, contexts(), limits, begin + limits.deadline)
            growth = tracemalloc.get_traced_memory()[1] - before if measure else 0
            return Probed(evidence, loop.time() - begin, growth)

    contexts()
    if measure:
        tracemalloc.start()
    try:
        return asyncio.run(run())
    finally:
        tracemalloc.stop()


def _reset_peak() -> int:
    tracemalloc.reset_peak()
    return tracemalloc.get_traced_memory()[0]
