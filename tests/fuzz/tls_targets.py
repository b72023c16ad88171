# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz targets of what is read off TLS: records, handshakes, session tickets, traces. They take what a server sends.

Behind the clear part of TLS 1.3 everything is sealed, and a fuzzer cannot guess a seal. So a target seals: the data are
then pieces (content type, two octets of length, payload), each put into a record under a secret the reader knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.mailops.tls.plugins.module_utils._tls.messages import MAX_CERTIFICATES
from ansible_collections.mailops.tls.plugins.module_utils._tls.reader import (
    APPLICATION_SECRET,
    SERVER_SECRET,
    read_handshake,
    ticket_behind,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import Flight, MessageStream, RecordStream
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan import GRADE_CONNECTIONS, Scan
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ScanMode
from ansible_collections.mailops.tls.plugins.module_utils._tls.server_hello import ReplyReader, read_reply
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import LINE_LIMIT, trace_lines
from ansible_collections.mailops.tls.tests.unit.makers import record_sealer
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean, unclean
from ansible_collections.mailops.tls.tests.unit.makers.record_sealer import Sealer

SECRET = bytes(range(32))
SECRETS = {
    label: SECRET
    for label in (
        SERVER_SECRET, APPLICATION_SECRET, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
    )
}  # fmt: skip
_LONGEST_LINE = 8192
_VERSION_1_3 = record_sealer.extension(43, b"\x03\x04")


def records(data: bytes) -> None:
    """Records and messages are the same however the bytes arrive, and nothing is lost. The first byte is the size of the pieces."""
    size, stream = (data[0] if data else 0) + 1, data[1:]
    whole, pieces = RecordStream(), RecordStream()
    at_once = list(whole.feed(stream))
    one_by_one = [one for at in range(0, len(stream), size) for one in pieces.feed(stream[at : at + size])]
    assert at_once == one_by_one and whole.broken == pieces.broken
    assert sum(5 + len(one.payload) for one in at_once) + whole.left == len(stream)
    joined = b"".join(one.payload for one in at_once)
    messages, single = MessageStream(), MessageStream()
    found = [each for one in at_once for each in messages.feed(one.payload)]
    assert found == list(single.feed(joined))
    assert b"".join(record_sealer.message(one.kind, one.body) for one in found) == joined[: sum(4 + len(one.body) for one in found)]


def handshake(data: bytes) -> None:
    """A flight of a server is read without an exception, and what is read is clean and out of it."""
    for secrets in ({}, SECRETS):
        facts = read_handshake(data, secrets)
        chain = facts.chain or ()
        assert len(chain) <= MAX_CERTIFICATES and sum(map(len, chain)) <= len(data)
        assert not list(unclean([facts.version, facts.group, facts.signature, facts.alpn, facts.alert]))
    ticket_behind(data, 0x1301, SECRET)


def server_hello(data: bytes) -> None:
    """An answer to a scan is read without an exception, the same in any pieces, and the scan ends. The first byte is the size of pieces."""
    size, stream = (data[0] if data else 0) + 1, data[1:]
    reader = ReplyReader()
    for at in range(0, len(stream), size):
        reader.feed(stream[at : at + size])
    reply = reader.reply
    assert reply == read_reply(stream)
    assert sum(map(len, reply.chain)) + len(reply.prime) <= len(stream) and len(reply.chain) <= MAX_CERTIFICATES
    for mode in ScanMode:
        scan = Scan(mode)
        while scan.step(SECRET * 2) is not None:
            scan.answer(reply)
        result = scan.result()
        assert result.connections <= GRADE_CONNECTIONS and not list(unclean([item.why for item in result.versions.values()]))


def sealed(data: bytes) -> None:
    """What is inside sealed records is read like what is outside. The first byte chooses the cipher suite."""
    suite = 0x1301 + (data[0] % 3 if data else 0)
    sealer = Sealer(suite, SECRET)
    sent = record_sealer.record(22, record_sealer.server_hello(suite, [_VERSION_1_3]))
    content = b"".join(sealer.record(kind, payload) for kind, payload in pieces_of(data[1:]))
    facts = read_handshake(sent + content, SECRETS)
    assert facts.version == "TLSv1.3" and (facts.suite is not None)
    assert not list(unclean([facts.version, facts.group, facts.signature, facts.alpn, facts.alert]))
    assert sum(map(len, facts.chain or ())) <= len(data)
    ticket_behind(content, suite, SECRET)
    _check_trace([Flight(False, sent), Flight(False, content)])


def trace(data: bytes) -> None:
    """Flights of both directions become clean lines, a bounded number, without any secret. Pieces: direction, length, bytes."""
    _check_trace([Flight(bool(kind & 1), payload) for kind, payload in pieces_of(data)])


def _check_trace(flights: list[Flight]) -> None:
    lines = trace_lines(flights, SECRETS)
    assert len(lines) <= LINE_LIMIT + 1
    for line in lines:
        assert is_clean(line) and len(line) <= _LONGEST_LINE and SECRET.hex() not in line


def pieces_of(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield pieces of the data: a number, two octets of length, and so many bytes or what is left."""
    at = 0
    while at + 3 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 3], "big")
        yield data[at], data[at + 3 : at + 3 + size]
        at += 3 + size
