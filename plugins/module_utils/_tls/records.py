# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two layers below every TLS message: records, and the handshake messages they carry (RFC 8446 sections 4 and 5.1).

Both are streams, since records come in pieces and messages may begin in one record and end in another. Pure; what is no
TLS ends a stream quietly, and a message that is not complete is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple


class ContentType(IntEnum):
    """What a record carries."""

    CHANGE_CIPHER_SPEC = 20
    ALERT = 21
    HANDSHAKE = 22
    APPLICATION_DATA = 23


class HandshakeType(IntEnum):
    """The messages of a handshake (RFC 5246, 6066, 8446)."""

    HELLO_REQUEST = 0
    CLIENT_HELLO = 1
    SERVER_HELLO = 2
    NEW_SESSION_TICKET = 4
    END_OF_EARLY_DATA = 5
    ENCRYPTED_EXTENSIONS = 8
    CERTIFICATE = 11
    SERVER_KEY_EXCHANGE = 12
    CERTIFICATE_REQUEST = 13
    SERVER_HELLO_DONE = 14
    CERTIFICATE_VERIFY = 15
    CLIENT_KEY_EXCHANGE = 16
    FINISHED = 20
    CERTIFICATE_STATUS = 22
    KEY_UPDATE = 24


class Truncated(Exception):
    """The bytes end before the structure does."""


LONGEST_RECORD = 16384 + 2048
"""Octets of the longest payload, encrypted (RFC 5246 section 6.2.3)."""


class Cursor:
    """Reads big-endian fields and length-prefixed vectors off bytes.

    Raises:
        Truncated: at their end.
    """

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, length: int) -> bytes:
        """Return the next bytes."""
        end = self.at + length
        if end > len(self.data):
            raise Truncated
        self.at, start = end, self.at
        return self.data[start:end]

    def number(self, size: int) -> int:
        """Return the next number of this many bytes."""
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        """Return the next vector, whose length is a number of this many bytes before it."""
        return self.take(self.number(size))

    def numbers(self, size: int) -> list[int]:
        """Return all that is left as numbers of this many bytes."""
        found = []
        while self.more:
            found.append(self.number(size))
        return found

    @property
    def more(self) -> bool:
        """True unless everything is read."""
        return self.at < len(self.data)


class Record(NamedTuple):
    """One record: what it carries, the protocol version it names, and its payload."""

    kind: int
    version: int
    payload: bytes


class RecordStream:
    """Cuts the bytes of one direction into records. `broken` once something came that is not a record."""

    def __init__(self) -> None:
        self._data = bytearray()
        self.broken = False

    def feed(self, data: bytes) -> Iterator[Record]:
        """Take more bytes and yield every record that is complete now. Use up the iterator before the next call."""
        self._data += data
        while not self.broken and len(self._data) >= 5:
            kind, version = self._data[0], int.from_bytes(self._data[1:3], "big")
            if kind not in ContentType.__members__.values() or version >> 8 != 3:
                self.broken = True
                return
            size = int.from_bytes(self._data[3:5], "big")
            if size > LONGEST_RECORD:
                self.broken = True
                return
            end = 5 + size
            if len(self._data) < end:
                return
            payload = bytes(self._data[5:end])
            del self._data[:end]
            yield Record(kind, version, payload)

    @property
    def left(self) -> int:
        """How many bytes belong to no complete record."""
        return len(self._data)


class Message(NamedTuple):
    """One handshake message: its type and its body."""

    kind: int
    body: bytes


class MessageStream:
    """Puts the handshake messages of one direction together from the payloads of its records."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, payload: bytes) -> Iterator[Message]:
        """Take one more payload and yield every message that is complete now. Use up the iterator before the next call."""
        self._data += payload
        while len(self._data) >= 4:
            end = 4 + int.from_bytes(self._data[1:4], "big")
            if len(self._data) < end:
                return
            kind, body = self._data[0], bytes(self._data[4:end])
            del self._data[:end]
            yield Message(kind, body)


class Flight(NamedTuple):
    """Bytes that went one way at once: `sent` by us, or received."""

    sent: bool
    data: bytes
