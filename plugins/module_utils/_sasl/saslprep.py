# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SASLprep (RFC 4013): user names and passwords as client and server have to agree on them, by the stringprep of the standard library."""

from __future__ import annotations

import stringprep
import unicodedata

_PROHIBITED = (
    stringprep.in_table_c12, stringprep.in_table_c21_c22, stringprep.in_table_c3, stringprep.in_table_c4,
    stringprep.in_table_c5, stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8, stringprep.in_table_c9,
)  # fmt: skip


def saslprep(text: str) -> str:
    """Prepare a string as a query (RFC 4013 section 2): unassigned code points of Unicode 3.2 are let through.

    Raises:
        ValueError: it has a character that is prohibited, or mixes directions of writing; the text does not show it.
    """
    if text.isascii() and text.isprintable():
        return text
    mapped = "".join(" " if stringprep.in_table_c12(char) else char for char in text if not stringprep.in_table_b1(char))
    # The tables are those of Unicode 3.2, and so is the normalisation.
    prepared = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    if any(prohibited(char) for char in prepared for prohibited in _PROHIBITED):
        raise ValueError("has a character that SASLprep prohibits (RFC 4013 section 2.3)")
    _check_directions(prepared)
    return prepared


def _check_directions(text: str) -> None:
    """RFC 3454 section 6."""
    right_to_left = [stringprep.in_table_d1(char) for char in text]
    if not any(right_to_left):
        return
    if any(stringprep.in_table_d2(char) for char in text) or not (right_to_left[0] and right_to_left[-1]):
        raise ValueError("mixes directions of writing in a way that SASLprep prohibits (RFC 4013 section 2.4)")
