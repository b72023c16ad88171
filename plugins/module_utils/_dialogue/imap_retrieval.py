# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message of a probe found by IMAP, read and removed; and what other probes have left over, removed too.

A folder that cannot be opened is left out. Servers differ in what they take for a match, so the header decides; what only resembles the
message is looked at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import ImapDialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_data import flags, number, octets, structure, text
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_mailbox import PIECE, Deleted, ImapMailbox
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_response import Value
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Pause
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import (
    LARGEST_KEPT,
    LONGEST_HEADER,
    MOST_COPIES,
    MOST_GROWTH,
    MOST_LEFTOVERS,
    BodyDigest,
    Copy,
    Retrieval,
    RetrievalPhase,
    Sought,
    has_token,
    is_stale,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.steps import Stage, StepRecorder
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Script
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure

NEWEST = 1000
"""Messages of a folder among which the one sent just now is searched."""
NEWEST_LEFT = 10000
"""Messages of a folder among which those that other probes have left over are searched."""
_MORE_PIECES = 64
"""Pieces of a body that a server may take more than are needed, where it sends less than was asked for."""
_DETAILS = f"FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER]<0.{LONGEST_HEADER}>"


class ImapRetrieval:
    """Looks into one mailbox, by one connection that has logged in."""

    def __init__(
        self, dialogue: ImapDialogue, capabilities: Collection[str], sought: Sought, result: Retrieval, steps: StepRecorder
    ) -> None:
        self._dialogue, self._sought, self._result, self._steps = dialogue, sought, result, steps
        self._mailbox = ImapMailbox(dialogue, capabilities)
        self._folders: dict[str, bool] = {}
        self._ours: dict[str, list[int]] = {}
        self._others: set[tuple[str, int]] = set()
        self._searched = False

    def run(self) -> Script[None]:
        """Look for the message until it is there or patience ends; then read, remove and log out."""
        yield from self._list()
        yield from self._wait()
        for folder, uids in self._ours.items():
            opened = yield from self._open(folder)
            for uid in uids if opened else ():
                yield from self._fetch(folder, uid)
        yield from self._remove(self._ours)
        yield from self._leave()

    def clean(self) -> Script[None]:
        """Remove what other probes have left over, and log out."""
        yield from self._list()
        stale: dict[str, list[int]] = {}
        for folder in tuple(self._folders):
            opened = yield from self._open(folder)
            if opened:
                stale[folder] = yield from self._stale()
        if not self._searched:
            self._not_found(self._mailbox.reply)
        yield from self._remove(stale)
        yield from self._leave()

    def _list(self) -> Script[None]:
        junk = yield from self._mailbox.with_use("\\Junk") if self._sought.with_junk else _nothing()
        self._folders = {folder: folder in junk for folder in (*self._sought.folders, *junk)}

    def _leave(self) -> Script[None]:
        self._steps.begin(Stage.LOGOUT)
        left = yield from self._mailbox.logout()
        self._steps.end(left, self._mailbox.reply)

    def _wait(self) -> Script[None]:
        """Look until the message is there."""
        heard = ServerReply()
        while self._folders:
            for folder in tuple(self._folders):
                opened = yield from self._open(folder)
                if opened:
                    self._steps.begin(Stage.SEARCH)
                    said = yield from self._look(folder)
                    heard = said if folder in self._ours or not self._ours else heard
            self._result.looked += self._searched
            if self._ours:
                self._result.found_at = self._dialogue.at
                self._steps.end(True, heard)
                return
            if self._dialogue.at + self._sought.interval > self._sought.patience:
                break
            yield Pause(self._sought.interval, RetrievalPhase.SEARCH)
        self._not_found(heard)

    def _not_found(self, heard: ServerReply) -> None:
        if not self._folders:
            failure = Failure(ErrorKind.REJECTED, RetrievalPhase.SELECT, "the server opens none of the folders")
        elif not self._searched:
            failure = Failure(ErrorKind.REJECTED, RetrievalPhase.SEARCH, f"the server refuses to search: {heard.text}")
        else:
            failure = Failure(ErrorKind.NOT_FOUND, RetrievalPhase.SEARCH, "the message did not come in time")
        self._steps.end(False, heard, failure)
        self._dialogue.log.failure = self._dialogue.log.failure or failure

    def _open(self, folder: str) -> Script[bool]:
        """Select a folder, unless it is selected; the first time it is a step, and what the server says is kept."""
        if self._mailbox.selected == folder:
            return True
        known = any(one.folder == folder for one in self._result.folders)
        if not known:
            self._steps.begin(Stage.SELECT, folder)
        facts = yield from self._mailbox.open(folder, junk=self._folders[folder])
        if not known:
            self._steps.end(facts is not None, self._mailbox.reply)
        if facts is None:
            del self._folders[folder]
        elif not known:
            self._result.folders.append(facts)
        return facts is not None

    def _look(self, folder: str) -> Script[ServerReply]:
        """Search the folder that is selected, and return the server's word on it. What is found counts when its header has the token."""
        key = f'OR HEADER {self._sought.field} "{self._sought.token}" SUBJECT "{self._sought.token}"'
        uids = yield from self._search(key, NEWEST)
        heard = self._mailbox.reply
        for uid in [uid for uid in uids if (folder, uid) not in self._others][:MOST_COPIES]:
            header = yield from self._mailbox.piece(uid, f"HEADER.FIELDS ({self._sought.field})", 0, LONGEST_HEADER)
            if has_token(header, self._sought):
                self._ours.setdefault(folder, []).append(uid)
            else:
                self._others.add((folder, uid))
        return heard

    def _search(self, key: str, newest: int) -> Script[list[int]]:
        """Search the folder that is selected; a search that is refused says nothing of what is there."""
        uids = yield from self._mailbox.search(key, newest)
        self._searched = self._searched or self._mailbox.reply.status == "ok"
        return uids

    def _fetch(self, folder: str, uid: int) -> Script[None]:
        """Read a message: its details and header, and its body piece by piece."""
        self._steps.begin(Stage.FETCH, folder)
        told = yield from self._mailbox.read(uid, _DETAILS)
        reply = self._mailbox.reply
        if told:
            body = yield from self._body(uid, number(told.get("RFC822.SIZE")))
            self._result.copies.append(self._copy(folder, uid, told, octets(told.get("BODY[HEADER]")), body))
        else:  # it is there, whether or not it can be read
            self._result.copies.append(Copy(folder, self._folders[folder], str(uid), b""))
        self._steps.end(bool(told), reply)

    def _copy(self, folder: str, uid: int, told: dict[str, Value], header: bytes, body: tuple[bool | None, bytes | None]) -> Copy:
        unchanged, kept = body
        return Copy(
            folder=folder,
            junk=self._folders[folder],
            identifier=str(uid),
            header=header,
            size=number(told.get("RFC822.SIZE")),
            flags=flags(told.get("FLAGS")),
            internal_date=text(told.get("INTERNALDATE")),
            structure=structure(told.get("BODYSTRUCTURE")),
            unchanged=unchanged,
            whole=header + kept if kept is not None and len(header) < LONGEST_HEADER else None,
        )

    def _body(self, uid: int, size: int | None) -> Script[tuple[bool | None, bytes | None]]:
        """Compare the body with the one that was sent; one that is much larger is another without being read."""
        if size is not None and size > self._sought.size + MOST_GROWTH:
            return False, None
        digest, kept = BodyDigest(), bytearray()
        largest, pieces = self._sought.size + MOST_GROWTH, 0
        while digest.size <= largest:
            pieces += 1
            if pieces > _MORE_PIECES + largest // PIECE:
                return None, None
            piece = yield from self._mailbox.piece(uid, "TEXT", digest.size)
            if not piece:
                whole = bytes(kept) if digest.size <= LARGEST_KEPT else None
                return digest.hexdigest() == self._sought.body, whole
            digest.feed(piece)
            if digest.size <= LARGEST_KEPT:
                kept += piece
        return False, None

    def _remove(self, messages: Mapping[str, Sequence[int]]) -> Script[None]:
        """Remove messages, by folder."""
        cleanup = self._result.cleanup
        cleanup.found += sum(len(uids) for uids in messages.values())
        for folder, uids in messages.items():
            if not uids:
                continue
            self._steps.begin(Stage.DELETE, folder)
            opened = yield from self._open(folder)
            deleted = yield from self._mailbox.delete(uids) if opened else _not_open(self._mailbox.reply)
            cleanup.removed += deleted.gone
            failure = None
            if deleted.reason is not None:
                failure = Failure(ErrorKind.CLEANUP_FAILED, RetrievalPhase.DELETE, f"{folder}: {deleted.reason}")
                cleanup.failure = cleanup.failure or failure
            self._steps.end(failure is None, deleted.reply, failure)

    def _stale(self) -> Script[list[int]]:
        """The messages in the folder that is selected that other probes have left over."""
        found = yield from self._search(f'HEADER {self._sought.field} "{self._sought.prefix}"', NEWEST_LEFT)
        stale: list[int] = []
        for uid in found[-MOST_LEFTOVERS:]:
            section = f"HEADER.FIELDS ({self._sought.field} Date)"
            header = yield from self._mailbox.piece(uid, section, 0, LONGEST_HEADER)
            if is_stale(header, self._sought):
                stale.append(uid)
        return stale


def _not_open(reply: ServerReply) -> Script[Deleted]:
    return Deleted(0, reply, "the folder cannot be opened any more")
    yield  # makes it a script


def _nothing() -> Script[list[str]]:
    return []
    yield  # makes it a script
