# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Structured header fields taken apart: words, quoted strings and comments (RFC 5322 section 3.2)."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\.|[()\"]|[^()\"\\]+|\\", re.DOTALL)


def parts(text: str) -> list[tuple[bool, str]]:
    """Split a field at its comments.

    Returns:
        Pieces in their order: whether it is a comment, and its text without the outer parentheses.
    """
    found: list[tuple[bool, str]] = []
    depth, quoted, piece = 0, False, ""
    for token in _TOKEN.findall(text):
        if token == '"' and not depth:
            quoted = not quoted
        elif token == "(" and not quoted:
            depth += 1
            if depth == 1:
                found.append((False, piece))
                piece = ""
                continue
        elif token == ")" and depth:
            depth -= 1
            if depth == 0:
                found.append((True, piece))
                piece = ""
                continue
        piece += token
    found.append((depth > 0, piece))
    return [(comment, piece.strip()) for comment, piece in found if piece.strip()]


def without_comments(text: str) -> str:
    """Return a field without its comments."""
    return " ".join(piece for comment, piece in parts(text) if not comment)


def unquoted(word: str) -> str:
    """Return what a quoted string means; other words are as they are."""
    return re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL) if len(word) > 1 and word[0] == word[-1] == '"' else word
