# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where delivery needs TLS of any kind: a handshake made for a match that fails is no refusal of mail (RFC 7672 section 2.2)."""

from __future__ import annotations

import ssl
import warnings
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import EndpointResult
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf, server_for
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import key_record, mail_server, mx_zone, probe, probe_one, serve

DROPPED = TlsaRecord(1, 1, 1, bytes(32))
"""Refused when DNS is read: posttls-finger goes on at secure."""
UNUSABLE = TlsaRecord(3, 1, 3, b"\xaa\xbb")
"""Refused by the TLS library only: posttls-finger goes on at encrypt, with the handshake made for a match."""
EVERYTHING = "ALL:@SECLEVEL=0"


def tls_1_0() -> MemoryServer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return server_for(leaf("rsa"), ssl.TLSVersion.TLSv1, EVERYTHING)


def anonymous() -> MemoryServer:
    return MemoryServer(None, version=ssl.TLSVersion.TLSv1_2, ciphers="aNULL:@SECLEVEL=0")


def probed(
    script: Script, record: TlsaRecord | None, level: SecurityLevel = SecurityLevel.DANE, **changes: Any
) -> tuple[EndpointResult, int]:
    """Return the endpoint and the number of connections made."""
    server = ScriptedServer(script)

    async def run(_server: ScriptedServer) -> EndpointResult:
        dns = mx_zone(server.port, [record] if record else [])
        return await probe_one(dns, f"example.com:{server.port}", security_level=level, **changes)

    return serve(run, server), len(server.peers)


@pytest.mark.parametrize("record", [DROPPED, UNUSABLE], ids=["dropped", "unusable"])
@pytest.mark.parametrize("server", [tls_1_0, anonymous])
def test_a_server_whose_tls_is_too_weak_for_a_match_is_still_delivered_to(server: Any, record: TlsaRecord) -> None:
    endpoint, connections = probed(mail_server(server()), record)
    # The session is judged as posttls-finger would see it, which gets none.
    assert endpoint.status.value == "failed"
    assert endpoint.failure is not None and endpoint.failure.kind is ErrorKind.HANDSHAKE_FAILED
    assert endpoint.satisfied and connections == 2
    assert endpoint.rfc is not None and endpoint.rfc.satisfied


@pytest.mark.parametrize("record", [DROPPED, UNUSABLE], ids=["dropped", "unusable"])
def test_a_server_whose_handshake_succeeds_is_asked_once(record: TlsaRecord) -> None:
    endpoint, connections = probed(mail_server(server_for(leaf("ecdsa"))), record)
    assert (endpoint.status.value, endpoint.satisfied, connections) == ("untrusted", True, 1)


@pytest.mark.parametrize("record", [DROPPED, UNUSABLE], ids=["dropped", "unusable"])
def test_a_server_without_tls_is_not_delivered_to(record: TlsaRecord) -> None:
    async def plain(peer: Peer) -> None:
        await peer.offer_tls(b"250 mx.example.com\r\n")

    endpoint, connections = probed(plain, record)
    assert (endpoint.status.value, endpoint.satisfied, connections) == ("plaintext", False, 1)


@pytest.mark.parametrize("record", [DROPPED, UNUSABLE], ids=["dropped", "unusable"])
def test_a_server_that_cannot_shake_hands_at_all_is_not_delivered_to(record: TlsaRecord) -> None:
    async def nonsense(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.send(b"220 go\r\n")
        await peer.send_raw(b"\x15\x03\x01\x00\x02\x02\x28")  # a fatal alert

    endpoint, connections = probed(nonsense, record)
    assert (endpoint.status.value, endpoint.satisfied, connections) == ("failed", False, 2)


def test_a_second_session_that_ends_badly_does_not_satisfy() -> None:
    async def refuses_ehlo(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(anonymous())
        await peer.hear()
        await peer.send(b"554 no\r\n")

    endpoint, connections = probed(refuses_ehlo, UNUSABLE)
    assert endpoint.failure is not None and endpoint.failure.phase is CommonPhase.HANDSHAKE
    assert (endpoint.satisfied, connections) == (False, 2)


@pytest.mark.parametrize("server", [tls_1_0, anonymous])
def test_without_records_tls_is_optional_anyway(server: Any) -> None:
    endpoint, connections = probed(mail_server(server()), None)
    assert (endpoint.status.value, endpoint.satisfied, connections) == ("failed", True, 1)


@pytest.mark.parametrize("server", [tls_1_0, anonymous])
def test_where_a_match_is_needed_there_is_no_second_handshake(server: Any) -> None:
    situations = [
        (key_record(leaf("rsa")), SecurityLevel.DANE), (UNUSABLE, SecurityLevel.DANE_ONLY), (None, SecurityLevel.SECURE),
    ]  # fmt: skip
    for record, level in situations:
        endpoint, connections = probed(mail_server(server()), record, level)
        assert (endpoint.status.value, endpoint.satisfied, connections) == ("failed", False, 1)


def test_the_level_asked_for_being_encrypt_the_first_handshake_is_lax_already() -> None:
    endpoint, connections = probed(mail_server(anonymous()), UNUSABLE, SecurityLevel.ENCRYPT)
    assert (endpoint.status.value, endpoint.satisfied, connections) == ("anonymous", True, 1)


def test_the_second_handshake_is_shared_as_the_first_is() -> None:
    server = ScriptedServer(mail_server(anonymous()))

    async def run(_server: ScriptedServer) -> list[bool]:
        dns = mx_zone(server.port, [UNUSABLE])
        dns.answers["example.net", "MX"] = dns.answers["example.com", "MX"]
        texts = [f"{name}:{server.port}" for name in ("example.com", "example.net")]
        return [one.satisfied for one in await probe(dns, *texts)]

    assert serve(run, server) == [True, True]
    assert len(server.peers) == 2
