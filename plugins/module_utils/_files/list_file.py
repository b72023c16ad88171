# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list in a file, one item a line, which is never in memory as a whole.

What people have is taken as it is: gzip, a byte order mark, CRLF, blank lines, comments, a table of which the first column counts. A file
that begins with what no text has, such as a spreadsheet, is refused.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, cast

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.access import UnsafeFile, check_only_ours

LONGEST = 4096
"""Most bytes of a line that are looked at; no item comes near."""
_PIECE = 1 << 12
"""Bytes of each of the pieces by which the lines are estimated; gzip makes a thousand times as many of them at most."""
_COLUMN = re.compile(r"[,;\s]")
_GZIP = b"\x1f\x8b"
_BYTE_ORDER = b"\xef\xbb\xbf"
_UNKNOWN = "\ufffd".encode()
"""What stands for an octet that no name has."""
_WIDE = (b"\xff\xfe", b"\xfe\xff")


class ListFile:
    """An open list. It can be walked any number of times, also in a process that was forked meanwhile, and is always the same file."""

    def __init__(self, option: str, path: str, *, believed: bool = False) -> None:
        """Open *path*, which the user gave by *option*.

        Args:
            option: the option.
            path: the file.
            believed: nobody but root and this user may have written it, nor be able to replace it.

        Raises:
            OptionError: it cannot be read, is not a regular file, or is to be believed and cannot be.
        """
        self._option, self._path = option, path
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise self._unreadable(error.strerror or str(error)) from error
        except ValueError as error:
            raise self._unreadable("it is not the name of a file") from error
        try:
            status = os.fstat(self._descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise self._unreadable("it is not a regular file")
            if believed:
                self._check_only_ours()
            begin = os.pread(self._descriptor, len(_BYTE_ORDER), 0)
            if begin[:2] in _WIDE:
                raise self._unreadable("it is UTF-16; save it as UTF-8")
            self._zipped = begin[:2] == _GZIP
            self._size = status.st_size
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[str]:
        """Yield the items from the first on.

        Raises:
            OptionError: it is no text, or cannot be read to its end.
        """
        stream: io.BufferedReader = io.BufferedReader(cast(io.RawIOBase, _Positioned(self._descriptor)), 1 << 16)
        if self._zipped:
            stream = io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=stream)), 1 << 16)
        try:
            begin = stream.peek(LONGEST)[:LONGEST]
            if b"\0" in begin:
                raise self._unreadable("it is not text")
            if b"\r" in begin.rstrip() and b"\n" not in begin:
                raise self._unreadable("its lines end with CR alone; save it with line ends of Unix or Windows")
            for number, line in enumerate(_lines(stream)):
                if number == 0 and line.startswith(_BYTE_ORDER):
                    line = line[len(_BYTE_ORDER) :]
                item = listed_item(line.replace(b"\0", _UNKNOWN).decode("utf-8", "replace"))
                if item:
                    yield item
        except (OSError, EOFError, zlib.error) as error:
            raise self._unreadable(getattr(error, "strerror", None) or str(error)) from error

    def lines(self) -> int:
        """Return about how many lines there are, by those of some pieces of the file."""
        pieces: list[bytes] = []
        read = 0
        with suppress(OSError, zlib.error):  # that is found out, and said, when it is read
            places = range(1) if self._zipped else range(0, self._size, 1 + self._size // 9)
            pieces = [os.pread(self._descriptor, _PIECE, place) for place in places]
            read = sum(map(len, pieces))
            if self._zipped:
                pieces = [zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(pieces[0])]
        return 1 + sum(piece.count(b"\n") for piece in pieces) * self._size // max(1, read)

    def close(self) -> None:
        """Close it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _check_only_ours(self) -> None:
        try:
            check_only_ours(self._path, self._descriptor)
        except UnsafeFile as error:
            reason = f"cannot be believed: it {error}. Nobody but root and the user who runs this may be able to write or replace it"
            raise OptionError(self._option, self._path, reason) from error
        except OSError as error:
            raise self._unreadable(error.strerror or str(error)) from error

    def _unreadable(self, reason: str) -> OptionError:
        return OptionError(self._option, self._path, f"cannot be read: {reason}")


def listed_item(line: str) -> str:
    """Return what a line of a list names, empty for a blank line and a comment."""
    text = line.strip()
    if text.startswith("#"):
        return ""
    if text.startswith('"'):
        return text[1:].partition('"')[0].strip()
    return _COLUMN.split(text, maxsplit=1)[0]


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield lines, of a very long one its beginning."""
    while line := stream.readline(LONGEST):
        yield line
        while not line.endswith(b"\n") and line:
            line = stream.readline(LONGEST)


class _Positioned(io.RawIOBase):
    """Reads a descriptor from its beginning by a position of its own: processes that share the descriptor share its position."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor, self._at = descriptor, 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read what comes next."""
        found = os.pread(self._descriptor, len(buffer), self._at)
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
