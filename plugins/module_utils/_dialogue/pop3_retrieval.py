# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message of a probe found by POP3, read and removed; and what other probes have left over, removed too.

A mailbox is shown as it was at the login, so each look is a connection of its own. The newest message comes first, and no look goes
further than a limit: a mailbox may have 100,000 messages. What an earlier look has seen is not looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Dialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_mailbox import Pop3Mailbox
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import (
    LARGEST_KEPT,
    MOST_COPIES,
    MOST_GROWTH,
    MOST_LEFTOVERS,
    BodyDigest,
    Copy,
    FolderFacts,
    Retrieval,
    RetrievalPhase,
    Sought,
    has_token,
    is_stale,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.steps import Stage, StepRecorder
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Ended, Script
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure

FOLDER = "INBOX"
NEWEST = 100
"""Messages among which the one sent just now is looked for."""
NEWEST_LEFT = 1000
"""Messages among which those that other probes have left over are looked for."""
LONGEST_CLEANING = 30.0
"""Seconds that the search for what is left over may take, as each message is asked for by itself."""


class Pop3Retrieval:
    """One look into a mailbox, by one connection that has logged in.

    *seen* is shared by all looks: the unique identifiers of messages that are not the one.
    """

    def __init__(self, dialogue: Pop3Dialogue, sought: Sought, result: Retrieval, steps: StepRecorder, seen: set[str]) -> None:
        self._dialogue, self._sought, self._result, self._steps, self._seen = dialogue, sought, result, steps, seen
        self._mailbox = Pop3Mailbox(dialogue)

    def run(self) -> Script[bool]:
        """Take one look; return whether it was the last one that is needed: the message is there, or patience is at its end."""
        count = yield from self._count()
        self._steps.begin(Stage.SEARCH)
        reply = self._mailbox.reply
        ours = yield from self._look(count)
        self._result.looked += 1
        last = self._dialogue.at + self._sought.interval > self._sought.patience
        if ours:
            self._result.found_at = self._dialogue.at
            self._steps.end(True, reply)
            for number, identifier in ours.items():
                yield from self._fetch(number, identifier)
            yield from self._remove(list(ours))
        elif last:
            failure = Failure(ErrorKind.NOT_FOUND, RetrievalPhase.SEARCH, "the message did not come in time")
            self._steps.end(False, reply, failure)
            self._dialogue.log.failure = self._dialogue.log.failure or failure
        yield from self._leave(told=bool(ours) or last)
        return bool(ours) or last

    def clean(self) -> Script[None]:
        """Remove what other probes have left over, within a limit of messages and of time, and take leave."""
        count = yield from self._count()
        until = self._dialogue.at + LONGEST_CLEANING
        stale: list[int] = []
        for number in range(count, max(0, count - NEWEST_LEFT), -1):
            header = yield from self._header(number)
            if header is not None and is_stale(header, self._sought):
                stale.append(number)
            if self._dialogue.at > until or len(stale) >= MOST_LEFTOVERS:
                break
        if stale:
            yield from self._remove(stale)
        yield from self._leave(told=bool(stale))

    def _count(self) -> Script[int]:
        """Ask how many messages there are; the first time it is a step."""
        first = not self._result.folders
        if first:
            self._steps.begin(Stage.SELECT, FOLDER)
        told = yield from self._mailbox.stat()
        if first:
            self._steps.end(told is not None, self._mailbox.reply)
            count, octets = told or (None, None)
            self._result.folders.append(FolderFacts(FOLDER, exists=count, octets=octets))
        if told is None:
            raise Ended(ErrorKind.REJECTED, f"the server does not tell how many messages there are: {self._mailbox.reply.text}")
        return told[0]

    def _look(self, count: int) -> Script[dict[int, str]]:
        """Look at the newest messages, up to one that an earlier look has passed by, as then all older ones are known."""
        ours: dict[int, str] = {}
        for number in range(count, max(0, count - NEWEST), -1):
            identifier = yield from self._mailbox.identifier(number)
            if identifier is not None and identifier in self._seen:
                break
            header = yield from self._header(number)
            if header is not None and has_token(header, self._sought):
                ours[number] = identifier or str(number)
            elif identifier is not None:
                self._seen.add(identifier)
            if len(ours) >= MOST_COPIES:
                break
        return ours

    def _header(self, number: int) -> Script[bytes | None]:
        """The header of a message. A server without TOP has to send the whole of it, so only small ones are asked for."""
        header = yield from self._mailbox.header(number)
        if header is not None:
            return header
        size = yield from self._mailbox.size(number)
        if size is None or size > self._sought.size + MOST_GROWTH:
            return None
        kept = bytearray()
        told = yield from self._mailbox.text(RetrievalPhase.SEARCH, f"RETR {number}", kept.extend, 2 * (self._sought.size + MOST_GROWTH))
        return bytes(kept) if told else None

    def _fetch(self, number: int, identifier: str) -> Script[None]:
        """Read a message that is ours; one that is much larger than what was sent is another without being read."""
        self._steps.begin(Stage.FETCH, FOLDER)
        size = yield from self._mailbox.size(number)
        message = _Arriving()
        if size is not None and size <= self._sought.size + MOST_GROWTH:
            most = 2 * (self._sought.size + MOST_GROWTH)
            yield from self._mailbox.text(RetrievalPhase.FETCH, f"RETR {number}", message.take, most)
            unchanged: bool | None = message.body.hexdigest() == self._sought.body
        else:
            header = yield from self._mailbox.header(number)
            message.header += header or b""
            unchanged = False if size is not None else None
        self._steps.end(bool(message.header), self._mailbox.reply)
        whole = bytes(message.whole) if message.small and message.whole else None
        self._result.copies.append(Copy(FOLDER, False, identifier, bytes(message.header), size, unchanged=unchanged, whole=whole))

    def _remove(self, numbers: Sequence[int]) -> Script[None]:
        """Mark messages as deleted; they go with QUIT."""
        self._steps.begin(Stage.DELETE, FOLDER)
        cleanup = self._result.cleanup
        cleanup.found += len(numbers)
        failure = None
        for number in numbers:
            deleted = yield from self._mailbox.delete(number)
            if not deleted and failure is None:
                text = f"the server refuses to delete it: {self._mailbox.reply.text}"
                failure = cleanup.failure = Failure(ErrorKind.CLEANUP_FAILED, RetrievalPhase.DELETE, text)
            self._marked += deleted
        self._steps.end(failure is None, self._mailbox.reply, failure)

    _marked = 0

    def _leave(self, *, told: bool) -> Script[None]:
        """Take leave, without which nothing is deleted; *told*: as a step of its own."""
        if told:
            self._steps.begin(Stage.LOGOUT)
        gone = yield from self._mailbox.quit()
        if told:
            self._steps.end(gone, self._mailbox.reply)
        cleanup = self._result.cleanup
        if gone:
            cleanup.removed += self._marked
        elif self._marked and cleanup.failure is None:
            text = f"the server did not remove it at QUIT: {self._mailbox.reply.text}"
            cleanup.failure = Failure(ErrorKind.CLEANUP_FAILED, RetrievalPhase.DELETE, text)


class _Arriving:
    """A message while its pieces arrive: the header is kept, the body is digested, and all of it is kept while it is small."""

    def __init__(self) -> None:
        self.header = bytearray()
        self.body = BodyDigest()
        self.whole = bytearray()
        self.small = True
        self._in_body = False

    def take(self, piece: bytes) -> None:
        """Take the next piece."""
        self.small = self.small and len(self.whole) + len(piece) <= LARGEST_KEPT
        if self.small:
            self.whole += piece
        if self._in_body:
            self.body.feed(piece)
            return
        self.header += piece
        end = self.header.find(b"\r\n\r\n", max(0, len(self.header) - len(piece) - 3))
        if end >= 0 or len(self.header) > LARGEST_KEPT:
            self._in_body = True
            at = end + 4 if end >= 0 else len(self.header)
            self.body.feed(bytes(self.header[at:]))
            del self.header[at:]
