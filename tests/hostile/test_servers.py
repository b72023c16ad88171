# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each hostile server by itself: its probe ends as it has to, within bounded memory, and shows nothing unclean."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.tests.hostile import certificate_servers
from ansible_collections.mailops.tls.tests.hostile.hostile import Hostile
from ansible_collections.mailops.tls.tests.hostile.servers import SERVERS
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import unclean
from ansible_collections.mailops.tls.tests.unit.makers.probing import probe
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf

PATIENT = TimeLimits(600, 600, 600)
GROWTH = 8 * 1024 * 1024
"""Most bytes that probe and server together may need, in one process."""


def test_there_are_at_least_forty_and_all_have_names_of_their_own() -> None:
    assert len({one.name for one in SERVERS}) == len(SERVERS) >= 40
    assert all(one.ends or one.succeeds for one in SERVERS)


@pytest.mark.parametrize("hostile", SERVERS, ids=lambda one: one.name)
@tries_again
def test_server(hostile: Hostile) -> None:
    waits = any(kind.value == "timeout" for kind, _phase in hostile.ends)
    limits = TimeLimits(patient(0.3), patient(0.3), patient(0.8)) if waits else PATIENT
    probed = probe(hostile.script, limits=limits, must_match=True, sni="mx.example.com", measure="without end" in hostile.name)
    evidence = probed.evidence
    end = None if evidence.failure is None else (evidence.failure.kind, evidence.failure.phase)
    assert end in (*hostile.ends, *([None] if hostile.succeeds else [])), evidence.failure
    assert probed.growth < GROWTH
    shown = asdict(evidence)
    shown["tls"] = {**(shown["tls"] or {}), "chain": None}
    assert not list(unclean(shown))
    if hostile.succeeds:
        assert evidence.tls is not None and evidence.tls.established and evidence.tls.chain
        assert hostile in certificate_servers.SERVERS or evidence.tls.chain == (leaf("ecdsa").der,)
