# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done in a mailbox by IMAP: open a folder, search, read in pieces, delete (RFC 9051 section 6.3 and 6.4, RFC 6154, RFC 4315).

Messages are named by UID. Nothing that is read becomes seen. Deleting takes away nothing of others: where the server cannot expunge
single messages and others are marked as deleted, nothing is expunged.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import Completed, ImapDialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_data import (
    exists_after,
    fetched,
    folder_facts,
    found_uids,
    listed,
    octets,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_login import quoted
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_names import encoded_name
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_response import ImapStatus, ResponseKind, Value
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import Limits
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import FolderFacts, RetrievalPhase
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply, of_imap
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxPhase, Script
from ansible_collections.mailops.tls.plugins.module_utils._errors import Phase

PIECE = 512 * 1024
"""Bytes of a message that are asked for at a time."""
LIMITS = Limits(line=1024 * 1024, literal=PIECE + 1024, together=2 * 1024 * 1024)
"""What a server may send when messages are read."""
_NEWS = ("LIST", "SEARCH", "FETCH", "EXISTS", "RECENT", "EXPUNGE", "FLAGS")


@dataclass(frozen=True)
class Deleted:
    """What became of messages that were to be deleted: how many are gone, the server's word, and why not all, where that is so."""

    gone: int
    reply: ServerReply
    reason: str | None = None


class ImapMailbox:
    """One mailbox, by one connection that has logged in."""

    def __init__(self, dialogue: ImapDialogue, capabilities: Collection[str]) -> None:
        self._dialogue = dialogue
        self._capabilities = capabilities
        self._exists = 0
        self._selected: str | None = None
        self.reply = ServerReply()
        """The server's last word."""

    def command(self, phase: Phase, line: str) -> Script[Completed]:
        """Send a command; how it ended is the last word then."""
        completed = yield from self._dialogue.command(phase, line, wanted=_NEWS)
        self._exists = exists_after(self._exists, completed.untagged)
        self.reply = of_imap(completed.tagged)
        return completed

    def with_use(self, use: str) -> Script[list[str]]:
        """Return the folders that have this use (RFC 6154), as far as the server tells such."""
        if "SPECIAL-USE" not in self._capabilities:
            return []
        completed = yield from self.command(RetrievalPhase.SELECT, 'LIST (SPECIAL-USE) "" "*"')
        return listed(completed, use) if completed.ok else []

    def open(self, folder: str, *, junk: bool = False) -> Script[FolderFacts | None]:
        """Select a folder; None where the server refuses. A folder that is selected already is selected anew."""
        self._selected = None
        line = "SELECT " + quoted(encoded_name(folder)).decode("ascii")
        completed = yield from self.command(RetrievalPhase.SELECT, line)
        if not completed.ok:
            return None
        self._selected = folder
        facts = folder_facts(folder, completed, junk=junk)
        self._exists = facts.exists or 0
        return facts

    @property
    def selected(self) -> str | None:
        """The folder that is selected."""
        return self._selected

    def search(self, key: str, newest: int) -> Script[list[int]]:
        """Ask for news, which some servers tell only then, and search among the newest messages; the newest first."""
        yield from self.command(RetrievalPhase.SEARCH, "NOOP")
        if not self._exists:
            return []
        found = yield from self._uids(RetrievalPhase.SEARCH, f"{max(1, self._exists - newest + 1)}:* {key}")
        return found

    def _uids(self, phase: Phase, key: str) -> Script[list[int]]:
        completed = yield from self.command(phase, f"UID SEARCH {key}")
        return found_uids(completed) if completed.ok else []

    def read(self, uid: int, items: str) -> Script[dict[str, Value]]:
        """Return what FETCH tells of a message; nothing where it is gone, or the server refuses."""
        completed = yield from self.command(RetrievalPhase.FETCH, f"UID FETCH {uid} (UID {items})")
        return fetched(completed, uid) if completed.ok else {}

    def piece(self, uid: int, section: str, start: int, size: int = PIECE) -> Script[bytes]:
        """Return a piece of a section; an empty one behind its end."""
        told = yield from self.read(uid, f"BODY.PEEK[{section}]<{start}.{size}>")
        # A server may write the section in its own way, with the names of fields quoted; no other one was asked for.
        return octets(next((value for name, value in told.items() if name.startswith("BODY[")), None))

    def delete(self, uids: Sequence[int]) -> Script[Deleted]:
        """Delete messages for good."""
        named = ",".join(str(uid) for uid in uids)
        stored = yield from self.command(RetrievalPhase.DELETE, f"UID STORE {named} +FLAGS.SILENT (\\Deleted)")
        if not stored.ok:
            return Deleted(0, self.reply, f"the server refuses to mark it as deleted: {stored.tagged.text}")
        if self._capabilities_have("UIDPLUS", "IMAP4REV2"):
            expunged = yield from self.command(RetrievalPhase.DELETE, f"UID EXPUNGE {named}")
        else:
            marked = yield from self._uids(RetrievalPhase.DELETE, "DELETED")
            if set(marked) - set(uids):
                text = "other messages are marked as deleted too, and this server cannot remove single ones (it has no UIDPLUS)"
                return Deleted(0, self.reply, text)
            expunged = yield from self.command(RetrievalPhase.DELETE, "EXPUNGE")
        if not expunged.ok:
            return Deleted(0, self.reply, f"the server refuses to remove it: {expunged.tagged.text}")
        reply = self.reply
        left = yield from self._uids(RetrievalPhase.DELETE, f"UID {named}") if self._exists else _none()
        gone = len(set(uids) - set(left))
        return Deleted(gone, reply, None if gone == len(uids) else "the server says that it removed it, and it is still there")

    def _capabilities_have(self, *names: str) -> bool:
        return any(name in self._capabilities for name in names)

    def logout(self) -> Script[bool]:
        """Log out; return whether the server took its leave as it should (RFC 9051 section 6.1.3)."""
        tag, self._dialogue.left = self._dialogue.new_tag(), True
        yield from self._dialogue.say(MailboxPhase.LOGOUT, f"{tag} LOGOUT".encode("ascii"))
        for _response in range(64):
            response = yield from self._dialogue.response()
            if response.kind is ResponseKind.TAGGED and response.tag == tag:
                self.reply = of_imap(response)
                return response.status is ImapStatus.OK
        return False


def _none() -> Script[list[int]]:
    return []
    yield  # makes it a script
