# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handshake messages as values: OpenSSL's own ClientHello, the example of RFC 8448, and messages that end too early."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls import messages as tls_messages
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import Signature
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import MessageStream, RecordStream, Truncated
from ansible_collections.mailops.tls.plugins.module_utils._tls.suites import SUITES
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import handshake

SERVER_HELLO = bytes.fromhex(
    "0303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e00330024001d0020"
    "c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304"
)
"""The ServerHello of RFC 8448 section 3, without its header."""


def vector(size: int, content: bytes) -> bytes:
    return len(content).to_bytes(size, "big") + content


def opening() -> bytes:
    """Return the body of the ClientHello that OpenSSL sends here."""
    client = handshake(sni="mx.example.com")
    client.advance()
    (record,) = RecordStream().feed(client.to_send())
    (message,) = MessageStream().feed(record.payload)
    assert message.kind == 1
    return message.body


def test_a_real_client_hello() -> None:
    hello = tls_messages.client_hello(opening())
    assert (hello.version, hello.session) == (tls_messages.TLS_1_2, 32)
    assert {0x1301, 0x1302, 0x1303} < set(hello.suites)
    assert set(hello.suites) <= set(SUITES)
    extensions = dict(hello.extensions)
    assert extensions[tls_messages.SERVER_NAME] == vector(2, b"\0" + vector(2, b"mx.example.com"))
    assert {tls_messages.SUPPORTED_VERSIONS, tls_messages.KEY_SHARE, tls_messages.SIGNATURE_ALGORITHMS} < set(extensions)


def test_the_server_hello_of_rfc_8448() -> None:
    hello = tls_messages.server_hello(SERVER_HELLO)
    assert (hello.version, hello.retry, hello.session, hello.suite) == (tls_messages.TLS_1_3, False, 0, 0x1301)
    assert [number for number, _content in hello.extensions] == [tls_messages.KEY_SHARE, tls_messages.SUPPORTED_VERSIONS]


@pytest.mark.parametrize("version", [tls_messages.TLS_1_2, tls_messages.TLS_1_3])
def test_certificates(version: int) -> None:
    modern = version == tls_messages.TLS_1_3
    stapled = vector(2, b"\0\x05" + vector(2, b"response")) if modern else b""
    nothing = vector(2, b"") if modern else b""
    body = (b"\0" if modern else b"") + vector(3, vector(3, b"leaf") + stapled + vector(3, b"issuer") + nothing)
    entries = tls_messages.certificates(body, version)
    assert [entry.der for entry in entries] == [b"leaf", b"issuer"]
    assert [entry.extensions for entry in entries] == ([(5,), ()] if modern else [(), ()])


def test_key_exchanges() -> None:
    curve = b"\x03\x00\x1d" + vector(1, b"p" * 32) + b"\x04\x03" + vector(2, b"s" * 70)
    assert tls_messages.key_exchange(curve, 0xC02B, tls_messages.TLS_1_2) == ("x25519", Signature("ECDSA", "SHA256"))
    assert tls_messages.key_exchange(curve, 0xC013, 0x0301) == ("x25519", None)
    field = vector(2, b"\0\xff" + b"\xff" * 255) + vector(2, b"\x02") + vector(2, b"y")
    assert tls_messages.key_exchange(field, 0x009E, tls_messages.TLS_1_2) == ("dh2048", None)
    assert tls_messages.key_exchange(b"\x01" + b"x" * 80, 0xC02B, tls_messages.TLS_1_2) == (None, None)


def test_a_hello_that_ends_too_early_is_truncated_unless_only_the_extensions_are_missing() -> None:
    hello = opening()
    bare = 2 + 32 + 33 + 2 + 2 * len(tls_messages.client_hello(hello).suites) + 2
    assert tls_messages.client_hello(hello[:bare]).extensions == ()
    for at in set(range(len(hello))) - {bare}:
        with pytest.raises(Truncated):
            tls_messages.client_hello(hello[:at])
    bare = 2 + 32 + 1 + 2 + 1
    assert tls_messages.server_hello(SERVER_HELLO[:bare]).extensions == ()
    for at in set(range(len(SERVER_HELLO))) - {bare}:
        with pytest.raises(Truncated):
            tls_messages.server_hello(SERVER_HELLO[:at])


def test_the_protocol_that_a_server_chose_is_clean() -> None:
    for sent, shown in ((b"smtp", "smtp"), (b"\x1b[2J\xff\n", "?[2J\ufffd?"), ("\u202e".encode(), "?")):
        assert tls_messages.alpn(vector(2, vector(1, sent))) == shown
