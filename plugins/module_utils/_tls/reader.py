# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A passive reader of the server's side of a TLS handshake (RFC 5246, RFC 8446).

Python's TLS libraries do not say which group and signature were used, whether a session was resumed, or what exactly
the certificate bytes were. All of it passes by on the wire: this file reads it there, after the fact, from the bytes that
went into the TLS library and, for TLS 1.3, the key-log secret of the server's handshake.

Pure, bounded by its input, and never in the way: whatever it cannot read is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._tls import messages as tls_messages
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import (
    Signature,
    alert_name,
    group_name,
    signature_name,
    version_name,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.record_opener import RecordOpener, record_opener
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import (
    ContentType,
    Cursor,
    HandshakeType,
    MessageStream,
    RecordStream,
    Truncated,
)

SERVER_SECRET = "SERVER_HANDSHAKE_TRAFFIC_SECRET"
"""The key-log label (draft-ietf-tls-keylogfile) of the secret that TLS 1.3 handshakes are read with."""

APPLICATION_SECRET = "SERVER_TRAFFIC_SECRET_0"
"""The key-log label of the secret that what follows a TLS 1.3 handshake is read with, session tickets among it."""
MAX_RECORDS = 1024
"""Records that are read; a handshake has a few dozen, and thousands of empty ones would only cost time."""


@dataclass
class HandshakeFacts:
    """What was read of one handshake. `chain` holds the exact DER certificates in the order sent.

    `resumable`: up to TLS 1.2, the server gave a session identifier or a ticket, the latter with a `ticket_lifetime` in seconds; in
    TLS 1.3 see `ticket_behind`.
    """

    version: str | None = None
    suite: int | None = None
    group: str | None = None
    signature: Signature | None = None
    alpn: str | None = None
    chain: tuple[bytes, ...] | None = None
    stapled_ocsp: bool = False
    client_certificate_asked: bool = False
    resumed: bool | None = None
    resumable: bool = False
    ticket_lifetime: int | None = None
    alert: str | None = None


def read_handshake(received: bytes, secrets: Mapping[str, bytes]) -> HandshakeFacts:
    """Read what a server sent from the first byte of TLS on.

    Args:
        received: every byte from the server, in order, as far as it was kept.
        secrets: key-log label -> secret, as OpenSSL's key-log callback gave them; empty before TLS 1.3.

    Returns:
        The facts; attributes that could not be read are None.
    """
    reader = _Reader(secrets)
    try:
        for record in islice(RecordStream().feed(received), MAX_RECORDS):
            if not reader.record(record.kind, record.payload):
                break
    except (Truncated, ValueError):
        pass  # a handshake that broke off, or garbage: what was read before stands
    return reader.facts


class Ticket(NamedTuple):
    """A session ticket: its lifetime in seconds, and how many octets of early data it allows, None where that is not known."""

    lifetime: int
    early_data: int | None = None


def ticket_behind(received: bytes, suite: int | None, secret: bytes) -> Ticket | None:
    """Return the session ticket that the records after a TLS 1.3 handshake begin with; None without any.

    Args:
        received: the records, as far as they were kept.
        suite: the number of the cipher suite.
        secret: the one of `APPLICATION_SECRET`.
    """
    opener = record_opener(suite, secret) if suite is not None else None
    for record in islice(RecordStream().feed(received), MAX_RECORDS):
        sealed = record.kind == ContentType.APPLICATION_DATA
        opened = opener(record.payload) if opener is not None and sealed else None
        if opened is not None and opened[0] == ContentType.HANDSHAKE:
            return _ticket(opened[1])
    return None


def _ticket(message: bytes) -> Ticket | None:
    """Read a NewSessionTicket (RFC 8446 section 4.6.1). The record may end in the midst of it; its first member is there at least."""
    if len(message) < 8 or message[0] != HandshakeType.NEW_SESSION_TICKET:
        return None
    lifetime = int.from_bytes(message[4:8], "big")
    try:
        body = Cursor(Cursor(message[1:]).vector(3))
        body.take(8)
        body.vector(1)
        body.vector(2)
        found = dict(tls_messages.extensions(body.vector(2)))
        content = found.get(tls_messages.EARLY_DATA)
        return Ticket(lifetime, 0 if content is None else Cursor(content).number(4))
    except Truncated:
        return Ticket(lifetime)


class _Reader:
    """Follows the records: clear ones, then (TLS 1.3) those under the server's handshake key."""

    def __init__(self, secrets: Mapping[str, bytes]) -> None:
        self.facts = HandshakeFacts()
        self._secrets = secrets
        self._version = 0
        self._messages = MessageStream()
        self._open: RecordOpener | None = None
        self._saw_certificate = False

    def record(self, kind: int, payload: bytes) -> bool:
        """Take one record; False when nothing more can be read."""
        if kind == ContentType.APPLICATION_DATA:
            opener = self._opener()
            opened = opener(payload) if opener else None
            if opened is None:
                return False
            kind, payload = opened[0], opened[1]  # pylint of ansible-core 2.17 does not see that this is a pair
        elif kind == ContentType.CHANGE_CIPHER_SPEC:
            return self._on_change_cipher()
        if kind == ContentType.ALERT:
            self.facts.alert = fatal_alert(payload)
            return self.facts.alert is None
        if kind == ContentType.HANDSHAKE:
            return all(self._message(message.kind, message.body) for message in self._messages.feed(payload))
        return False

    def _on_change_cipher(self) -> bool:
        if self.facts.version == "TLSv1.3":
            return True
        # Before 1.3 all that follows is encrypted; a handshake without certificate or key exchange was a resumption.
        if self.facts.version is not None:
            self.facts.resumed = not self._saw_certificate
        return False

    def _opener(self) -> RecordOpener | None:
        if self._open is None and self.facts.suite is not None:
            secret = self._secrets.get(SERVER_SECRET)
            self._open = record_opener(self.facts.suite, secret) if secret else None
        return self._open

    def _message(self, kind: int, body: bytes) -> bool:
        """Take one message; False after the last one that says anything."""
        facts = self.facts
        if kind == HandshakeType.SERVER_HELLO:
            self._server_hello(body)
        elif kind == HandshakeType.NEW_SESSION_TICKET:
            facts.resumable = True
            facts.ticket_lifetime = Cursor(body).number(4)  # RFC 5077 section 3.3
        elif kind == HandshakeType.ENCRYPTED_EXTENSIONS:
            self._extensions(tls_messages.extensions(Cursor(body).vector(2)))
        elif kind == HandshakeType.CERTIFICATE:
            self._certificate(body)
        elif kind == HandshakeType.SERVER_KEY_EXCHANGE:
            self._saw_certificate = True
            facts.group, facts.signature = tls_messages.key_exchange(body, facts.suite or 0, self._version)
        elif kind == HandshakeType.CERTIFICATE_REQUEST:
            facts.client_certificate_asked = True
        elif kind == HandshakeType.SERVER_HELLO_DONE:
            self._saw_certificate = True  # a full handshake, even an anonymous one
        elif kind == HandshakeType.CERTIFICATE_VERIFY:
            facts.signature = signature_name(Cursor(body).number(2))
        elif kind == HandshakeType.CERTIFICATE_STATUS:
            facts.stapled_ocsp = True
        return kind != HandshakeType.FINISHED

    def _server_hello(self, body: bytes) -> None:
        hello, facts = tls_messages.server_hello(body), self.facts
        self._version = hello.version
        facts.version = version_name(hello.version)
        facts.suite = hello.suite
        facts.resumable = hello.session > 0
        facts.resumed = None
        self._extensions(hello.extensions)
        if facts.version == "TLSv1.3" and not hello.retry:
            facts.resumed = any(number == tls_messages.PRE_SHARED_KEY for number, _content in hello.extensions)

    def _extensions(self, extensions: tls_messages.Extensions) -> None:
        for number, content in extensions:
            if number == tls_messages.KEY_SHARE:
                self.facts.group = group_name(Cursor(content).number(2))
            elif number == tls_messages.ALPN:
                self.facts.alpn = tls_messages.alpn(content)

    def _certificate(self, body: bytes) -> None:
        self._saw_certificate = True
        entries = tls_messages.certificates(body, self._version)
        self.facts.chain = tuple(entry.der for entry in entries)
        if any(tls_messages.STATUS_REQUEST in entry.extensions for entry in entries):
            self.facts.stapled_ocsp = True


def fatal_alert(payload: bytes) -> str | None:
    """Return the name of a fatal alert, None for a warning."""
    if len(payload) != 2 or (payload[0] != 2 and payload[1] in (0, 90, 112)):
        return None
    return alert_name(payload[1])
