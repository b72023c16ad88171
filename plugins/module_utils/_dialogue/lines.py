# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines out of whatever bytes arrive, with limits; and lines that literals go through, as IMAP and ManageSieve have them.

Pure: bytes in, lines out. This is where a hostile server meets its limits: the length of a line, of a literal and of both together.
A bare LF ends a line as CR LF does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_LITERAL = re.compile(rb"(?P<head>.*?)~?\{(?P<size>[0-9]{1,20})\+?\}\Z", re.DOTALL)
_SHOWN_LITERAL = 200
"""Bytes of a literal that a transcript shows."""


class LineError(Exception):
    """A server went past a limit or sent what is no line of its protocol; the dialogue adds the phase."""

    def __init__(self, kind: ErrorKind, text: str) -> None:
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True)
class Limits:
    """How much a server may send: bytes of a line, of one literal, of lines and literals together, and how many literals.

    `together` is for one response, and for all responses to one command.
    """

    line: int = 64 * 1024
    literal: int = 64 * 1024
    together: int = 256 * 1024
    literals: int = 64


class LineReader:
    """Collects bytes and hands out lines without their end."""

    def __init__(self, longest: int) -> None:
        self._buffer = bytearray()
        self._longest = longest
        self._looked = 0
        self.by_crlf = False
        """Whether CR LF ended the last line, and not LF alone."""

    def allow(self, longest: int) -> None:
        """Take lines of this length from now on."""
        self._longest = longest

    def feed(self, data: bytes) -> None:
        """Add received bytes."""
        self._buffer += data

    def next_line(self) -> bytes | None:
        """Return the next line, or None while more bytes are needed.

        Raises:
            LineError: the line is too long.
        """
        # What was looked through once is not looked through again: a line may come byte by byte.
        end = self._buffer.find(b"\n", self._looked)
        self._looked = len(self._buffer) if end < 0 else 0
        if (len(self._buffer) if end < 0 else end) > self._longest:
            raise LineError(ErrorKind.LIMIT_EXCEEDED, f"a line of more than {self._longest} bytes")
        if end < 0:
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self.by_crlf = line.endswith(b"\r")
        return line[:-1] if self.by_crlf else line

    def take(self, size: int) -> bytes | None:
        """Return exactly this many bytes, or None while there are not so many."""
        if len(self._buffer) < size:
            return None
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._looked = 0
        return taken

    def take_buffered(self) -> bytes:
        """Remove and return every byte that is no whole line yet."""
        return self.take(len(self._buffer)) or b""


@dataclass(frozen=True)
class LiteralLine:
    """A line as it is meant: texts with a literal between each two, `texts[0] literals[0] texts[1] ...`."""

    texts: tuple[bytes, ...]
    literals: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        """Its bytes."""
        return sum(map(len, self.texts)) + sum(map(len, self.literals))

    @property
    def shown(self) -> tuple[str, ...]:
        """The line as it came, cleaned for people; of long literals the beginning."""
        shown = []
        for number, text in enumerate(self.texts):
            literal = self.literals[number] if number < len(self.literals) else None
            shown.append(clean(text) + (f"{{{len(literal)}}}" if literal is not None else ""))
            if literal is not None:
                shown.append(clean(literal[:_SHOWN_LITERAL]))
        return tuple(shown)


class LiteralLineReader:
    """Collects bytes and hands out lines whose `{n}` at the end has been followed (RFC 9051 section 4.3, RFC 5804 section 4)."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._reader = LineReader(self._limits.line)
        self._texts: list[bytes] = []
        self._literals: list[bytes] = []
        self._awaited: int | None = None
        self._size = 0

    def allow(self, limits: Limits) -> None:
        """Take as much as these limits say from now on."""
        self._limits = limits
        self._reader.allow(limits.line)

    def feed(self, data: bytes) -> None:
        """Add received bytes."""
        self._reader.feed(data)

    @property
    def begun(self) -> bool:
        """Whether a line has begun that is not whole yet, so that what comes is not the server's next word."""
        return bool(self._texts)

    def take_buffered(self) -> bytes:
        """Remove and return all that is no whole line yet, literals included."""
        parts: list[bytes] = []
        for number, text in enumerate(self._texts):
            parts += [text, self._literals[number] if number < len(self._literals) else b""]
        rest = b"".join(parts) + self._reader.take_buffered()
        self._texts, self._literals, self._awaited, self._size = [], [], None, 0
        return rest

    def next_line(self) -> LiteralLine | None:
        """Return the next whole line, or None while more bytes are needed.

        Raises:
            LineError: the server went past a limit.
        """
        while True:
            if self._awaited is not None:
                literal = self._reader.take(self._awaited)
                if literal is None:
                    return None
                self._literals.append(literal)
                self._awaited = None
            line = self._reader.next_line()
            if line is None:
                return None
            self._count(len(line))
            found = _LITERAL.match(line)
            if not found:
                whole = LiteralLine((*self._texts, line), tuple(self._literals))
                self._texts, self._literals, self._size = [], [], 0
                return whole
            self._texts.append(found["head"])
            self._awaited = self._literal_size(int(found["size"]))

    def _literal_size(self, size: int) -> int:
        if size > self._limits.literal:
            raise LineError(ErrorKind.LIMIT_EXCEEDED, f"a literal of {size} bytes, more than {self._limits.literal}")
        if len(self._literals) >= self._limits.literals:
            raise LineError(ErrorKind.LIMIT_EXCEEDED, f"more than {self._limits.literals} literals in one response")
        self._count(size)
        return size

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > self._limits.together:
            raise LineError(ErrorKind.LIMIT_EXCEEDED, f"a response of more than {self._limits.together} bytes")
