# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each hostile resolver: a lookup ends as it has to, in time, and so does a whole run, which then says why in clean words."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import MAX_RECORDS
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe
from ansible_collections.mailops.tls.tests.hostile.resolvers import RESOLVERS, HostileResolver, Running
from ansible_collections.mailops.tls.tests.pace import is_cheap, patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean, unclean
from ansible_collections.mailops.tls.tests.unit.servers.background import running

SECONDS = 0.4
"""The time limit of one exchange; there are two (UDP and TCP) at the most for a question."""
CPU = 1.0
"""Most CPU seconds for one question, the resolver's own among it."""


@pytest.mark.parametrize("resolver", RESOLVERS, ids=lambda one: one.name)
@tries_again
def test_lookup(resolver: HostileResolver) -> None:
    async def look_up() -> Answer:
        async with Running(resolver) as server:
            client = Resolver([Nameserver("127.0.0.1", server.port)], timeout=patient(SECONDS), attempts=1)
            try:
                return await client.ask("a.example.test", resolver.rdtype)
            finally:
                await client.close()

    began = time.thread_time()
    answer = asyncio.run(look_up())
    assert is_cheap(time.thread_time() - began, CPU)
    assert answer.outcome is resolver.outcome, answer
    assert (answer.error is not None) is (answer.outcome is Outcome.ERROR)
    assert (answer.warning is not None) is resolver.warned
    assert len(answer.records) <= MAX_RECORDS and all(is_clean(str(record)) for record in answer.records)
    assert not list(unclean([answer.canonical_name, answer.error, answer.warning]))


@pytest.mark.parametrize("resolver", RESOLVERS, ids=lambda one: one.name)
@tries_again
def test_run(resolver: HostileResolver) -> None:
    params: dict[str, Any] = {name: argument.get("default") for name, argument in smtp_arguments().items()}
    params.update(dict.fromkeys(("connect_timeout", "command_timeout", "deadline"), patient(SECONDS)), ehlo_name="probe.test")
    server = Running(resolver)
    with running(server):
        params.update(destinations=["a.example.test", "[b.example.test]:2525"], nameservers=[f"127.0.0.1@{server.port}"])
        result = run_smtp_probe(params)
    assert not list(unclean(result.facts))
    for one in result.facts["results"]:
        errors = [one["error"], *(endpoint["error"] for endpoint in one["endpoints"])]
        kinds = {error["kind"] for error in errors if error is not None}
        assert kinds and kinds <= {"dns_error", "dns_not_found", "null_mx", "tlsa_lookup_failed"}
        assert one["status"] == "failed" and not one["satisfied"]
