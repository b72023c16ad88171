# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP/1.1 for one document: one request, one response, and the connection is closed (RFC 9110, RFC 9112).

The client speaks first here, inside TLS where there is TLS. Nothing is kept between connections, no password is ever sent, and a
redirect is a response like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.http_response import HttpReader, HttpResponse
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LineError
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import (
    DialogueLog,
    Finished,
    Receive,
    Secured,
    Send,
    StartTls,
    Step,
    TlsMode,
    TranscriptLine,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase

DOCUMENT_LIMIT = 64 * 1024
USER_AGENT = "mailops.tls"


class HttpPhase(Phase):
    """Where a dialogue of HTTP can be."""

    HTTP = "http"


@dataclass
class HttpLog(DialogueLog):
    """What a dialogue learned: the response, when it is whole."""

    response: HttpResponse | None = None


@dataclass(frozen=True)
class HttpRequest:
    """One request, and what makes its dialogue.

    Attributes:
        authority: host and port as the field Host has them.
        target: path and query.
        body: what is posted; None to get.
        media_type: of what is posted.
        document_limit: most octets of the document.
    """

    authority: str
    target: str
    body: bytes | None = None
    media_type: str | None = None
    document_limit: int = DOCUMENT_LIMIT

    once = True
    """Whoever asks twice gets two answers: a run asks for each document once, and need not keep it."""

    def start(self, tls_mode: TlsMode) -> HttpDialogue:
        """Return the dialogue of a new connection."""
        return HttpDialogue(self, tls_mode)

    @property
    def method(self) -> str:
        """GET or POST."""
        return "GET" if self.body is None else "POST"

    def encode(self) -> bytes:
        """Return the request as bytes.

        Raises:
            ValueError: for an authority or a target that would be more than one line, or not ASCII.
        """
        lines = [
            f"{self.method} {self.target} HTTP/1.1",
            f"Host: {self.authority}",
            f"User-Agent: {USER_AGENT}",
            "Accept: */*",
            "Accept-Encoding: identity",
            "Connection: close",
        ]
        if self.body is not None:
            lines += [f"Content-Type: {self.media_type or 'application/octet-stream'}", f"Content-Length: {len(self.body)}"]
        if not all(line.isascii() and line.isprintable() for line in lines) or " " in self.target or " " in self.authority:
            raise ValueError("a request has lines of printable ASCII")
        return "\r\n".join([*lines, "", ""]).encode("ascii") + (self.body or b"")


class HttpDialogue:
    """One connection's dialogue."""

    def __init__(self, request: HttpRequest, tls_mode: TlsMode) -> None:
        self.log = HttpLog()
        self._request, self._reader = request, HttpReader(request.document_limit)
        self._wants_tls = tls_mode is TlsMode.IMPLICIT
        self._sent = False

    def next_step(self, at: float) -> Step:
        """Return what the driver has to do next, *at* seconds into the probe."""
        if self._wants_tls:
            self._wants_tls = False
            return StartTls()
        if not self._sent:
            self._sent = True
            line = f"{self._request.method} {self._request.target}"
            self.log.transcript.append(TranscriptLine(">", HttpPhase.HTTP, at, line))
            return Send(self._request.encode(), HttpPhase.HTTP)
        if self.log.failure is None:
            self._read(at)
        done = self.log.failure is not None or self.log.response is not None
        return Finished() if done else Receive(HttpPhase.HTTP)

    def receive(self, data: bytes) -> None:
        """Take bytes from the peer."""
        self._reader.feed(data)

    def tls_started(self, at: float, secured: Secured | None = None) -> None:
        """Go on inside TLS. The document is public, whoever serves it; what frames it may be as long again."""
        if secured is not None:
            secured.expect(2 * self._request.document_limit)

    def fail(self, failure: Failure) -> None:
        """End because the connection below failed; where the server closed it, that may have been the end of the document."""
        if failure.kind is ErrorKind.DISCONNECTED and failure.phase is HttpPhase.HTTP and self.log.failure is None:
            try:
                self.log.response = self._reader.ended()
            except LineError as problem:
                failure = Failure(problem.kind, HttpPhase.HTTP, str(problem))
            if self.log.response is None and failure.kind is ErrorKind.DISCONNECTED and self._reader.begun:
                failure = Failure(ErrorKind.PROTOCOL_ERROR, HttpPhase.HTTP, f"the response is cut off: {failure.text}")
        if self.log.response is None:
            self.log.failure = self.log.failure or failure

    def _read(self, at: float) -> None:
        try:
            response = self._reader.next_response()
        except LineError as problem:
            self.log.failure = Failure(problem.kind, HttpPhase.HTTP, str(problem))
            return
        if response is not None:
            self.log.response = response
            shown = f"{response.status} {response.reason}".rstrip()
            self.log.transcript.append(TranscriptLine("<", HttpPhase.HTTP, at, shown))
