# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is put out of sight, and what is not."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.concealed import MASK, Concealed


def test_words_of_a_line_are_concealed_but_for_those_that_are_shown() -> None:
    concealed = Concealed()
    concealed.leave("tim@example.org")
    concealed.add_line(b'a1 LOGIN "tim@example.org" "pencil" a+b', "a1 LOGIN (not shown)")
    concealed.add("two words", None, "")
    said = "a1 LOGIN tim@example.org: PENCIL is not the two words of tim, a+b"
    assert concealed.out_of(said) == f"a1 LOGIN tim@example.org: {MASK} is not the {MASK} of tim, a+b"


def test_longest_first_and_nothing_too_short() -> None:
    concealed = Concealed()
    assert concealed.out_of("abc") == "abc"
    concealed.add("abcd", "abcdefgh", "abc")
    assert concealed.out_of("xabcdefghx abc abcde") == f"x{MASK}x abc {MASK}e"
