# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes that are hostile to whoever looks for a message in them, after the login: they lie about numbers, sizes and contents."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Union

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import RetrievalPhase
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.tests.hostile.dialogue_servers import NASTY
from ansible_collections.mailops.tls.tests.hostile.hostile import End
from ansible_collections.mailops.tls.tests.hostile.mailbox import Move, flood, tls
from ansible_collections.mailops.tls.tests.unit.makers.retrieving import MINE, OLD, message
from ansible_collections.mailops.tls.tests.unit.servers.mailbox_servers import Folders, ImapServer, Pop3Server, Stored
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script

Server = Union[ImapServer, Pop3Server]
STRANGER = b"Subject: hello\r\nX-Mailops-Probe: not ours\r\n\r\nhi\r\n"
FORGED = b"Subject: hello\r\n.\r\n+OK 1 99\r\n"
_SELECT, _SEARCH, _FETCH, _DELETE = RetrievalPhase.SELECT, RetrievalPhase.SEARCH, RetrievalPhase.FETCH, RetrievalPhase.DELETE


@dataclass(frozen=True)
class HostileRetrieval:
    """One mailbox, and one look into it.

    Attributes:
        name: what the server does.
        make: makes the server of a mailbox.
        ends: what the look may end with; none where it comes to its end.
        found: how many copies of our message are told.
        removed: how many messages are told to be removed.
        strangers: messages of others in the mailbox, of which none may be missing then.
        behind: what the server does instead of answering, for a command that matches.
        ours: our message, None where there is none.
        clean: clean up after other probes in place of looking for our message.
        waits: whether it has to come to a time limit.
    """

    name: str
    make: Callable[[Folders], Server]
    ends: tuple[End, ...] = ()
    found: int = 1
    removed: int = 1
    strangers: int = 3
    behind: tuple[re.Pattern[str], Move] | None = None
    ours: bytes | None = message()
    clean: bool = False
    waits: bool = False


def serve(make: Callable[[], Server], behind: tuple[re.Pattern[str], Move] | None = None) -> Script:
    """Serve a mailbox inside TLS, whoever asks."""

    async def script(peer: Peer) -> None:
        await tls(peer)
        server = make()
        await peer.send(server.greeting)
        while line := await peer.hear():
            text = line.decode()
            if behind is not None and behind[0].search(text):
                await behind[1](peer) if callable(behind[1]) else await peer.send(behind[1])
                await peer.hang()
            await peer.send(server.answer(text))

    return script


def instead(pattern: str, move: Move) -> tuple[re.Pattern[str], Move]:
    """Make a move in place of the answer to a command."""
    return re.compile(pattern), move


def imap(refuse: dict[str, str] | None = None, *capabilities: str) -> Callable[[Folders], ImapServer]:
    """Make an honest server that refuses some commands."""
    return lambda world: ImapServer(world, *capabilities, refuse=refuse)


def pop3(refuse: dict[str, str] | None = None, *without: str) -> Callable[[Folders], Pop3Server]:
    """Make an honest server that refuses some commands and does not know others."""
    return lambda world: Pop3Server(world, refuse=refuse, without=without)


@dataclass
class Large(Stored):
    """A message of which no piece is copied before it is sent, so that what memory is needed is the client's."""

    @property
    def header(self) -> bytes:
        return self.content[: self.content.find(b"\r\n\r\n") + 4]

    @property
    def text(self) -> bytes:
        return memoryview(self.content)[len(self.header) :]  # type: ignore[return-value]


class Lying(ImapServer):
    """Replaces what it would say to a command by what a function makes of it. It has no folder but INBOX."""

    def __init__(self, world: Folders, change: Callable[[str, bytes], bytes]) -> None:
        super().__init__(world, refuse={'SELECT "junk': "NO it is not there"})
        self._change = change

    def answer(self, line: str) -> bytes:
        return self._change(line, super().answer(line))


class LyingPop3(Pop3Server):
    """The same by POP3."""

    def __init__(self, world: Folders, change: Callable[[str, bytes], bytes], *without: str) -> None:
        super().__init__(world, without=without)
        self._change = change

    def answer(self, line: str) -> bytes:
        return self._change(line, super().answer(line))


class AsItCame(Pop3Server):
    """Passes on line ends as they came, and doubles dots behind CR LF only."""

    def _message(self, word: str, number: int) -> bytes:
        if word not in ("TOP", "RETR"):
            return super()._message(word, number)
        one: Stored = self._messages[number - 1]
        return b"+OK\r\n" + one.content.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def lies(to: str, change: Callable[[bytes], bytes]) -> Callable[[Folders], ImapServer]:
    """Change what is said to commands that match."""
    return lambda world: Lying(world, lambda line, said: change(said) if re.search(to, line) else said)


def lies_by_pop3(to: str, change: Callable[[bytes], bytes], *without: str) -> Callable[[Folders], Pop3Server]:
    """The same by POP3."""
    return lambda world: LyingPop3(world, lambda line, said: change(said) if re.search(to, line) else said, *without)


def ahead(data: bytes) -> Callable[[bytes], bytes]:
    """Say this before what is due."""
    return lambda said: data + said


def sub(pattern: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Say something in another place."""
    return lambda said: re.sub(pattern, lambda _found: new, said, flags=re.DOTALL)


_FOUND = rb"\* SEARCH[^\r]*"
_LARGE = message(body=b"x" * 50_000_000 + b"\r\n")
_JUNK = b"".join(b'* LIST (\\Junk) "/" "junk%d"\r\n' % number for number in range(400))
_NASTY_JUNK = b'* LIST (\\Junk) "/" {%d}\r\n' % len(NASTY) + NASTY + b"\r\n"
_DEEP = b'("a" ' * 60 + b'"b"' + b")" * 60
_FORGED_HEADER = f"X-Mailops-Probe: {OLD}\r\nDate: 1 Jan 2020 00:00:00 +0000\r\n".encode()
_FORGING = b"Subject: hello\n.\n+OK 2 x\r\n+OK\r\n" + _FORGED_HEADER + b"\r\n.\r\n" + b"+OK\r\n" * 9 + b"\r\nhi\r\n"
LIMIT, NOT_FOUND, ODD = ErrorKind.LIMIT_EXCEEDED, ErrorKind.NOT_FOUND, ErrorKind.PROTOCOL_ERROR

BY_IMAP: tuple[HostileRetrieval, ...] = (
    HostileRetrieval("IMAP: 100,000 messages", imap(), strangers=100_000),
    HostileRetrieval("IMAP: 100,000 messages to clean up among", imap(), found=0, removed=1, strangers=100_000, clean=True),
    HostileRetrieval("IMAP: a message of 50 MB", imap(), ours=_LARGE),
    HostileRetrieval("IMAP: a message of 50 MB that is said to be small", lies("RFC822", sub(rb"RFC822.SIZE [0-9]+", b"RFC822.SIZE 9")),
                     ours=_LARGE),
    HostileRetrieval("IMAP: a message in pieces of one byte",
                     lies(r"BODY\.PEEK\[TEXT\]", sub(rb"\{[0-9]+\}\r\n.*\)\r\na", b"{1}\r\nx)\r\na"))),
    HostileRetrieval("IMAP: more than was asked for", imap(), ((LIMIT, _FETCH),), 0, 0,
                     behind=instead(r"PEEK\[TEXT", flood(b"* 1 FETCH (UID 4 BODY[TEXT]<0> {600000}\r\n"))),
    HostileRetrieval("IMAP: a literal of 100 GB", imap(), ((LIMIT, _FETCH),), 0, 0,
                     behind=instead("UID FETCH", b"* 1 FETCH (BODY[] {99999999999}\r\n")),
    HostileRetrieval("IMAP: a literal that never comes", imap(), ((ErrorKind.TIMEOUT, _FETCH),), 0, 0,
                     behind=instead(r"PEEK\[TEXT", b"* 1 FETCH (BODY[TEXT]<0> {500000}\r\nx"), waits=True),
    HostileRetrieval("IMAP: literals without end", imap(), ((LIMIT, _FETCH),), 0, 0,
                     behind=instead("UID FETCH", flood(b"* 1 FETCH (X {500000}\r\n" + b"y" * 500000 + b")\r\n"))),
    HostileRetrieval("IMAP: responses without end", imap(), ((LIMIT, _SEARCH),), 0, 0,
                     behind=instead("UID SEARCH", flood(b"* 1 FETCH (FLAGS ())\r\n" * 99))),
    HostileRetrieval("IMAP: numbers without end", imap(), ((LIMIT, _SEARCH),), 0, 0,
                     behind=instead("UID SEARCH", flood(b"* SEARCH" + b" 4294967295" * 9999))),
    HostileRetrieval("IMAP: lists in lists", lies("RFC822", sub(rb"BODYSTRUCTURE \([^)]*\)[^)]*\)", b"BODYSTRUCTURE " + _DEEP)),
                     ((LIMIT, _FETCH),), 0, 0),
    HostileRetrieval("IMAP: numbers that do not exist", lies("UID SEARCH", sub(_FOUND, b"* SEARCH 7777 8888 0 99999999999 \xc2\xb2")),
                     ((NOT_FOUND, _SEARCH),), 0, 0),
    HostileRetrieval("IMAP: all messages found", lies("UID SEARCH.*HEADER", sub(_FOUND, b"* SEARCH 1 2 3 4"))),
    HostileRetrieval("IMAP: all messages left over", lies("UID SEARCH.*HEADER", sub(_FOUND, b"* SEARCH 1 2 3 4")), found=0, clean=True),
    HostileRetrieval("IMAP: other messages are told",
                     lies("UID FETCH", ahead(b"* 1 FETCH (UID 1 BODY[HEADER] {3}\r\nx\r\n)\r\n* 2 EXISTS\r\n"))),
    HostileRetrieval("IMAP: another message for ours", lies("UID FETCH", sub(rb"UID [0-9]+", b"UID 1")), ((NOT_FOUND, _SEARCH),), 0, 0),
    HostileRetrieval("IMAP: EXPUNGE in the middle", lies("UID (SEARCH|FETCH|STORE)", ahead(b"* 1 EXPUNGE\r\n" * 9))),
    HostileRetrieval("IMAP: EXISTS beyond all numbers", lies("SELECT", ahead(b"* 99999999999999999999 EXISTS\r\n"))),
    HostileRetrieval("IMAP: numbers that are none",
                     lies("SELECT", ahead(b"* OK [UIDNEXT \xc2\xb2] x\r\n* OK [UNSEEN -1] x\r\n* OK [UIDVALIDITY \xd9\xa3] x\r\n"))),
    HostileRetrieval("IMAP: hundreds of folders for junk", lies("LIST", ahead(_JUNK))),
    HostileRetrieval("IMAP: a folder that breaks out", lies("LIST", ahead(_NASTY_JUNK))),
    HostileRetrieval("IMAP: flags and dates that break out",
                     lies("RFC822", sub(rb"INTERNALDATE \"[^\"]*\"", b"INTERNALDATE {%d}\r\n" % len(NASTY) + NASTY))),
    HostileRetrieval("IMAP: BYE at SELECT", imap(), ((ErrorKind.REJECTED, _SELECT),), 0, 0, behind=instead("SELECT", b"* BYE\r\n")),
    HostileRetrieval("IMAP: BYE at SEARCH", imap(), ((ErrorKind.REJECTED, _SEARCH),), 0, 0, behind=instead("UID SEARCH", b"* BYE\r\n")),
    HostileRetrieval("IMAP: BYE at FETCH", imap(), ((ErrorKind.REJECTED, _FETCH),), 0, 0, behind=instead("RFC822", b"* BYE\r\n")),
    HostileRetrieval("IMAP: BYE at STORE", imap(), ((ErrorKind.REJECTED, _DELETE),), 1, 0, behind=instead("STORE", b"* BYE\r\n")),
    HostileRetrieval("IMAP: INBOX is refused", imap({"SELECT": "NO [ALERT] no"}), ((ErrorKind.REJECTED, _SELECT),), 0, 0),
    HostileRetrieval("IMAP: nothing is removed", imap({"UID EXPUNGE": "OK done"}), removed=0),
    HostileRetrieval("IMAP: STORE is refused", imap({"UID STORE": "NO [NOPERM] " + "x" * 5000}), removed=0),
    HostileRetrieval("IMAP: others are marked as deleted", lambda world: ImapServer(world, "IMAP4rev1"), removed=1),
    HostileRetrieval("IMAP: another tag", lies("UID FETCH", sub(rb"\na[0-9]+ OK", b"\na1 OK")), ((ODD, _FETCH),), 0, 0),
)  # fmt: skip

BY_POP3: tuple[HostileRetrieval, ...] = (
    HostileRetrieval("POP3: 100,000 messages", pop3(), strangers=100_000),
    HostileRetrieval("POP3: a message of 50 MB", pop3(), ours=_LARGE),
    HostileRetrieval("POP3: a message without end", pop3(), ((LIMIT, _FETCH),), 0, 0,
                     behind=instead("RETR", flood(b"+OK\r\n" + b"x\r\n" * 9999))),
    HostileRetrieval("POP3: a header without end", pop3(), ((LIMIT, _SEARCH),), 0, 0,
                     behind=instead("TOP", flood(b"+OK\r\n" + b"x" * 60000))),
    HostileRetrieval("POP3: a reply without end", pop3(), ((LIMIT, _SEARCH),), 0, 0, behind=instead("UIDL", flood(b"x" * 60000))),
    HostileRetrieval("POP3: a message that does not end", pop3(), ((ErrorKind.TIMEOUT, _FETCH),), 0, 0,
                     behind=instead("RETR", b"+OK\r\nx\r\n"), waits=True),
    HostileRetrieval("POP3: a quintillion messages", lies_by_pop3("STAT|UIDL", sub(rb"\+OK [0-9]+", b"+OK 999999999999999999"),
                     "UIDL", "TOP", "LIST"),
                     ((NOT_FOUND, _SEARCH),), 0, 0, strangers=0, ours=None),
    HostileRetrieval("POP3: a count that is none", lies_by_pop3("STAT", sub(rb"[0-9]+", b"\xc2\xb2")),
                     ((ErrorKind.REJECTED, _SELECT),), 0, 0),
    HostileRetrieval("POP3: one identifier for all", lies_by_pop3("UIDL", sub(rb"u[0-9]+", b"u"))),
    HostileRetrieval("POP3: identifiers that break out", lies_by_pop3("UIDL", sub(rb"u[0-9]+", NASTY.replace(b" ", b"")))),
    HostileRetrieval("POP3: every reply twice", lies_by_pop3("STAT|UIDL|TOP", lambda said: said * 2), ((ODD, _SEARCH),), 0, 0),
    HostileRetrieval("POP3: one reply too many before deleting", lies_by_pop3("RETR", lambda said: said + b"+OK\r\n"),
                     ((ODD, _DELETE), (ODD, _FETCH)), 1, 0),
    HostileRetrieval("POP3: replies within a message", AsItCame, strangers=4),
    HostileRetrieval("POP3: replies within a message, when cleaning up", AsItCame, found=0, removed=0, strangers=4, ours=None, clean=True),
    HostileRetrieval("POP3: DELE is refused", pop3({"DELE": "-ERR " + "x" * 5000}), removed=0),
    HostileRetrieval("POP3: QUIT is refused", pop3({"QUIT": "-ERR [SYS/PERM] no"}), removed=0),
    HostileRetrieval("POP3: silence at QUIT", pop3(), ((ErrorKind.TIMEOUT, MailboxPhase.LOGOUT),), 1, 0, behind=instead("QUIT", b""),
                     waits=True),
)  # fmt: skip

SERVERS: tuple[HostileRetrieval, ...] = (*BY_IMAP, *BY_POP3)


def world_of(one: HostileRetrieval) -> Folders:
    """Fill a mailbox: messages of strangers, one of them made to forge replies where there are four, and ours as the last."""
    world = Folders()
    for number in range(one.strangers):
        world.add(_FORGING if number == 3 and one.strangers == 4 else STRANGER)
    if one.ours is not None:
        world.folders["INBOX"].append(Large(one.strangers + 1, one.ours))
    return world


def is_strangers(stored: Stored) -> bool:
    """Whether a message is of none of ours."""
    return MINE.encode() not in stored.content[:2000] and (OLD.encode() not in stored.content[:2000] or stored.content == _FORGING)
