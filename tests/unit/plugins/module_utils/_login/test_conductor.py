# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many targets at one host: nobody logs in twice, and what waits for its turn holds nobody up."""

from __future__ import annotations

import asyncio
import functools
import hashlib

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._login import conductor
from ansible_collections.mailops.tls.plugins.module_utils._login.conductor import LoginRun
from ansible_collections.mailops.tls.plugins.module_utils._login.result import LoginResult
from ansible_collections.mailops.tls.plugins.module_utils._login.settings import LoginSettings
from ansible_collections.mailops.tls.plugins.module_utils._login.terms import LoginTerms
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.conductor import MailboxRun
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import parse_host
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.crew import Crew
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.unit.makers.certificates import NOW
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf, server_for
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns

FINGERPRINT = hashlib.sha256(leaf("ecdsa").der).digest()
NAMES = ["mail.example.org", "Mail.example.org", "MAIL.example.org"]
ADDRESSES = ["127.0.0.1", "127.0.0.2"]


async def imap(peer: Peer) -> None:
    await peer.imap_inside_tls(server_for(leaf("ecdsa")), b"SASL-IR AUTH=PLAIN")
    while line := await peer.hear():
        if b"AUTHENTICATE" not in line:
            return
        await asyncio.sleep(0.02)
        await peer.send(b"a4 NO [AUTHENTICATIONFAILED] no\r\n")


@pytest.mark.parametrize("limit", [10, 4])
@pytest.mark.parametrize("parked_most", [0, 1, 1000])
def test_each_login_is_one_whatever_was_put_back(monkeypatch: pytest.MonkeyPatch, limit: int, parked_most: int) -> None:
    monkeypatch.setattr(conductor, "Crew", functools.partial(Crew, parked_most=parked_most))

    async def run() -> None:
        async with ScriptedServer(imap, address=ADDRESSES[0]) as one, ScriptedServer(imap, address=ADDRESSES[1], port=one.port) as other:
            dns = FakeDns()
            for name in NAMES:
                dns.found(name, "A", ADDRESSES)
            contexts = TlsContexts(TlsParameters())
            contexts.check(must_match=True, need_not_match=True)
            settings = MailboxProbeSettings(
                services=(MailService.IMAP,), security_level=SecurityLevel.FINGERPRINT, fingerprints=(FINGERPRINT,)
            )
            prober = Prober(contexts, ProberSettings(TimeLimits(60, 60, 120), concurrency=2))
            mailboxes = MailboxRun(settings, dns.ask, prober, NOW)
            logins = LoginSettings(("PLAIN",), LoginTerms(Credentials("tim", "wrong")), limit)
            whole = LoginRun(mailboxes, settings, logins, prober, NOW)
            found: list[LoginResult] = []
            await whole.run((parse_host(f"{name}:{one.port}") for name in NAMES), found.append)
            heard = [line for server in (one, other) for peer in server.peers for line in peer.heard]
            assert sum(b"AUTHENTICATE" in line for line in heard) == min(6, limit)
            outcomes = [login.outcome.value for result in found for endpoint in result.endpoints for login in endpoint.logins]
            assert sorted(outcomes) == ["bad_credentials"] * min(6, limit) + ["withheld"] * (6 - min(6, limit))
            assert len({result.mailbox.target.text for result in found}) == 3 and whole.progress == (0, 0)

    asyncio.run(run())
