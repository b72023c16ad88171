# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines and literals out of bytes in any portions, and what a server may not send."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import (
    Limits,
    LineError,
    LineReader,
    LiteralLine,
    LiteralLineReader,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from hypothesis import given
from hypothesis import strategies as st

PART = st.binary(max_size=40).filter(lambda part: b"\n" not in part and b"\r" not in part and not part.endswith((b"}", b"~")))


def portions(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in zip(places, places[1:])]


def lines_of(reader: LiteralLineReader, parts: list[bytes]) -> list[LiteralLine]:
    found = []
    for part in parts:
        reader.feed(part)
        while (line := reader.next_line()) is not None:
            found.append(line)
    return found


@given(st.lists(PART, min_size=1, max_size=4), st.lists(st.binary(max_size=60), max_size=3), st.lists(st.integers(0, 999)))
def test_literals_are_found_however_bytes_arrive(texts: list[bytes], literals: list[bytes], cuts: list[int]) -> None:
    count = min(len(literals), len(texts) - 1)
    wanted = LiteralLine(tuple(texts[: count + 1]), tuple(literals[:count]))
    wire = wanted.texts[0]
    for text, literal in zip(wanted.texts[1:], wanted.literals):
        wire += b"{%d}\r\n" % len(literal) + literal + text
    assert lines_of(LiteralLineReader(), portions(wire + b"\r\n* next\n", cuts)) == [wanted, LiteralLine((b"* next",))]


@pytest.mark.parametrize(
    ("sent", "limits"),
    [
        (b"x" * 101, Limits(line=100)),
        (b"x" * 101 + b"\r\n", Limits(line=100)),
        (b"* {101}\r\n", Limits(literal=100)),
        (b"* {99999999999}\r\n", Limits()),
        (b"* {99999999999999999999}\r\n", Limits()),
        (b"* {0}\r\n" * 65, Limits()),
        (b"{0}\r\n" * 4 + b"\r\n", Limits(literals=3)),
        (b"a{60}\r\n" + b"x" * 60 + b"{60}\r\n", Limits(together=100)),
    ],
)
def test_limits(sent: bytes, limits: Limits) -> None:
    reader = LiteralLineReader(limits)
    reader.feed(sent)
    with pytest.raises(LineError) as refused:
        while reader.next_line() is not None:
            pass
    assert refused.value.kind is ErrorKind.LIMIT_EXCEEDED


def test_braces_that_are_no_literal() -> None:
    reader = LiteralLineReader()
    assert lines_of(reader, [b"a {x}\r\n{12\r\nb {3} c\r\n{123456789012345678901}\n"]) == [
        LiteralLine((b"a {x}",)), LiteralLine((b"{12",)), LiteralLine((b"b {3} c",)), LiteralLine((b"{123456789012345678901}",)),
    ]  # fmt: skip


def test_what_is_left_over_is_all_of_it() -> None:
    reader = LiteralLineReader()
    assert not lines_of(reader, [b"* a {3}\r\nabc {2}\r\nx"])
    assert reader.begun and reader.take_buffered() == b"* a abc x" and not reader.begun


def test_a_line_that_comes_byte_by_byte_is_looked_at_once() -> None:
    reader = LineReader(100)
    for byte in b"abc\rdef":
        reader.feed(bytes((byte,)))
        assert reader.next_line() is None
    reader.feed(b"\r\nrest")
    assert reader.next_line() == b"abc\rdef" and reader.take(3) == b"res" and reader.take(2) is None and reader.take_buffered() == b"t"


def test_transcripts_show_the_beginning_of_literals() -> None:
    assert LiteralLine((b"* 1 FETCH (BODY[] ", b" X)\x1b"), (b"y" * 300,)).shown == ("* 1 FETCH (BODY[] {300}", "y" * 200, " X)?")
