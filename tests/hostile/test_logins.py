# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each server that is hostile to logins by itself: what becomes of the login, and that no secret goes or is shown where it must not."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._login.concealed import Concealment
from ansible_collections.mailops.tls.plugins.module_utils._login.conductor import LoginRun
from ansible_collections.mailops.tls.plugins.module_utils._login.lint import lint_logins
from ansible_collections.mailops.tls.plugins.module_utils._login.result import LoginResult
from ansible_collections.mailops.tls.plugins.module_utils._login.settings import LoginSettings
from ansible_collections.mailops.tls.plugins.module_utils._login.terms import BindingUse, LoginTerms
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.conductor import MailboxRun
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import parse_host
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.hostile.login_servers import BEGUN, PASSWORD, SERVERS, TOKEN, USER, HostileLogin
from ansible_collections.mailops.tls.tests.hostile.mailbox import NAME, chain
from ansible_collections.mailops.tls.tests.pace import is_cheap, patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.certificates import NOW
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import unclean
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import ScriptedServer
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns

CREDENTIALS = Credentials(USER, PASSWORD, TOKEN)
LIMITS = TimeLimits(600, 600, 600)
SECONDS, HASTY = 600.0, 0.5
"""How long a server may take for a login; *hasty* where it has to come to that."""
CPU = 2.0
"""Most seconds of a processor that a login may take, whatever the server asks for. The server's own are among them."""
KEPT = 512 * 1024
_RESPONSE = re.compile(rb"[^\s\"]{25,}")


@dataclass(frozen=True)
class Tried:
    """What came of one login: its facts, all facts of the endpoint with the findings, what the server heard, seconds of CPU."""

    login: dict[str, Any]
    everything: str
    heard: list[bytes]
    cpu: float


@pytest.fixture(scope="module", name="contexts")
def fixture_contexts(tmp_path_factory: pytest.TempPathFactory) -> TlsContexts:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    path.write_bytes(chain().root.pem)
    contexts = TlsContexts(TlsParameters(ca_file=str(path)))
    contexts.check(must_match=True, need_not_match=True)
    return contexts


def log_in(one: HostileLogin, contexts: TlsContexts) -> Tried:
    """Log in at a server as the module does, with a transcript."""
    waits = "timeout" in [outcome.value for outcome in one.outcome] or "silence" in one.name
    binding = BindingUse(one.options.get("channel_binding", "auto"))
    terms = LoginTerms(CREDENTIALS, channel_binding=binding, seconds=patient(HASTY) if waits else SECONDS)

    async def run() -> Tried:
        async with ScriptedServer(one.script) as server:
            settings = MailboxProbeSettings(services=(one.service,), transcript=True)
            prober = Prober(contexts, ProberSettings(LIMITS))
            mailboxes = MailboxRun(settings, FakeDns().found(NAME, "A", ["127.0.0.1"]).ask, prober, NOW)
            whole = LoginRun(mailboxes, settings, LoginSettings((one.mechanism,), terms), prober, NOW)
            began = time.thread_time()
            results: list[LoginResult] = []
            await whole.run([parse_host(f"{NAME}:{server.port}")], results.append)
            cpu = time.thread_time() - began
            facts = results[0].as_facts(Concealment.of(CREDENTIALS), Detail(transcript=True))
            facts["lint"] = [finding.as_facts() for finding in lint_logins(results[0])]
            assert not list(unclean(facts))
            ((login,),) = (endpoint["logins"] for endpoint in facts["endpoints"])
            heard = [line for peer in server.peers for line in (*peer.heard, bytes(peer._text))]
            facts["endpoints"][0]["chain"] = None
            return Tried(login, json.dumps(facts), heard, cpu)

    return asyncio.run(run())


def test_there_are_at_least_sixty_and_all_have_names_of_their_own() -> None:
    assert len({one.name for one in SERVERS}) == len(SERVERS) >= 60


@pytest.mark.parametrize("one", SERVERS, ids=lambda one: one.name)
@tries_again
def test_server(one: HostileLogin, contexts: TlsContexts) -> None:
    tried = log_in(one, contexts)
    assert tried.login["outcome"] in [outcome.value for outcome in one.outcome], tried.login
    assert (tried.login["server_authenticated"] is True) is (tried.login["outcome"] == "accepted" or "after the proof" in one.name)
    assert len(tried.everything) < KEPT and is_cheap(tried.cpu, CPU)
    secrets = Concealment.of(CREDENTIALS).forms
    assert not any(secret in tried.everything for secret in secrets)
    sent = [word for line in tried.heard if BEGUN.match(line) or b" " not in line for word in _RESPONSE.findall(line)]
    assert not any(word.decode("latin-1") in tried.everything for word in sent)
    if not one.exposed:
        everything = b"\n".join(tried.heard).decode("latin-1")
        assert not any(BEGUN.match(line) for line in tried.heard) and not any(secret in everything for secret in secrets)
