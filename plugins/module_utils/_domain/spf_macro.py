# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Macros of SPF: read and expanded (RFC 7208 section 7). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union
from urllib.parse import quote

LETTERS = frozenset("slodiphv")
"""What may stand in a domain-spec."""
EXPLANATION_LETTERS = LETTERS | frozenset("crt")
"""What may stand in the text that exp= leads to."""
LONGEST_NAME = 253
"""Most characters of a domain name without its final dot."""

_MACRO = re.compile(r"%(?:\{([A-Za-z])([0-9]*)([rR]?)([.\-+,/_=]*)\}|([%_-]))")
_ESCAPES = {"%": "%", "_": " ", "-": "%20"}
_ALL_PARTS = 999


class MacroError(ValueError):
    """The text has a percent sign that begins no macro, or a character that stands for nothing."""


@dataclass(frozen=True)
class Macro:
    """One `%{...}`: the letter in lower case, whether its value is escaped for URLs, and how it is cut and turned."""

    letter: str
    escaped: bool = False
    parts: int = _ALL_PARTS
    reverse: bool = False
    delimiters: str = "."

    def value(self, values: Mapping[str, str]) -> str:
        """Return its value with transformers applied."""
        text = values.get(self.letter, "")
        if self.reverse or self.parts != _ALL_PARTS or self.delimiters != ".":
            pieces = re.split("[" + re.escape(self.delimiters) + "]", text)
            pieces = pieces[::-1] if self.reverse else pieces
            text = ".".join(pieces[-self.parts:])
        return quote(text, safe="-._~") if self.escaped else text


Piece = Union[str, Macro]


def parse_macros(text: str, letters: frozenset[str] = LETTERS, *, blanks: bool = False) -> tuple[Piece, ...]:
    """Return the literal texts and macros of a macro-string, in order.

    Args:
        text: what is to be read.
        letters: which macros there may be.
        blanks: whether blanks are allowed too, as in an explanation.

    Raises:
        MacroError: for what the grammar does not know.
    """
    pieces: list[Piece] = []
    at = 0
    while at < len(text):
        if text[at] == "%":
            match = _MACRO.match(text, at)
            if match is None:
                raise MacroError(f"{text[at:at + 12]} is no macro")
            pieces.append(_ESCAPES[match[5]] if match[5] else _macro(match, letters))
            at = match.end()
        else:
            end = text.find("%", at)
            literal = text[at:] if end < 0 else text[at:end]
            for char in literal:
                if not ("!" <= char <= "~" or (blanks and char == " ")):
                    raise MacroError("it has a character that is not allowed")
            pieces.append(literal)
            at += len(literal)
    return tuple(pieces)


def _macro(match: re.Match[str], letters: frozenset[str]) -> Macro:
    letter, digits = match[1].lower(), match[2]
    if letter not in letters:
        raise MacroError(f"%{{{match[1]}}} is no macro" + (" in a record" if letter in EXPLANATION_LETTERS else ""))
    if digits and not digits.strip("0"):
        raise MacroError(f"{match[0][:20]} keeps no part")
    parts = int(digits) if digits and len(digits) <= 3 else _ALL_PARTS
    return Macro(letter, match[1].isupper(), parts, bool(match[3]), match[4] or ".")


def letters_of(pieces: tuple[Piece, ...]) -> frozenset[str]:
    """Return the letters of the macros among pieces."""
    return frozenset(piece.letter for piece in pieces if isinstance(piece, Macro))


def ends_in_macro(pieces: tuple[Piece, ...]) -> bool:
    """Return whether the last piece is a macro-expand; what %%, %_ and %- stand for can be no literal."""
    return bool(pieces) and (isinstance(pieces[-1], Macro) or pieces[-1] in _ESCAPES.values())


def expand(pieces: tuple[Piece, ...], values: Mapping[str, str]) -> str:
    """Return the text with every macro replaced by its value."""
    return "".join(piece if isinstance(piece, str) else piece.value(values) for piece in pieces)


def fitting_name(name: str) -> str:
    """Return a name cut to what DNS can hold: labels are taken off its left side (RFC 7208 section 7.3)."""
    name = name[:-1] if name.endswith(".") else name
    while len(name) > LONGEST_NAME and "." in name:
        cut = name.find(".", len(name) - LONGEST_NAME - 1)
        if cut < 0:
            break
        name = name[cut + 1:]
    return name


def is_askable(name: str) -> bool:
    """Return whether a name can be asked for: ASCII, labels of 1 to 63 characters, 253 in all."""
    return name.isascii() and 0 < len(name) <= LONGEST_NAME and all(0 < len(label) <= 63 for label in name.split("."))
