# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scans of a run: each server once, one at a time at an address, and only where a scan is welcome."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe import scans
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbePlan, TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.scans import Scans, ScanSettings
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ScanMode
from ansible_collections.mailops.tls.tests.unit.makers.probing import SETTINGS, contexts
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import mail_server, serve

QUICK = ScanSettings(ScanMode.GRADE, 0.0, 120.0)
TURNS = ProberSettings(TimeLimits(60, 60, 120), scan=QUICK)
TLS = MemoryServer(leaf("ecdsa").pem, leaf("ecdsa").key.pem, version=ssl.TLSVersion.TLSv1_2)


class Crowd:
    """A mail server that counts its connections, how many are open, and how many were."""

    def __init__(self, *, implicit: bool = False) -> None:
        self.count = self.now = self.most = 0
        self._script = mail_server(TLS, implicit=implicit)

    async def __call__(self, peer: Peer) -> None:
        self.count += 1
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self._script(peer)
        finally:
            self.now -= 1


def plan(server: ScriptedServer, name: str | None = "mx.example.com", mode: TlsMode = TlsMode.STARTTLS) -> ProbePlan:
    return ProbePlan(Target("127.0.0.1", server.port), SETTINGS, sni=name, tls_mode=mode)


async def scanned(prober: Prober, wanted: ProbePlan, obstacle: Failure | None = None) -> dict[str, Any] | None:
    return await prober.scan((await prober.probe(wanted)).evidence, obstacle)


def test_who_asks_again_gets_the_same_scan_and_another_name_is_another() -> None:
    crowd = Crowd()

    async def test(server: ScriptedServer) -> None:
        prober = Prober(contexts(), TURNS)
        first, second = await asyncio.gather(scanned(prober, plan(server)), scanned(prober, plan(server)))
        assert first is not None and first == second == await scanned(prober, plan(server))
        assert crowd.count == 1 + first["connections"] and first["versions"]["TLSv1.2"]["value"] is True
        other = await scanned(prober, plan(server, None))
        assert other is not None and crowd.count == 2 + first["connections"] + other["connections"]

    serve(test, ScriptedServer(crowd))


def test_two_scans_at_one_address_are_one_after_the_other() -> None:
    crowd = Crowd()

    async def test(*servers: ScriptedServer) -> None:
        prober = Prober(contexts(), TURNS)
        probed = [(await prober.probe(plan(one))).evidence for one in servers]
        crowd.most = 0
        found = await asyncio.gather(*(prober.scan(one) for one in probed))
        assert all(one is not None and one["stopped"] is None for one in found)
        assert crowd.most == 1

    serve(test, ScriptedServer(crowd), ScriptedServer(crowd))


def test_a_connection_of_a_scan_takes_its_turn_at_the_address() -> None:
    crowd = Crowd()

    async def test(server: ScriptedServer) -> None:
        prober = Prober(contexts(), replace(TURNS, per_address_limit=1))
        first = (await prober.probe(plan(server))).evidence
        crowd.most = 0
        await asyncio.gather(prober.scan(first), *(prober.probe(plan(server, f"{number}.example.com")) for number in range(20)))
        assert crowd.most == 1

    serve(test, ScriptedServer(crowd))


def test_a_connection_of_a_scan_takes_its_turn_at_the_provider() -> None:
    crowd = Crowd()

    async def test(*servers: ScriptedServer) -> None:
        prober = Prober(contexts(), replace(TURNS, per_provider_limit=1))
        targets = [Target(f"127.0.0.{number}", one.port) for number, one in enumerate(servers, 1)]
        probed = [(await prober.probe(ProbePlan(one, SETTINGS, sni="mx.example.com"))).evidence for one in targets]
        crowd.most = 0
        found = await asyncio.gather(*(prober.scan(one, host=f"mx{at}.example.com") for at, one in enumerate(probed)))
        assert crowd.most == 1 and all(one is not None and one["stopped"] is None for one in found)

    serve(test, ScriptedServer(crowd), ScriptedServer(crowd, address="127.0.0.2"))


@pytest.mark.parametrize("implicit", [False, True])
def test_both_ways_to_begin_tls(implicit: bool) -> None:
    async def test(server: ScriptedServer) -> None:
        mode = TlsMode.IMPLICIT if implicit else TlsMode.STARTTLS
        found = await scanned(Prober(contexts(), TURNS), plan(server, mode=mode))
        assert found is not None and found["mode"] == "grade" and found["error"] is None
        assert found["versions"]["TLSv1.2"]["value"] is True and found["levels"]["sufficient"]["value"]

    serve(test, ScriptedServer(Crowd(implicit=implicit)))


def test_nobody_is_scanned_who_has_no_tls_or_too_many_connections() -> None:
    async def plain(peer: Peer) -> None:
        await peer.offer_tls(b"250 mx.example.com\r\n")

    async def full(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(TLS.another())
        await peer.hear()
        await peer.send(b"421 4.7.0 too many connections\r\n")

    async def test(*servers: ScriptedServer) -> None:
        prober = Prober(contexts(), replace(TURNS, limits=TimeLimits(60, 60, 1)))
        for server in servers:
            assert await scanned(prober, plan(server)) is None
        assert len(servers[0].peers) == 1
        assert await prober.scan(None) is None
        assert await scanned(Prober(contexts(), replace(TURNS, scan=None)), plan(servers[0])) is None

    serve(test, ScriptedServer(plain), ScriptedServer(full))


def test_where_it_must_not_be_everything_is_not_tested_and_says_why() -> None:
    crowd = Crowd()
    obstacle = Failure(ErrorKind.RATE_LIMITED, SmtpPhase.EHLO, "too many logins")

    async def test(server: ScriptedServer) -> None:
        prober = Prober(contexts(), TURNS)
        found = await scanned(prober, plan(server), obstacle)
        assert found is not None and crowd.count == 1
        assert (found["connections"], found["stopped"], found["error"]) == (0, "too many logins", obstacle.as_dict())
        assert {one["state"] for one in found["versions"].values()} == {"not_tested"}
        seen = await scanned(prober, plan(server))
        assert await scanned(prober, plan(server), obstacle) == seen != found  # what is known already asks nobody

    serve(test, ScriptedServer(crowd))


def test_a_scan_that_is_stopped_says_what_the_server_did() -> None:
    count = [0]

    async def script(peer: Peer) -> None:
        count[0] += 1
        if count[0] == 4:
            await peer.send(b"421 4.7.0 too many connections\r\n")
            return
        await mail_server(TLS)(peer)

    async def test(server: ScriptedServer) -> None:
        found = await scanned(Prober(contexts(), TURNS), plan(server))
        assert found is not None and found["connections"] == 3 and found["error"]["kind"] == "rate_limited"
        assert found["stopped"] == found["error"]["text"] and found["versions"]["TLSv1.3"]["state"] == "not_tested"

    serve(test, ScriptedServer(script))


def test_of_very_many_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "MOST_KEPT", 2)
    crowd = Crowd()

    async def test(server: ScriptedServer) -> None:
        prober = Prober(contexts(), TURNS)
        for name in ("a.example.com", "b.example.com", "c.example.com"):
            await scanned(prober, plan(server, name))
        before = crowd.count
        await scanned(prober, plan(server, "b.example.com"))
        assert crowd.count == before
        await scanned(prober, plan(server, "a.example.com"))
        assert crowd.count > before

    serve(test, ScriptedServer(crowd))


def test_time_spent_waiting_for_a_turn_is_not_the_scan_s(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(server: ScriptedServer) -> None:
        first = (await Prober(contexts(), TURNS).probe(plan(server))).evidence
        loop, waited = asyncio.get_running_loop(), [0.0]
        real = loop.time
        monkeypatch.setattr(loop, "time", lambda: real() + waited[0])

        class Late:
            """A turn that comes when most of the scan's time would be over."""

            async def __aenter__(self) -> None:
                waited[0] += 100

            async def __aexit__(self, *reason: object) -> None:
                pass

        found = await Scans(QUICK, TimeLimits(60, 60, 120), lambda unused, nobody: Late()).after(first)
        assert found is not None and found["stopped"] is None and waited[0] == 100 * found["connections"] > 1000

    serve(test, ScriptedServer(mail_server(TLS)))
