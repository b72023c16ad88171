# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ClientHellos of our own: read back by our reader, and taken by OpenSSL."""

from __future__ import annotations

import ssl

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls import messages as tls_messages
from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import (
    PADDING,
    RENEGOTIATION_SCSV,
    SSL_3,
    TLS_1_0,
    TLS_1_2,
    TLS_1_3,
    Offer,
    client_hello,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import Cursor, MessageStream, RecordStream
from ansible_collections.mailops.tls.tests.unit.servers.scanned import RANDOMS, asked, openssl
from hypothesis import given
from hypothesis import strategies as st

NUMBERS = st.lists(st.integers(0, 0xFFFF), max_size=200).map(tuple)
NAMES = st.none() | st.from_regex(r"[a-z0-9.-]{1,60}", fullmatch=True)


def message_of(data: bytes) -> bytes:
    """Return the body of the one message in these records."""
    stream = MessageStream()
    (message,) = [each for record in RecordStream().feed(data) for each in stream.feed(record.payload)]
    assert message.kind == 1
    return message.body


@given(st.integers(TLS_1_0, TLS_1_3), NUMBERS, NUMBERS, NUMBERS, NAMES, st.booleans())
def test_all_that_is_offered_is_in_the_message(
    version: int, suites: tuple[int, ...], groups: tuple[int, ...], schemes: tuple[int, ...], name: str | None, deflate: bool
) -> None:
    body = message_of(client_hello(Offer(version, suites, groups, schemes, name, deflate), RANDOMS))
    hello = tls_messages.client_hello(body)
    found = dict(hello.extensions)
    assert hello.suites == suites and hello.version == min(version, TLS_1_2)
    assert len(found) == len(hello.extensions)
    assert not 256 <= len(body) + 4 < 512
    if groups:
        assert tuple(Cursor(Cursor(found[10]).vector(2)).numbers(2)) == groups
    assert (10 in found, 13 in found, 0 in found) == (bool(groups), bool(schemes) and version >= TLS_1_2, name is not None)
    if name is not None:
        assert found[0].endswith(name.encode())
    if version == TLS_1_3:
        assert (found[51], found[43], hello.session) == (b"\0\0", b"\x02\x03\x04", 32)
    assert set(found.get(PADDING, b"")) <= {0}


def test_ssl_3_has_no_extensions_but_says_that_it_renegotiates_securely() -> None:
    data = client_hello(Offer(SSL_3, (4, 5), (23,), (0x401,), "mx.example.com"), RANDOMS)
    hello = tls_messages.client_hello(message_of(data))
    assert data[:3] == b"\x16\x03\x00"
    assert (hello.version, hello.suites, hello.extensions) == (SSL_3, (4, 5, RENEGOTIATION_SCSV), ())


@pytest.mark.parametrize(
    ("version", "deflate", "methods"),
    [(TLS_1_2, True, b"\x02\x01\x00"), (TLS_1_2, False, b"\x01\x00"), (TLS_1_3, True, b"\x01\x00")],
)
def test_compression_is_offered_where_it_exists(version: int, deflate: bool, methods: bytes) -> None:
    cursor = Cursor(message_of(client_hello(Offer(version, (1,), deflate=deflate), RANDOMS)))
    cursor.take(34)
    cursor.vector(1)
    cursor.vector(2)
    assert cursor.data[cursor.at :].startswith(methods)


def test_a_long_hello_takes_several_records_and_too_long_a_one_is_refused() -> None:
    data = client_hello(Offer(TLS_1_2, tuple(range(20000))), RANDOMS)
    assert [len(record.payload) <= 16384 for record in RecordStream().feed(data)] == [True, True, True]
    assert len(tls_messages.client_hello(message_of(data)).suites) == 20000
    with pytest.raises(ValueError, match="80000 octets"):
        client_hello(Offer(TLS_1_2, (1,) * 40000), RANDOMS)


def test_openssl_sees_the_name_and_names_its_group_for_an_empty_key_share() -> None:
    server, unused = openssl(version=ssl.TLSVersion.TLSv1_3, groups="secp521r1")
    reply = asked(server.exchange, Offer(TLS_1_3, (0x1301,), (29, 25), (0x804,), "mx.example.com"))
    assert server.server_names == ["mx.example.com"]
    assert reply is not None and (reply.retry, reply.suite, reply.group) == (True, 0x1301, 25)
