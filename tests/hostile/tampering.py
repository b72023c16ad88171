# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TLS server whose handshake is taken apart and put together again by a script: what no TLS library would send.

Up to TLS 1.2 handshake messages are in the clear. In TLS 1.3 the server's own key log gives the secrets to open its records
and to seal others in their place.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._tls.messages import server_hello
from ansible_collections.mailops.tls.plugins.module_utils._tls.record_opener import record_opener
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import MessageStream, Record, RecordStream
from ansible_collections.mailops.tls.tests.unit.makers import record_sealer
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued
from ansible_collections.mailops.tls.tests.unit.makers.record_sealer import HANDSHAKE, Sealer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer

Content = tuple[int, bytes]
"""The content type and payload of a record, opened."""
Alter = Callable[[list[Content]], Iterable[Content]]
"""Takes the contents of the server's first flight and returns what is to be sent in their place."""


def nothing_altered(contents: list[Content]) -> list[Content]:
    """Leave a flight as it is."""
    return contents


class TamperingServer(MemoryServer):
    """A server of one version whose first flight goes through *alter*; clear and sealed records alike."""

    def __init__(
        self, certificate: Issued, version: ssl.TLSVersion, alter: Alter = nothing_altered, *, chain: bytes = b"", **more: Any
    ) -> None:
        super().__init__(certificate.pem + chain, certificate.key.pem, version=version, **more)
        self._alter, self._tampered, self._suite = alter, False, 0
        handle, self._keylog = tempfile.mkstemp()
        os.close(handle)
        self.tls.context.keylog_filename = self._keylog

    def exchange(self, data: bytes) -> bytes:
        """Take bytes from the client and return the answer, the first one with a ServerHello altered."""
        sent = super().exchange(data)
        records = list(RecordStream().feed(sent))
        if self._tampered or not any(one.kind == HANDSHAKE and one.payload[:1] == b"\x02" for one in records):
            return sent
        self._tampered = True
        return self._altered(records)

    def sealer(self, label: str = "SERVER_TRAFFIC_SECRET_0") -> Sealer:
        """Return what seals records as this server would, the first one to come (where it has sent no tickets)."""
        secret = self.secret(label)
        assert secret is not None
        return Sealer(self._suite, secret)

    def secret(self, label: str) -> bytes | None:
        """Return a secret out of the server's own key log."""
        with open(self._keylog, encoding="ascii") as stream:
            words = [line.split() for line in stream]
        return next((bytes.fromhex(word[2]) for word in words if word[:1] == [label]), None)

    def forget(self) -> None:
        """Remove the key log."""
        os.unlink(self._keylog)

    def _altered(self, records: Sequence[Record]) -> bytes:
        (hello, *_rest) = MessageStream().feed(records[0].payload)
        self._suite = server_hello(hello.body).suite
        secret = self.secret("SERVER_HANDSHAKE_TRAFFIC_SECRET")
        opener = record_opener(self._suite, secret) if secret is not None else None
        sealer = Sealer(self._suite, secret) if secret is not None else None
        clear: list[Content] = []
        sealed: list[Content] = []
        for one in records:
            inner = opener(one.payload) if opener is not None and one.kind == record_sealer.APPLICATION_DATA else None
            if inner is not None:
                sealed.append(inner)
            else:
                clear.append((one.kind, one.payload))
        if sealer is None:
            return b"".join(record_sealer.record(kind, payload) for kind, payload in self._alter(clear))
        head = b"".join(record_sealer.record(kind, payload) for kind, payload in clear)
        return head + b"".join(sealer.record(kind, payload) for kind, payload in self._alter(sealed))


def in_pieces(size: int) -> Alter:
    """Break every handshake record into pieces."""

    def alter(contents: list[Content]) -> Iterable[Content]:
        for kind, payload in contents:
            step = size if kind == HANDSHAKE else max(1, len(payload))
            yield from ((kind, payload[at : at + step]) for at in range(0, len(payload), step))

    return alter


def replaced(number: int, change: Callable[[bytes], bytes]) -> Alter:
    """Put another message in place of that of one type; *change* takes its body and returns a whole message."""

    def alter(contents: list[Content]) -> Iterable[Content]:
        messages = MessageStream()
        for kind, payload in contents:
            if kind != HANDSHAKE:
                yield kind, payload
                continue
            for message in messages.feed(payload):
                whole = change(message.body) if message.kind == number else record_sealer.message(*message)
                yield from ((HANDSHAKE, whole[at : at + 16000]) for at in range(0, len(whole), 16000))

    return alter


def cut_after(count: int) -> Alter:
    """Leave out what follows the first records."""
    return lambda contents: contents[:count]


def before(number: int, *more: Content) -> Alter:
    """Put records before the first one, or before one further behind."""
    return lambda contents: [*contents[:number], *more, *contents[number:]]
