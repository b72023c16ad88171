# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies of a POP3 server (RFC 1939 section 3, response codes of RFC 2449 and RFC 3206), with or without lines behind them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LineError, LineReader
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._text import clean, upper, words

LONGEST_LINE = 8 * 1024
_CODE = re.compile(r"\[([A-Za-z0-9/-]{1,64})\] *")


class Pop3Status(str, Enum):
    """The first word of a reply."""

    OK = "ok"
    ERR = "err"
    PLUS = "plus"
    """A challenge of AUTH (RFC 5034)."""
    OTHER = "other"


@dataclass(frozen=True)
class Pop3Reply:
    """One reply.

    Attributes:
        status: its first word.
        code: the response code in upper case, None without one.
        text: the rest of the first line; a challenge as it came, else cleaned.
        first: the first line, cleaned.
        lines: the lines behind it, the dots at their beginning undone; empty for replies of one line.
        raw: the first line as it came.
    """

    status: Pop3Status
    code: str | None
    text: str
    first: str
    lines: tuple[bytes, ...] = ()
    raw: bytes = field(default=b"", repr=False)


class DottedText:
    """A text that a line with a dot alone ends, the dots at the beginning of lines undone (RFC 1939 section 3).

    Pieces in, pieces out, of whatever size: nothing is kept but the few bytes that may be the beginning of the end. A line may be
    of any length. `rest` is what came behind the end; None before it.

    Where the server ends its own lines by CR LF, LF alone ends none here: who wrote the message may have put it there, with a dot and
    replies of his own behind it.
    """

    _ENDS = (re.compile(rb"\n\.\r?\n"), re.compile(rb"\r\n\.\r\n"))
    _PERHAPS = (re.compile(rb"\n(?:\.\r?)?\Z"), re.compile(rb"\r(?:\n(?:\.\r?)?)?\Z"))

    def __init__(self, *, by_crlf: bool = True) -> None:
        self.rest: bytes | None = None
        self._end, self._perhaps = self._ENDS[by_crlf], self._PERHAPS[by_crlf]
        self._line_end = b"\r\n" if by_crlf else b"\n"
        # The first line is behind a line end too, which is no part of the text.
        self._held = self._line_end
        self._first = True

    def feed(self, data: bytes) -> bytes:
        """Take bytes; return the text in them, as far as it is known to be text."""
        if self.rest is not None:
            return b""
        joined = self._held + data
        end = self._end.search(joined)
        if end:
            text, self._held, self.rest = joined[: end.start() + len(self._line_end)], b"", joined[end.end() :]
        else:
            tail = self._perhaps.search(joined, max(0, len(joined) - 4))
            at = tail.start() if tail else len(joined)
            text, self._held = joined[:at], joined[at:]
        if text and self._first:
            # The line end that was put before is the first byte: a dot behind it is one at the beginning of a line.
            self._first = False
            return text.replace(self._line_end + b".", self._line_end)[len(self._line_end) :]
        return text.replace(self._line_end + b".", self._line_end)


class Pop3Reader:
    """Collects bytes and hands out replies; who asks says whether lines are to follow."""

    def __init__(self, most_lines: int = 1024, most_bytes: int = 256 * 1024) -> None:
        self._reader = LineReader(LONGEST_LINE)
        self._most_lines, self._most_bytes = most_lines, most_bytes
        self._first: Pop3Reply | None = None
        self._lines: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Add received bytes."""
        self._reader.feed(data)

    def take_buffered(self) -> bytes:
        """Remove and return every byte behind the last reply."""
        rest = b"".join(line + b"\r\n" for line in self._lines) + self._reader.take_buffered()
        self._first, self._lines, self._size = None, [], 0
        return rest

    def next_reply(self, *, multiline: bool = False) -> Pop3Reply | None:
        """Return the next reply, or None while more bytes are needed.

        Args:
            multiline: whether a positive reply has lines behind it.

        Raises:
            LineError: the server went past a limit.
        """
        if self._first is None:
            line = self._reader.next_line()
            if line is None:
                return None
            self._first = _first_line(line)
        if not multiline or self._first.status is not Pop3Status.OK:
            return self._finish()
        while True:
            line = self._reader.next_line()
            if line is None:
                return None
            if line == b".":
                return self._finish()
            self._keep(line[1:] if line.startswith(b".") else line)

    def begin_text(self) -> None:
        """Read what follows the reply that was handed out last as a text in pieces; `next_piece` hands them out."""
        self._text = DottedText(by_crlf=self._reader.by_crlf)

    def next_piece(self) -> bytes | None:
        """Return the next piece of a text, an empty one at its end, or None while more bytes are needed."""
        text = self._text
        if text is None or text.rest is not None:
            return b""
        piece = text.feed(self._reader.take_buffered())
        if text.rest is not None:
            self._reader.feed(text.rest)
            return piece
        return piece or None

    _text: DottedText | None = None

    def _keep(self, line: bytes) -> None:
        self._lines.append(line)
        self._size += len(line) + 2
        if len(self._lines) > self._most_lines:
            raise LineError(ErrorKind.LIMIT_EXCEEDED, f"a reply of more than {self._most_lines} lines")
        if self._size > self._most_bytes:
            raise LineError(ErrorKind.LIMIT_EXCEEDED, f"a reply of more than {self._most_bytes} bytes")

    def _finish(self) -> Pop3Reply:
        first, lines = self._first, tuple(self._lines)
        self._first, self._lines, self._size = None, [], 0
        if first is None:
            raise AssertionError("a reply ends without its first line")
        return replace(first, lines=lines)


def _first_line(line: bytes) -> Pop3Reply:
    text = line.decode("utf-8", "replace")
    word, _space, rest = text.partition(" ")
    if word == "+":
        return Pop3Reply(Pop3Status.PLUS, None, rest, clean(text), raw=line)
    status = {"+OK": Pop3Status.OK, "-ERR": Pop3Status.ERR}.get(upper(word), Pop3Status.OTHER)
    if status is Pop3Status.OTHER:
        return Pop3Reply(status, None, clean(text), clean(text), raw=line)
    code = _CODE.match(rest)
    told = clean(rest[code.end() :] if code else rest)
    return Pop3Reply(status, code[1].upper() if code else None, told, clean(text), raw=line)


def capabilities(lines: tuple[bytes, ...]) -> dict[str, tuple[str, ...]]:
    """Return what CAPA lists (RFC 2449 section 5): keyword in upper case -> parameters."""
    found: dict[str, list[str]] = {}
    for line in lines:
        keyword, *parameters = words(clean(line)) or [""]
        if keyword:
            found.setdefault(upper(keyword), []).extend(parameters)
    return {keyword: tuple(parameters) for keyword, parameters in found.items()}
