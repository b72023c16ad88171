# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the processes of one run say to each other: a length, a kind, and what is said. Pure."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._results.expect import Unmet
from ansible_collections.mailops.tls.plugins.module_utils._results.tally import Share

_HEAD = struct.Struct("!Ic")
_HANDED = struct.Struct("!H8sI")
NO_SERVERS = bytes(8)
"""Stands for the servers of a subject that has none."""


class Said(bytes, Enum):
    """What a message is."""

    RESULT = b"R"
    """From a worker: a result, as its line and what it adds."""
    HANDED = b"H"
    """From a worker: a subject that is another one's to look at, with what is known of it. To that one: here it is."""
    LOOK = b"L"
    """From a worker: how many subjects are looked at, and how many wait."""
    KEPT = b"K"
    """To a worker: so many of its results are written."""
    MORE = b"M"
    """From a worker: it has few subjects left to begin with. To one: another has few left, whose number this is."""
    DEALT = b"D"
    """To a worker: subjects of the list, none when it is at its end."""
    THROUGH = b"T"
    """From a worker: what it got of the list is done, and there is no more of it."""
    END = b"E"
    """To a worker: nothing more will come. From one: its warnings, the last it says."""
    BUG = b"B"
    """From a worker: the traceback it ends with."""


def message(said: Said, content: bytes = b"") -> bytes:
    """Return a message as bytes."""
    return _HEAD.pack(len(content), said.value) + content


class Messages:
    """Takes bytes as they come, and gives whole messages."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def take(self, data: bytes) -> Iterator[tuple[Said, bytes]]:
        """Yield each message that is whole by now."""
        self._rest += data
        begin = 0
        while len(self._rest) - begin >= _HEAD.size:
            length, kind = _HEAD.unpack_from(self._rest, begin)
            if len(self._rest) - begin - _HEAD.size < length:
                break
            begin += _HEAD.size + length
            yield Said(kind), bytes(self._rest[begin - length : begin])
        del self._rest[:begin]


def pack_result(key: str, line: bytes, share: Share) -> bytes:
    """Return the content of a message about a result."""
    unmet = [list(vars(one).values()) for one in share.unmet]
    head = [key, share.status, share.summary, share.good, list(share.report), unmet]
    return json.dumps(head, separators=(",", ":")).encode("ascii") + b"\n" + line


def unpack_result(content: bytes) -> tuple[str, bytes, Share]:
    """Return its key, its line and what it adds."""
    head, unused, line = content.partition(b"\n")
    key, status, summary, good, report, unmet = json.loads(head)
    return key, line, Share(status, summary, good, report, [Unmet(*one) for one in unmet])


def pack_dealt(texts: Sequence[str]) -> bytes:
    """Return the content of a message with subjects of the list."""
    return json.dumps(texts).encode("ascii")


def unpack_dealt(content: bytes) -> list[str]:
    """Return the subjects."""
    texts: list[str] = json.loads(content)
    return texts


class Handed(NamedTuple):
    """A subject that is the *owner*'s to look at, the digest of its *servers*, and what is *known* of it."""

    owner: int
    text: str
    servers: bytes = NO_SERVERS
    known: bytes = b""


def pack_handed(handed: Handed) -> bytes:
    """Return the content of a message about such a subject."""
    head = _HANDED.pack(handed.owner, handed.servers, len(handed.known))
    return head + handed.known + handed.text.encode("utf-8", "surrogatepass")


def unpack_handed(content: bytes) -> Handed:
    """Return the subject."""
    owner, servers, length = _HANDED.unpack_from(content)
    begin = _HANDED.size + length
    return Handed(owner, content[begin:].decode("utf-8", "surrogatepass"), servers, content[_HANDED.size : begin])
