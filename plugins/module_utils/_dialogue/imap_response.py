# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Responses of an IMAP server (RFC 3501 and RFC 9051 section 7), read out of lines and literals.

Lenient where servers differ and nothing is decided by it: a tag without text behind `OK`, `+` with or without a space, status words
in any case. What is no response at all is `ResponseKind.OTHER`, and the dialogue decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Union

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LineError, LiteralLine
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._text import clean, upper, words

DEEPEST = 32
"""Lists within lists that are read."""
_TAG = re.compile(r"[^\x00-\x20\x7f()\{%*\"\\+]+")
_NUMBERED = re.compile(r"([0-9]{1,20}) +([A-Za-z]+)(?: +(.*))?\Z", re.DOTALL)
_NAMED = re.compile(r"([A-Za-z][A-Za-z0-9.-]*)(?: +(.*))?\Z", re.DOTALL)


class ResponseKind(str, Enum):
    """What a line of the server is."""

    TAGGED = "tagged"
    UNTAGGED = "untagged"
    CONTINUATION = "continuation"
    OTHER = "other"


class ImapStatus(str, Enum):
    """The word of a status response."""

    OK = "ok"
    NO = "no"
    BAD = "bad"
    BYE = "bye"
    PREAUTH = "preauth"


_STATUSES = {status.value.upper(): status for status in ImapStatus}


@dataclass(frozen=True)
class ImapResponse:
    """One response.

    Attributes:
        kind: what it is.
        tag: the tag of a tagged response, else empty.
        status: of a status response, else None.
        code: the response code in upper case (`CAPABILITY`, `ALERT`), None without one.
        code_text: what stands behind the code in the brackets.
        name: the first word of untagged data in upper case (`CAPABILITY`, `EXISTS`, `FETCH`).
        number: the number before it, as of `EXISTS` and `FETCH`.
        text: the rest, for people: cleaned.
        line: the line as it came.
    """

    kind: ResponseKind
    line: LiteralLine = field(repr=False)
    tag: str = ""
    status: ImapStatus | None = None
    code: str | None = None
    code_text: str = ""
    name: str = ""
    number: int | None = None
    text: str = ""

    @property
    def capabilities(self) -> dict[str, tuple[str, ...]] | None:
        """The capabilities that it lists, as data or as a response code; None where it lists none."""
        if self.code == "CAPABILITY":
            return capabilities(self.code_text)
        return capabilities(self.text) if self.name == "CAPABILITY" else None


def read_response(line: LiteralLine) -> ImapResponse:
    """Read one line of the server."""
    head = line.texts[0].decode("utf-8", "replace")
    if head == "+" or head.startswith("+ "):
        return ImapResponse(ResponseKind.CONTINUATION, line, text=head[2:])
    tag, _space, rest = head.partition(" ")
    if tag == "*":
        return _status(ResponseKind.UNTAGGED, "", rest, line) or _data(rest, line)
    if _TAG.fullmatch(tag):
        found = _status(ResponseKind.TAGGED, tag, rest, line)
        if found and found.status not in (ImapStatus.BYE, ImapStatus.PREAUTH):
            return found
    return ImapResponse(ResponseKind.OTHER, line, text=clean(head))


def _status(kind: ResponseKind, tag: str, rest: str, line: LiteralLine) -> ImapResponse | None:
    word, _space, text = rest.partition(" ")
    status = _STATUSES.get(upper(word))
    if status is None:
        return None
    code, code_text, text = _response_code(text)
    return ImapResponse(kind, line, tag, status, code, code_text, text=clean(text))


def _response_code(text: str) -> tuple[str | None, str, str]:
    """Split `[CODE text] human text`; a bracket within quotation marks does not end it."""
    if not text.startswith("["):
        return None, "", text
    quoted = False
    for at, char in enumerate(text):
        if char == '"' and text[at - 1] != "\\":
            quoted = not quoted
        elif char == "]" and not quoted:
            word, _space, rest = text[1:at].partition(" ")
            return upper(clean(word)), clean(rest, len(rest)), text[at + 1 :].lstrip(" ")
    return None, "", text


def _data(rest: str, line: LiteralLine) -> ImapResponse:
    numbered = _NUMBERED.match(rest)
    if numbered:
        return ImapResponse(
            ResponseKind.UNTAGGED, line, name=upper(numbered[2]), number=int(numbered[1]), text=clean(numbered[3] or "")
        )
    named = _NAMED.match(rest)
    if named:
        return ImapResponse(ResponseKind.UNTAGGED, line, name=upper(named[1]), text=clean(named[2] or "", limit=len(rest)))
    return ImapResponse(ResponseKind.OTHER, line, text=clean(rest))


def capabilities(text: str) -> dict[str, tuple[str, ...]]:
    """Return a list of capabilities: keyword in upper case -> parameters, `AUTH=PLAIN` being AUTH with PLAIN."""
    found: dict[str, dict[str, None]] = {}
    for word in words(text):
        keyword, _equals, parameter = clean(word).partition("=")
        if keyword:
            found.setdefault(upper(keyword), {}).update({parameter: None} if parameter else {})
    return {keyword: tuple(parameters) for keyword, parameters in found.items()}


Value = Union[str, bytes, None, tuple["Value", ...]]
"""An atom or number, a string or literal, NIL, or a list of these."""


def values(line: LiteralLine) -> tuple[Value, ...]:
    """Read a line as the values it is made of, the words before them included.

    Raises:
        LineError: quotation marks or brackets do not fit together, or lists go too deep.
    """
    return _Values(line).read()


class _Values:
    """One pass over a line: texts are taken apart, literals come whole between them."""

    _ATOM = re.compile(rb"[^\x00-\x20\x7f()\"\[]+")
    _SECTION = re.compile(rb"\[[^\]]*\](?:<[0-9.]+>)?")

    def __init__(self, line: LiteralLine) -> None:
        self._line = line
        self._last_bracket = -1
        self._open: list[list[Value]] = [[]]

    def read(self) -> tuple[Value, ...]:
        for number, text in enumerate(self._line.texts):
            self._text(text)
            if number < len(self._line.literals):
                self._open[-1].append(self._line.literals[number])
        if len(self._open) > 1:
            raise LineError(ErrorKind.PROTOCOL_ERROR, "a list that does not end")
        return tuple(self._open[0])

    def _text(self, text: bytes) -> None:
        at = 0
        # Where no bracket is closed any more there is no section; to look for its end at each that is opened would take for ever.
        self._last_bracket = text.rfind(b"]")
        while at < len(text):
            char = text[at : at + 1]
            if char == b"(":
                if len(self._open) > DEEPEST:
                    raise LineError(ErrorKind.LIMIT_EXCEEDED, f"lists more than {DEEPEST} deep")
                self._open.append([])
                at += 1
            elif char == b")":
                if len(self._open) < 2:
                    raise LineError(ErrorKind.PROTOCOL_ERROR, "a list ends that did not begin")
                ended = tuple(self._open.pop())
                self._open[-1].append(ended)
                at += 1
            elif char == b'"':
                value, at = quoted_string(text, at)
                self._open[-1].append(value)
            elif char in b" \t":
                at += 1
            else:
                at = self._atom(text, at)

    def _atom(self, text: bytes, at: int) -> int:
        """An atom, with the section of a fetched part (`BODY[HEADER.FIELDS (DATE)]<0>`) as a piece of it."""
        start = at
        while True:
            found = self._ATOM.match(text, at) or (self._SECTION.match(text, at) if at < self._last_bracket else None)
            if not found:
                break
            at = found.end()
        if at == start:
            at += 1
        word = text[start:at].decode("utf-8", "replace")
        self._open[-1].append(None if upper(word) == "NIL" else word)
        return at


def quoted_string(text: bytes, at: int) -> tuple[bytes, int]:
    """Read a quoted string (RFC 9051 section 9, RFC 5804 section 4) that begins at this place.

    Returns:
        What it means, and where it ends.

    Raises:
        LineError: it does not end.
    """
    found = _QUOTED.match(text, at)
    if not found:
        raise LineError(ErrorKind.PROTOCOL_ERROR, "a quoted string that does not end")
    return _ESCAPED.sub(rb"\1", found[1]), found.end()


_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
