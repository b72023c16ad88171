# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Responses of HTTP/1.1: framing, limits, codings; beside the standard library on what is well-formed."""

from __future__ import annotations

import gzip
import http.client
import io
import zlib
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.http_response import HttpReader, HttpResponse
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LineError
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from hypothesis import given
from hypothesis import strategies as st

LIMIT = 1000
OK = b"HTTP/1.1 200 OK\r\n"


def read(data: bytes, *, limit: int = LIMIT, step: int = 0, closed: bool = True) -> HttpResponse | None:
    """Read bytes, all at once or in steps; then the connection is closed."""
    reader = HttpReader(limit)
    for at in range(0, len(data), step or len(data) or 1):
        reader.feed(data[at : at + step] if step else data)
        response = reader.next_response()
        if response is not None:
            return response
    return reader.ended() if closed else None


def body(data: bytes, **options: Any) -> bytes:
    response = read(data, **options)
    assert response is not None
    return response.body


def refused(data: bytes, **options: Any) -> tuple[ErrorKind, str]:
    with pytest.raises(LineError) as caught:
        read(data, **options)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 400
    return caught.value.kind, str(caught.value)


@pytest.mark.parametrize("step", [0, 1, 7])
@pytest.mark.parametrize(
    "data",
    [
        OK + b"Content-Length: 5\r\n\r\nhello and more",
        OK + b"Content-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: z\r\n\r\n",
        OK + b"TRANSFER-ENCODING: Chunked\r\nContent-Length: 99\r\n\r\n0005\r\nhello\r\n0\r\n\r\n",
        OK + b"\r\nhello",
        b"HTTP/1.0 200\r\nX:\r\n\r\nhello",
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 5\r\n\r\nhello",
        OK.replace(b"\r\n", b"\n") + b"Content-Length: 5\n\nhello",
        OK + b"X: a\r\n folded: over\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"Content-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_the_end_of_a_body(data: bytes, step: int) -> None:
    # Behind a length nothing more belongs to the response.
    assert body(data, step=step) == b"hello"


def test_fields_and_media_type() -> None:
    response = read(OK + b"Content-Type: Text/PLAIN ; charset=utf-8\r\nx-a:\t1 \r\nX-A: 2\r\nContent-Length: 0\r\n\r\n", closed=False)
    assert response == HttpResponse(200, "OK", {"content-type": "Text/PLAIN ; charset=utf-8", "x-a": "1", "content-length": "0"})
    assert response is not None and response.media_type == "text/plain" and HttpResponse(200).media_type is None


@pytest.mark.parametrize("status", [b"204 No Content", b"301 Moved", b"404 Not Found", b"500 x"])
def test_nothing_but_the_head_of_other_statuses_is_read(status: bytes) -> None:
    response = read(b"HTTP/1.1 " + status + b"\r\nContent-Length: 99999999\r\nLocation: /y\r\n\r\n", closed=False)
    assert response is not None and response.status == int(status[:3]) and response.body == b""
    assert response.fields["location"] == "/y"


@pytest.mark.parametrize(
    "data",
    [
        OK, OK + b"X: y\r\n", OK + b"Content-Length: 5\r\n\r\nhell", OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", b"HTTP/1.1 100 x\r\n\r\n", b"",
    ],
)  # fmt: skip
def test_what_is_cut_off_is_no_response(data: bytes) -> None:
    assert read(data) is None


@pytest.mark.parametrize(
    "data",
    [
        b"220 mx.example.org ESMTP\r\n",
        b"<html>\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 100 x\r\n\r\n" * 6,
        OK + b"no field\r\n\r\n",
        OK + b"Na me: x\r\n\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        OK + b"Content-Length: -5\r\n\r\n",
        OK + b"Content-Length: 0x5\r\n\r\nhello",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nx\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
        OK + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"hello")[:-9],
    ],
)
def test_what_is_no_http(data: bytes) -> None:
    assert refused(data)[0] is ErrorKind.PROTOCOL_ERROR


@pytest.mark.parametrize(
    "data",
    [
        OK + b"Content-Length: 1001\r\n\r\n",
        OK + b"Content-Length: 999999999999999999\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n3e9\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"64\r\n" + b"x" * 100 + b"\r\n" + (b"64\r\n" + b"x" * 100 + b"\r\n") * 10,
        OK + b"\r\n" + b"x" * 1001,
        OK + b"X: " + b"y" * 9000,
        OK + b"X: y\r\n" * 6000,
        OK + b"".join(b"X%d: y\r\n" % number for number in range(200)) + b"\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1;" + b"x" * 9000,
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + (b"1;" + b"x" * 6000 + b"\r\ny\r\n") * 20,
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"T: x\r\n" * 6000,
        b"x" * 9000,
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(300000)),
        OK + b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(bytes(1001)),
    ],
)
def test_limits(data: bytes) -> None:
    assert refused(data)[0] is ErrorKind.LIMIT_EXCEEDED


def test_an_endless_chunked_document_ends_at_the_limit() -> None:
    reader = HttpReader(LIMIT)
    reader.feed(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    with pytest.raises(LineError, match="more than 1000 octets"):
        for _round in range(10000):
            reader.feed(b"a\r\n0123456789\r\n")
            assert reader.next_response() is None


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("DEFLATE", zlib.compress)])
def test_what_is_packed_is_unpacked_within_the_limit(coding: str, pack: Any) -> None:
    head = OK + f"Content-Encoding: {coding}\r\n\r\n".encode()
    assert body(head + pack(b"x" * LIMIT)) == b"x" * LIMIT
    assert "unpacked" in refused(head + pack(bytes(LIMIT + 1)))[1]


HEADS = (b"", OK + b"\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n")


@given(st.tuples(st.sampled_from(HEADS), st.binary()).map(b"".join))
def test_any_bytes(data: bytes) -> None:
    try:
        response = read(data)
    except LineError as problem:
        assert problem.kind in (ErrorKind.PROTOCOL_ERROR, ErrorKind.LIMIT_EXCEEDED)
    else:
        assert response is None or len(response.body) <= LIMIT


FIELDS = st.dictionaries(st.from_regex(r"X-[a-z]{1,8}", fullmatch=True), st.from_regex(r"[!-~]{0,20}", fullmatch=True), max_size=5)

PARTS = st.lists(st.binary(min_size=1, max_size=50), max_size=8)


@given(PARTS, FIELDS, st.sampled_from(("length", "chunked", "close")), st.integers(1, 40))
def test_the_standard_library_reads_the_same(parts: list[bytes], fields: dict[str, str], framing: str, step: int) -> None:
    head = OK + b"".join(f"{name}: {value}\r\n".encode() for name, value in fields.items())
    data = b"".join(parts)
    if framing == "chunked":
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        message = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    else:
        message = head + (b"Content-Length: %d\r\n" % len(data) if framing == "length" else b"") + b"\r\n" + data
    peer = http.client.HTTPResponse(_Socket(message))  # type: ignore[arg-type]
    peer.begin()
    response = read(message, step=step)
    assert response is not None and response.body == peer.read() == data
    assert {name: response.fields[name.lower()] for name in fields} == {name: peer.getheader(name) for name in fields}


class _Socket:
    """All that the standard library wants of a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_args: object, **_more: object) -> io.BytesIO:
        return io.BytesIO(self._data)
