# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is looked for in a mailbox and what is found there, the same for IMAP and POP3.

A message is known by a token in one field of its header. Its header is kept up to a limit. Its body is compared while it arrives, so
that a message of any size takes no more memory than one piece of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.steps import StepTaken
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure, Phase

LONGEST_HEADER = 256 * 1024
"""Bytes of a header that are kept."""
LARGEST_KEPT = 1024 * 1024
"""Messages up to this size are kept as a whole, as their signatures can only be verified so."""
MOST_COPIES = 8
"""Copies of one message that are looked at."""
MOST_LEFTOVERS = 100
"""Old messages of probes that one run removes."""
MOST_GROWTH = 256 * 1024
"""Bytes by which a message may have grown on its way, and its body still be read."""
_FIELDS = re.compile(rb"^([!-9;-~]+)[ \t]*:(.*(?:\r?\n[ \t].*)*)", re.MULTILINE)


class RetrievalPhase(Phase):
    """Where a dialogue is while it looks into a mailbox."""

    SELECT = "select"
    SEARCH = "search"
    FETCH = "fetch"
    DELETE = "delete"


@dataclass(frozen=True)
class Sought:
    """What to look for, and how long.

    Attributes:
        field: the field of the header that has the token.
        token: the token of the message.
        prefix: what every token begins with.
        is_token: whether a text is a token of this or of another run.
        size: octets of the message as it was sent.
        body: the digest of its body, as `BodyDigest` makes it.
        stale_before: messages of probes that were written earlier are left over, and removed too.
        patience: until how many seconds into the connection to look for it; nothing is waited for later.
        interval: seconds between two looks.
        folders: where to look, INBOX or others; the junk folder is found by its use.
    """

    field: str
    token: str
    prefix: str
    is_token: Callable[[str], bool]
    size: int
    body: str
    stale_before: datetime
    patience: float
    interval: float
    folders: tuple[str, ...] = ("INBOX",)
    with_junk: bool = True


@dataclass(frozen=True)
class FolderFacts:
    """What a server said of a folder when it was opened; None is what it did not say."""

    folder: str
    flags: tuple[str, ...] | None = None
    permanent_flags: tuple[str, ...] | None = None
    exists: int | None = None
    recent: int | None = None
    uid_validity: int | None = None
    uid_next: int | None = None
    unseen: int | None = None
    read_write: bool | None = None
    octets: int | None = None
    junk: bool = False

    def as_facts(self) -> dict[str, object]:
        """Return the item of `select` in results."""
        return {
            "folder": self.folder,
            "junk": self.junk,
            "flags": None if self.flags is None else list(self.flags),
            "permanent_flags": None if self.permanent_flags is None else list(self.permanent_flags),
            "exists": self.exists,
            "recent": self.recent,
            "unseen": self.unseen,
            "uid_validity": self.uid_validity,
            "uid_next": self.uid_next,
            "read_write": self.read_write,
            "octets": self.octets,
        }


@dataclass(frozen=True)
class Copy:
    """One copy of the message, as the mailbox has it.

    Attributes:
        folder: where it is.
        junk: whether that folder is the one for junk.
        identifier: its UID, or its unique identifier of POP3.
        header: its header as it came, at most `LONGEST_HEADER` bytes.
        size: its octets as the server counts them.
        flags: of IMAP only, as `internal_date` and `structure`.
        unchanged: whether the body is the one that was sent; None when it was not read to its end.
        whole: the message, where it is small enough to be kept.
    """

    folder: str
    junk: bool
    identifier: str
    header: bytes
    size: int | None = None
    flags: tuple[str, ...] | None = None
    internal_date: str | None = None
    structure: str | None = None
    unchanged: bool | None = None
    whole: bytes | None = field(default=None, repr=False)

    def as_facts(self) -> dict[str, object]:
        """Return the item of `copies` in results."""
        return {
            "folder": self.folder,
            "junk": self.junk,
            "uid": self.identifier,
            "size": self.size,
            "flags": None if self.flags is None else list(self.flags),
            "internal_date": self.internal_date,
            "structure": self.structure,
            "unchanged_body": self.unchanged,
        }


@dataclass
class Cleanup:
    """How many messages of probes were there, how many of them were removed, and why not all."""

    found: int = 0
    removed: int = 0
    failure: Failure | None = None

    @property
    def left(self) -> int:
        """Messages that are still there."""
        return self.found - self.removed


@dataclass
class Retrieval:
    """What was learned of a mailbox, filled in while it is looked at. *found_at* is seconds into the connection."""

    folders: list[FolderFacts] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    cleanup: Cleanup = field(default_factory=Cleanup)
    steps: list[StepTaken] = field(default_factory=list)
    found_at: float | None = None
    looked: int = 0
    login: ServerReply | None = None


class BodyDigest:
    """The digest of a body, fed in pieces, that no change of line ends and of blank lines at the end changes."""

    def __init__(self) -> None:
        self._hash = sha256()
        self._held = b""
        self.size = 0

    def feed(self, piece: bytes) -> None:
        """Add the next piece."""
        self.size += len(piece)
        text = (self._held + piece).replace(b"\r\n", b"\n")
        kept = text.rstrip(b"\r\n")
        # What may be blank lines at the end waits for what follows; a flood of them is no end that anybody would compare.
        self._held = text[len(kept) :]
        if len(self._held) > LARGEST_KEPT:
            kept, self._held = text, b""
        self._hash.update(kept)

    def hexdigest(self) -> str:
        """Return the digest of all that was fed."""
        return self._hash.hexdigest()


def body_digest(pieces: Iterable[bytes]) -> str:
    """Return the digest of a body."""
    digest = BodyDigest()
    for piece in pieces:
        digest.feed(piece)
    return digest.hexdigest()


def header_fields(header: bytes, name: str, most: int = 100) -> list[str]:
    """Return the bodies of the fields of this name, unfolded, in their order (RFC 5322 section 2.2.3)."""
    wanted = name.lower().encode("ascii")
    found: list[str] = []
    for one in _FIELDS.finditer(header[:LONGEST_HEADER].partition(b"\r\n\r\n")[0]):
        if one[1].lower() == wanted and len(found) < most:
            found.append(" ".join(one[2].decode("utf-8", "replace").split()))
    return found


def written(header: bytes) -> datetime | None:
    """Return when a message was written, in UTC; None when its Date cannot be read."""
    for text in header_fields(header, "Date", 1):
        try:
            found = parsedate_to_datetime(text)
            return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return None


def is_stale(header: bytes, sought: Sought) -> bool:
    """Whether this is the header of a message that another probe has left behind.

    A token in the right form is needed; a message of ours without a date that can be read counts as old.
    """
    tokens = header_fields(header, sought.field, 2)
    if len(tokens) != 1 or not sought.is_token(tokens[0]) or tokens[0] == sought.token:
        return False
    date = written(header)
    return date is None or date <= sought.stale_before


def has_token(header: bytes, sought: Sought) -> bool:
    """Whether this is the header of the message that is sought."""
    return sought.token in header_fields(header, sought.field, 2)
