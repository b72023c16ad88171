# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies out of bytes: Postfix's leniency in what a reply is, and the limits a hostile server meets."""

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.reply import (
    LINE_LIMIT,
    REPLY_BYTES,
    REPLY_LINES,
    Reply,
    ReplyReader,
    _parts,
    _parts_of_plain,
    _plain,
    _show,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, ProbeError
from hypothesis import given
from hypothesis import strategies as st


def replies(*chunks: bytes) -> list[Reply]:
    """Feed the chunks one by one and return every reply that came out."""
    reader, found = ReplyReader(), []
    for chunk in chunks:
        reader.feed(chunk)
        while True:
            reply = reader.next_reply(SmtpPhase.EHLO)
            if reply is None:
                break
            found.append(reply)
    return found


def only(data: bytes) -> Reply:
    """Return the one reply that the bytes are."""
    (reply,) = replies(data)
    return reply


def outcome(chunks: list[bytes]) -> tuple[list[Reply], str | None]:
    """Return the replies up to the end of the chunks or the limit that was passed, and that limit's text."""
    reader, found = ReplyReader(), []
    for chunk in chunks:
        reader.feed(chunk)
        try:
            while True:
                reply = reader.next_reply(SmtpPhase.EHLO)
                if reply is None:
                    break
                found.append(reply)
        except ProbeError as error:
            return found, error.failure.text
    return found, None


def test_one_line() -> None:
    reply = only(b"220 mx.example.com ESMTP\r\n")
    assert (reply.code, reply.lines, reply.raw_lines) == (220, ("mx.example.com ESMTP",), ("220 mx.example.com ESMTP",))
    assert reply.positive
    assert reply.text == "220 mx.example.com ESMTP"


def test_many_lines() -> None:
    reply = only(b"250-mx.example.com\r\n250-SIZE 1000\r\n250 STARTTLS\r\n")
    assert reply.lines == ("mx.example.com", "SIZE 1000", "STARTTLS")
    assert reply.raw_lines == ("250-mx.example.com", "250-SIZE 1000", "250 STARTTLS")
    assert reply.text == "250 mx.example.com SIZE 1000 STARTTLS"


def test_bare_lf_ends_a_line_and_crs_before_it_are_dropped() -> None:
    assert only(b"250-one\n250 two\r\r\n").lines == ("one", "two")


@pytest.mark.parametrize(
    ("data", "code", "lines"),
    [
        (b"250-mx\0.example\r\n250 STARTTLS\0X\r\n", 250, ("mx", "STARTTLS")),
        (b"250-mx\r\n250 START\0TLS\r\n", 250, ("mx", "START")),
        (b"250-mx\r\n250\0-STARTTLS\r\n", 250, ("mx", "")),  # no hyphen that is seen goes on
        (b"250-mx\r\n250-\0STARTTLS\r\n250 X\r\n", 250, ("mx", "", "X")),
        (b"250-mx\r\n2\0" + b"50 STARTTLS\r\n", 0, ("mx", "")),
        (b"\x00220 mx\r\n", 0, ("",)),
        (b"220\0 mx\r\n", 220, ("",)),
    ],
)
def test_what_stands_behind_a_nul_means_nothing(data: bytes, code: int, lines: tuple[str, ...]) -> None:
    """Measured with posttls-finger 3.7.11."""
    reply = only(data)
    assert (reply.code, reply.seen_lines) == (code, lines)
    assert b"\0" not in reply.text.encode() and len(reply.text) >= len("".join(lines))


def test_cr_alone_does_not_end_a_line() -> None:
    assert replies(b"220 one\r") == []
    assert only(b"220 one\rtwo\r\n").lines == ("one?two",)


@pytest.mark.parametrize(
    ("data", "code"), [(b"550-x\r\n250 y\r\n", 250), (b"250-x\r\n550 y\r\n", 550), (b"250-x\r\ny\r\n", 0)]
)
def test_the_code_is_that_of_the_last_line(data: bytes, code: int) -> None:
    assert only(data).code == code


@pytest.mark.parametrize(
    ("line", "code", "text"),
    [
        (b"250 ok", 250, "ok"),
        (b"250", 250, ""),
        (b"250ok", 250, "ok"),
        (b"250   ok", 250, "ok"),
        (b"250\tok", 250, "ok"),
        (b"250_ok", 250, "_ok"),
        (b"25 ok", 0, "ok"),
        (b"2500 ok", 0, "ok"),
        (b"2", 0, ""),
        (b"", 0, ""),
        (b"ok", 0, "ok"),
        (b" 250 ok", 0, "250 ok"),
        ("\u0662\u0665\u0660 ok".encode(), 0, "\u0662\u0665\u0660 ok"),
        (b"000 ok", 0, "ok"),
        (b"999 ok", 999, "ok"),
    ],
)  # fmt: skip
def test_a_code_is_exactly_three_digits_and_any_text_behind_it_is_the_text(line: bytes, code: int, text: str) -> None:
    reply = only(line + b"\r\n")
    assert (reply.code, reply.lines) == (code, (text,))


@pytest.mark.parametrize("first", [b"250-", b"25-", b"2500-", b"-", b"000-"])
def test_a_hyphen_right_behind_the_digits_continues_the_reply(first: bytes) -> None:
    assert replies(first + b"x\r\n") == []
    assert only(first + b"x\r\n250 y\r\n").lines == ("x", "y")


@pytest.mark.parametrize("line", [b"250 -x", b"x-y", b"250+x"])
def test_anything_else_behind_the_digits_ends_the_reply(line: bytes) -> None:
    assert len(replies(line + b"\r\n")) == 1


@pytest.mark.parametrize(
    ("code", "positive"), [(199, False), (200, True), (220, True), (299, True), (300, False), (0, False)]
)
def test_any_2xx_is_positive(code: int, positive: bool) -> None:
    assert only(b"%03d x\r\n" % code).positive is positive


def test_control_characters_are_replaced_and_a_tab_is_a_space() -> None:
    reply = only(b"250 a\x00b\x1b[31m\tc \xe2\x80\xaed\xff\r\n")
    assert reply.lines == ("a?b?[31m c ?d\ufffd",)
    assert reply.raw_lines == ("250 a?b?[31m c ?d\ufffd",)


def test_pipelined_replies_come_out_one_by_one() -> None:
    assert [reply.code for reply in replies(b"220 a\r\n250-b\r\n250 c\r\n221 d\r\n")] == [220, 250, 221]


def test_buffered_bytes_are_everything_behind_the_last_whole_reply() -> None:
    reader = ReplyReader()
    reader.feed(b"220 go\r\nEVIL\r\nhalf")
    assert reader.next_reply(SmtpPhase.STARTTLS) is not None
    assert reader.take_buffered() == b"EVIL\r\nhalf"
    assert reader.take_buffered() == b""
    reader.feed(b"250 clean\r\n")
    fresh = reader.next_reply(SmtpPhase.EHLO_TLS)
    assert fresh is not None and fresh.lines == ("clean",)


def test_lines_of_an_unfinished_reply_count_as_buffered() -> None:
    reader = ReplyReader()
    reader.feed(b"220 go\r\n250-started\r\n")
    assert reader.next_reply(SmtpPhase.STARTTLS) is not None
    assert reader.next_reply(SmtpPhase.STARTTLS) is None
    assert reader.take_buffered().startswith(b"250-started")
    reader.feed(b"250 clean\r\n")
    fresh = reader.next_reply(SmtpPhase.EHLO_TLS)
    assert fresh is not None and fresh.raw_lines == ("250 clean",)


def test_a_long_line_is_cut_and_the_reply_goes_on() -> None:
    reply = only(b"250-" + b"x" * (LINE_LIMIT + 100) + b"\r\n250 end\r\n")
    assert reply.lines == ("x" * (LINE_LIMIT - 4), "end")


@pytest.mark.parametrize("ending", [b"", b"\r\n"])
def test_a_line_twice_too_long_is_refused_with_and_without_its_end(ending: bytes) -> None:
    found, limit = outcome([b"250 " + b"x" * (2 * LINE_LIMIT) + ending])
    assert found == [] and limit == "a line of more than 4096 bytes"


def test_the_longest_line_allowed() -> None:
    found, limit = outcome([b"250 " + b"x" * (2 * LINE_LIMIT - 4) + b"\n"])
    assert limit is None and len(found) == 1


def test_as_many_lines_as_allowed_and_one_more() -> None:
    most = b"250-x\r\n" * (REPLY_LINES - 1) + b"250 x\r\n"
    assert len(only(most).lines) == REPLY_LINES
    assert outcome([b"250-x\r\n" * REPLY_LINES + b"250 x\r\n"]) == ([], "a reply of more than 128 lines")


def test_too_many_bytes_in_not_too_many_lines() -> None:
    line = b"250-" + b"x" * 2000 + b"\r\n"
    assert REPLY_BYTES // len(line) < REPLY_LINES
    assert outcome([line * (REPLY_BYTES // len(line) + 1)]) == ([], "a reply of more than 65536 bytes")


def test_the_limits_are_for_each_reply_and_not_for_all() -> None:
    assert len(replies(b"250 x\r\n" * (REPLY_LINES * 3))) == REPLY_LINES * 3
    assert len(replies((b"250 " + b"x" * 2000 + b"\r\n") * 100)) == 100


def test_what_is_buffered_does_not_grow_with_an_endless_line() -> None:
    reader = ReplyReader()
    with pytest.raises(ProbeError) as caught:
        for _round in range(1000):
            reader.feed(b"x" * 100)
            reader.next_reply(SmtpPhase.GREETING)
    assert (caught.value.failure.kind, caught.value.failure.phase) == (ErrorKind.LIMIT_EXCEEDED, SmtpPhase.GREETING)
    assert len(reader.take_buffered()) <= 2 * LINE_LIMIT + 100


LINE = st.binary(max_size=30).map(lambda text: text.replace(b"\n", b""))
CODED = st.tuples(
    st.sampled_from([b"220", b"250", b"550", b"", b"25", b"2500"]), st.sampled_from([b" ", b"-", b""]), LINE
)
LONG = st.sampled_from([b"y" * 2047, b"y" * 2049, b"y" * 4096, b"y" * 4097, b"250-" + b"y" * 9000])
STREAM = st.lists(st.one_of(CODED.map(b"".join), LINE, LONG), max_size=12).map(b"\n".join)


@given(STREAM, st.lists(st.integers(0, 20000), max_size=8))
def test_the_same_bytes_in_any_chunks_are_the_same_replies(data: bytes, cuts: list[int]) -> None:
    at = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    chunks = [data[start:end] for start, end in zip(at, at[1:])]
    assert outcome(chunks) == outcome([data])


@given(st.binary(max_size=300))
def test_any_bytes_give_clean_bounded_text(data: bytes) -> None:
    for reply in outcome([data + b"\n"])[0]:
        assert 0 <= reply.code <= 999
        assert not any(unicodedata.category(char)[0] == "C" for text in reply.lines + reply.raw_lines for char in text)
        assert len(reply.lines) == len(reply.raw_lines)


SPECIAL = st.sampled_from([b"250-SIZE 10", b"250 \x00x", b"250-a\tb", b"250-\x7f"])


@given(st.lists(st.one_of(CODED.map(b"".join), LINE, SPECIAL), min_size=1))
def test_plain_lines_are_read_all_at_once_to_the_same_end(lines: list[bytes]) -> None:
    raw = _plain(lines)
    if raw is None:
        assert any(_show(line) != line.decode("latin-1") for line in lines)
        return
    assert list(raw) == [_show(line) for line in lines]
    for line, text in zip(lines, raw):
        code, _more, rest = _parts(line)
        assert _parts_of_plain(text) == (code, _show(rest))
        assert _show(rest.partition(b"\0")[0]) == _show(rest)
