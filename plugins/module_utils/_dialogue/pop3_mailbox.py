# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done in a mailbox by POP3: count, look at the beginning of a message, read one in pieces, delete (RFC 1939).

A message is named by its number, which holds for one connection, and by its unique identifier, which holds for ever. A deletion
counts when QUIT is answered with +OK, and not before (section 6).
"""

from __future__ import annotations

import re
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Dialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_reply import Pop3Reply, Pop3Status
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import LONGEST_HEADER, RetrievalPhase
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply, of_pop3
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Ended, MailboxPhase, Script
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Phase

_NUMBERS = re.compile(r"([0-9]{1,18}) +([0-9]{1,18})(?= |\Z)")


class Pop3Mailbox:
    """One mailbox as it was at the login, by one connection that has logged in."""

    def __init__(self, dialogue: Pop3Dialogue) -> None:
        self._dialogue = dialogue
        self.reply = ServerReply()
        """The server's last word."""

    def command(self, phase: Phase, line: str) -> Script[Pop3Reply]:
        """Send a command; its first line is the last word then."""
        reply = yield from self._dialogue.command(phase, line.encode("ascii"))
        self.reply = of_pop3(reply)
        return reply

    def stat(self) -> Script[tuple[int, int] | None]:
        """Return how many messages there are, and how many octets; None where the server does not tell."""
        reply = yield from self.command(RetrievalPhase.SELECT, "STAT")
        return _two_numbers(reply)

    def identifier(self, number: int) -> Script[str | None]:
        """Return the unique identifier of a message; None where the server has none."""
        reply = yield from self.command(RetrievalPhase.SEARCH, f"UIDL {number}")
        words = reply.text.split()
        return words[1] if reply.status is Pop3Status.OK and len(words) == 2 and words[0] == str(number) else None

    def size(self, number: int) -> Script[int | None]:
        """Return the octets of a message; None where the server does not tell."""
        reply = yield from self.command(RetrievalPhase.FETCH, f"LIST {number}")
        told = _two_numbers(reply)
        return told[1] if told and told[0] == number else None

    def header(self, number: int) -> Script[bytes | None]:
        """Return the header of a message, cut at `LONGEST_HEADER`; None where there is no TOP, or no such message."""
        kept = bytearray()
        done = yield from self.text(RetrievalPhase.SEARCH, f"TOP {number} 0", lambda piece: _keep(kept, piece), 4 * LONGEST_HEADER)
        return bytes(kept) if done else None

    def text(self, phase: Phase, line: str, take: Callable[[bytes], None], most: int) -> Script[bool]:
        """Send a command that a text answers, and hand the text over piece by piece; return whether there was one.

        A text of more than *most* bytes ends the dialogue.
        """
        reader = self._dialogue.reader
        reply = yield from self.command(phase, line)
        if reply.status is not Pop3Status.OK:
            return False
        reader.begin_text()
        size = 0
        while True:
            piece = yield from self._dialogue.wait(reader.next_piece)
            if not piece:
                return True
            size += len(piece)
            if size > most:
                raise Ended(ErrorKind.LIMIT_EXCEEDED, f"a message of more than {most} bytes, which is more than the server said")
            take(piece)

    def delete(self, number: int) -> Script[bool]:
        """Mark a message as deleted; return whether the server will remove it at QUIT."""
        reply = yield from self.command(RetrievalPhase.DELETE, f"DELE {number}")
        return reply.status is Pop3Status.OK

    def quit(self) -> Script[bool]:
        """Take leave; return whether the server has removed what was marked."""
        self._dialogue.left = True
        reply = yield from self.command(MailboxPhase.LOGOUT, "QUIT")
        return reply.status is Pop3Status.OK


def _keep(kept: bytearray, piece: bytes) -> None:
    kept += piece[: LONGEST_HEADER - len(kept)]


def _two_numbers(reply: Pop3Reply) -> tuple[int, int] | None:
    found = _NUMBERS.match(reply.text) if reply.status is Pop3Status.OK else None
    return (int(found[1]), int(found[2])) if found else None
