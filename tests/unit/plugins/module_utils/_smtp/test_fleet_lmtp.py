# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LMTP by the fleet: to hosts over TCP and to unix-domain sockets, which have no names, no DNS and no DANE."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._results.lines import ReportDetail, report_lines
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters
from ansible_collections.mailops.tls.tests.unit.makers.certificates import hierarchy
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import (
    endpoint_facts,
    key_record,
    mail_server,
    probe,
    probe_one,
    serve,
    server_with,
)

Level = SecurityLevel
LMTP = SmtpSettings("probe.example.net", lmtp=True)


def over_socket(path: Path, level: SecurityLevel, server: ScriptedServer | None = None, **changes: Any) -> EndpointResult:
    """Probe a healthy server at a socket."""
    dns = FakeDns()

    async def run(_server: ScriptedServer) -> EndpointResult:
        return await probe_one(dns, f"unix:{path}", security_level=level, dialogue=LMTP, **changes)

    endpoint = serve(run, server or ScriptedServer(server_with(leaf("ecdsa")), unix_path=str(path)))
    assert dns.asked == []
    return endpoint


# --- over TCP ------------------------------------------------------------------------------------------------------------


def test_a_host_is_greeted_with_lhlo_and_no_mx_is_asked_for() -> None:
    server = ScriptedServer(server_with(leaf("ecdsa")))
    dns = FakeDns().found("mx.example.com", "A", ["127.0.0.1"])

    async def run(_server: ScriptedServer) -> EndpointResult:
        return await probe_one(dns, f"mx.example.com:{server.port}", security_level=Level.MAY, dialogue=LMTP)

    endpoint = serve(run, server)
    assert (endpoint.status.value, endpoint.satisfied, endpoint.failure) == ("untrusted", True, None)
    assert [line for line in server.peers[0].heard if b"LO" in line] == [b"LHLO probe.example.net"] * 2
    assert dns.names("MX") == []


def test_dane_over_tcp() -> None:
    server = ScriptedServer(server_with(leaf("ecdsa")))

    async def run(_server: ScriptedServer) -> EndpointResult:
        dns = FakeDns().found("mx.example.com", "A", ["127.0.0.1"])
        dns.found(f"_{server.port}._tcp.mx.example.com", "TLSA", [key_record(leaf("ecdsa"))])
        return await probe_one(dns, f"inet:mx.example.com:{server.port}", dialogue=LMTP)

    endpoint = serve(run, server)
    assert (endpoint.status.value, endpoint.satisfied) == ("verified", True)


# --- over a socket --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [Level.MAY, Level.ENCRYPT])
def test_a_socket(tmp_path: Path, level: SecurityLevel) -> None:
    endpoint = over_socket(tmp_path / "lmtp", level)
    assert (endpoint.status.value, endpoint.satisfied, endpoint.failure) == ("untrusted", True, None)
    assert (endpoint.host, endpoint.name) == ("probe.example.net", f"probe.example.net[{tmp_path / 'lmtp'}]")


def test_b2_dane_over_a_socket_is_judged_as_secure_and_not_delivered(tmp_path: Path) -> None:
    """posttls-finger crashes; smtp(8) calls the level invalid for unix-domain sockets and defers (smtp_tls_policy.c)."""
    for level in (Level.DANE, Level.DANE_ONLY):
        endpoint = over_socket(tmp_path / level.value, level)
        assert (endpoint.status.value, endpoint.satisfied, endpoint.failure) == ("untrusted", False, None)
        assert endpoint.policy is not None
        assert (endpoint.policy.session, endpoint.policy.delivery) == (Level.SECURE, None)
        assert endpoint.policy.reason == "a unix-domain socket has no TLSA records"
        assert endpoint.rfc is not None and endpoint.rfc.differences == ()


def test_b2_dane_over_a_socket_without_starttls_is_not_delivered(tmp_path: Path) -> None:
    async def plain(peer: Peer) -> None:
        await peer.offer_tls(b"250 mx.example.com\r\n")

    path = tmp_path / "lmtp"
    endpoint = over_socket(path, Level.DANE, ScriptedServer(plain, unix_path=str(path)))
    assert (endpoint.status.value, endpoint.satisfied) == ("plaintext", False)


@pytest.mark.parametrize("fingerprints", [True, False])
def test_fingerprint_over_a_socket(tmp_path: Path, fingerprints: bool) -> None:
    known = key_record(leaf("ecdsa")).data if fingerprints else b"x" * 32
    endpoint = over_socket(tmp_path / "lmtp", Level.FINGERPRINT, fingerprints=(known,))
    assert endpoint.satisfied is fingerprints


@pytest.mark.parametrize(
    ("level", "match", "status"),
    [
        (Level.VERIFY, (), "verified"),  # by default the host name, which is this host's own
        (Level.SECURE, (), "trusted"),  # by default the next-hop, and that is a path
        (Level.SECURE, ("hostname",), "verified"),
        (Level.SECURE, ("nexthop", "HostName"), "verified"),
        (Level.SECURE, ("dot-nexthop",), "trusted"),
        (Level.VERIFY, ("other.example.com",), "trusted"),
    ],
)
def test_names_over_a_socket(tmp_path: Path, level: SecurityLevel, match: tuple[str, ...], status: str) -> None:
    chain = hierarchy(["probe.example.net"])
    (tmp_path / "ca.pem").write_bytes(chain.root.pem)
    path = tmp_path / "lmtp"
    server = ScriptedServer(mail_server(MemoryServer(chain.served_pem, chain.leaf.key.pem)), unix_path=str(path))
    endpoint = over_socket(path, level, server, match=match, tls=TlsParameters(ca_file=str(tmp_path / "ca.pem")))
    assert (endpoint.status.value, endpoint.satisfied) == (status, status == "verified")
    code = endpoint.verification.error.code if endpoint.verification and endpoint.verification.error else None
    assert code == (None if status == "verified" else 62)


@pytest.mark.parametrize("sni", ["nexthop", "hostname"])
def test_words_for_sni_over_a_socket(tmp_path: Path, sni: str) -> None:
    endpoint = over_socket(tmp_path / "lmtp", Level.MAY, sni=sni)
    assert endpoint.evidence is not None and endpoint.evidence.tls is not None
    assert endpoint.evidence.tls.sni == {"nexthop": None, "hostname": "probe.example.net"}[sni]


def test_a_socket_that_is_not_there(tmp_path: Path) -> None:
    async def run() -> EndpointResult:
        return await probe_one(FakeDns(), f"unix:{tmp_path / 'none'}", security_level=Level.MAY, dialogue=LMTP)

    endpoint = serve(run)
    assert endpoint.failure is not None and endpoint.failure.kind is ErrorKind.CONNECT_FAILED
    assert (endpoint.status.value, endpoint.satisfied) == ("failed", False)


def test_sockets_and_hosts_in_one_run(tmp_path: Path) -> None:
    path = tmp_path / "l\u00f6cal socket"
    script = server_with(leaf("ecdsa"))

    async def run(_socket: ScriptedServer, host: ScriptedServer) -> list[bool]:
        texts = [f"unix:{path}", f"[127.0.0.1]:{host.port}"]
        return [one.satisfied for one in await probe(FakeDns(), *texts, security_level=Level.ENCRYPT, dialogue=LMTP)]

    assert serve(run, ScriptedServer(script, unix_path=str(path)), ScriptedServer(script)) == [True, True]


def test_facts_and_report_name_the_path_and_no_port(tmp_path: Path) -> None:
    endpoint = over_socket(tmp_path / "lmtp", Level.ENCRYPT)
    facts = endpoint_facts(endpoint)
    assert (facts["host"], facts["address"], facts["port"]) == ("probe.example.net", str(tmp_path / "lmtp"), None)
    result = {"destination": "d", "status": "s", "satisfied": True, "error": None, "route": {}, "endpoints": [facts]}
    (line,) = report_lines([result], [ReportDetail.SUMMARY])[1:]
    assert line.startswith(f"Untrusted TLS connection established to probe.example.net[{tmp_path / 'lmtp'}]: TLSv1.3")
