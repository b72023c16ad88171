# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialogue of HTTP: what is sent, and how a connection's end is read."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.http import HttpDialogue, HttpPhase, HttpRequest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Finished, Receive, Send, StartTls, TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure

GET = HttpRequest("example.org", "/a?b=c")
CLOSED = Failure(ErrorKind.DISCONNECTED, HttpPhase.HTTP, "the server closed the connection")


def begun(mode: TlsMode = TlsMode.NONE) -> HttpDialogue:
    dialogue = GET.start(mode)
    if mode is TlsMode.IMPLICIT:
        assert dialogue.next_step(0) == StartTls()
        dialogue.tls_started(0)
    assert dialogue.next_step(0) == Send(GET.encode(), HttpPhase.HTTP)
    assert dialogue.next_step(0) == Receive(HttpPhase.HTTP)
    return dialogue


def test_a_request() -> None:
    assert GET.encode() == (
        b"GET /a?b=c HTTP/1.1\r\nHost: example.org\r\nUser-Agent: mailops.tls\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
        b"Connection: close\r\n\r\n"
    )
    posted = HttpRequest("example.org:8443", "/", b"<a/>", "text/xml").encode()
    assert posted.startswith(b"POST / HTTP/1.1\r\nHost: example.org:8443\r\n")
    assert posted.endswith(b"Content-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>")


@pytest.mark.parametrize("target", ["/a b", "/a\r\nX: y", "/\u00e9", "/\x7f"])
def test_a_request_is_the_lines_it_should_be(target: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        HttpRequest("example.org", target).encode()


@pytest.mark.parametrize("mode", [TlsMode.NONE, TlsMode.IMPLICIT])
def test_one_response_and_it_is_over(mode: TlsMode) -> None:
    dialogue = begun(mode)
    dialogue.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh")
    assert dialogue.next_step(1) == Receive(HttpPhase.HTTP)
    dialogue.receive(b"i")
    assert dialogue.next_step(1) == Finished()
    assert dialogue.log.response and dialogue.log.response.body == b"hi" and dialogue.log.failure is None
    assert [line.text for line in dialogue.log.transcript] == ["GET /a?b=c", "200 OK"]


def test_the_end_of_the_connection_is_the_end_of_a_document_without_length() -> None:
    dialogue = begun()
    dialogue.receive(b"HTTP/1.1 200 OK\r\n\r\nhi")
    assert dialogue.next_step(1) == Receive(HttpPhase.HTTP)
    dialogue.fail(CLOSED)
    assert dialogue.log.response and dialogue.log.response.body == b"hi" and dialogue.log.failure is None


@pytest.mark.parametrize(
    ("data", "failure", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", CLOSED, ErrorKind.PROTOCOL_ERROR),
        (b"", CLOSED, ErrorKind.DISCONNECTED),
        (b"HTTP/1.1 200 OK\r\n\r\nhi", Failure(ErrorKind.TIMEOUT, HttpPhase.HTTP, "no answer in time"), ErrorKind.TIMEOUT),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nhi", CLOSED, ErrorKind.PROTOCOL_ERROR),
        (b"", Failure(ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE, "alert"), ErrorKind.HANDSHAKE_FAILED),
    ],
)
def test_other_ends_are_failures(data: bytes, failure: Failure, kind: ErrorKind) -> None:
    dialogue = begun()
    dialogue.receive(data)
    dialogue.next_step(1)
    dialogue.fail(failure)
    assert dialogue.log.response is None and dialogue.log.failure is not None and dialogue.log.failure.kind is kind


def test_what_is_no_http_ends_it() -> None:
    dialogue = begun()
    dialogue.receive(b"220 mx.example.org ESMTP\r\n")
    assert dialogue.next_step(1) == Finished()
    assert dialogue.log.failure and dialogue.log.failure.phase is HttpPhase.HTTP
    dialogue.fail(CLOSED)
    assert dialogue.log.failure.kind is ErrorKind.PROTOCOL_ERROR


def test_a_document_is_never_shared_or_fetched_again() -> None:
    assert HttpRequest.once and hash(GET) == hash(HttpRequest("example.org", "/a?b=c"))
