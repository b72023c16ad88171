# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records and messages out of bytes that come in any pieces."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import (
    ContentType,
    Cursor,
    Message,
    MessageStream,
    Record,
    RecordStream,
    Truncated,
)
from hypothesis import given, settings
from hypothesis import strategies as st

RECORDS = st.lists(st.builds(Record, st.sampled_from(list(ContentType)), st.just(0x0303), st.binary(max_size=60)), max_size=6)
MESSAGES = st.lists(st.builds(Message, st.integers(0, 255), st.binary(max_size=60)), max_size=6)
CUTS = st.lists(st.integers(1, 30), min_size=1, max_size=8)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut data into pieces of these sizes, over and over."""
    found, at, turn = [], 0, 0
    while at < len(data):
        found.append(data[at : at + cuts[turn % len(cuts)]])
        at, turn = at + len(found[-1]), turn + 1
    return found


def encoded(record: Record) -> bytes:
    return bytes([record.kind]) + record.version.to_bytes(2, "big") + len(record.payload).to_bytes(2, "big") + record.payload


@settings(deadline=None)
@given(RECORDS, CUTS)
def test_records_are_the_same_in_whatever_pieces_they_come(records: list[Record], cuts: list[int]) -> None:
    stream = RecordStream()
    data = b"".join(map(encoded, records))
    assert [record for piece in pieces(data, cuts) for record in stream.feed(piece)] == records
    assert (stream.left, stream.broken) == (0, False)


@settings(deadline=None)
@given(MESSAGES, CUTS)
def test_messages_are_the_same_in_whatever_records_they_come(messages: list[Message], cuts: list[int]) -> None:
    stream = MessageStream()
    data = b"".join(bytes([one.kind]) + len(one.body).to_bytes(3, "big") + one.body for one in messages)
    assert [message for piece in pieces(data, cuts) for message in stream.feed(piece)] == messages


@pytest.mark.parametrize("data", [b"220 mx.example.com\r\n", b"\x16\x02\x00\x00\x00", b"\x18\x03\x03\x00\x00", b"\x80\x2e\x01\x03\x03"])
def test_what_is_no_record_breaks_the_stream_for_good(data: bytes) -> None:
    stream = RecordStream()
    good = encoded(Record(22, 0x0301, b"x"))
    assert list(stream.feed(good + data)) == [Record(22, 0x0301, b"x")]
    assert stream.broken and list(stream.feed(good)) == []
    assert stream.left == len(data) + len(good)


def test_an_incomplete_record_is_left() -> None:
    stream = RecordStream()
    assert list(stream.feed(b"\x16\x03\x03\x00\x05abc")) == []
    assert (stream.left, stream.broken) == (8, False)
    assert list(stream.feed(b"de")) == [Record(22, 0x0303, b"abcde")]


def test_a_cursor_reads_and_never_beyond_the_end() -> None:
    cursor = Cursor(b"\x01\x02\x03\x02ab\x00\x07\x00\x08")
    assert (cursor.number(1), cursor.number(2), cursor.vector(1)) == (1, 0x0203, b"ab")
    assert cursor.numbers(2) == [7, 8] and not cursor.more
    for read in (lambda: cursor.take(1), lambda: cursor.vector(1), lambda: Cursor(b"\x05ab").vector(1), lambda: Cursor(b"abc").numbers(2)):
        with pytest.raises(Truncated):
            read()
