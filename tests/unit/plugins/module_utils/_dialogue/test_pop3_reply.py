# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies of POP3 servers."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LineError
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_reply import (
    DottedText,
    Pop3Reader,
    Pop3Reply,
    Pop3Status,
    capabilities,
)
from hypothesis import given
from hypothesis import strategies as st


def read(sent: bytes, *, multiline: bool = False) -> Pop3Reply | None:
    reader = Pop3Reader(most_lines=5, most_bytes=100)
    reader.feed(sent)
    return reader.next_reply(multiline=multiline)


@pytest.mark.parametrize(
    ("sent", "status", "code", "text"),
    [
        (b"+OK\r\n", Pop3Status.OK, None, ""),
        (b"+OK ready <1.2@host>\r\n", Pop3Status.OK, None, "ready <1.2@host>"),
        (b"-ERR [AUTH] Authentication failed.\r\n", Pop3Status.ERR, "AUTH", "Authentication failed."),
        (b"-err [sys/temp] later\n", Pop3Status.ERR, "SYS/TEMP", "later"),
        (b"-ERR [not a code] x\r\n", Pop3Status.ERR, None, "[not a code] x"),
        (b"+ VXNlcm5hbWU6\r\n", Pop3Status.PLUS, None, "VXNlcm5hbWU6"),
        (b"+\r\n", Pop3Status.PLUS, None, ""),
        (b"* OK IMAP\r\n", Pop3Status.OTHER, None, "* OK IMAP"),
        (b"\r\n", Pop3Status.OTHER, None, ""),
        (b"+O\xe2\x84\xaa Kelvin\r\n", Pop3Status.OTHER, None, "+O\u212a Kelvin"),
        (b"+OK \x1b[0m\r\n", Pop3Status.OK, None, "?[0m"),
    ],
)
def test_first_lines(sent: bytes, status: Pop3Status, code: str | None, text: str) -> None:
    reply = read(sent)
    assert reply is not None and (reply.status, reply.code, reply.text) == (status, code, text)


def test_lines_follow_where_they_are_to() -> None:
    reply = read(b"+OK\r\nSASL PLAIN LOGIN\r\n..dot\r\nUSER\r\n.\r\n", multiline=True)
    assert reply is not None and reply.lines == (b"SASL PLAIN LOGIN", b".dot", b"USER")
    listed = (b"SASL PLAIN LOGIN", b"expire never", b"", b"SASL XOAUTH2")
    assert capabilities(listed) == {"SASL": ("PLAIN", "LOGIN", "XOAUTH2"), "EXPIRE": ("never",)}
    assert capabilities(("\u017ftls".encode(), "X\u2003STLS y".encode())) == {"\u017fTLS": (), "X\u2003STLS": ("y",)}
    refused = read(b"-ERR no\r\nnot read", multiline=True)
    assert refused is not None and refused.lines == ()


@pytest.mark.parametrize("sent", [b"+OK\r\n" + b"x\r\n" * 6, b"+OK\r\n" + b"y" * 99 + b"\r\n", b"z" * 9000, b"+OK\r\n" + b"z" * 9000])
def test_limits(sent: bytes) -> None:
    with pytest.raises(LineError):
        read(sent, multiline=True)


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=4), st.booleans())
def test_portions_make_no_difference(sent: bytes, cuts: list[int], multiline: bool) -> None:
    def outcome(parts: list[bytes]) -> list[Pop3Reply]:
        reader, found = Pop3Reader(), []
        for part in parts:
            reader.feed(part)
            while (reply := reader.next_reply(multiline=multiline)) is not None:
                found.append(reply)
        return found

    places = sorted({0, len(sent), *(min(cut, len(sent)) for cut in cuts)})
    assert outcome([sent[start:end] for start, end in zip(places, places[1:])]) == outcome([sent])


def test_what_is_left_over() -> None:
    reader = Pop3Reader()
    reader.feed(b"+OK begin\r\nline\r\nrest")
    assert reader.next_reply(multiline=True) is None
    assert reader.take_buffered() == b"line\r\nrest"


@given(
    st.lists(st.sampled_from([b"", b".", b"..", b".x", b"x", b"x."]), max_size=6),
    st.lists(st.integers(0, 60), max_size=8),
    st.sampled_from([b"", b"+OK next\r\n", b".\r\n"]),
)
def test_a_text_in_pieces_is_what_was_sent(lines: list[bytes], cuts: list[int], behind: bytes) -> None:
    text = b"".join(line + b"\r\n" for line in lines)
    sent = b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines) + b".\r\n" + behind
    places = sorted({min(cut, len(sent)) for cut in cuts} | {0, len(sent)})
    reader = DottedText()
    got, rest = b"", b""
    for start, end in zip(places, places[1:]):
        if reader.rest is not None:
            rest += sent[start:end]
        else:
            got += reader.feed(sent[start:end])
    assert (got, (reader.rest or b"") + rest) == (text, behind)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_only_the_servers_own_kind_of_line_end_ends_a_text(size: int) -> None:
    """What a stranger wrote must not end the text, nor be taken for the replies that follow."""
    for end, planted, wanted in ((b"\r\n", b"a\n.\n+OK 1 forged\n..\nb", True), (b"\n", b"a\n..b", False)):
        sent = b"+OK" + end + planted + end + b"." + end + b"+OK next" + end
        reader, got, begun = Pop3Reader(), b"", False
        for at in range(0, len(sent), size):
            reader.feed(sent[at : at + size])
            if not begun and reader.next_reply() is not None:
                begun = True
                reader.begin_text()
            if begun:
                got += reader.next_piece() or b""
        assert got == (planted if wanted else b"a\n.b") + end
        reply = reader.next_reply()
        assert reply is not None and reply.first == "+OK next"


def test_a_line_of_any_length_is_text() -> None:
    reader = Pop3Reader()
    reader.feed(b"+OK\r\n")
    assert reader.next_reply() is not None
    reader.begin_text()
    pieces = []
    for _number in range(100):
        reader.feed(b"x" * 1000)
        pieces.append(reader.next_piece())
    reader.feed(b"\r\n.\r\n+OK next\r\n")
    assert b"".join(piece or b"" for piece in [*pieces, reader.next_piece()]) == b"x" * 100_000 + b"\r\n"
    assert reader.next_piece() == b"" and reader.next_reply() is not None
