# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that came from outside (servers, DNS, certificates) is data: bounded and without control characters."""

from __future__ import annotations

import re
import unicodedata

DEFAULT_LIMIT = 2048
"""Longest text kept of one remote line, in characters; Postfix's `line_length_limit`."""


def clean(text: str | bytes, limit: int = DEFAULT_LIMIT) -> str:
    """Return remote text safe to show: UTF-8 decoded, each control or format character as `?`, cut at *limit*.

    The same substitution as Postfix's printable(); format characters (bidirectional overrides) are included because
    they can make a terminal show another text than the one received.
    """
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    decoded = decoded[:limit]
    if decoded.isascii() and decoded.isprintable():
        return decoded
    return "".join("?" if unicodedata.category(char)[0] == "C" or char in "\u2028\u2029" else char for char in decoded)


_UPPER = {letter: letter - 32 for letter in range(ord("a"), ord("z") + 1)}


def upper(text: str) -> str:
    """Return a keyword of a protocol in upper case: of ASCII letters only, as no other letter is one of a keyword.

    The method of str makes `STARTTLS` of a word that begins with a long s, and a case-blind comparison `OK` of one with a Kelvin sign.
    """
    return text.upper() if text.isascii() else text.translate(_UPPER)


def words(text: str) -> list[str]:
    """Return what stands between spaces and tabs; other blanks of Unicode are characters of a word, as they are for every server."""
    return [word for word in re.split(r"[ \t]+", text) if word]


def reason_of(problem: Exception) -> str:
    """Return what went wrong without the number of the error and the name of the file, which messages have in another place."""
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)


_TEMPLATE = re.compile(r"\{(?=[{%#])")


def inert(text: str | bytes, limit: int = DEFAULT_LIMIT) -> str:
    """Return remote text as clean() does, and with nothing in it that Ansible would take for a template.

    Results of modules are marked as no templates. This holds without the mark too, wherever texts of several hosts are joined.
    """
    return _TEMPLATE.sub("{ ", clean(text, limit))
