# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies of a server, read line by line out of whatever bytes arrive (RFC 5321 section 4.2).

Pure: bytes in, replies out. The reader is where a hostile server meets its limits: a line, a reply and the number of
lines in one are bounded, so that nothing it sends can make a probe grow. The leniency is Postfix's (smtp_stream.c,
posttls-finger.c, response()): a bare LF ends a line, and what stands behind a NUL in it means nothing (as C has it).
A reply's code is that of its last line, digits that are not exactly three are code 0, only a hyphen right behind the
digits continues a reply, and spaces before the text do not count.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Phase, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

LINE_LIMIT = 2048
"""Bytes kept of one line (Postfix's line_length_limit); twice that in one line ends the probe."""
REPLY_LINES = 128
"""Lines in one reply."""
_DIGITS = b"0123456789"
REPLY_BYTES = 64 * 1024
"""Bytes of one reply. Postfix stops looking at 2 kB and then misses a STARTTLS that comes later."""


@dataclass(frozen=True)
class Reply:
    """One reply: the code of its last line (0 when there is none) and the text of every line without code.

    `until_nul` is the same text up to the first NUL of each line, where that is not all of it.
    """

    code: int
    lines: tuple[str, ...]
    raw_lines: tuple[str, ...]
    until_nul: tuple[str, ...] = ()

    @property
    def seen_lines(self) -> tuple[str, ...]:
        """The text of every line as far as a program in C sees it: what means something is in there."""
        return self.until_nul or self.lines

    @property
    def positive(self) -> bool:
        """True for any 2xx code."""
        return self.code // 100 == 2

    @property
    def text(self) -> str:
        """The reply as one line for people: code and joined text."""
        return (f"{self.code} {' '.join(self.lines)}").strip()


class ReplyReader:
    """Collects bytes and hands out complete replies."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lines: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Add received bytes."""
        self._buffer += data

    def take_buffered(self) -> bytes:
        """Remove and return every byte behind the last complete reply (RFC 3207: none belong there before TLS)."""
        data = b"".join(self._lines) + bytes(self._buffer)
        self._buffer.clear()
        self._lines.clear()
        self._size = 0
        return data

    def next_reply(self, phase: Phase) -> Reply | None:
        """Return the next complete reply, or None while more bytes are needed.

        Raises:
            ProbeError: of kind `limit_exceeded` when the server goes past a limit.
        """
        while True:
            line = self._next_line(phase)
            if line is None:
                return None
            self._lines.append(line)
            if len(self._lines) > REPLY_LINES:
                raise ProbeError(ErrorKind.LIMIT_EXCEEDED, phase, f"a reply of more than {REPLY_LINES} lines")
            if not line.lstrip(_DIGITS).startswith(b"-"):
                return self._finish()

    def _next_line(self, phase: Phase) -> bytes | None:
        end = self._buffer.find(b"\n")
        length = len(self._buffer) if end < 0 else end
        if length > 2 * LINE_LIMIT:
            raise ProbeError(ErrorKind.LIMIT_EXCEEDED, phase, f"a line of more than {2 * LINE_LIMIT} bytes")
        if end < 0:
            return None
        line = bytes(self._buffer[:end]).rstrip(b"\r")[:LINE_LIMIT]
        del self._buffer[: end + 1]
        self._size += end + 1
        if self._size > REPLY_BYTES:
            raise ProbeError(ErrorKind.LIMIT_EXCEEDED, phase, f"a reply of more than {REPLY_BYTES} bytes")
        return line

    def _finish(self) -> Reply:
        lines, self._lines, self._size = self._lines, [], 0
        raw = _plain(lines)
        if raw is not None:
            parsed = [_parts_of_plain(line) for line in raw]
            return Reply(parsed[-1][0], tuple(text for _code, text in parsed), raw)
        raw = tuple(_show(line) for line in lines)
        in_parts = [_parts(line) for line in lines]
        texts = tuple(_show(text) for _code, _more, text in in_parts)
        until_nul = tuple(_show(text.partition(b"\0")[0]) for _code, _more, text in in_parts)
        return Reply(in_parts[-1][0], texts, raw, until_nul)


def _plain(lines: list[bytes]) -> tuple[str, ...] | None:
    """Return the lines as text if there is nothing in them to be cleaned, as is usual. All at once, which is ten times as fast."""
    joined = b"\n".join(lines)
    if not joined.isascii():
        return None
    found = joined.decode("ascii").split("\n")
    return tuple(found) if "".join(found).isprintable() else None


def _parts_of_plain(line: str) -> tuple[int, str]:
    """Return the same as `_parts`, but whether the reply goes on, of such a line."""
    rest = line.lstrip("0123456789")
    size = len(line) - len(rest)
    return int(line[:3]) if size == 3 else 0, (rest[1:] if rest.startswith("-") else rest).lstrip()


def _parts(line: bytes) -> tuple[int, bool, bytes]:
    """Return a line's code (0 for none), whether the reply goes on behind it, and its text."""
    rest = line.lstrip(_DIGITS)
    digits, more = line[: len(line) - len(rest)], rest.startswith(b"-")
    return int(digits) if len(digits) == 3 else 0, more, rest[more:].lstrip()


def _show(text: bytes) -> str:
    """Clean text; a tab is a space as it is between words, not a control character to replace."""
    return clean(text.replace(b"\t", b" "))
