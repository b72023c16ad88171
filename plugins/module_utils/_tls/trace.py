# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One TLS session told record by record, as it went over the wire, for people (RFC 8446 section 5, RFC 5246 section 6).

    TLS session with [192.0.2.25]:25 at 2026-10-02T10:11:12.123Z, server mx.example.org, server name sent mx.example.org
    > handshake record, TLSv1, 1554 bytes
        ClientHello, 1550 bytes
          cipher suites (30): TLS_AES_256_GCM_SHA384, ...
    < handshake record, TLSv1.2, 1210 bytes
    ...
    < application_data record, TLSv1.2, 27 bytes: handshake, 10 bytes

`>` is what we sent. Records of TLS 1.3 are opened with the secrets that OpenSSL's key log gives, in both directions;
what is encrypted up to TLS 1.2 is only named. No secret and nothing of the dialogue inside TLS is ever in a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._tls import messages as tls_messages
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import alert_name, version_name
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._tls.record_opener import RecordOpener, record_opener
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import (
    ContentType,
    Flight,
    HandshakeType,
    Message,
    MessageStream,
    Record,
    RecordStream,
    Truncated,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace_messages import Negotiated, message_lines

LINE_LIMIT = 2000
"""Most lines about one session; a server that sends a record for each byte is told of no further."""
_LABELS = {
    True: ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"),
    False: ("SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"),
}
"""Key-log labels of the secrets of each direction (sent by us, or received), in the order of their use."""


@dataclass(frozen=True)
class TracedSession:
    """One TLS session that is over. `peer` is where it was, `server_name` the name in the server's reply to EHLO.

    `flights` are the bytes of both directions from the first of TLS on, in the order in which they were sent and came;
    `secrets` key-log label -> secret, as OpenSSL's key-log callback gave them; `age` the seconds since it began.
    """

    peer: str
    server_name: str | None
    sni: str | None
    flights: Sequence[Flight]
    secrets: Mapping[str, bytes]
    age: float = 0.0
    key_algorithm: KeyRequest = KeyRequest.ANY


OnTrace = Callable[[TracedSession], None]
"""Takes the sessions of a run one by one, as they end."""


def session_lines(session: TracedSession, now: datetime) -> list[str]:
    """Return a heading and the lines about one session, which ended at the aware time *now*."""
    began = (now - timedelta(seconds=session.age)).astimezone(timezone.utc)
    heading = "TLS session with {} at {}Z".format(session.peer, began.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3])
    if session.server_name:
        heading += f", server {session.server_name}"
    if session.sni:
        heading += f", server name sent {session.sni}"
    if session.key_algorithm is not KeyRequest.ANY:
        heading += f", asked for an {session.key_algorithm.value} key"
    return [heading, *trace_lines(session.flights, session.secrets)]


def trace_lines(flights: Iterable[Flight], secrets: Mapping[str, bytes]) -> list[str]:
    """Return the lines about the records and messages of one session; see `TracedSession`."""
    lines: list[str] = []
    for line in _TracedSession(secrets).lines(flights):
        if len(lines) == LINE_LIMIT:
            lines.append("and more, which is not shown")
            break
        lines.append(line)
    return lines


class _Side:
    """What one direction is about to send next."""

    def __init__(self, sent: bool) -> None:
        self.mark = ">" if sent else "<"
        self.records = RecordStream()
        self.messages = MessageStream()
        self.encrypted = False
        self._labels = list(_LABELS[sent])
        self._open: RecordOpener | None = None

    def opened(self, payload: bytes, suite: int, secrets: Mapping[str, bytes]) -> tuple[int, bytes] | None:
        """Open the next record of TLS 1.3; None without its secret."""
        if self._open is None and self._labels and self._labels[0] in secrets:
            self._open = record_opener(suite, secrets[self._labels[0]])
        return self._open(payload) if self._open is not None else None

    def next_secret(self) -> None:
        """What follows is under the next secret, or (after the last) under one that the key log does not give."""
        self._open = None
        del self._labels[:1]


class _TracedSession:
    """Both directions, and what they have agreed on."""

    def __init__(self, secrets: Mapping[str, bytes]) -> None:
        self._secrets = secrets
        self._negotiated = Negotiated()
        self._sides = {sent: _Side(sent) for sent in (True, False)}

    def lines(self, flights: Iterable[Flight]) -> Iterator[str]:
        for flight in flights:
            side = self._sides[flight.sent]
            for record in side.records.feed(flight.data):
                yield from self._record(side, record)
        for side in self._sides.values():
            if side.records.left:
                what = "that are no TLS" if side.records.broken else "of a record that is not complete"
                yield f"{side.mark} {side.records.left} bytes {what}"

    def _record(self, side: _Side, record: Record) -> Iterator[str]:
        kind, payload = record.kind, record.payload
        line = f"{side.mark} {_kind(kind)} record, {version_name(record.version)}, {len(payload)} bytes"
        if side.encrypted:
            yield line if kind == ContentType.APPLICATION_DATA else line + ", encrypted"
            return
        if kind == ContentType.APPLICATION_DATA:
            opened = side.opened(payload, self._negotiated.suite, self._secrets)
            if opened is None:
                yield line + ", encrypted"
                return
            kind, payload = opened
            line += f": {_kind(kind)}, {len(payload)} bytes"
        yield line
        if kind == ContentType.HANDSHAKE:
            for message in side.messages.feed(payload):
                yield from ("    " + text for text in self._message(side, message))
        elif kind == ContentType.ALERT:
            yield "    " + _alert(payload)
        elif kind == ContentType.CHANGE_CIPHER_SPEC and self._negotiated.version != tls_messages.TLS_1_3:
            side.encrypted = self._negotiated.version != 0

    def _message(self, side: _Side, message: Message) -> list[str]:
        if message.kind == HandshakeType.SERVER_HELLO:
            try:
                hello = tls_messages.server_hello(message.body)
                self._negotiated = Negotiated(hello.version, hello.suite)
            except Truncated:
                pass  # which its own lines tell
        lines = message_lines(message, self._negotiated)
        if message.kind in (HandshakeType.FINISHED, HandshakeType.KEY_UPDATE):
            side.next_secret()
        return lines


def _kind(kind: int) -> str:
    known = {one.value: one.name.lower() for one in ContentType}
    return known.get(kind, f"type {kind}")


def _alert(payload: bytes) -> str:
    if len(payload) != 2:
        return "alert that cannot be read"
    level = {1: "warning", 2: "fatal"}.get(payload[0], f"level {payload[0]}")
    return f"{level} alert: {alert_name(payload[1])}"
