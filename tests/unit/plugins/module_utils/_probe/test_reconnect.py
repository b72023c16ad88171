# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reconnecting: what ends it, and that real servers really resume, whatever the version of TLS and the mode."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpLog, SmtpPhase, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan, Sessions
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.reconnect import Ended, Reconnects, reconnect
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._results.lines import report_lines
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import TlsSession
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf, server_for
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import mail_server, probe, probe_one, serve
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL, crypto

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
PLAN = ProbePlan(Target("192.0.2.1", 25), SmtpSettings("probe.example.net"))
GONE = Failure(ErrorKind.CONNECT_REFUSED, CommonPhase.CONNECT, "Connection refused")


# --- the rules ---------------------------------------------------------------------------------------------------------


def met(name: str | None, *, gives: bool = True) -> tuple[str | None, bool]:
    """A connection on which a server of this name answers, which gives a session or not."""
    return name, gives


def reconnected(first: Sessions, *servers: tuple[str | None, bool] | None, most: int = 5) -> Reconnects:
    """Reconnect while these servers answer one after the other (None: nobody does)."""
    waiting = list(servers)

    async def connect(sessions: Sessions) -> ProbeEvidence:
        answering = waiting.pop(0)
        if answering is None:
            return ProbeEvidence(PLAN, failure=GONE)
        name, gives = answering
        resumed = name in sessions
        if gives:
            sessions.setdefault(name, object())
        return ProbeEvidence(PLAN, True, log=SmtpLog(server_name=name), tls=TlsSession(True, resumed=resumed))

    return asyncio.run(reconnect(connect, first, 0.0, most))


def seen(result: Reconnects) -> list[tuple[str | None, bool]]:
    return [(one.server_name, one.offered) for one in result.attempts]


def test_a_server_that_gave_no_session_is_not_asked_again() -> None:
    assert reconnected({}) == Reconnects(Ended.NOT_CACHED, ())


def test_the_first_server_that_is_known_ends_it() -> None:
    result = reconnected({"a": 1}, met("b"), met("c"), met("b"), met("a"))
    assert result.ended is Ended.KNOWN_SERVER
    assert seen(result) == [("b", False), ("c", False), ("b", True)]
    assert [one.resumed for one in result.attempts] == [False, False, True]


def test_a_new_server_without_a_session_ends_it() -> None:
    result = reconnected({"a": 1}, met("b"), met("c", gives=False), met("a"))
    assert (result.ended, seen(result)) == (Ended.NOT_CACHED, [("b", False), ("c", False)])


def test_a_failure_ends_it_and_is_told() -> None:
    result = reconnected({"a": 1}, met("b"), None, met("a"))
    assert result.ended is Ended.FAILED
    assert [one.failure for one in result.attempts] == [None, GONE]
    assert result.as_facts()["attempts"][1] == {
        "server_name": None, "session_offered": False, "session_reused": None, "error": GONE.as_dict(),
    }  # fmt: skip


@given(st.integers(1, 8))
def test_the_maximum_ends_it(most: int) -> None:
    result = reconnected({"a": 1}, *(met(f"b{number}") for number in range(9)), most=most)
    assert (result.ended, len(result.attempts)) == (Ended.MAXIMUM, most)


@given(st.lists(st.one_of(st.none(), st.tuples(st.sampled_from([None, "a", "b", "c", "d"]), st.booleans())),
                min_size=6, max_size=6), st.integers(1, 6))  # fmt: skip
def test_only_the_last_attempt_can_be_an_end(servers: Sequence[Any], most: int) -> None:
    result = reconnected({"a": 1}, *servers, most=most)
    assert 1 <= len(result.attempts) <= most
    ends = [one.offered or one.failure is not None for one in result.attempts]
    assert not any(ends[:-1])
    assert ends[-1] is (result.ended in (Ended.KNOWN_SERVER, Ended.FAILED))
    assert (result.ended is Ended.MAXIMUM) <= (len(result.attempts) == most)


def test_the_delay_comes_before_each_connection() -> None:
    async def run() -> list[float]:
        loop = asyncio.get_running_loop()
        began, times = loop.time(), []

        async def connect(sessions: Sessions) -> ProbeEvidence:
            times.append(loop.time() - began)
            sessions[str(len(times))] = object()
            return ProbeEvidence(PLAN, True, log=SmtpLog(server_name=str(len(times))), tls=TlsSession(True, resumed=False))

        await reconnect(connect, {"a": 1}, 0.1, 2)
        return times

    first, second = asyncio.run(run())
    assert 0.09 < first < 0.19 and 0.19 < second < 0.35


# --- real servers ----------------------------------------------------------------------------------------------------------


class Balancer:
    """One address with several mail servers behind it, each taking one connection in turn; then nobody answers."""

    def __init__(self, *scripts: Script) -> None:
        self.waiting = list(scripts)

    async def script(self, peer: Peer) -> None:
        if self.waiting:
            await self.waiting.pop(0)(peer)


class Forgetful(MemoryServer):
    """A TLS 1.2 server that neither keeps sessions nor gives tickets, which Python's own ssl module cannot be told to do."""

    def __init__(self) -> None:
        context = SSL.Context(SSL.TLSv1_2_METHOD)
        context.use_certificate(crypto.load_certificate(crypto.FILETYPE_PEM, leaf("rsa").pem))
        context.use_privatekey(crypto.load_privatekey(crypto.FILETYPE_PEM, leaf("rsa").key.pem))
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_options(SSL.OP_NO_TICKET)
        self._made, self.finished = context, False
        self._connection = SSL.Connection(context, None)
        self._connection.set_accept_state()

    def another(self) -> Forgetful:
        return Forgetful()

    def exchange(self, data: bytes) -> bytes:
        self._connection.bio_write(data)
        try:
            self._connection.do_handshake()
            self.finished = True
        except SSL.WantReadError:
            pass
        return self._drain()

    def say(self, text: bytes) -> bytes:
        self._connection.sendall(text)
        return self._drain()

    def hear(self, data: bytes) -> bytes:
        if data:
            self._connection.bio_write(data)
        try:
            return self._connection.recv(65536)
        except (SSL.WantReadError, SSL.ZeroReturnError):
            return b""

    def _drain(self) -> bytes:
        try:
            return self._connection.bio_read(65536)
        except SSL.WantReadError:
            return b""


def tls_server(version: ssl.TLSVersion, *, tickets: int | None = None) -> MemoryServer:
    return MemoryServer(leaf("rsa").pem, leaf("rsa").key.pem, version=version, tickets=tickets)


def probed(*scripts: Script, most: int = 5, implicit: bool = False) -> EndpointResult:
    """Probe an address where these servers answer one after the other, with reconnects."""
    balancer = Balancer(*scripts)

    async def run(server: ScriptedServer) -> EndpointResult:
        tls_mode = TlsMode.IMPLICIT if implicit else TlsMode.STARTTLS
        return await probe_one(
            FakeDns(), f"[127.0.0.1]:{server.port}", security_level=SecurityLevel.MAY, tls_mode=tls_mode,
            reconnect_delay=0.01, reconnect_max=most,
        )  # fmt: skip

    return serve(run, ScriptedServer(balancer.script))


def told(endpoint: EndpointResult) -> tuple[str, list[tuple[str | None, bool, bool | None]]]:
    """Return how it ended, and (name, offered, resumed) of each attempt."""
    assert endpoint.reconnects is not None
    attempts = [(one.server_name, one.offered, one.resumed) for one in endpoint.reconnects.attempts]
    return endpoint.reconnects.ended.value, attempts


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "implicit"])
@pytest.mark.parametrize("version", [V12, V13])
def test_the_same_server_resumes(version: ssl.TLSVersion, implicit: bool) -> None:
    same = mail_server(tls_server(version), implicit=implicit)
    endpoint = probed(same, same, implicit=implicit)
    assert told(endpoint) == ("known_server", [("mx.example.com", True, True)])
    assert endpoint.evidence is not None and endpoint.evidence.tls is not None
    assert endpoint.evidence.tls.resumed is False  # the endpoint itself is what the first connection saw
    assert endpoint.status.value == "untrusted" and len(endpoint.chain) == 1


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "implicit"])
@pytest.mark.parametrize("version", [V12, V13])
def test_b9_a_known_server_that_forgot_the_session_is_not_said_to_resume(version: ssl.TLSVersion, implicit: bool) -> None:
    """posttls-finger's "previously used server" proves only that the name was seen before."""
    restarted = [mail_server(tls_server(version), implicit=implicit) for _start in range(2)]
    assert told(probed(*restarted, implicit=implicit)) == ("known_server", [("mx.example.com", True, False)])


@pytest.mark.parametrize("version", [V12, V13])
def test_another_server_behind_the_address_gets_no_foreign_session_and_is_remembered(version: ssl.TLSVersion) -> None:
    one, other = (mail_server(tls_server(version), name) for name in ("mx1.example.com", "mx2.example.com"))
    assert told(probed(one, other, other)) == (
        "known_server", [("mx2.example.com", False, False), ("mx2.example.com", True, True)],
    )  # fmt: skip
    assert told(probed(one, other, one)) == (
        "known_server", [("mx2.example.com", False, False), ("mx1.example.com", True, True)],
    )  # fmt: skip


@pytest.mark.parametrize("server", [tls_server(V13, tickets=0), Forgetful()], ids=["1.3", "1.2"])
def test_a_server_without_sessions_is_not_asked_again(server: MemoryServer) -> None:
    assert told(probed(mail_server(server))) == ("not_cached", [])


@pytest.mark.parametrize("server", [tls_server(V13, tickets=0), Forgetful()], ids=["1.3", "1.2"])
def test_another_server_without_sessions_ends_it(server: MemoryServer) -> None:
    one, other = mail_server(tls_server(V13)), mail_server(server, "mx2.example.com")
    assert told(probed(one, other)) == ("not_cached", [("mx2.example.com", False, False)])


@pytest.mark.parametrize("version", [V12, V13])
def test_the_maximum(version: ssl.TLSVersion) -> None:
    servers = [mail_server(tls_server(version), f"mx{number}.example.com") for number in range(4)]
    ended, attempts = told(probed(*servers, most=2))
    assert (ended, [name for name, _offered, _resumed in attempts]) == ("maximum", ["mx1.example.com", "mx2.example.com"])


def test_a_failure_on_the_second_connection_does_not_touch_the_verdict() -> None:
    endpoint = probed(mail_server(tls_server(V13)))
    ended, _attempts = told(endpoint)
    assert ended == "failed" and endpoint.reconnects is not None
    (attempt,) = endpoint.reconnects.attempts
    assert attempt.failure is not None and attempt.failure.kind is ErrorKind.DISCONNECTED
    assert (endpoint.failure, endpoint.satisfied) == (None, True)


def test_a_first_connection_that_fails_inside_tls_is_not_called_a_server_that_declines() -> None:
    async def ends_early(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(tls_server(V13))

    endpoint = probed(ends_early)
    assert endpoint.failure is not None and endpoint.failure.phase is SmtpPhase.EHLO_TLS
    assert endpoint.reconnects is None


def test_without_tls_or_without_the_option_there_are_no_reconnects() -> None:
    async def plain(peer: Peer) -> None:
        await peer.offer_tls(b"250 mx.example.com\r\n")

    assert probed(plain).reconnects is None

    async def run(server: ScriptedServer) -> EndpointResult:
        return await probe_one(FakeDns(), f"[127.0.0.1]:{server.port}", security_level=SecurityLevel.MAY)

    endpoint = serve(run, ScriptedServer(mail_server(server_for(leaf("ecdsa")))))
    assert endpoint.reconnects is None and "reconnects" not in endpoint.as_facts(Detail())


def test_destinations_that_share_a_server_share_its_reconnects() -> None:
    same = mail_server(tls_server(V13))

    async def run(server: ScriptedServer) -> tuple[int, list[Reconnects | None]]:
        dns = FakeDns()
        for name in ("a.example", "b.example"):
            dns.found(name, "A", ["127.0.0.1"])
        texts = [f"[{name}]:{server.port}" for name in ("a.example", "b.example")]
        results = await probe(dns, *texts, security_level=SecurityLevel.MAY, reconnect_delay=0.01)
        return len(server.peers), [result.endpoints[0].reconnects for result in results]

    connections, (one, other) = serve(run, ScriptedServer(same))
    assert connections == 2 and one is other is not None


def report_of(endpoint: EndpointResult) -> list[str]:
    facts = {
        "destination": "d", "status": "untrusted", "satisfied": True, "error": None, "route": {"warnings": []},
        "endpoints": [endpoint.as_facts(Detail())],
    }  # fmt: skip
    return report_lines([facts], ())[1:]


def test_the_report_tells_of_a_failed_reconnect_what_failed() -> None:
    lines = report_of(probed(mail_server(tls_server(V13))))
    assert len(lines) == 2
    assert lines[0].endswith(": reconnecting failed: the server closed the connection")
    assert lines[1] == "Reconnecting failed."


def test_the_report_tells_who_resumed() -> None:
    same = mail_server(tls_server(V13))
    lines = report_of(probed(same, same))
    assert lines[0].endswith(": reconnected to a known server, session resumed: mx.example.com")
    assert lines[1] == "Found a previously used server.  Done reconnecting."
