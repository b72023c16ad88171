# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes in memory, spoken to by IMAP or POP3 line by line, for dialogues that are driven without sockets or a clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Finished, Pause, Receive, Send, StartTls, Step
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Talk


@dataclass
class Stored:
    """A message in a folder."""

    uid: int
    content: bytes
    flags: set[str] = field(default_factory=set)

    @property
    def header(self) -> bytes:
        return self.content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    @property
    def text(self) -> bytes:
        return self.content.partition(b"\r\n\r\n")[2]

    def named(self, name: str) -> str:
        return str(BytesHeaderParser().parsebytes(self.header).get(name, ""))


class Folders:
    """What both servers keep; it outlives connections."""

    def __init__(self, *names: str) -> None:
        self.folders: dict[str, list[Stored]] = {name: [] for name in names or ("INBOX",)}
        self._next = 0

    def add(self, content: bytes, folder: str = "INBOX", *flags: str) -> Stored:
        self._next += 1
        stored = Stored(self._next, content, set(flags))
        self.folders[folder].append(stored)
        return stored

    @property
    def all(self) -> list[Stored]:
        return [one for folder in self.folders.values() for one in folder]


class ImapServer:
    """One connection of IMAP, logged in."""

    def __init__(self, world: Folders, *capabilities: str, refuse: dict[str, str] | None = None) -> None:
        self.world = world
        self.capabilities = capabilities or ("IMAP4rev1", "UIDPLUS", "SPECIAL-USE")
        self.refuse = refuse or {}
        self.said: list[str] = []
        self._selected: list[Stored] = []
        self._known = 0

    greeting = b"* OK ready\r\n"

    def answer(self, line: str) -> bytes:
        """Return what the server says to a command."""
        self.said.append(line)
        tag, _space, rest = line.partition(" ")
        for begins, reply in self.refuse.items():
            if rest.startswith(begins):
                return f"{tag} {reply}\r\n".encode()
        word = rest.split(" ")[0] if not rest.startswith("UID ") else " ".join(rest.split(" ")[:2])
        handler: Callable[[str], bytes] = getattr(self, "_" + word.lower().replace(" ", "_"))
        return handler(rest) + (b"" if word == "LOGOUT" else self._news()) + f"{tag} OK {self._code(word)}done\r\n".encode()

    def _code(self, word: str) -> str:
        return "[READ-WRITE] " if word == "SELECT" else ""

    def _news(self) -> bytes:
        if self._known == len(self._selected):
            return b""
        self._known = len(self._selected)
        return b"* %d EXISTS\r\n" % self._known

    def _capability(self, rest: str) -> bytes:
        return f"* CAPABILITY {' '.join(self.capabilities)}\r\n".encode()

    def _noop(self, rest: str) -> bytes:
        return b""

    def _logout(self, rest: str) -> bytes:
        return b"* BYE so long\r\n"

    def _list(self, rest: str) -> bytes:
        return b"".join(b'* LIST (\\HasNoChildren \\Junk) "/" "%s"\r\n' % name.encode() for name in self.world.folders if name != "INBOX")

    def _select(self, rest: str) -> bytes:
        self._selected = self.world.folders[rest.partition('"')[2].rstrip('"')]
        self._known = len(self._selected)
        return (
            b"* FLAGS (\\Answered \\Deleted)\r\n* OK [PERMANENTFLAGS (\\Deleted \\*)] flags\r\n"
            b"* %d EXISTS\r\n* 0 RECENT\r\n* OK [UNSEEN 1] first\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 99] next\r\n" % self._known
        )

    def _uid_search(self, rest: str) -> bytes:
        key = rest[len("UID SEARCH ") :]
        found = [one for number, one in enumerate(self._selected, 1) if self._matches(one, number, key)]
        return f"* SEARCH {' '.join(str(one.uid) for one in found)}".rstrip().encode() + b"\r\n"

    def _matches(self, one: Stored, number: int, key: str) -> bool:
        if key == "DELETED":
            return "\\Deleted" in one.flags
        if key.startswith("UID "):
            return one.uid in self._set(key[4:])
        first, _space, rest = key.partition(":* ")
        words = re.findall(r'HEADER (\S+) "([^"]*)"', rest) + [("Subject", text) for text in re.findall(r'SUBJECT "([^"]*)"', rest)]
        return number >= int(first) and any(text in one.named(name) for name, text in words)

    @staticmethod
    def _set(text: str) -> set[int]:
        return {int(word) for word in text.split(",")}

    def _uid_fetch(self, rest: str) -> bytes:
        uid = int(rest.split(" ")[2])
        for number, one in enumerate(self._selected, 1):
            if one.uid == uid:
                return b"* %d FETCH (UID %d%s)\r\n" % (number, uid, b"".join(self._items(one, rest)))
        return b""

    def _items(self, one: Stored, rest: str) -> list[bytes]:
        found = []
        if "RFC822.SIZE" in rest:
            found.append(b' FLAGS (\\Recent) INTERNALDATE "29-Nov-2026 01:00:00 +0000" RFC822.SIZE %d' % len(one.content))
            found.append(b' BODYSTRUCTURE ("text" "plain" ("charset" "us-ascii") NIL NIL "7BIT" 10 1)')
        for section, start, size in re.findall(r"BODY\.PEEK\[([^\]]*)\]<(\d+)\.(\d+)>", rest):
            whole = {"HEADER": one.header, "TEXT": one.text}.get(section, one.header)
            piece = whole[int(start) : int(start) + int(size)]
            found.append(b" BODY[%s]<%s> {%d}\r\n%s" % (section.encode(), start.encode(), len(piece), piece))
        return found

    def _uid_store(self, rest: str) -> bytes:
        for one in self._selected:
            if one.uid in self._set(rest.split(" ")[2]):
                one.flags.add("\\Deleted")
        return b""

    def _expunge(self, rest: str) -> bytes:
        return self._gone(lambda one: True)

    def _uid_expunge(self, rest: str) -> bytes:
        named = self._set(rest.split(" ")[2])
        return self._gone(lambda one: one.uid in named)

    def _gone(self, meant: Callable[[Stored], bool]) -> bytes:
        said = b""
        for number in range(len(self._selected), 0, -1):
            one = self._selected[number - 1]
            if "\\Deleted" in one.flags and meant(one):
                del self._selected[number - 1]
                said += b"* %d EXPUNGE\r\n" % number
        self._known = len(self._selected)
        return said


class Pop3Server:
    """One connection of POP3, logged in: the mailbox as it is now."""

    def __init__(self, world: Folders, *, without: tuple[str, ...] = (), refuse: dict[str, str] | None = None) -> None:
        self.world = world
        self.without, self.refuse = without, refuse or {}
        self.said: list[str] = []
        self._messages = list(world.folders["INBOX"])
        self._marked: list[Stored] = []

    greeting = b"+OK ready\r\n"

    def answer(self, line: str) -> bytes:
        """Return what the server says to a command."""
        self.said.append(line)
        words = line.split(" ")
        if words[0] in self.without:
            return b"-ERR unknown command\r\n"
        if words[0] in self.refuse:
            return f"{self.refuse[words[0]]}\r\n".encode()
        if words[0] == "CAPA":
            return b"+OK\r\nTOP\r\nUIDL\r\nUSER\r\n.\r\n"
        if words[0] == "STAT":
            return b"+OK %d %d\r\n" % (len(self._messages), sum(len(one.content) for one in self._messages))
        if words[0] == "QUIT":
            self.world.folders["INBOX"] = [one for one in self.world.folders["INBOX"] if one not in self._marked]
            return b"+OK bye\r\n"
        return self._message(words[0], int(words[1]))

    def _message(self, word: str, number: int) -> bytes:
        one = self._messages[number - 1]
        if word == "UIDL":
            return b"+OK %d u%d\r\n" % (number, one.uid)
        if word == "LIST":
            return b"+OK %d %d\r\n" % (number, len(one.content))
        if word == "DELE":
            self._marked.append(one)
            return b"+OK marked\r\n"
        content = one.content if word == "RETR" else one.header
        return b"+OK\r\n" + re.sub(rb"(\A|\n)\.", rb"\1..", content) + b".\r\n"


@dataclass
class Driven:
    """What came of a dialogue: how many steps were taken, and whether it came to its end."""

    steps: int
    over: bool


def drive(
    dialogue: Talk,
    server: ImapServer | Pop3Server,
    *,
    steps: int = 100_000,
    chunk: int = 65536,
    later: Callable[[float], None] = lambda now: None,
) -> Driven:
    """Drive a dialogue with a server in memory, each step taking a millisecond.

    Args:
        dialogue: the client.
        server: the server, after the login.
        steps: after so many the client is killed.
        chunk: bytes that arrive at a time.
        later: is told the time before each step, to let things happen.
    """
    now, waiting, sent = 0.0, bytearray(server.greeting), b""
    for number in range(steps):
        now += 0.001
        later(now)
        step: Step = dialogue.next_step(now)
        if isinstance(step, Finished):
            return Driven(number, True)
        if isinstance(step, Pause):
            now += step.seconds
        elif isinstance(step, StartTls):
            dialogue.tls_started(now)
        elif isinstance(step, Send):
            sent += step.data
            while b"\r\n" in sent:
                line, _end, sent = sent.partition(b"\r\n")
                waiting += server.answer(line.decode())
        else:
            assert isinstance(step, Receive) and waiting, f"the client waits in vain in {step}"
            dialogue.receive(bytes(waiting[:chunk]))
            del waiting[:chunk]
    return Driven(steps, False)
