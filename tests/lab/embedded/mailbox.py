# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox in memory: what the submission server puts in, and the IMAP server gives out (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST = 100
"""Messages that a mailbox keeps; the oldest go first."""


@dataclass
class Message:
    """One message, with CRLF line ends, and its flags (RFC 9051 section 2.3)."""

    uid: int
    data: bytes
    flags: set[str] = field(default_factory=set)

    @property
    def header(self) -> bytes:
        """The header with the empty line that ends it."""
        head, separator, _body = self.data.partition(b"\r\n\r\n")
        return head + separator

    @property
    def body(self) -> bytes:
        """What comes after the header."""
        return self.data.partition(b"\r\n\r\n")[2]

    def has_header(self, name: str, words: str) -> bool:
        """Tell whether a field of that name has these words, in whatever case."""
        unfolded = self.header.decode("utf-8", "replace").replace("\r\n ", " ").replace("\r\n\t", " ")
        for line in unfolded.split("\r\n"):
            field_name, _colon, value = line.partition(":")
            if field_name.strip().lower() == name.lower() and words.lower() in value.lower():
                return True
        return False


class Mailbox:
    """The messages of one user's inbox, in the order of their arrival."""

    validity = 1

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.next_uid = 1

    def put(self, data: bytes) -> None:
        """Add a message."""
        self.messages.append(Message(self.next_uid, data))
        self.next_uid += 1
        del self.messages[:-MOST]

    def expunge(self, uids: set[int] | None = None) -> list[int]:
        """Remove what is marked as deleted, of some messages or of all; return their sequence numbers, each as it was at its turn."""
        removed = []
        for number in range(len(self.messages), 0, -1):
            message = self.messages[number - 1]
            if "\\Deleted" in message.flags and (uids is None or message.uid in uids):
                del self.messages[number - 1]
                removed.append(number)
        return removed
