# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A response of HTTP/1.1 out of whatever bytes arrive, with limits (RFC 9112; RFC 9110 section 8.4 for codings).

Pure. Of every status but 200 only the head is read: nobody wants the pages of errors and redirects. The end of a body is where chunks,
its length or the connection end, in this order (RFC 9112 section 6.3). What is compressed although nobody asked for that is unpacked up to
the limit of the document, and no further.

The reader is ours (decision 0114): the standard library's needs a socket or the whole response, and reads an endless one to its end.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LineError, LineReader
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

LONGEST_LINE = 8 * 1024
MOST_FIELDS = 100
HEAD_LIMIT = 32 * 1024
"""Octets of status line and fields together, those of informational responses and of trailers included."""
FRAMING_LIMIT = 64 * 1024
"""Octets that sizes of chunks and their extensions may take."""
MOST_INFORMATIONAL = 5
_STATUS = re.compile(rb"HTTP/1\.[0-9] ([1-5][0-9]{2})(?: (.*))?", re.DOTALL)
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)", re.DOTALL)
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?", re.DOTALL)
_LENGTH = re.compile(r"[0-9]{1,18}")
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class HttpResponse:
    """One response.

    Attributes:
        status: its code.
        reason: the words beside it, cleaned.
        fields: by name in lower case the first value of each field, cleaned.
        body: the document, unpacked; only with status 200.
    """

    status: int
    reason: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def media_type(self) -> str | None:
        """The media type in lower case, without parameters; None where there is none."""
        return self.fields.get("content-type", "").partition(";")[0].strip().lower() or None


class _Part(Enum):
    """What is read next."""

    STATUS = 1
    FIELDS = 2
    LENGTH = 3
    CHUNK_SIZE = 4
    CHUNK = 5
    CHUNK_END = 6
    TRAILERS = 7
    REST = 8
    NOTHING = 9


class HttpReader:
    """Collects bytes and hands out the one response that they are."""

    def __init__(self, document_limit: int) -> None:
        """Take how many octets a document may have."""
        self._limit = document_limit
        self._lines = LineReader(LONGEST_LINE)
        self._part = _Part.STATUS
        self._head, self._framing, self._informational, self._begun = 0, 0, 0, False
        self._status, self._reason = 0, ""
        self._fields: dict[str, str] = {}
        self._lengths: set[str] = set()
        self._body = bytearray()
        self._awaited = 0

    def feed(self, data: bytes) -> None:
        """Add received bytes."""
        self._begun = self._begun or bool(data)
        self._lines.feed(data)

    @property
    def begun(self) -> bool:
        """Whether anything came at all."""
        return self._begun

    def next_response(self) -> HttpResponse | None:
        """Return the response, or None while more bytes are needed.

        Raises:
            LineError: it is none, or went past a limit.
        """
        while self._part is not _Part.NOTHING:
            if self._part is _Part.REST:
                self._add(self._lines.take_buffered())
                return None
            if self._part in (_Part.LENGTH, _Part.CHUNK):
                data = self._lines.take(self._awaited)
                if data is None:
                    return None
                self._add(data)
                self._part = _Part.CHUNK_END if self._part is _Part.CHUNK else _Part.NOTHING
                continue
            line = self._lines.next_line()
            if line is None:
                return None
            self._take_line(line)
        return self._response()

    def ended(self) -> HttpResponse | None:
        """Return the response that the end of the connection completes; None where it cuts one off.

        Raises:
            LineError: as for `next_response`.
        """
        if self._part is not _Part.REST:
            return None
        self._add(self._lines.take_buffered())
        self._part = _Part.NOTHING
        return self._response()

    def _take_line(self, line: bytes) -> None:
        if self._part in (_Part.CHUNK_SIZE, _Part.CHUNK_END):
            self._framing += len(line) + 2
            if self._framing > FRAMING_LIMIT:
                raise LineError(ErrorKind.LIMIT_EXCEEDED, f"more than {FRAMING_LIMIT} bytes around the chunks of a document")
            self._take_chunk_line(line)
            return
        self._head += len(line) + 2
        if self._head > HEAD_LIMIT:
            raise LineError(ErrorKind.LIMIT_EXCEEDED, f"more than {HEAD_LIMIT} bytes before a document")
        if self._part is _Part.STATUS:
            self._take_status(line)
        elif not line:
            self._part = _Part.NOTHING if self._part is _Part.TRAILERS else self._after_fields()
        elif self._part is _Part.FIELDS:
            self._take_field(line)

    def _take_chunk_line(self, line: bytes) -> None:
        if self._part is _Part.CHUNK_END:
            if line:
                raise LineError(ErrorKind.PROTOCOL_ERROR, "a chunk longer than it says")
            self._part = _Part.CHUNK_SIZE
            return
        found = _CHUNK.fullmatch(line)
        if found is None:
            raise LineError(ErrorKind.PROTOCOL_ERROR, f"no size of a chunk: {clean(line, 100)}")
        self._await(int(found[1], 16))
        self._part = _Part.CHUNK if self._awaited else _Part.TRAILERS

    def _take_status(self, line: bytes) -> None:
        found = _STATUS.fullmatch(line)
        if found is None:
            raise LineError(ErrorKind.PROTOCOL_ERROR, f"no response of HTTP/1.1: {clean(line, 200)}")
        self._status, self._reason = int(found[1]), clean(found[2] or b"", 200)
        self._part = _Part.FIELDS

    def _take_field(self, line: bytes) -> None:
        if line[:1] in (b" ", b"\t"):
            return  # a field folded over lines (RFC 9112 section 5.2); none that counts here is long enough for that
        found = _FIELD.fullmatch(line)
        if found is None:
            raise LineError(ErrorKind.PROTOCOL_ERROR, f"no field of HTTP: {clean(line, 200)}")
        name, value = found[1].decode("ascii").lower(), clean(found[2].strip(b" \t"), 4096)
        if name == "content-length":
            self._lengths.update(one.strip() for one in value.split(","))
        if len(self._fields) >= MOST_FIELDS:
            raise LineError(ErrorKind.LIMIT_EXCEEDED, f"more than {MOST_FIELDS} fields of HTTP")
        self._fields.setdefault(name, value)

    def _after_fields(self) -> _Part:
        """Where the body ends."""
        if self._status < 200:
            self._informational += 1
            if self._informational > MOST_INFORMATIONAL or self._status == 101:
                raise LineError(ErrorKind.PROTOCOL_ERROR, f"status {self._status}, which nobody asked for")
            self._fields, self._lengths = {}, set()
            return _Part.STATUS
        if self._status != 200:
            return _Part.NOTHING
        coding = self._fields.get("transfer-encoding")
        if coding is not None:
            if coding.lower() != "chunked":
                raise LineError(ErrorKind.PROTOCOL_ERROR, f"transfer coding {coding[:100]}, which nobody asked for")
            return _Part.CHUNK_SIZE
        if not self._lengths:
            return _Part.REST
        if len(self._lengths) > 1 or not all(_LENGTH.fullmatch(one) for one in self._lengths):
            raise LineError(ErrorKind.PROTOCOL_ERROR, f"no length of a document: {', '.join(sorted(self._lengths))[:100]}")
        self._await(int(next(iter(self._lengths))))
        return _Part.LENGTH if self._awaited else _Part.NOTHING

    def _await(self, size: int) -> None:
        """Wait for so many octets more; whoever announces too many is not waited for."""
        if len(self._body) + size > self._limit:
            raise LineError(ErrorKind.LIMIT_EXCEEDED, f"a document of more than {self._limit} octets")
        self._awaited = size

    def _add(self, data: bytes) -> None:
        self._await(len(data))
        self._body += data

    def _response(self) -> HttpResponse:
        return HttpResponse(self._status, self._reason, dict(self._fields), self._unpacked())

    def _unpacked(self) -> bytes:
        coding = self._fields.get("content-encoding", "").strip().lower()
        if not self._body or coding in ("", "identity"):
            return bytes(self._body)
        if coding not in ("gzip", "x-gzip", "deflate"):
            raise LineError(ErrorKind.PROTOCOL_ERROR, f"a document packed by {coding[:100]}, which nobody asked for")
        unpacker = zlib.decompressobj(zlib.MAX_WBITS if coding == "deflate" else _GZIP)
        try:
            document = unpacker.decompress(bytes(self._body), self._limit + 1)
        except zlib.error:
            raise LineError(ErrorKind.PROTOCOL_ERROR, f"a document that is not packed by {coding} as it says") from None
        if len(document) > self._limit:
            raise LineError(ErrorKind.LIMIT_EXCEEDED, f"a document of more than {self._limit} octets when it is unpacked")
        if not unpacker.eof:
            raise LineError(ErrorKind.PROTOCOL_ERROR, f"a document packed by {coding} that is cut off")
        return document
