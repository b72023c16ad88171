# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages in words, written here byte by byte: what real sessions seldom show."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import HandshakeType, Message
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace_messages import (
    LIST_LIMIT,
    Negotiated,
    message_lines,
)
from hypothesis import given, settings
from hypothesis import strategies as st

OLD, MODERN = Negotiated(0x0303, 0xC02F), Negotiated(0x0304, 0x1301)


def vector(size: int, content: bytes) -> bytes:
    return len(content).to_bytes(size, "big") + content


def extension(number: int, body: bytes) -> bytes:
    return number.to_bytes(2, "big") + vector(2, body)


def client_hello(*extensions: bytes, suites: bytes = b"\x13\x01\xfe\xfe", session: bytes = b"") -> Message:
    body = b"\x03\x03" + b"r" * 32 + vector(1, session) + vector(2, suites) + vector(1, b"\0") + vector(2, b"".join(extensions))
    return Message(HandshakeType.CLIENT_HELLO, body)


def lines(message: Message, negotiated: Negotiated = OLD) -> list[str]:
    """Return the lines below the first one, without their indentation."""
    found = message_lines(message, negotiated)
    assert found[0].endswith(f", {len(message.body)} bytes")
    return [line[2:] for line in found[1:]]


def test_a_client_hello_that_resumes_and_names_protocols() -> None:
    hello = client_hello(
        extension(16, vector(2, vector(1, b"smtp") + vector(1, b"\x1b[31m"))),
        extension(41, vector(2, vector(2, b"ticket") + b"\0\0\0\0") + vector(2, vector(1, b"b" * 32))),
        extension(0x1234, b"secret"),
        session=b"s" * 32,
    )
    assert lines(hello, Negotiated()) == [
        "version: TLSv1.2 at most",
        "session identifier: 32 bytes",
        "cipher suites (2): TLS_AES_128_GCM_SHA256, 0xfefe",
        "ALPN (2): smtp, ?[31m",
        "sessions to resume: 1",
        "other extensions (1): 0x1234",
    ]


def test_lists_are_bounded() -> None:
    (_version, suites) = lines(client_hello(suites=b"\x13\x01" * (LIST_LIMIT + 7)))
    assert suites.startswith("cipher suites (107): ") and suites.endswith(", and 7 more")


def test_a_server_hello_that_resumes() -> None:
    extensions = extension(43, b"\x03\x04") + extension(41, b"\0\0")
    body = b"\x03\x03" + b"r" * 32 + vector(1, b"") + b"\x13\x01\0" + vector(2, extensions)
    assert lines(Message(HandshakeType.SERVER_HELLO, body)) == [
        "version: TLSv1.3",
        "cipher suite: TLS_AES_128_GCM_SHA256",
        "session resumed: the offered number 0",
        "other extensions (1): supported_versions",
    ]


def test_encrypted_extensions() -> None:
    body = vector(2, extension(16, vector(2, vector(1, b"smtp"))) + extension(0, b""))
    assert lines(Message(HandshakeType.ENCRYPTED_EXTENSIONS, body), MODERN) == ["ALPN (1): smtp", "other extensions (1): server_name"]


def test_a_certificate_that_no_parser_reads_is_told_by_its_length() -> None:
    body = b"\0" + vector(3, vector(3, b"no certificate") + vector(2, extension(5, b"response")))
    assert lines(Message(HandshakeType.CERTIFICATE, body), MODERN) == [
        "0: 14 bytes, subject cannot be read, issuer cannot be read",
        "   extensions (1): status_request",
    ]


def test_certificate_requests() -> None:
    names = vector(2, vector(2, b"one") + vector(2, b"two"))
    old = vector(1, b"\x01\x40") + vector(2, b"\x04\x03\x08\x07") + names
    expected = ["signature algorithms (2): ECDSA+SHA256, Ed25519", "certification authorities: 2"]
    assert lines(Message(HandshakeType.CERTIFICATE_REQUEST, old)) == expected
    modern = b"\0" + vector(2, extension(13, vector(2, b"\x04\x03\x08\x07")) + extension(47, names))
    assert lines(Message(HandshakeType.CERTIFICATE_REQUEST, modern), MODERN) == expected
    oldest = vector(1, b"\x01") + names
    assert lines(Message(HandshakeType.CERTIFICATE_REQUEST, oldest), Negotiated(0x0301, 0x2F)) == expected[1:]


def test_key_exchange_without_signature_or_named_curve() -> None:
    field = vector(2, b"\xff" * 256) + vector(2, b"\x02") + vector(2, b"y" * 8)
    assert lines(Message(HandshakeType.SERVER_KEY_EXCHANGE, field), Negotiated(0x0303, 0x006C)) == ["group: dh2048"]
    assert lines(Message(HandshakeType.SERVER_KEY_EXCHANGE, b"\x01" + b"x" * 9)) == ["group: an explicit curve"]


def test_tickets() -> None:
    old = b"\0\0\x1c\x20" + vector(2, b"t" * 160)
    assert lines(Message(HandshakeType.NEW_SESSION_TICKET, old)) == ["ticket: 160 bytes, for 7200 seconds"]
    modern = b"\0\0\x1c\x20" + b"age " + vector(1, b"nonce") + vector(2, b"t" * 200) + vector(2, b"")
    assert lines(Message(HandshakeType.NEW_SESSION_TICKET, modern), MODERN) == ["ticket: 200 bytes, for 7200 seconds"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (20, "Finished"),
        (16, "ClientKeyExchange"),
        (22, "CertificateStatus"),
        (24, "KeyUpdate"),
        (0, "HelloRequest"),
        (99, "message of type 99"),
    ],
)
def test_of_other_messages_only_the_name_is_told(kind: int, name: str) -> None:
    assert message_lines(Message(kind, b"secret"), MODERN) == [f"{name}, 6 bytes"]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(HandshakeType)), st.binary(max_size=200), st.sampled_from([Negotiated(), OLD, MODERN]))
def test_no_body_raises_and_all_lines_are_printable(kind: int, body: bytes, negotiated: Negotiated) -> None:
    assert all(line.isprintable() for line in message_lines(Message(kind, body), negotiated))


def test_a_message_that_ends_too_early_says_so() -> None:
    assert lines(Message(HandshakeType.CERTIFICATE, b"\0\0\x09")) == ["ends too early"]
