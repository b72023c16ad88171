# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose limit ends a handshake: this machine's library's, or the server's."""

from __future__ import annotations

import ssl

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.lint import lint
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._tls.local_limit import (
    explained,
    is_local_limit,
    is_refusal,
    library,
)
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import mail_server, probe, serve
from OpenSSL import SSL

LIMIT = "a limit of the machine that probes"


@pytest.mark.parametrize(
    "reason",
    ["dh key too small", "ee key too small", "legacy sigalg disallowed or unsupported", "unsupported protocol",
     "unsafe legacy renegotiation disabled", "wrong signature type", "bad value; unsupported algorithm", "DH key too small"],
)  # fmt: skip
def test_what_the_library_refuses_is_its_own_limit(reason: str) -> None:
    text = explained(reason, answered=True)
    assert is_refusal(reason) and is_local_limit(text)
    assert text.startswith(reason) and library() in text and LIMIT in text


@pytest.mark.parametrize("reason", ["wrong version number", "bad signature", "unexpected message", "packet length too long", "closed"])
def test_what_a_server_does_wrong_is_not(reason: str) -> None:
    assert explained(reason, answered=True) == explained(reason, answered=False) == reason


@pytest.mark.parametrize("alert", ["tls alert handshake failure", "sslv3 alert handshake failure", "tlsv1 alert protocol version"])
def test_a_server_that_finds_nothing_to_choose_from_may_have_more_with_others(alert: str) -> None:
    assert library() in explained(alert, answered=False) and "nothing" in explained(alert, answered=False)
    assert explained(alert, answered=True) == alert  # it had chosen, so something else was wrong


def test_the_library_is_named_with_its_version() -> None:
    name, version = library().split(" ")
    assert name == "OpenSSL" and version[0].isdigit()


def first(domain: str, script: object, **options: object) -> tuple[str, list[str]]:
    """Probe a server; the text of the endpoint's error and the identifiers of lint."""

    async def run(server: ScriptedServer) -> tuple[str, list[str]]:
        dns = FakeDns().found(domain, "A", ["127.0.0.1"])
        (result,) = await probe(dns, f"[{domain}]:{server.port}", **options)
        (endpoint,) = result.endpoints
        assert endpoint.failure is not None and endpoint.failure.kind is ErrorKind.HANDSHAKE_FAILED
        return endpoint.failure.text, [one.id for one in lint(result)]

    return serve(run, ScriptedServer(script))  # type: ignore[arg-type]


async def without_renegotiation_info(peer: Peer) -> None:
    """Answer like a server from before RFC 5746: TLS 1.2, no extension at all. Every OpenSSL since 3.0 refuses that."""
    await peer.offer_tls()
    await peer.send(b"220 go\r\n")
    await peer.hear()
    hello = b"\x03\x03" + b"\x11" * 32 + b"\x00" + b"\x00\x9c" + b"\x00"  # RSA key exchange with AES-128-GCM
    handshake = b"\x02" + len(hello).to_bytes(3, "big") + hello
    await peer.send(b"\x16\x03\x03" + len(handshake).to_bytes(2, "big") + handshake)
    await peer.hear()


@pytest.mark.skipif(SSL.OPENSSL_VERSION_NUMBER < 0x30000000, reason="older libraries take such servers")
def test_a_server_that_the_library_refuses_is_told_as_this_machine_s_limit() -> None:
    text, findings = first("mx.example.com", without_renegotiation_info)
    assert text.startswith("unsafe legacy renegotiation disabled") and LIMIT in text
    assert findings == ["local_limit"]


def test_a_server_that_has_nothing_in_common_is_told_as_such() -> None:
    anonymous = mail_server(MemoryServer(None, version=ssl.TLSVersion.TLSv1_2, ciphers="aNULL:@SECLEVEL=0"))
    text, findings = first("mx.example.com", anonymous, security_level=SecurityLevel.SECURE)
    assert "the server can use nothing that" in text and findings == []


def test_a_kind_of_key_that_a_server_does_not_have_is_its_answer() -> None:
    ecdsa = mail_server(MemoryServer(leaf("ecdsa").pem, leaf("ecdsa").key.pem))
    text, _findings = first("mx.example.com", ecdsa, tls=TlsParameters(key_algorithms=(KeyRequest.RSA,)))
    assert "other senders" not in text
