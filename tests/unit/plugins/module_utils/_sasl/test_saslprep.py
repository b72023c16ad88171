# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SASLprep: the examples of RFC 4013 section 3, and properties of what it lets through."""

from __future__ import annotations

import stringprep

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._sasl.saslprep import saslprep
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("given_text", "prepared"),
    [("I\u00adX", "IX"), ("user", "user"), ("USER", "USER"), ("\u00aa", "a"), ("\u2168", "IX"), ("a\u00a0b", "a b"), ("", "")],
)
def test_examples(given_text: str, prepared: str) -> None:
    assert saslprep(given_text) == prepared


@pytest.mark.parametrize("text", ["\u0007", "\u06271", "a\u0627", "\u200e\u2028", "\ud800", "\ufffd", "\u0627a\u0627"])
def test_prohibited(text: str) -> None:
    with pytest.raises(ValueError, match="SASLprep prohibits"):
        saslprep(text)


@given(st.text(max_size=30))
def test_what_is_let_through_has_nothing_prohibited_and_stays(text: str) -> None:
    try:
        prepared = saslprep(text)
    except ValueError as problem:
        assert text not in str(problem) or len(text) < 2 or text.isascii()
        return
    assert not any(stringprep.in_table_c21_c22(char) for char in prepared)
    assert saslprep(prepared) == prepared
