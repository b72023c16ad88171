# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message that can be told from every other: a random token in three header fields, and a body that must not change."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError

TOKEN_FIELD = "X-Mailops-Probe"
TOKEN_PREFIX = "mailops-probe-"
_TOKEN_BITS = 128
_TOKEN = re.compile(TOKEN_PREFIX + r"[0-9a-f]{32}\Z")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,76}\Z")
_OURS = frozenset(("from", "to", "subject", "message-id", "date", "mime-version", "content-type", TOKEN_FIELD.lower()))
_ADDRESS = re.compile(r"[^\x00-\x20\x7f<>\"(),:;\[\]\\@]{1,64}@[^\x00-\x20\x7f<>\"(),;\\@]{1,255}\Z")
_PADDING = b"x" * 72 + b"\r\n"
_AT_ONCE = 512
_BLOCK = _PADDING * _AT_ONCE
_BODY = b"This message was sent by a probe, to see whether mail arrives. It removes the message again.\r\n"


@dataclass(frozen=True)
class Letter:
    """What is to be sent.

    Attributes:
        sender: the reverse-path; empty is the null sender of RFC 5321 section 4.5.5.
        recipients: the forward-paths.
        token: what it is found by; `new_token` makes one.
        headers: more header fields.
        padding: bytes that are added to the body.
    """

    sender: str
    recipients: tuple[str, ...]
    token: str
    headers: Mapping[str, str] = field(default_factory=dict)
    padding: int = 0

    @property
    def message_id(self) -> str:
        """The Message-ID, with angle brackets; its right side is the domain of whom it comes from."""
        return f"<{self.token}@{(self.sender or self.recipients[0]).rpartition('@')[2]}>"

    def body(self) -> Iterator[bytes]:
        """Return the body in pieces, lines ended by CR LF: it may be larger than anybody wants to have in memory."""
        yield _BODY
        lines, rest = divmod(self.padding, len(_PADDING))
        blocks, lines = divmod(lines, _AT_ONCE)
        for _block in range(blocks):
            yield _BLOCK
        if lines:
            yield _PADDING * lines
        if rest > 2:
            yield b"x" * (rest - 2) + b"\r\n"

    def header(self, now: datetime) -> bytes:
        """Return the header and the empty line behind it."""
        fields = {
            "From": self.sender or self.recipients[0],
            "To": ", ".join(self.recipients),
            "Subject": f"Probe of mail delivery {self.token}",
            "Date": format_datetime(now),
            "Message-ID": self.message_id,
            TOKEN_FIELD: self.token,
            **{name: _encoded(name, value) for name, value in self.headers.items()},
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=us-ascii",
        }
        return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n"


@dataclass(frozen=True)
class Written:
    """A letter as it is sent, dots not doubled.

    Attributes:
        letter: what it says.
        header: its header, with the empty line.
        size: octets of the whole.
    """

    letter: Letter
    header: bytes
    size: int

    @property
    def seven_bit(self) -> bool:
        """Whether it is ASCII alone."""
        return self.header.isascii()

    def pieces(self) -> Iterator[bytes]:
        """Return it piece by piece."""
        yield self.header
        yield from self.letter.body()


def write(letter: Letter, now: datetime) -> Written:
    """Write a letter, with this time as its date."""
    header = letter.header(now)
    return Written(letter, header, len(header) + sum(map(len, letter.body())))


def _encoded(name: str, value: str) -> str:
    """Return the value of a field, letters outside ASCII as encoded words (RFC 2047)."""
    return value if value.isascii() else Header(value, "utf-8", header_name=name).encode(linesep="\r\n")


def new_token() -> str:
    """Make a token that nobody can guess and nothing else has."""
    return f"{TOKEN_PREFIX}{secrets.token_hex(_TOKEN_BITS // 8)}"


def is_token(text: str) -> bool:
    """Whether this is a token of ours, of this run or another."""
    return bool(_TOKEN.match(text))


def check_address(option: str, address: str) -> str:
    """Return an address of a mailbox that can stand in a command.

    Raises:
        OptionError: it is none.
    """
    if not _ADDRESS.match(address):
        raise OptionError(option, address, "is not the address of a mailbox, as in postmaster@example.org")
    return address


def check_headers(option: str, headers: Mapping[str, object]) -> dict[str, str]:
    """Return header fields that can be added.

    Raises:
        OptionError: a name is none or one that the probe writes itself, or a value has a line break or more than a line takes.
    """
    for name, value in headers.items():
        if not _FIELD_NAME.match(name):
            raise OptionError(option, name, "is not the name of a header field")
        if name.lower() in _OURS:
            raise OptionError(option, name, "is written by the probe itself")
        text = str(value)
        if any(char in "\r\n\0" for char in text) or len(name) + len(text.encode()) > 900:
            raise OptionError(option, {name: text[:40]}, "has to be one line of at most 900 bytes")
    return {name: str(value) for name, value in headers.items()}
