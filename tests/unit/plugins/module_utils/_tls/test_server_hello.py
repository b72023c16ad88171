# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers to a ClientHello: of OpenSSL, and of servers that say anything at all."""

from __future__ import annotations

import ssl

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import TLS_1_2, TLS_1_3, Offer, client_hello
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_offers import OLDER_GROUPS, OLDER_SUITES, SCHEMES
from ansible_collections.mailops.tls.plugins.module_utils._tls.server_hello import (
    MOST_BYTES,
    MOST_RECORDS,
    Outcome,
    ReplyReader,
    ServerReply,
    read_reply,
)
from ansible_collections.mailops.tls.tests.unit.makers.record_sealer import message, record
from ansible_collections.mailops.tls.tests.unit.servers.scanned import EVERYTHING, RANDOMS, Answers, asked, openssl
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf
from hypothesis import given
from hypothesis import strategies as st

HELLO = b"\x03\x03" + bytes(32) + b"\0" + b"\xc0\x2f" + b"\0" + b"\0\0"
V12 = ssl.TLSVersion.TLSv1_2


def test_the_first_flight_of_tls_1_2_is_read_whole() -> None:
    unused, answers = openssl("rsa", version=V12)
    reply = asked(answers, Offer(TLS_1_2, (0xC030,), (24,), (0x601,)))
    assert reply is not None
    assert (reply.version, reply.suite, reply.group, reply.scheme, reply.compression) == (TLS_1_2, 0xC030, 24, 0x601, 0)
    assert reply.chain == (leaf("rsa").der,)
    assert {23, 0xFF01} < reply.extensions and not reply.stapled_ocsp and not reply.timestamps


@pytest.mark.parametrize("bits", [1024, 2048])
def test_a_prime_is_read(bits: int) -> None:
    prime = (1 << bits) - 105
    body = b"".join(len(part).to_bytes(2, "big") + part for part in (b"\0" + prime.to_bytes(bits // 8, "big"), b"\x02", b"\x03"))
    hello = HELLO.replace(b"\xc0\x2f", b"\x00\x9e")
    data = record(22, message(2, hello)) + record(22, message(12, body + b"\x04\x01\0\0")) + record(22, message(14, b""))
    reply = read_reply(data)
    assert (int.from_bytes(reply.prime, "big"), reply.group, reply.scheme) == (prime, None, 0x401)


def test_timestamps_a_staple_and_compression_are_seen() -> None:
    hello = HELLO[:-3] + b"\x01" + b"\0\x08" + b"\0\x12\0\0" + b"\0\x05\0\0"
    reply = read_reply(record(22, message(2, hello) + message(22, b"\x01\0\0\0") + message(14, b"")))
    assert (reply.compression, reply.timestamps, reply.stapled_ocsp) == (1, True, True)


@pytest.mark.parametrize(
    ("data", "outcome", "alert"),
    [
        (b"", Outcome.CLOSED, None),
        (b"\x15\x03\x01\x00\x02\x02\x28", Outcome.ALERT, "handshake_failure"),
        (b"\x15\x03\x00\x00\x02\x02\x46", Outcome.ALERT, "protocol_version"),
        (b"\x15\x03\x03\x00\x02\x01\x70", Outcome.CLOSED, None),
        (b"\x15\x03\x03\x00\x02\x01\x70" + record(22, message(2, HELLO)), Outcome.HELLO, None),
        (b"421 4.7.0 Too many connections\r\n", Outcome.NO_TLS, None),
        (record(22, message(11, b"")), Outcome.NO_TLS, None),
        (record(22, message(2, b"\x03")), Outcome.NO_TLS, None),
        (record(22, message(2, HELLO)) + record(22, message(11, b"\x01")), Outcome.HELLO, None),
        (record(22, message(2, HELLO)) + b"\x15\x03\x03\x00\x02\x02\x50", Outcome.HELLO, "internal_error"),
        (record(22, message(2, HELLO)) + b"garbage", Outcome.HELLO, None),
    ],
)
def test_outcomes(data: bytes, outcome: Outcome, alert: str | None) -> None:
    reply = read_reply(data)
    assert (reply.outcome, reply.alert) == (outcome, alert)


def test_reading_has_limits() -> None:
    endless = ReplyReader()
    endless.feed(record(22, b"") * (MOST_RECORDS + 1))
    assert endless.done and endless.reply == ServerReply()
    long = ReplyReader()
    while not long.done:
        long.feed(b"\x16\x03\x03\x40\x00" + b"\x02\xff\xff\xff" + bytes(0x4000 - 4))
        assert long._size <= MOST_BYTES
    long.feed(record(22, message(2, HELLO)))
    assert long.reply == ServerReply()


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_are_read_the_same_in_any_pieces(data: bytes, size: int) -> None:
    for stream in (data, record(22, message(2, HELLO)) + data, record(22, message(2, HELLO) + message(11, data))):
        reader = ReplyReader()
        for at in range(0, len(stream), size):
            reader.feed(stream[at : at + size])
        assert reader.reply == read_reply(stream)


@given(st.sampled_from([V12, ssl.TLSVersion.TLSv1_3]), st.data())
def test_a_flight_that_breaks_off_or_is_changed_is_never_an_exception(version: ssl.TLSVersion, data: st.DataObject) -> None:
    answers = _server(version)
    offer = Offer(TLS_1_2, OLDER_SUITES, OLDER_GROUPS, SCHEMES) if version == V12 else Offer(TLS_1_3, (0x1301,), (29,), SCHEMES)
    whole = answers(client_hello(offer, RANDOMS))
    flight = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for at in data.draw(st.lists(st.integers(0, max(len(flight) - 1, 0)), max_size=4)) if flight else ():
        flight[at] ^= data.draw(st.integers(1, 255))
    assert read_reply(bytes(flight)).outcome in Outcome


def _server(version: ssl.TLSVersion) -> Answers:
    return openssl("rsa", version=version, ciphers=EVERYTHING if version == V12 else None)[1]
