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

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

from ansible_collections.mailops.tls.plugins.module_utils._probe.handshake_keys import RecordOpener, record_opener
from ansible_collections.mailops.tls.plugins.module_utils._probe.tls_names import (
    ALERTS,
    VERSIONS,
    Signature,
    group_name,
    signature_name,
)

SERVER_SECRET = "SERVER_HANDSHAKE_TRAFFIC_SECRET"
"""The key-log label (draft-ietf-tls-keylogfile) of the secret that TLS 1.3 handshakes are read with."""

APPLICATION_SECRET = "SERVER_TRAFFIC_SECRET_0"
"""The key-log label of the secret that what follows a TLS 1.3 handshake is read with, session tickets among it."""
MAX_CERTIFICATES = 100
_NEW_SESSION_TICKET = 4
_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _APPLICATION = 20, 21, 22, 23
_HELLO_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


@dataclass
class HandshakeFacts:
    """What was read of one handshake. B(chain) holds the exact DER certificates in the order sent.

    B(resumable): up to TLS 1.2, the server gave a session identifier or a ticket; in TLS 1.3 see L(has_ticket).
    """

    version: Optional[str] = None
    suite: Optional[int] = None
    group: Optional[str] = None
    signature: Optional[Signature] = None
    alpn: Optional[str] = None
    chain: Optional[tuple[bytes, ...]] = None
    stapled_ocsp: bool = False
    client_certificate_asked: bool = False
    resumed: Optional[bool] = None
    resumable: bool = False
    alert: Optional[str] = None


class _Truncated(Exception):
    """The bytes end before the structure does."""


class _Cursor:
    """Reads big-endian fields and length-prefixed vectors off bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, length: int) -> bytes:
        end = self.at + length
        if end > len(self.data):
            raise _Truncated
        self.at, start = end, self.at
        return self.data[start:end]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        return self.take(self.number(size))

    @property
    def more(self) -> bool:
        return self.at < len(self.data)


def read_handshake(received: bytes, secrets: Mapping[str, bytes]) -> HandshakeFacts:
    """Read what a server sent from the first byte of TLS on.

    :param received: every byte from the server, in order, as far as it was kept.
    :param secrets: key-log label -> secret, as OpenSSL's key-log callback gave them; empty before TLS 1.3.
    :returns: the facts; attributes that could not be read are None.
    """
    reader = _Reader(secrets)
    try:
        for kind, payload in _records(received):
            if not reader.record(kind, payload):
                break
    except (_Truncated, struct.error, ValueError):
        pass  # a handshake that broke off, or garbage: what was read before stands
    return reader.facts


def has_ticket(received: bytes, suite: Optional[int], secret: bytes) -> bool:
    """Return whether the records after a TLS 1.3 handshake, under O(secret), begin with a session ticket."""
    opener = record_opener(suite, secret) if suite is not None else None
    try:
        for kind, payload in _records(received):
            opened = opener(payload) if opener is not None and kind == _APPLICATION else None
            if opened is not None and opened[0] == _HANDSHAKE:
                return opened[1][:1] == bytes([_NEW_SESSION_TICKET])
    except _Truncated:
        pass  # the last record is not there as a whole
    return False


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    cursor = _Cursor(data)
    while cursor.more:
        kind, version = cursor.number(1), cursor.number(2)
        if kind not in (_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _APPLICATION) or version >> 8 != 3:
            return
        yield kind, cursor.vector(2)


class _Reader:
    """Follows the records: clear ones, then (TLS 1.3) those under the server's handshake key."""

    def __init__(self, secrets: Mapping[str, bytes]) -> None:
        self.facts = HandshakeFacts()
        self._secrets = secrets
        self._messages = bytearray()
        self._open: Optional[RecordOpener] = None
        self._saw_certificate = False

    def record(self, kind: int, payload: bytes) -> bool:
        """Take one record; False when nothing more can be read."""
        if kind == _APPLICATION:
            opener = self._opener()
            opened = opener(payload) if opener else None
            if opened is None:
                return False
            kind, payload = opened[0], opened[1]
        elif kind == _CHANGE_CIPHER_SPEC:
            return self._on_change_cipher()
        if kind == _ALERT:
            self.facts.alert = _alert(payload)
            return self.facts.alert is None
        if kind == _HANDSHAKE:
            self._messages += payload
            return self._take_messages()
        return False

    def _on_change_cipher(self) -> bool:
        if self.facts.version == "TLSv1.3":
            return True
        # Before 1.3 all that follows is encrypted; a handshake without certificate or key exchange was a resumption.
        if self.facts.version is not None:
            self.facts.resumed = not self._saw_certificate
        return False

    def _opener(self) -> Optional[RecordOpener]:
        if self._open is None and self.facts.suite is not None:
            secret = self._secrets.get(SERVER_SECRET)
            self._open = record_opener(self.facts.suite, secret) if secret else None
        return self._open

    def _take_messages(self) -> bool:
        while len(self._messages) >= 4:
            length = int.from_bytes(self._messages[1:4], "big")
            if len(self._messages) < 4 + length:
                return True
            kind, body = self._messages[0], bytes(self._messages[4 : 4 + length])
            del self._messages[: 4 + length]
            if not self._message(kind, body):
                return False
        return True

    def _message(self, kind: int, body: bytes) -> bool:
        if kind == 2:
            self._server_hello(_Cursor(body))
        elif kind == _NEW_SESSION_TICKET:
            self.facts.resumable = True
        elif kind == 8:
            self._extensions(_Cursor(_Cursor(body).vector(2)))
        elif kind == 11:
            self._certificate(_Cursor(body))
        elif kind == 12:
            self._saw_certificate = True
            self._server_key_exchange(_Cursor(body))
        elif kind == 13:
            self.facts.client_certificate_asked = True
        elif kind == 14:
            self._saw_certificate = True  # ServerHelloDone: a full handshake, even an anonymous one
        elif kind == 15:
            self.facts.signature = signature_name(_Cursor(body).number(2))
        elif kind == 22:
            self.facts.stapled_ocsp = True
        elif kind == 20:
            return False
        return True

    def _server_hello(self, cursor: _Cursor) -> None:
        version = cursor.number(2)
        retry = cursor.take(32) == _HELLO_RETRY
        self.facts.resumable = bool(cursor.vector(1))
        self.facts.suite = cursor.number(2)
        cursor.take(1)
        self.facts.version = VERSIONS.get(version, "0x%04x" % version)
        self.facts.resumed = None
        if cursor.more:
            self._extensions(_Cursor(cursor.vector(2)), server_hello=not retry)
        if self.facts.version == "TLSv1.3" and not retry and self.facts.resumed is None:
            self.facts.resumed = False

    def _extensions(self, cursor: _Cursor, server_hello: bool = False) -> None:
        while cursor.more:
            number, body = cursor.number(2), _Cursor(cursor.vector(2))
            if number == 43:
                self.facts.version = VERSIONS.get(body.number(2), "unknown")
            elif number == 51:
                self.facts.group = group_name(body.number(2))
            elif number == 41 and server_hello:
                self.facts.resumed = True
            elif number == 16:
                self.facts.alpn = _Cursor(body.vector(2)).vector(1).decode("ascii", "replace")

    def _certificate(self, cursor: _Cursor) -> None:
        modern = self.facts.version == "TLSv1.3"
        self._saw_certificate = True
        if modern:
            cursor.vector(1)
        entries = _Cursor(cursor.vector(3))
        chain: list[bytes] = []
        while entries.more and len(chain) < MAX_CERTIFICATES:
            chain.append(entries.vector(3))
            if modern:
                extensions = _Cursor(entries.vector(2))
                while extensions.more:
                    if extensions.number(2) == 5:
                        self.facts.stapled_ocsp = True
                    extensions.vector(2)
        self.facts.chain = tuple(chain)

    def _server_key_exchange(self, cursor: _Cursor) -> None:
        if self._is_ephemeral_ec():
            if cursor.number(1) != 3:
                return
            self.facts.group = group_name(cursor.number(2))
            cursor.vector(1)
        else:
            prime = cursor.vector(2).lstrip(b"\0")
            self.facts.group = "dh%d" % int.from_bytes(prime, "big").bit_length()
            cursor.vector(2)
            cursor.vector(2)
        if self.facts.version == "TLSv1.2" and cursor.more:
            self.facts.signature = signature_name(cursor.number(2))

    def _is_ephemeral_ec(self) -> bool:
        """True for ECDHE (and anonymous ECDH) suites: all of 0xC000-0xCFFF but a few, and the ChaCha20 ones."""
        suite = self.facts.suite or 0
        dhe = 0xC03C <= suite <= 0xC047 or 0xC052 <= suite <= 0xC05B or 0xC07C <= suite <= 0xC085 or suite in (
            0xC09E, 0xC09F, 0xC0A2, 0xC0A3, 0xCCAA, 0xCCAD)  # fmt: skip
        return suite >> 8 in (0xC0, 0xCC) and not dhe


def _alert(payload: bytes) -> Optional[str]:
    """Return the name of a fatal alert, None for a warning."""
    if len(payload) != 2 or (payload[0] != 2 and payload[1] in (0, 90, 112)):
        return None
    return ALERTS.get(payload[1], "alert %d" % payload[1])
