# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traces of real sessions, of handshakes that fail, and of what is no TLS; and what must never be in one."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import Handshake
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._tls.protocols import parse_protocols
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import Flight
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import (
    LINE_LIMIT,
    TracedSession,
    session_lines,
    trace_lines,
)
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf, shake_hands
from hypothesis import given, settings
from hypothesis import strategies as st

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
SAID, HEARD = b"EHLO probe-secret-name\r\n", b"250 server-secret-name\r\n"


def converse(server: MemoryServer, parameters: TlsParameters = TlsParameters()) -> Handshake:  # noqa: B008 - a value
    """Shake hands, speak, and end the session as a probe does."""
    client = Handshake(TlsContexts(parameters), must_match=False, sni="mx.example.com", keep_flights=True)
    if shake_hands(client, server) is None:
        server.hear(client.encrypt(SAID, SmtpPhase.EHLO_TLS))
        client.receive(server.say(HEARD), SmtpPhase.EHLO_TLS)
        assert client.decrypt(SmtpPhase.EHLO_TLS) == HEARD
        client.close()
    return client


def server_of(version: ssl.TLSVersion, **more: Any) -> MemoryServer:
    certificate = leaf("ecdsa")
    return MemoryServer(certificate.pem, certificate.key.pem, version=version, **more)


def traced(client: Handshake) -> list[str]:
    return trace_lines(client.flights, client.secrets)


def outline(lines: Sequence[str]) -> list[str]:
    """Return the direction and content of each record and the names of the messages, without sizes and what is in them."""
    found = []
    for line in lines:
        record = re.match(r"([<>]) (\w+) record, \S+, \d+ bytes(?:: (\w+), \d+ bytes|(, encrypted))?$", line)
        if record:
            found.append(f"{record[1]} {record[3] or record[2]}{record[4] or ''}")
        elif re.match(r" {4}\S", line):
            found.append(line.strip().split(",")[0])
    return found


def test_tls_1_3_is_told_in_the_clear_in_both_directions() -> None:
    assert outline(traced(converse(server_of(V13, tickets=1)))) == [
        "> handshake", "ClientHello",
        "< handshake", "ServerHello",
        "< change_cipher_spec",
        "< handshake", "EncryptedExtensions",
        "< handshake", "Certificate",
        "< handshake", "CertificateVerify",
        "< handshake", "Finished",
        "> change_cipher_spec",
        "> handshake", "Finished",
        "< handshake", "NewSessionTicket",
        "> application_data",
        "< application_data",
        "> alert", "warning alert: close_notify",
    ]  # fmt: skip


def test_tls_1_2_is_told_up_to_the_change_of_ciphers() -> None:
    lines = [line for line in outline(traced(converse(server_of(V12)))) if "NewSessionTicket" not in line]
    assert lines == [
        "> handshake", "ClientHello",
        "< handshake", "ServerHello",
        "< handshake", "Certificate",
        "< handshake", "ServerKeyExchange",
        "< handshake", "ServerHelloDone",
        "> handshake", "ClientKeyExchange",
        "> change_cipher_spec",
        "> handshake, encrypted",
        "< handshake",
        "< change_cipher_spec",
        "< handshake, encrypted",
        "> application_data",
        "< application_data",
        "> alert, encrypted",
    ]  # fmt: skip


@pytest.mark.parametrize("version", [V12, V13])
def test_no_secret_and_nothing_said_is_in_a_trace(version: ssl.TLSVersion) -> None:
    client = converse(server_of(version))
    text = "\n".join(traced(client))
    assert client.secrets and "secret-name" not in text
    assert all(secret.hex() not in text.lower() for secret in client.secrets.values())
    assert not re.search(r"[0-9a-fA-F]{24}", text)


def test_what_is_offered_and_chosen_is_told_by_name() -> None:
    lines = traced(converse(server_of(V13, groups="secp384r1")))
    text = "\n".join(line.strip() for line in lines)
    assert "\nserver name: mx.example.com\n" in text
    assert re.search(r"\ncipher suites \(\d+\): TLS_AES_256_GCM_SHA384, .*ECDHE-RSA-AES128-GCM-SHA256", text)
    assert re.search(r"\nversions \(\d\): TLSv1.3, TLSv1.2", text)
    assert re.search(r"\ngroups \(\d+\): .*secp384r1", text)
    assert re.search(r"\nsignature algorithms \(\d+\): .*ECDSA\+SHA256", text)
    assert "\nversion: TLSv1.3\ncipher suite: TLS_AES_256_GCM_SHA384\n" in text
    assert "\ngroup: secp384r1\n" in text and "\nsignature: ECDSA+SHA256\n" in text
    assert f"\n0: {len(leaf('ecdsa').der)} bytes, subject CN=leaf, issuer CN=leaf\n" in text


def test_a_hello_retry_request_is_told_as_such() -> None:
    assert outline(traced(converse(server_of(V13, groups="secp521r1"))))[:8] == [
        "> handshake", "ClientHello",
        "< handshake", "HelloRetryRequest",
        "< change_cipher_spec",
        "> change_cipher_spec",
        "> handshake", "ClientHello",
    ]  # fmt: skip


@pytest.mark.parametrize("version", [V12, V13])
def test_a_request_for_a_client_certificate(version: ssl.TLSVersion) -> None:
    lines = traced(converse(server_of(version, ask_certificate=True)))
    assert "CertificateRequest" in outline(lines)
    request = next(at for at, line in enumerate(lines) if "CertificateRequest" in line)
    assert re.match(r" {6}signature algorithms \(\d+\): ", lines[request + 1])
    ours = [at for at, line in enumerate(lines) if line.strip().startswith("Certificate,")][1]
    assert lines[ours + 1] == "      no certificate"


def test_a_handshake_that_fails_ends_with_the_alert() -> None:
    client = converse(server_of(V12), TlsParameters(protocols=parse_protocols(">=TLSv1.3")))
    assert outline(traced(client)) == ["> handshake", "ClientHello", "< alert", "fatal alert: protocol_version"]


def test_without_the_secrets_tls_1_3_is_encrypted() -> None:
    client = converse(server_of(V13))
    lines = outline(trace_lines(client.flights, {}))
    assert lines[:4] == ["> handshake", "ClientHello", "< handshake", "ServerHello"]
    told = {"change_cipher_spec", "application_data, encrypted"}
    assert set(lines[4:]) == {mark + what for mark in ("< ", "> ") for what in told}


def test_nothing_is_kept_unless_it_is_asked_for() -> None:
    client = Handshake(TlsContexts(TlsParameters()), must_match=False, sni=None)
    assert shake_hands(client, server_of(V13)) is None
    assert client.flights == ()


def test_what_is_no_tls_is_counted_and_not_shown() -> None:
    lines = trace_lines([Flight(True, b"\x16\x03\x01\x00\x10abc"), Flight(False, b"220 secret\r\n"), Flight(False, b"more")], {})
    assert lines == ["> 8 bytes of a record that is not complete", "< 16 bytes that are no TLS"]


def test_odd_records_are_told_as_far_as_they_go() -> None:
    flights = [Flight(False, b"\x15\x03\x03\x00\x01\x02"), Flight(False, b"\x15\x03\x03\x00\x02\x07\xfe\x17\x03\x03\x00\x01x")]
    assert trace_lines(flights, {}) == [
        "< alert record, TLSv1.2, 1 bytes",
        "    alert that cannot be read",
        "< alert record, TLSv1.2, 2 bytes",
        "    level 7 alert: alert 254",
        "< application_data record, TLSv1.2, 1 bytes, encrypted",
    ]


def test_a_trace_is_bounded() -> None:
    lines = trace_lines([Flight(False, b"\x14\x03\x03\x00\x01\x01" * 10 * LINE_LIMIT)], {})
    assert len(lines) == LINE_LIMIT + 1 and lines[-1] == "and more, which is not shown"


def test_the_heading_tells_where_and_when() -> None:
    now = datetime(2026, 10, 2, 12, 0, 1, 250000, timezone.utc)
    session = TracedSession("[192.0.2.25]:25", "mx.example.com", "sni.example.com", [], {}, 0.5)
    assert session_lines(session, now) == [
        "TLS session with [192.0.2.25]:25 at 2026-10-02T12:00:00.750Z, server mx.example.com, server name sent sni.example.com"
    ]
    lmtp = TracedSession("/run/lmtp", None, None, [], {}, key_algorithm=KeyRequest.RSA)
    assert session_lines(lmtp, now) == ["TLS session with /run/lmtp at 2026-10-02T12:00:01.250Z, asked for an rsa key"]


SESSIONS = {version: converse(server_of(version)) for version in (V12, V13)}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([V12, V13]), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_mangled_session_never_raises(version: ssl.TLSVersion, changes: list[tuple[int, int]]) -> None:
    client = SESSIONS[version]
    flights = [(flight.sent, bytearray(flight.data)) for flight in client.flights]
    for at, value in changes:
        data = flights[at % len(flights)][1]
        data[at % len(data)] = value
    lines = trace_lines([Flight(sent, bytes(data)) for sent, data in flights], client.secrets)
    assert all(line.isprintable() for line in lines)
