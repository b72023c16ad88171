# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run over mailbox servers on loopback addresses: every protocol, both ways to begin TLS, verdicts, ports, findings."""

from __future__ import annotations

import asyncio
import atexit
import functools
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome, SrvRecord
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.conductor import MailboxRun
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.lint import lint, worst
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import MailboxResult
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import parse_domain, parse_host
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, hierarchy, issue
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns

CHAIN = hierarchy(("mail.example.org",))
LIMITS = ProberSettings(TimeLimits(600, 600, 600))


def short() -> ProberSettings:
    """Return limits that a look is to run into."""
    return ProberSettings(TimeLimits(600, 600, patient(1.0)))


@functools.cache
def _authority() -> str:
    """The path of a file with the authority of the chain."""
    folder = tempfile.mkdtemp(prefix="mailbox-ca.")
    atexit.register(shutil.rmtree, folder)
    path = Path(folder, "ca.pem")
    path.write_bytes(CHAIN.root.pem)
    return str(path)


def tls() -> MemoryServer:
    return MemoryServer(CHAIN.leaf.pem + CHAIN.intermediate.pem, CHAIN.leaf.key.pem)


async def imap(peer: Peer) -> None:
    await peer.imap_inside_tls(tls(), b"AUTH=PLAIN SASL-IR")
    await peer.hear()


async def pop3s(peer: Peer) -> None:
    await peer.shake_hands(tls())
    await peer.send(b"+OK <1.2@mail.example.org>\r\n")
    await peer.hear()
    await peer.send(b"+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n")
    await peer.hear()


async def sieve(peer: Peer) -> None:
    await peer.send(b'"IMPLEMENTATION" "x"\r\n"SASL" ""\r\n"STARTTLS"\r\nOK\r\n')
    await peer.hear()
    await peer.start_tls(tls(), b"OK\r\n")
    await peer.send(b'"IMPLEMENTATION" "x"\r\n"SASL" "PLAIN"\r\nOK\r\n')
    await peer.hear()


async def submission(peer: Peer) -> None:
    await peer.offer_tls()
    await peer.start_tls(tls())
    await peer.hear()
    await peer.send(b"250-mx.example.com\r\n250 AUTH PLAIN LOGIN\r\n")
    await peer.hear()


async def plain_imap(peer: Peer) -> None:
    await peer.send(b"* OK ready\r\n")
    await peer.hear()
    await peer.send(b"* 4 EXISTS\r\n* CAPABILITY IMAP4rev1\r\na1 OK\r\n")
    await peer.hear()


def look(
    service: MailService, script: Script, *, srv: bool = False, dns: FakeDns | None = None, limits: ProberSettings = LIMITS, **settings: Any
) -> MailboxResult:
    """Look at one server by name, or by an SRV record."""

    async def run() -> MailboxResult:
        async with ScriptedServer(script) as server:
            world = (dns or FakeDns()).found("mail.example.org", "A", ["127.0.0.1"])
            world.found(f"_{service.value}._tcp.example.org", "SRV", [SrvRecord(0, 0, server.port, "mail.example.org")], secure=False)
            target = parse_domain("example.org") if srv else parse_host(f"mail.example.org:{server.port}")
            contexts = TlsContexts(TlsParameters(ca_file=_authority()))
            contexts.check(must_match=True, need_not_match=True)
            made = MailboxProbeSettings(services=(service,), **settings)
            found: list[MailboxResult] = []
            await MailboxRun(made, world.ask, Prober(contexts, limits), NOW).run([target], found.append)
            return found[0]

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("service", "script", "mechanisms", "findings"),
    [
        (MailService.IMAP, imap, ["PLAIN"], []),
        (MailService.POP3S, pop3s, ["PLAIN"], ["pop3_apop_offered"]),
        (MailService.SIEVE, sieve, ["PLAIN"], []),
        (MailService.SUBMISSION, submission, ["PLAIN", "LOGIN"], []),
    ],
)
def test_each_protocol_comes_to_a_verdict(service: MailService, script: Script, mechanisms: list[str], findings: list[str]) -> None:
    result = look(service, script)
    facts = result.as_facts(Detail())["endpoints"][0]
    assert (facts["status"], facts["satisfied"], facts["error"], facts["port_state"]) == ("verified", True, None, "open")
    assert facts["auth_mechanisms"]["after_tls"] == mechanisms and facts["verification"]["matched_name"] == "mail.example.org"
    assert facts["tls"]["channel_bindings"] == ["tls-exporter", "tls-server-end-point"]
    assert [finding.id for finding in lint(result, NOW)] == findings and (result.status.value, result.satisfied) == ("verified", True)


def test_a_server_without_tls() -> None:
    result = look(MailService.IMAP, plain_imap)
    facts = result.as_facts(Detail())["endpoints"][0]
    assert (facts["status"], facts["satisfied"], facts["error"]["kind"]) == ("plaintext", False, "starttls_not_offered")
    assert facts["password_login"] == {"before_tls": True, "after_tls": None} and facts["unsolicited"] == ["* 4 EXISTS"]
    found = lint(result, NOW)
    assert [one.id for one in found] == ["starttls_not_offered", "imap_data_before_tls", "imap_logindisabled_missing"]
    assert worst(found) == "error" and worst([]) == "ok"
    assert look(MailService.IMAP, plain_imap, security_level=SecurityLevel.NONE).satisfied


def test_by_srv_records_the_domain_counts_too() -> None:
    result = look(MailService.IMAP, imap, srv=True)
    assert (result.status.value, result.way.announced[0].secure) == ("verified", False)
    assert result.as_facts(Detail())["lookup"] == "srv"


def test_another_name_is_not_verified() -> None:
    result = look(MailService.IMAP, imap, match=("other.example.org",))
    assert (result.status.value, result.satisfied) == ("trusted", False)
    assert [one.id for one in lint(result, NOW)] == ["certificate_name_mismatch"]


def test_dane_behind_srv_records_that_are_not_validated_is_none() -> None:
    """RFC 7673 section 3.1."""
    result = look(MailService.IMAP, imap, srv=True, security_level=SecurityLevel.DANE_ONLY)
    assert not result.satisfied and result.endpoints[0].lookup.outcome.value == "skipped"


def test_dane_without_records_is_verify_and_never_less() -> None:
    """RFC 7673: no downgrade to what a mail server would take."""
    good = look(MailService.IMAP, imap, security_level=SecurityLevel.DANE)
    other = look(MailService.IMAP, imap, security_level=SecurityLevel.DANE, match=("other.example.org",))
    plain = look(MailService.IMAP, plain_imap, security_level=SecurityLevel.DANE)
    assert [(one.status.value, one.satisfied) for one in (good, other, plain)] == [
        ("verified", True), ("trusted", False), ("plaintext", False),
    ]  # fmt: skip
    facts = good.as_facts(Detail())["endpoints"][0]["verification"]
    assert (facts["requested_level"], facts["effective_level"], facts["delivery_level"]) == ("dane", "verify", "verify")
    assert facts["reason"] == "no TLSA records found"


def test_closed_ports_do_not_count_unless_all_are_closed() -> None:
    async def run() -> tuple[MailboxResult, MailboxResult]:
        async with ScriptedServer(imap) as server:
            closed = server.port
        contexts = TlsContexts(TlsParameters(ca_file=_authority()))
        contexts.check(must_match=True, need_not_match=True)
        world = FakeDns()
        settings = MailboxProbeSettings(services=(MailService.IMAP,), all_ports=True)
        engine = MailboxRun(settings, world.ask, Prober(contexts, LIMITS), NOW)
        found: dict[str, MailboxResult] = {}
        targets = [parse_host(f"127.0.0.1:{closed}"), parse_host("nothing.example.org")]
        await engine.run(iter(targets), lambda one: found.update({one.target.text: one}))
        assert engine.progress == (0, 0)
        return found[targets[0].text], found[targets[1].text]

    shut, none = asyncio.run(run())
    facts = shut.as_facts(Detail())
    assert (facts["status"], facts["error"]["kind"], facts["endpoints"][0]["port_state"]) == ("failed", "connect_refused", "refused")
    assert [one["port"] for one in facts["ports"]] == [24, 25, 110, 143, 465, 587, 993, 995, 4190]
    assert {one["state"] for one in facts["ports"]} <= {"open", "refused"}
    assert (none.as_facts(Detail())["error"]["kind"], none.satisfied, none.ports) == ("dns_not_found", False, ())


class _WithoutTlsa(FakeDns):
    """Answers no question for TLSA records."""

    async def ask(self, name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
        return Answer(name, rdtype, Outcome.ERROR, error="SERVFAIL") if rdtype == "TLSA" else await super().ask(name, rdtype, want_dnssec)


def test_no_answer_about_tlsa_is_no_downgrade() -> None:
    result = look(MailService.IMAP, imap, dns=_WithoutTlsa(), security_level=SecurityLevel.DANE)
    facts = result.as_facts(Detail())["endpoints"][0]
    assert (facts["error"]["kind"], facts["satisfied"], facts["tls"]) == ("tlsa_lookup_failed", False, None)


class _Refusing(FakeDns):
    """Answers no question for names that begin so."""

    def __init__(self, begins: str) -> None:
        super().__init__()
        self._begins = begins

    async def ask(self, name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
        if name.startswith(self._begins):
            return Answer(name, rdtype, Outcome.ERROR, error="SERVFAIL")
        return await super().ask(name, rdtype, want_dnssec)


@pytest.mark.parametrize(
    ("begins", "kind"), [("_imap._tcp", "dns_error"), ("_143._tcp", "tlsa_lookup_failed"), ("other.", "dns_error"), ("none", None)]
)
def test_a_service_that_dns_could_not_be_asked_for_counts(begins: str, kind: str | None) -> None:
    """One of two services is verified, and of the other nobody knows anything: who forges no more than a failure hides no server."""

    async def run() -> MailboxResult:
        async with ScriptedServer(pop3s) as server:
            world = _Refusing(begins).found("mail.example.org", "A", ["127.0.0.1"])
            world.found("_pop3s._tcp.example.org", "SRV", [SrvRecord(0, 0, server.port, "mail.example.org")])
            if kind is not None:
                host = "mail.example.org" if begins == "_143._tcp" else "other.example.org"
                world.found("_imap._tcp.example.org", "SRV", [SrvRecord(0, 0, 143, host)])
            contexts = TlsContexts(TlsParameters(ca_file=_authority()))
            contexts.check(must_match=True, need_not_match=True)
            settings = MailboxProbeSettings(services=(MailService.IMAP, MailService.POP3S), security_level=SecurityLevel.DANE)
            return await MailboxRun(settings, world.ask, Prober(contexts, LIMITS), NOW).look(parse_domain("example.org"))

    result = asyncio.run(run())
    assert [one.satisfied for one in result.endpoints if one.place.service is MailService.POP3S] == [True]
    assert (result.satisfied, result.status.value) == ((True, "verified") if kind is None else (False, "failed"))
    failures = [result.failure, *(one.failure for one in result.endpoints)]
    assert [one.kind.value for one in failures if one is not None] == ([] if kind is None else [kind])


def test_a_sister_that_nobody_connected_to_is_not_missing() -> None:
    async def run(begins: str) -> list[str]:
        async with ScriptedServer(imap) as server:
            world = _Refusing(begins).found("mail.example.org", "A", ["127.0.0.1"])
            world.found("_imap._tcp.example.org", "SRV", [SrvRecord(0, 0, server.port, "mail.example.org")])
            world.found("_imaps._tcp.example.org", "SRV", [SrvRecord(0, 0, 1, "mail.example.org")])
            contexts = TlsContexts(TlsParameters(ca_file=_authority()))
            contexts.check(must_match=True, need_not_match=True)
            settings = MailboxProbeSettings(services=(MailService.IMAP, MailService.IMAPS), security_level=SecurityLevel.DANE)
            found = await MailboxRun(settings, world.ask, Prober(contexts, LIMITS), NOW).look(parse_domain("example.org"))
        return [one.id for one in lint(found, NOW)]

    assert asyncio.run(run("none")) == ["implicit_tls_missing"]
    assert asyncio.run(run("_1._tcp")) == []


class _Silent(FakeDns):
    """Never answers questions of one type."""

    def __init__(self, rdtype: str) -> None:
        super().__init__()
        self._rdtype = rdtype

    async def ask(self, name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
        if rdtype == self._rdtype:
            await asyncio.Event().wait()
        return await super().ask(name, rdtype, want_dnssec)


@pytest.mark.parametrize(
    ("rdtype", "srv", "kind"), [("A", False, "dns_error"), ("SRV", True, "dns_error"), ("TLSA", False, "tlsa_lookup_failed")]
)
@tries_again
def test_a_silent_resolver_ends_at_the_deadline(rdtype: str, srv: bool, kind: str) -> None:
    settings: dict[str, Any] = {"security_level": SecurityLevel.DANE, "all_ports": True}
    result = look(MailService.IMAP, imap, srv=srv, dns=_Silent(rdtype), limits=short(), **settings)
    facts = result.as_facts(Detail())
    assert (facts["status"], facts["satisfied"]) == ("failed", False)
    failures = [facts["error"], *(endpoint["error"] for endpoint in facts["endpoints"])]
    failure = next(one for one in failures if one)
    assert failure["kind"] == kind and "within the deadline" in failure["text"]


@tries_again
def test_nameservers_that_are_not_known_to_validate_in_time_do_not_count() -> None:
    async def silent(name: str) -> bool:
        return await asyncio.Event().wait()

    async def run() -> MailboxResult:
        async with ScriptedServer(imap) as server:
            world = FakeDns().found("mail.example.org", "A", ["127.0.0.1"], secure=False)
            contexts = TlsContexts(TlsParameters(ca_file=_authority()))
            contexts.check(must_match=True, need_not_match=True)
            settings = MailboxProbeSettings(services=(MailService.IMAP,), security_level=SecurityLevel.DANE)

            async def ask(name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
                return replace(await world.ask(name, rdtype, want_dnssec), without_ad=frozenset(("127.0.0.53",)))

            engine = MailboxRun(settings, ask, Prober(contexts, short()), NOW, silent)
            found: list[MailboxResult] = []
            await engine.run([parse_host(f"mail.example.org:{server.port}")], found.append)
            return found[0]

    (endpoint,) = asyncio.run(run()).as_facts(Detail())["endpoints"]
    assert endpoint["error"]["kind"] == "dnssec_unavailable" and not endpoint["satisfied"]


def wary_imap() -> Script:
    """A server that ends the second connection where TLS should begin, as what it gets there is no handshake."""

    async def closing(peer: Peer) -> None:
        await peer.send(b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n")
        await peer.hear()
        await peer.send(b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK\r\n")
        assert (await peer.hear(), await peer.hear()) == (b"a2 STARTTLS", b"a3 NOOP")
        await peer.send(b"a2 OK go\r\n")

    scripts = iter((imap, closing))

    async def script(peer: Peer) -> None:
        await next(scripts)(peer)

    return script


@pytest.mark.parametrize(
    ("script", "found", "ids"),
    [(imap, True, ["starttls_command_injection"]), (wary_imap(), False, [])],  # the first keeps what it read, and goes on with it
)
def test_command_injection_is_tested_apart_from_the_verdict(script: Script, found: bool, ids: list[str]) -> None:
    result = look(MailService.IMAP, script, injection_test=True)
    facts = result.as_facts(Detail())["endpoints"][0]
    assert (facts["status"], facts["satisfied"], facts["error"], facts["command_injected"]) == ("verified", True, None, found)
    assert [one.id for one in lint(result, NOW)] == ids


def test_command_injection_is_not_tested_unasked() -> None:
    assert look(MailService.IMAP, imap).as_facts(Detail())["endpoints"][0]["command_injected"] is None


def imap_with(server: MemoryServer) -> Script:
    """A server with another certificate than the usual one."""

    async def script(peer: Peer) -> None:
        await peer.shake_hands(server)
        await peer.send(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n")
        await peer.hear()
        await peer.send(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na1 OK\r\n")
        await peer.hear()

    return script


@pytest.mark.parametrize(
    ("begins", "ends", "whole", "ids"),
    [
        (-30, -1, True, ["certificate_expired"]),
        (1, 30, True, ["certificate_not_yet_valid"]),
        (-30, 5, True, ["certificate_expires_soon"]),
        (-30, 60, False, ["chain_incomplete"]),
    ],
)
def test_what_is_wrong_with_a_certificate(begins: int, ends: int, whole: bool, ids: list[str]) -> None:
    leaf = issue(
        "leaf", issuer=CHAIN.intermediate, key=CHAIN.leaf.key, dns_names=["mail.example.org"],
        not_before=NOW + begins * DAY, not_after=NOW + ends * DAY,
    )  # fmt: skip
    server = MemoryServer(leaf.pem + (CHAIN.intermediate.pem if whole else b""), CHAIN.leaf.key.pem)
    assert [one.id for one in lint(look(MailService.IMAPS, imap_with(server)), NOW)] == ids
