# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of one prober as they are kept: compressed in pieces, so that a single line is found again without reading all.

RFC 1952 section 2.2 lets a file of gzip have several members, one after the other, and every reader takes them for one. A line is found by
where its member begins and how far behind that it is, in one number. Time and name in a member's header are left out, so that the
same lines are the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from ansible_collections.mailops.tls.plugins.module_utils._audit.line_file import LONGEST_LINE
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import NotResults

MEMBER = 1 << 20
"""Bytes of lines after which another member begins."""
_INSIDE = 24
"""Bits for how far behind the beginning of its member a line is; `MEMBER` and one line are less."""
_GZIP = 16 + zlib.MAX_WBITS
_LEVEL = 6
_PIECE = 1 << 16


class ShardWriter:
    """Writes lines to a stream and tells where each is; `size` is that of all lines so far."""

    def __init__(self, stream: BinaryIO) -> None:
        self.size = 0
        self._stream = stream
        self._digest = hashlib.sha256()
        self._member = self._inside = 0
        self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)

    def add(self, line: bytes) -> int:
        """Write a line and return where it is.

        Raises:
            OSError: it cannot be written.
        """
        self._digest.update(line)
        self.size += len(line)
        place = self._member << _INSIDE | self._inside
        self._stream.write(self._packer.compress(line))
        self._inside += len(line)
        if self._inside >= MEMBER:
            self._end_member()
        return place

    def close(self) -> str:
        """End the file, without closing the stream, and return the digest of all lines.

        Raises:
            OSError: it cannot be written.
        """
        if self._inside:
            self._end_member()
        self._stream.flush()
        os.fsync(self._stream.fileno())
        return self._digest.hexdigest()

    def _end_member(self) -> None:
        self._stream.write(self._packer.flush())
        self._member, self._inside = self._stream.tell(), 0
        self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)


class ShardReader:
    """Reads what `ShardWriter` wrote; `digest` is that of the lines that were read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()

    @property
    def digest(self) -> str:
        """The digest of all lines so far."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line with where it is.

        Raises:
            NotResults: it is not as it was written.
        """
        begin, ahead = 0, b""
        while True:
            text, ahead = self._member(ahead)
            if not text:
                return
            inside = 0
            for line in text.split(b"\n")[:-1]:
                self._digest.update(line + b"\n")
                yield begin << _INSIDE | inside, line + b"\n"
                inside += len(line) + 1
            begin = self._stream.tell() - len(ahead)

    def _member(self, ahead: bytes) -> tuple[bytes, bytes]:
        """Return the next member, and what was read behind it; nothing at the end."""
        unpacker, text = zlib.decompressobj(_GZIP), bytearray()
        while not unpacker.eof:
            piece = ahead or self._stream.read(_PIECE)
            if not piece and not text:
                return b"", b""
            try:
                text += unpacker.decompress(piece, MEMBER + LONGEST_LINE + 1 - len(text))
            except zlib.error as problem:
                raise NotResults("is damaged") from problem
            if not piece or unpacker.unconsumed_tail:
                raise NotResults("is damaged")
            ahead = b""
        return bytes(text), unpacker.unused_data


def line_at(stream: BinaryIO, place: int) -> bytes:
    """Return the line at a place that `ShardWriter.add` has told; empty where there is none.

    Raises:
        OSError: it cannot be read.
    """
    inside = place & (1 << _INSIDE) - 1
    stream.seek(place >> _INSIDE)
    unpacker, text = zlib.decompressobj(_GZIP), bytearray()
    try:
        while b"\n" not in text[inside:] and len(text) <= inside + LONGEST_LINE and not unpacker.eof:
            piece = stream.read(_PIECE)
            if not piece:
                break
            text += unpacker.decompress(piece)
    except zlib.error as problem:
        raise OSError("it is damaged") from problem
    line, end, unused = bytes(text[inside:]).partition(b"\n")
    return line + end
