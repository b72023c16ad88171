# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote text is bounded and cannot do anything to a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._text import DEFAULT_LIMIT, clean, upper, words
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("220 mx.example.com", "220 mx.example.com"),
        (b"220 mx.example.com", "220 mx.example.com"),
        ("a\tb\r\nc", "a?b??c"),
        ("\x1b[2J\x07\x00\x7f\x9b", "?[2J????"),
        ("caf\u00e9 \u4f60\u597d \u20ac", "caf\u00e9 \u4f60\u597d \u20ac"),
        ("\u202egnp.exe\u2066", "?gnp.exe?"),
        ("\u200b\ufeff\u00ad", "???"),
        ("a\u2028b\u2029c", "a?b?c"),
        ("\ue000\U000f0000\u0378", "???"),
        ("\ud800", "?"),
        (b"\xff\xe4", "\ufffd\ufffd"),
        ("", ""),
    ],
)
def test_clean(text: str | bytes, expected: str) -> None:
    assert clean(text) == expected


def test_keywords_and_words_are_those_of_ascii() -> None:
    assert upper("startTLS \u017f\u0131\u00e4\u212a") == "STARTTLS \u017f\u0131\u00e4\u212a"
    assert words(" a\t b\u2003c\u00a0d  ") == ["a", "b\u2003c\u00a0d"] and words("") == words(" \t") == []


def test_text_is_cut_at_the_limit() -> None:
    assert clean("\u00e4" * 5000) == "\u00e4" * DEFAULT_LIMIT
    assert clean(b"abc\n", 3) == "abc"


@given(st.one_of(st.text(), st.binary()), st.integers(0, 20))
def test_anything_becomes_clean_and_short(text: str | bytes, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert not any(unicodedata.category(char)[0] == "C" or char in "\u2028\u2029" for char in cleaned)
    assert clean(cleaned, limit) == cleaned
    cleaned.encode("utf-8")
