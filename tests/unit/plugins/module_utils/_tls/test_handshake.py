# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The handshake machine against Python's own TLS server: what is negotiated, what goes wrong, and what follows."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Sequence

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import (
    AFTER_LIMIT,
    HANDSHAKE_LIMIT,
    Handshake,
    HandshakeState,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.protocols import ProtocolRange, parse_protocols
from ansible_collections.mailops.tls.tests.unit.makers import certificates
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import (
    MemoryServer,
    handshake,
    leaf,
    server_for,
    session_with,
    shake_hands,
)
from hypothesis import given, settings
from hypothesis import strategies as st

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def error_with(server: MemoryServer, client: Handshake) -> ProbeError:
    """Shake hands, which has to fail, and return why."""
    error = shake_hands(client, server)
    assert error is not None and client.state is HandshakeState.FAILED
    return error


# --- what is negotiated ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "version", "signature", "digest"),
    [
        ("rsa", V12, "RSA-PSS", "SHA256"),
        ("rsa", V13, "RSA-PSS", "SHA256"),
        ("ecdsa", V12, "ECDSA", "SHA256"),
        ("ecdsa", V13, "ECDSA", "SHA256"),
        ("ecdsa-p384", V13, "ECDSA", "SHA384"),
        ("ed25519", V12, "Ed25519", None),
        ("ed25519", V13, "Ed25519", None),
        ("ed448", V13, "Ed448", None),
    ],
)
def test_every_kind_of_key(kind: str, version: ssl.TLSVersion, signature: str, digest: str | None) -> None:
    certificate = leaf(kind)
    session = session_with(server_for(certificate, version))
    assert (session.signature, session.signature_digest) == (signature, digest)
    assert session.protocol == ("TLSv1.3" if version is V13 else "TLSv1.2")
    assert str(session.cipher).startswith("TLS_AES_256_GCM_SHA384" if version is V13 else "ECDHE-")
    assert session.cipher_bits == 256
    assert (session.chain, session.established, session.resumed) == ((certificate.der,), True, False)


@pytest.mark.parametrize("version", [V12, V13])
@pytest.mark.parametrize(
    ("curve", "group"), [(None, "x25519"), ("prime256v1", "secp256r1"), ("secp384r1", "secp384r1")]
)
def test_groups(version: ssl.TLSVersion, curve: str | None, group: str) -> None:
    certificate = leaf("ecdsa")
    server = MemoryServer(certificate.pem, certificate.key.pem, version=version, groups=curve)
    assert session_with(server).group == group


def test_a_key_exchange_by_rsa_has_no_group() -> None:
    session = session_with(server_for(leaf("rsa"), V12, "AES256-GCM-SHA384"))
    assert (session.cipher, session.group, session.signature) == ("AES256-GCM-SHA384", None, None)
    assert (session.chain, session.resumed) == ((leaf("rsa").der,), False)


def ffdhe2048() -> int:
    """Return the prime of RFC 7919 appendix A.1, by its formula: 2^2048 - 2^1984 + ([2^1918 e] + 560316) 2^64 - 1."""
    term = total = 1 << 2000
    for divisor in range(1, 400):
        term //= divisor
        total += term
    return (1 << 2048) - (1 << 1984) + ((total >> 82) + 560316 << 64) - 1


@pytest.mark.parametrize("ciphers", ["DHE-RSA-AES256-GCM-SHA384", "ADH-AES256-GCM-SHA384"])
def test_a_finite_field_key_exchange(ciphers: str) -> None:
    parameters = certificates.pem(
        "DH PARAMETERS", certificates.sequence(certificates.integer(ffdhe2048()), b"\x02\x01\x02")
    )
    certificate, anonymous = leaf("rsa"), ciphers.startswith("ADH")
    server = MemoryServer(
        certificate.pem, certificate.key.pem, version=V12, ciphers=ciphers + ":@SECLEVEL=0", dh_parameters=parameters
    )
    session = session_with(server)
    assert (session.cipher, session.group) == (ciphers, "dh2048")
    assert session.signature == (None if anonymous else "RSA-PSS")
    assert session.chain == (() if anonymous else (certificate.der,))


@pytest.mark.parametrize(
    ("version", "name"),
    [(ssl.TLSVersion.TLSv1, "TLSv1"), (ssl.TLSVersion.TLSv1_1, "TLSv1.1"), (V12, "TLSv1.2"), (V13, "TLSv1.3")],
)
def test_every_protocol_version_is_possible_where_nothing_must_match(version: ssl.TLSVersion, name: str) -> None:
    session = session_with(server_for(leaf("rsa"), version, "ALL:@SECLEVEL=0"))
    assert (session.protocol, session.chain) == (name, (leaf("rsa").der,))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_tls_before_1_2_is_refused_where_a_certificate_must_match(version: ssl.TLSVersion) -> None:
    """With every OpenSSL, as a Postfix with OpenSSL 3 refuses it."""
    server = server_for(leaf("rsa"), version, "ALL:@SECLEVEL=0")
    assert error_with(server, handshake(must_match=True)).failure.kind is ErrorKind.HANDSHAKE_FAILED


def test_an_anonymous_server_has_no_chain() -> None:
    session = session_with(MemoryServer(None, version=V12, ciphers="aNULL:@SECLEVEL=0"))
    assert (session.established, session.chain, session.errors) == (True, (), ())
    assert str(session.cipher).startswith(("ADH-", "AECDH-"))
    assert (session.signature, session.resumed) == (None, False)


def test_an_anonymous_server_is_refused_where_a_certificate_must_match() -> None:
    server = MemoryServer(None, version=V12, ciphers="aNULL:@SECLEVEL=0")
    assert error_with(server, handshake(must_match=True)).failure.kind is ErrorKind.HANDSHAKE_FAILED


def test_sni_is_sent_and_told() -> None:
    server = server_for(leaf("ecdsa"))
    assert session_with(server, handshake(sni="mx.example.com")).sni == "mx.example.com"
    assert server.server_names == ["mx.example.com"]


def test_without_sni_none_is_sent() -> None:
    server = server_for(leaf("ecdsa"))
    assert session_with(server).sni is None
    assert server.server_names == [None]


@pytest.mark.parametrize("version", [V12, V13])
def test_a_server_that_would_like_a_client_certificate_goes_without(version: ssl.TLSVersion) -> None:
    certificate = leaf("ecdsa")
    server = MemoryServer(certificate.pem, certificate.key.pem, version=version, ask_certificate=True)
    assert session_with(server).chain == (certificate.der,)


@pytest.mark.parametrize("version", [V12, V13])
def test_of_two_chains_the_ciphers_choose(version: ssl.TLSVersion) -> None:
    rsa, ecdsa = leaf("rsa"), leaf("ecdsa")
    server = MemoryServer(rsa.pem, rsa.key.pem, version=version, second=(ecdsa.pem, ecdsa.key.pem))
    assert session_with(server).chain == (ecdsa.der,)
    if version is V12:
        server = MemoryServer(rsa.pem, rsa.key.pem, version=version, second=(ecdsa.pem, ecdsa.key.pem))
        assert session_with(server, handshake(TlsParameters(ciphers="aRSA"))).chain == (rsa.der,)


# --- what goes wrong ------------------------------------------------------------------------------------------------------------


def test_no_common_protocol() -> None:
    client = handshake(TlsParameters(protocols=parse_protocols(">=TLSv1.3")))
    error = error_with(server_for(leaf("ecdsa"), V12), client)
    assert (error.failure.kind, error.failure.phase) == (ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE)
    assert "alert protocol version" in error.failure.text
    session = client.session()
    assert (session.established, session.chain, session.cipher) == (False, (), None)


@pytest.mark.parametrize(
    ("protocols", "name"), [("!TLSv1.3", "TLSv1.2"), ("!TLSv1, !TLSv1.1, !TLSv1.2", "TLSv1.3"), ("TLSv1.2", "TLSv1.2")]
)
def test_excluded_protocols_are_not_offered(protocols: str, name: str) -> None:
    client = handshake(TlsParameters(protocols=parse_protocols(protocols)))
    assert session_with(server_for(leaf("ecdsa")), client).protocol == name


def test_the_upper_limit_holds() -> None:
    client = handshake(TlsParameters(protocols=ProtocolRange(0x0303, 0x0303)))
    assert session_with(server_for(leaf("ecdsa")), client).protocol == "TLSv1.2"


def test_no_common_cipher() -> None:
    client = handshake(TlsParameters(ciphers="ECDHE-ECDSA-AES128-GCM-SHA256", protocols=parse_protocols("<=TLSv1.2")))
    error = error_with(server_for(leaf("rsa"), V12), client)
    assert "handshake failure" in error.failure.text


@pytest.mark.parametrize(
    "garbage",
    [
        b"220 mx.example.com\r\n",
        b"\0" * 100,
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x16\x03\x03\x00\x04\xff\xff\xff\xff",
        b"\xff" * 20000,
    ],
)
def test_garbage_in_place_of_tls(garbage: bytes) -> None:
    client = handshake()
    client.advance()
    assert client.to_send().startswith(b"\x16\x03")
    client.receive(garbage, SmtpPhase.EHLO_TLS)
    with pytest.raises(ProbeError) as caught:
        for _round in range(3):
            client.advance()
            client.receive(b"more", SmtpPhase.EHLO_TLS)
    assert caught.value.failure.kind is ErrorKind.HANDSHAKE_FAILED
    assert caught.value.failure.text.isprintable() and caught.value.failure.text
    session = client.session()
    assert (session.established, session.chain, session.errors) == (False, (), ())


def test_an_alert_of_the_server_is_told() -> None:
    client = handshake()
    client.advance()
    client.receive(b"\x15\x03\x01\x00\x02\x02\x28", SmtpPhase.EHLO_TLS)
    with pytest.raises(ProbeError, match="handshake failure"):
        client.advance()


def test_a_failed_handshake_stays_failed() -> None:
    client = handshake()
    client.advance()
    client.receive(b"garbage garbage", SmtpPhase.EHLO_TLS)
    with pytest.raises(ProbeError):
        client.advance()
    client.advance()
    assert client.state is HandshakeState.FAILED


def test_an_endless_handshake_meets_its_limit() -> None:
    client = handshake()
    client.advance()
    with pytest.raises(ProbeError) as caught:
        for _round in range(HANDSHAKE_LIMIT // 16000 + 2):
            client.receive(b"\x16\x03\x03\x3e\x80" + b"\x02\x00\xff\xff" + b"x" * 15996, SmtpPhase.EHLO_TLS)
    assert (caught.value.failure.kind, caught.value.failure.phase) == (ErrorKind.LIMIT_EXCEEDED, CommonPhase.HANDSHAKE)
    assert client.state is HandshakeState.FAILED


# --- inside the session -------------------------------------------------------------------------------------------------------


@pytest.fixture(name="pair", params=[V12, V13], ids=["1.2", "1.3"])
def fixture_pair(request: pytest.FixtureRequest) -> tuple[Handshake, MemoryServer]:
    client, server = handshake(), server_for(leaf("ecdsa"), request.param)
    session_with(server, client)
    assert client.decrypt(SmtpPhase.EHLO_TLS) == b""
    return client, server


Pair = tuple[Handshake, MemoryServer]


def test_text_both_ways(pair: Pair) -> None:
    client, server = pair
    assert server.hear(client.encrypt(b"EHLO probe\r\n", SmtpPhase.EHLO_TLS)) == b"EHLO probe\r\n"
    client.receive(server.say(b"250 hello\r\n") + server.say(b"x" * 40000), SmtpPhase.EHLO_TLS)
    assert client.decrypt(SmtpPhase.EHLO_TLS) == b"250 hello\r\n" + b"x" * 40000
    assert client.decrypt(SmtpPhase.EHLO_TLS) == b""


def test_half_a_record_is_nothing_yet(pair: Pair) -> None:
    client, server = pair
    data = server.say(b"250 hello\r\n")
    client.receive(data[:10], SmtpPhase.EHLO_TLS)
    assert client.decrypt(SmtpPhase.EHLO_TLS) == b""
    client.receive(data[10:], SmtpPhase.EHLO_TLS)
    assert client.decrypt(SmtpPhase.EHLO_TLS) == b"250 hello\r\n"


def test_the_end_of_the_session_comes_after_what_was_said(pair: Pair) -> None:
    client, server = pair
    client.receive(server.say(b"421 bye\r\n") + server.goodbye(), SmtpPhase.EHLO_TLS)
    assert server.waits_for_goodbye is True
    assert client.decrypt(SmtpPhase.EHLO_TLS) == b"421 bye\r\n"
    with pytest.raises(ProbeError) as caught:
        client.decrypt(SmtpPhase.EHLO_TLS)
    assert (caught.value.failure.kind, caught.value.failure.phase) == (ErrorKind.DISCONNECTED, SmtpPhase.EHLO_TLS)


def test_a_record_that_does_not_decrypt_ends_the_session(pair: Pair) -> None:
    client, _server = pair
    client.receive(b"\x17\x03\x03\x00\x40" + b"x" * 64, SmtpPhase.EHLO_TLS)
    with pytest.raises(ProbeError) as caught:
        client.decrypt(SmtpPhase.EHLO_TLS)
    assert caught.value.failure.kind is ErrorKind.DISCONNECTED


def test_a_flood_inside_the_session_meets_its_limit(pair: Pair) -> None:
    client, server = pair
    with pytest.raises(ProbeError) as caught:
        for _round in range(AFTER_LIMIT // 16000 + 2):
            client.receive(server.say(b"x" * 16000), SmtpPhase.EHLO_TLS)
            client.decrypt(SmtpPhase.EHLO_TLS)
    assert (caught.value.failure.kind, caught.value.failure.phase) == (ErrorKind.LIMIT_EXCEEDED, SmtpPhase.EHLO_TLS)


def test_closing_says_goodbye(pair: Pair) -> None:
    client, server = pair
    server.hear(client.encrypt(b"QUIT\r\n", SmtpPhase.EHLO_TLS))
    goodbye = client.close()
    assert goodbye and server.hear(goodbye) == b""
    server.goodbye()
    assert server.waits_for_goodbye is False


def test_closing_before_the_end_of_a_handshake_is_no_error() -> None:
    client = handshake()
    client.advance()
    assert client.close().startswith(b"\x16\x03")
    assert client.to_send() == b""


@functools.cache
def contexts() -> TlsContexts:
    return TlsContexts(TlsParameters())


CHANGES: st.SearchStrategy[Sequence[tuple[int, int]]] = st.lists(
    st.tuples(st.integers(0, 10**5), st.integers(0, 255)), min_size=1, max_size=4
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([V12, V13]), CHANGES)
def test_no_server_flight_raises_anything_but_a_probe_error(
    version: ssl.TLSVersion, changes: Sequence[tuple[int, int]]
) -> None:
    server = server_for(leaf("ecdsa"), version)
    client = Handshake(contexts(), must_match=False, sni=None)
    client.advance()
    flight = bytearray(server.exchange(client.to_send()))
    for at, value in changes:
        flight[at % len(flight)] = value
    try:
        client.receive(bytes(flight), SmtpPhase.EHLO_TLS)
        client.advance()
        client.receive(server.exchange(client.to_send()), SmtpPhase.EHLO_TLS)
        client.advance()
    except ProbeError as error:
        assert error.failure.phase is CommonPhase.HANDSHAKE and error.failure.text.isprintable()
    session = client.session()
    assert session.established is (client.state is HandshakeState.ESTABLISHED)
    assert all(isinstance(one, bytes) for one in session.chain)


@pytest.mark.parametrize("version", [V12, V13])
@pytest.mark.parametrize("tickets", [True, False])
def test_how_long_a_ticket_can_be_used(version: ssl.TLSVersion, tickets: bool) -> None:
    certificate = leaf("ecdsa")
    client = handshake()
    server = MemoryServer(certificate.pem, certificate.key.pem, version=version, tickets=2 if tickets else 0)
    assert shake_hands(client, server) is None
    assert client.session().ticket_lifetime == (7200 if tickets else None)
    assert tickets or version is V12 or client.resumable_session() is None
    assert handshake().session().ticket_lifetime is None
