# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what a server answers to a ClientHello, up to where a client would have to do cryptography.

That is all of its first flight up to TLS 1.2, and its ServerHello or HelloRetryRequest in TLS 1.3 (RFC 6101, RFC 5246 section 7.4,
RFC 8446 section 4.1). Pure, bounded, and whatever the bytes are, no exception.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._tls import messages as tls_messages
from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import CERTIFICATE_TIMESTAMPS
from ansible_collections.mailops.tls.plugins.module_utils._tls.reader import fatal_alert
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import (
    ContentType,
    Cursor,
    HandshakeType,
    Message,
    MessageStream,
    RecordStream,
    Truncated,
)

MOST_BYTES = 256 * 1024
MOST_RECORDS = 8192
"""What is read of one answer; a first flight has a few kB in a dozen records, or in one for each octet."""


class Outcome(Enum):
    """What an answer is, at its bottom. SILENT is for who waited in vain; nothing that is read makes it."""

    HELLO = "hello"
    ALERT = "alert"
    CLOSED = "closed"
    NO_TLS = "no_tls"
    SILENT = "silent"


@dataclass(frozen=True)
class ServerReply:
    """An answer. All numbers are those of TLS; `alert` is the name of a fatal one.

    `extensions` are those of the ServerHello. `prime` is that of a Diffie-Hellman group that the server sent. `scheme` signed the key
    exchange (TLS 1.2). `chain` holds the certificates as sent, DER.
    """

    outcome: Outcome = Outcome.CLOSED
    alert: str | None = None
    version: int | None = None
    retry: bool = False
    suite: int | None = None
    compression: int = 0
    extensions: frozenset[int] = frozenset()
    group: int | None = None
    prime: bytes = b""
    scheme: int | None = None
    chain: tuple[bytes, ...] = ()
    stapled_ocsp: bool = False
    timestamps: bool = False


class ReplyReader:
    """Takes the bytes of one connection as they come. `done`: nothing more is worth waiting for."""

    def __init__(self) -> None:
        self.reply = ServerReply()
        self.done = False
        self._records, self._messages = RecordStream(), MessageStream()
        self._size = self._count = 0
        self._warned = b""

    def feed(self, data: bytes) -> None:
        """Take more bytes; after `done` they are ignored."""
        data = data[: MOST_BYTES - self._size]
        self._size += len(data)
        try:
            self._feed(data)
        except (Truncated, ValueError):
            self._give_up()
        if self._records.broken:
            self._give_up()
        self.done = self.done or self._size >= MOST_BYTES

    def _feed(self, data: bytes) -> None:
        if self.done:
            return
        for record in self._records.feed(data):
            self._count += 1
            if self._count > MOST_RECORDS:
                self.done = True
            elif record.kind == ContentType.ALERT:
                self._alert(record.payload)
            elif record.kind == ContentType.HANDSHAKE:
                for message in self._messages.feed(record.payload):
                    self._message(message)
                    if self.done:
                        return
            elif record.kind == ContentType.APPLICATION_DATA:
                self.done = True  # sealed; in TLS 1.3 all that is clear was before it
            if self.done:
                return

    def _give_up(self) -> None:
        """What is no TLS ends the reading; a ServerHello that came before stands."""
        self.done = True
        if self.reply.outcome is Outcome.CLOSED:
            self.reply = replace(self.reply, outcome=Outcome.NO_TLS)

    def _alert(self, payload: bytes) -> None:
        self._warned += payload
        if len(self._warned) < 2:
            return
        name = fatal_alert(self._warned)
        self._warned = b""
        if name is None:
            return
        self.done = True
        outcome = Outcome.ALERT if self.reply.outcome is Outcome.CLOSED else self.reply.outcome
        self.reply = replace(self.reply, outcome=outcome, alert=name)

    def _message(self, message: Message) -> None:
        if self.reply.outcome is not Outcome.HELLO:
            if message.kind != HandshakeType.SERVER_HELLO:
                raise ValueError("the first message is no ServerHello")
            self._server_hello(message.body)
        elif message.kind == HandshakeType.CERTIFICATE:
            version = self.reply.version or 0
            chain = tuple(entry.der for entry in tls_messages.certificates(message.body, version))
            self.reply = replace(self.reply, chain=chain)
        elif message.kind == HandshakeType.CERTIFICATE_STATUS:
            self.reply = replace(self.reply, stapled_ocsp=True)
        elif message.kind == HandshakeType.SERVER_KEY_EXCHANGE:
            self._key_exchange(message.body)
        self.done = self.done or message.kind == HandshakeType.SERVER_HELLO_DONE

    def _server_hello(self, body: bytes) -> None:
        hello = tls_messages.server_hello(body)
        group = None
        for number, content in hello.extensions:
            if number == tls_messages.KEY_SHARE:
                group = Cursor(content).number(2)
        numbers = frozenset(number for number, unused in hello.extensions)
        if len(numbers) < len(hello.extensions):
            raise ValueError("an extension is there twice")
        self.reply = ServerReply(
            Outcome.HELLO,
            version=hello.version,
            retry=hello.retry,
            suite=hello.suite,
            compression=hello.compression,
            extensions=numbers,
            group=group,
            timestamps=CERTIFICATE_TIMESTAMPS in numbers,
        )
        self.done = hello.version >= tls_messages.TLS_1_3

    def _key_exchange(self, body: bytes) -> None:
        found = tls_messages.exchange_parameters(body, self.reply.suite or 0, self.reply.version or 0)
        self.reply = replace(self.reply, group=found.group, prime=found.prime, scheme=found.scheme)


def read_reply(data: bytes) -> ServerReply:
    """Return what a server answered, from all its bytes."""
    reader = ReplyReader()
    reader.feed(data)
    return reader.reply
