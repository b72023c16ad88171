# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The passive reader on real server flights, whole, resumed and mangled, and on messages written here byte by byte."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import Signature
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import Handshake
from ansible_collections.mailops.tls.plugins.module_utils._tls.messages import MAX_CERTIFICATES
from ansible_collections.mailops.tls.plugins.module_utils._tls.reader import (
    MAX_RECORDS,
    SERVER_SECRET,
    HandshakeFacts,
    read_handshake,
)
from ansible_collections.mailops.tls.tests.unit.makers import certificates
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, shake_hands
from hypothesis import given, settings
from hypothesis import strategies as st

RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


# --- writing messages ------------------------------------------------------------------------------------------------


def vector(size: int, content: bytes) -> bytes:
    return len(content).to_bytes(size, "big") + content


def message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + vector(3, body)


def record(kind: int, payload: bytes, version: bytes = b"\x03\x03") -> bytes:
    return bytes([kind]) + version + vector(2, payload)


def handshake(*messages: bytes) -> bytes:
    return record(22, b"".join(messages))


def extension(number: int, body: bytes) -> bytes:
    return number.to_bytes(2, "big") + vector(2, body)


def server_hello(
    suite: int, *extensions: bytes, version: int = 0x0303, random: bytes = b"r" * 32, session: bytes = b""
) -> bytes:
    body = version.to_bytes(2, "big") + random + vector(1, session) + suite.to_bytes(2, "big") + b"\0"
    return message(2, body + (vector(2, b"".join(extensions)) if extensions else b""))


def certificate_message(*certificates_: bytes) -> bytes:
    return message(11, vector(3, b"".join(vector(3, one) for one in certificates_)))


VERSION_13 = extension(43, b"\x03\x04")
CHANGE_CIPHER = record(20, b"\x01")


# --- real flights ----------------------------------------------------------------------------------------------------


def converse(
    version: ssl.TLSVersion, tmp_path: Path, resumed: bool, curve: str | None = None
) -> tuple[bytes, dict[str, bytes]]:
    """Shake hands with Python's own client, twice when *resumed*; return the server's last bytes and the secrets."""
    chain = certificates.hierarchy()
    pem, keylog = tmp_path / "chain.pem", tmp_path / "keylog"
    pem.write_bytes(chain.served_pem + chain.leaf.key.pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    if curve is not None:
        server.set_ecdh_curve(curve)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.minimum_version = client.maximum_version = version
    session, flight = None, b""
    for _round in range(2 if resumed else 1):
        keylog.write_bytes(b"")
        client.keylog_filename = str(keylog)
        flight, session = _one_session(client, server, session)
    lines = [line.split() for line in keylog.read_text().splitlines() if not line.startswith("#")]
    return flight, {label: bytes.fromhex(secret) for label, _random, secret in lines}


def _one_session(
    client: ssl.SSLContext, server: ssl.SSLContext, session: ssl.SSLSession | None
) -> tuple[bytes, ssl.SSLSession | None]:
    to_server, to_client, flight = ssl.MemoryBIO(), ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(flight, to_server, session=session)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    held, waiting = bytearray(), [ours, theirs]
    for _round in range(10):
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                pass
            data = to_client.read()
            held += data
            flight.write(data)
    assert not waiting and ours.session_reused is (session is not None)
    theirs.write(b"x")  # what carries the tickets of TLS 1.3 along
    flight.write(to_client.read())
    assert ours.read(1) == b"x"
    return bytes(held), ours.session


@functools.cache
def recorded(version: ssl.TLSVersion) -> tuple[bytes, tuple[tuple[str, bytes], ...], tuple[bytes, ...]]:
    """Return a server's bytes, the secrets and the chain of one real session of the engine, made once."""
    chain = certificates.hierarchy()
    server = MemoryServer(chain.served_pem, chain.leaf.key.pem, version=version)
    contexts = TlsContexts(TlsParameters())
    client = Handshake(contexts, must_match=False, sni=None)
    assert shake_hands(client, server) is None
    return bytes(server.sent), tuple(client._notes.secrets.items()), chain.served


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("resumed", [False, True])
def test_resumption_is_seen(version: ssl.TLSVersion, resumed: bool, tmp_path: Path) -> None:
    flight, secrets = converse(version, tmp_path, resumed)
    facts = read_handshake(flight, secrets)
    assert facts.resumed is resumed
    assert facts.version == {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]
    assert (facts.chain is None) is resumed
    assert (facts.signature is None) is resumed


def test_resumption_of_tls_1_3_is_seen_without_the_secrets(tmp_path: Path) -> None:
    flight, _secrets = converse(ssl.TLSVersion.TLSv1_3, tmp_path, True)
    assert read_handshake(flight, {}).resumed is True


def test_a_hello_retry_request_is_passed_over(tmp_path: Path) -> None:
    flight, secrets = converse(ssl.TLSVersion.TLSv1_3, tmp_path, False, curve="secp521r1")
    assert RETRY in flight
    facts = read_handshake(flight, secrets)
    assert (facts.version, facts.group, facts.resumed) == ("TLSv1.3", "secp521r1", False)
    assert facts.chain is not None and len(facts.chain) == 2


def test_without_secrets_tls_1_3_gives_what_is_in_the_clear() -> None:
    flight, _secrets, _chain = recorded(ssl.TLSVersion.TLSv1_3)
    facts = read_handshake(flight, {})
    assert facts.version == "TLSv1.3" and facts.group is not None and facts.suite == 0x1302
    assert (facts.chain, facts.signature) == (None, None)


def test_wrong_secrets_give_no_more_than_none() -> None:
    flight, _secrets, _chain = recorded(ssl.TLSVersion.TLSv1_3)
    for wrong in (b"w" * 48, b"", b"w" * 7):
        assert read_handshake(flight, {SERVER_SECRET: wrong}).chain is None


# --- by hand -----------------------------------------------------------------------------------------------------------


def test_tls_1_2_message_by_message() -> None:
    exchange = message(12, b"\x03" + b"\x00\x17" + vector(1, b"p" * 65) + b"\x08\x04" + vector(2, b"s" * 256))
    facts = read_handshake(
        handshake(server_hello(0xC02F, extension(16, vector(2, vector(1, b"smtp")))), certificate_message(b"leaf", b""))
        + handshake(message(22, b"\x01" + vector(3, b"staple")))
        + handshake(exchange, message(13, b""), message(14, b""))
        + CHANGE_CIPHER
        + record(22, b"encrypted"),
        {},
    )
    assert facts == HandshakeFacts(
        version="TLSv1.2",
        suite=0xC02F,
        group="secp256r1",
        signature=Signature("RSA-PSS", "SHA256"),
        alpn="smtp",
        chain=(b"leaf", b""),
        stapled_ocsp=True,
        client_certificate_asked=True,
        resumed=False,
        alert=None,
    )


@pytest.mark.parametrize(
    ("suite", "bits", "group"),
    [(0x009E, 2048, "dh2048"), (0xCCAA, 1024, "dh1024"), (0xC09E, 3072, "dh3072"), (0x0034, 64, "dh64")],
)
def test_a_finite_field_group_is_named_by_its_size(suite: int, bits: int, group: str) -> None:
    prime = b"\0" + b"\xff" * (bits // 8)
    exchange = message(12, vector(2, prime) + vector(2, b"\x02") + vector(2, b"y" * 16))
    facts = read_handshake(handshake(server_hello(suite), exchange), {})
    assert (facts.group, facts.signature) == (group, None)


@pytest.mark.parametrize(
    ("version", "name"), [(0x0300, "SSLv3"), (0x0301, "TLSv1"), (0x0302, "TLSv1.1"), (0x0399, "0x0399")]
)
def test_older_versions_have_no_signature_scheme_to_read(version: int, name: str) -> None:
    exchange = message(12, b"\x03" + b"\x00\x1d" + vector(1, b"p" * 32) + vector(2, b"s" * 256))
    facts = read_handshake(handshake(server_hello(0xC013, version=version), exchange), {})
    assert (facts.version, facts.group, facts.signature) == (name, "x25519", None)


def test_an_explicit_curve_is_no_group() -> None:
    facts = read_handshake(handshake(server_hello(0xC02F), message(12, b"\x01" + b"x" * 80)), {})
    assert facts.group is None


def test_numbers_without_a_name_are_told_in_hexadecimal() -> None:
    exchange = message(12, b"\x03" + b"\xfe\x01" + vector(1, b"p") + b"\xfe\x02")
    facts = read_handshake(handshake(server_hello(0xC02F), exchange), {})
    assert (facts.group, facts.signature) == ("0xfe01", Signature("0xfe02", None))


def test_a_session_resumed_by_tls_1_2_has_no_certificate_before_the_cipher_change() -> None:
    assert read_handshake(handshake(server_hello(0xC02F)) + CHANGE_CIPHER, {}).resumed is True
    assert read_handshake(handshake(server_hello(0xC02F)), {}).resumed is None


def test_an_anonymous_session_is_not_taken_for_a_resumed_one() -> None:
    exchange = message(12, vector(2, b"\xff" * 256) + vector(2, b"\x02") + vector(2, b"y" * 16))
    facts = read_handshake(handshake(server_hello(0x006C), exchange, message(14, b"")) + CHANGE_CIPHER, {})
    assert (facts.resumed, facts.chain) == (False, None)


def test_a_cipher_change_before_anything_else_says_nothing() -> None:
    assert read_handshake(CHANGE_CIPHER + handshake(server_hello(0xC02F)), {}) == HandshakeFacts()


@pytest.mark.parametrize("extra", [[], [VERSION_13], [extension(51, b"\0\x1d" + vector(2, b"k" * 32))]])
def test_extensions_of_a_server_hello(extra: Sequence[bytes]) -> None:
    facts = read_handshake(handshake(server_hello(0x1301, *extra)), {})
    assert facts.version == ("TLSv1.3" if VERSION_13 in extra else "TLSv1.2")
    assert facts.group == ("x25519" if extra and VERSION_13 not in extra else None)


def test_a_retry_does_not_decide_on_resumption() -> None:
    retry = server_hello(0x1301, VERSION_13, extension(51, b"\0\x17"), extension(41, b"\0\0"), random=RETRY)
    facts = read_handshake(handshake(retry), {})
    assert (facts.version, facts.resumed) == ("TLSv1.3", None)


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_messages_may_be_cut_into_any_records(size: int) -> None:
    messages = server_hello(0xC02F) + certificate_message(b"leaf" * 50, b"issuer")
    cut = b"".join(record(22, messages[at : at + size]) for at in range(0, len(messages), size))
    assert read_handshake(cut, {}).chain == (b"leaf" * 50, b"issuer")


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (b"\x02\x28", "handshake_failure"),
        (b"\x02\x46", "protocol_version"),
        (b"\x01\x28", "handshake_failure"),
        (b"\x02\xfe", "alert 254"),
        (b"\x02\x70", "unrecognized_name"),
        (b"\x01\x70", None),
        (b"\x01\x00", None),
        (b"\x01\x5a", None),
        (b"\x02", None),
        (b"", None),
    ],
)
def test_alerts(payload: bytes, name: str | None) -> None:
    assert read_handshake(record(21, payload), {}).alert == name


def test_after_a_warning_the_handshake_goes_on_and_after_a_fatal_alert_it_does_not() -> None:
    hello = handshake(server_hello(0xC02F))
    assert read_handshake(record(21, b"\x01\x70") + hello, {}).suite == 0xC02F
    assert read_handshake(record(21, b"\x02\x28") + hello, {}).suite is None


def test_the_number_of_certificates_is_bounded() -> None:
    facts = read_handshake(handshake(server_hello(0xC02F), certificate_message(*[b"c"] * 500)), {})
    assert facts.chain is not None and len(facts.chain) == MAX_CERTIFICATES


def test_the_number_of_records_is_bounded() -> None:
    hello = handshake(server_hello(0xC02F))
    assert read_handshake(record(22, b"") * (MAX_RECORDS - 1) + hello, {}).suite == 0xC02F
    assert read_handshake(record(22, b"") * MAX_RECORDS + hello, {}).suite is None


def test_an_empty_chain_is_known_to_be_empty() -> None:
    assert read_handshake(handshake(server_hello(0xC02F), certificate_message()), {}).chain == ()


@pytest.mark.parametrize(
    "data", [b"", b"\x16", b"\x16\x03\x03", b"220 mx.example.com\r\n", b"\x16\x02\x00\x00\x05hello", b"\x80\x2e\x01"]
)
def test_what_is_no_tls_gives_no_facts(data: bytes) -> None:
    assert read_handshake(data, {}) == HandshakeFacts()


def test_what_came_before_the_end_stands() -> None:
    whole = handshake(server_hello(0xC02F), certificate_message(b"leaf"))
    later = handshake(message(12, b"\x03\x00\x1d" + vector(1, b"p" * 32)))
    for at in range(len(later)):
        facts = read_handshake(whole + later[:at], {})
        assert (facts.suite, facts.chain, facts.group) == (0xC02F, (b"leaf",), None)


# --- mangled flights -----------------------------------------------------------------------------------------------------

VERSIONS = st.sampled_from([ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


@settings(max_examples=150, deadline=None)
@given(VERSIONS, st.integers(0, 10**6))
def test_a_flight_cut_anywhere_is_read_as_far_as_it_goes(version: ssl.TLSVersion, at: int) -> None:
    flight, secrets, chain = recorded(version)
    facts = read_handshake(flight[: at % len(flight)], dict(secrets))
    assert facts.chain in (None, chain)


@settings(max_examples=300, deadline=None)
@given(VERSIONS, st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_mangled_flight_never_raises(version: ssl.TLSVersion, changes: list[tuple[int, int]]) -> None:
    flight, secrets, _chain = recorded(version)
    mangled = bytearray(flight)
    for at, value in changes:
        mangled[at % len(mangled)] = value
    facts = read_handshake(bytes(mangled), dict(secrets))
    assert facts.chain is None or len(facts.chain) <= MAX_CERTIFICATES


BODIES = st.binary(max_size=120)
MESSAGES = st.builds(message, st.sampled_from([2, 4, 8, 11, 12, 13, 14, 15, 20, 22, 99]), BODIES)
HELLOS = st.builds(server_hello, st.sampled_from([0x1301, 0xC02F, 0x009E]), st.sampled_from([VERSION_13, b""]), BODIES)
RECORDS = st.one_of(
    st.lists(st.one_of(MESSAGES, HELLOS), max_size=4).map(lambda messages: handshake(*messages)),
    st.builds(record, st.sampled_from([20, 21, 22, 23, 24, 0x80]), BODIES),
    BODIES,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(RECORDS, max_size=6), st.dictionaries(st.just(SERVER_SECRET), st.binary(max_size=64)))
def test_made_up_messages_never_raise(records: list[bytes], secrets: dict[str, bytes]) -> None:
    facts = read_handshake(b"".join(records), secrets)
    assert facts.resumed is None or facts.version is not None
