# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A resolver with a scripted name server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver, TrustAd
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted


def run(
    script: dict[tuple[str, str], Scripted],
    test: Callable[[Resolver, Responder], Awaitable[None]],
    *,
    trust_ad: TrustAd = TrustAd.AUTO,
    timeout: float = 600,
    attempts: int = 1,
) -> None:
    """Run a test of a resolver whose name server follows a script."""

    async def scene() -> None:
        async with Responder(script) as responder:
            resolver = Resolver([Nameserver("127.0.0.1", responder.port)], trust_ad, timeout, attempts)
            await test(resolver, responder)
            await resolver.close()

    asyncio.run(scene())


def answer_with(
    name: str, rdtype: str = "A", *, script: dict[tuple[str, str], Scripted],
    trust_ad: TrustAd = TrustAd.AUTO, want_dnssec: bool = True, timeout: float = 600,
) -> Answer:  # fmt: skip
    answers: list[Answer] = []

    async def test(resolver: Resolver, responder: Responder) -> None:
        answers.append(await resolver.ask(name, rdtype, want_dnssec))

    run(script, test, trust_ad=trust_ad, timeout=timeout)
    return answers[0]
