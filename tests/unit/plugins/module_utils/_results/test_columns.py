# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines in columns: aligned, wrapped in the last ones, never too long."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._results.columns import Line, columns, paragraph
from hypothesis import given
from hypothesis import strategies as st


def test_columns_are_as_wide_as_they_need_and_the_last_is_wrapped() -> None:
    lines = [Line(("143", "imap", "one two three four five six seven")), Line(("24", "lmtp", ""), ("a note",))]
    assert columns(("PORT", "SERVICE", "SAID"), lines, 40) == [
        "  PORT  SERVICE  SAID",
        "  143   imap     one two three four five",
        "                 six seven",
        "  24    lmtp",
        "      a note",
    ]


def test_wrapped_columns_share_what_is_left_and_a_small_one_leaves_its_share() -> None:
    lines = [Line(("x", "PLAIN", "PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-1"))]
    assert columns(("A", "BEFORE", "INSIDE"), lines, 34, wrapped=2) == [
        "  A  BEFORE  INSIDE",
        "  x  PLAIN   PLAIN LOGIN",
        "             SCRAM-SHA-256",
        "             SCRAM-SHA-1",
    ]


def test_a_long_word_is_cut_in_a_fixed_column() -> None:
    assert columns(("A", "B"), [Line(("a" * 50, "b"))], 80)[1] == "  " + "a" * 40 + "  b"


def test_later_lines_of_a_paragraph_stand_further_right() -> None:
    assert paragraph("one two three", 9, 2) == ["  one two", "    three"]


TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=120)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, st.tuples(TEXTS)), max_size=5), st.integers(80, 130), st.integers(1, 2))
def test_no_line_is_too_long_and_no_wrapped_word_is_lost(rows: list[tuple[str, str, str, tuple[str]]], width: int, wrapped: int) -> None:
    lines = columns(("A", "B", "C"), [Line((a, b, c), notes) for a, b, c, notes in rows], width, wrapped=wrapped)
    assert max(map(len, lines)) <= width
    seen = "".join("".join(lines).split())
    letters = "".join(rows[0][2].split()) if rows else ""
    assert all(letter in seen for letter in letters)
