# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Responses of a ManageSieve server (RFC 5804 section 1.3 and 4): lines of strings, ended by OK, NO or BYE."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_response import quoted_string
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LineError, LiteralLine
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._text import clean, upper, words

_STATUS = re.compile(rb"(OK|NO|BYE)(?=[ (\"]|\Z)", re.IGNORECASE)
_CODE = re.compile(rb" *\(([A-Za-z][A-Za-z0-9/-]*)")


class SieveStatus(str, Enum):
    """The word that ends a response."""

    OK = "ok"
    NO = "no"
    BYE = "bye"


@dataclass(frozen=True)
class SieveLine:
    """One line: data (capabilities, names of scripts, challenges) or the end of a response.

    Attributes:
        status: of a line that ends a response, None of data.
        code: the response code in upper case (`TRYLATER`, `AUTH-TOO-WEAK`), None without one.
        code_strings: the strings within the code's parentheses, as of `SASL` and `REFERRAL`.
        strings: the strings of the line; with a status the text for people.
        line: the line as it came.
    """

    line: LiteralLine = field(repr=False)
    strings: tuple[bytes, ...] = ()
    status: SieveStatus | None = None
    code: str | None = None
    code_strings: tuple[bytes, ...] = ()

    @property
    def text(self) -> str:
        """The strings for people."""
        return clean(b" ".join(self.strings))


def read_line(line: LiteralLine) -> SieveLine:
    """Read one line.

    Raises:
        LineError: it is neither strings nor an end.
    """
    head = line.texts[0]
    status = _STATUS.match(head)
    if not status:
        return SieveLine(line, _strings(line.texts, line.literals, data=True))
    texts, literals = (head[status.end() :], *line.texts[1:]), line.literals
    code = _CODE.match(texts[0])
    code_strings: tuple[bytes, ...] = ()
    if code:
        code_strings, texts, literals = _within_code((texts[0][code.end() :], *texts[1:]), literals)
    word = SieveStatus(status[1].decode().lower())
    return SieveLine(line, _strings(texts, literals), word, code[1].decode().upper() if code else None, code_strings)


_Pieces = tuple[bytes, ...]


def _within_code(texts: _Pieces, literals: _Pieces) -> tuple[_Pieces, _Pieces, _Pieces]:
    """Return the strings within a response code, literals among them, and the texts and literals behind it."""
    for number, text in enumerate(texts):
        end = _end_of_code(text)
        if end is not None:
            within = _strings((*texts[:number], text[:end]), literals[:number])
            return within, (text[end + 1 :], *texts[number + 1 :]), literals[number:]
    raise LineError(ErrorKind.PROTOCOL_ERROR, "a response code that does not end")


def _end_of_code(text: bytes) -> int | None:
    at = 0
    while at < len(text):
        if text[at : at + 1] == b'"':
            _string, at = quoted_string(text, at)
        elif text[at : at + 1] == b")":
            return at
        else:
            at += 1
    return None


def _strings(texts: tuple[bytes, ...], literals: tuple[bytes, ...], *, data: bool = False) -> tuple[bytes, ...]:
    """The strings of a line; of data every word has to be one, but for ACTIVE of LISTSCRIPTS."""
    found: list[bytes] = []
    for number, text in enumerate(texts):
        at = 0
        while at < len(text):
            if text[at : at + 1] == b'"':
                string, at = quoted_string(text, at)
                found.append(string)
            elif text[at : at + 1] in b" \t":
                at += 1
            elif data and not found and not literals:
                raise LineError(ErrorKind.PROTOCOL_ERROR, f"no response of ManageSieve: {clean(text, 100)}")
            else:
                at = len(text) if b" " not in text[at:] else text.index(b" ", at)
        if number < len(literals):
            found.append(literals[number])
    return tuple(found)


def capabilities(lines: list[SieveLine]) -> dict[str, tuple[str, ...]]:
    """Return what the server lists (RFC 5804 section 1.7): name in upper case -> the words of its value."""
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        if line.strings:
            name, value = upper(clean(line.strings[0])), clean(b" ".join(line.strings[1:]))
            found[name] = tuple(words(value)) if name in _LISTS else (value,) if value else ()
    return found


_LISTS = frozenset(("SASL", "SIEVE", "NOTIFY", "EXTLISTS"))
