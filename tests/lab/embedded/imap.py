# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of a small IMAP server (RFC 9051, RFC 4315) over one mailbox, without IO: lines in, bytes out.

It has what a client needs to log in, to find a message by its header, to read it and to remove it. `ImapSession` knows no
socket: it says when TLS is to begin, and when to close.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Callable

from .logins import MECHANISMS, Login
from .mailbox import Mailbox, Message

LONGEST_LINE = 65536
_LITERAL = re.compile(rb"\{([0-9]{1,6})(\+?)\}\Z")
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\((?:[^()"]|"[^"]*"|\([^()]*\))*\))|([^\s"]+)')
_SECTION = re.compile(r"BODY(\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?|([A-Z0-9.]+)")


class ImapSession:
    """One session of one client."""

    def __init__(self, passwords: Mapping[str, str], mailbox: Mailbox, *, offers_tls: bool) -> None:
        self._passwords, self._mailbox, self._offers_tls = passwords, mailbox, offers_tls
        self.inside_tls = False
        self.begins_tls = self.closes = False
        self._user: str | None = None
        self._selected = False
        self._login: tuple[str, Login] | None = None
        self._said = b""

    def greet(self) -> bytes:
        """Return the greeting."""
        return f"* OK [CAPABILITY {self._capabilities()}] demo mailbox ready\r\n".encode()

    def take(self, line: bytes) -> bytes:
        """Answer one line, which has no line end; a command with literals is several."""
        said, self._said = self._said + line, b""
        literal = _LITERAL.search(said)
        if self._login is None and literal is not None and len(said) < LONGEST_LINE:
            self._said = said[: literal.start()]
            self.literal = int(literal[1])
            return b"" if literal[2] else b"+ go on\r\n"
        if self._login is not None:
            return self._respond(said)
        return self._command(said.decode("utf-8", "replace"))

    literal = 0
    """Bytes of a literal that have to come next, to be handed to `take_literal`."""

    def take_literal(self, data: bytes) -> None:
        """Keep a literal as the quoted string that it could have been."""
        self.literal = 0
        self._said += b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'

    def _capabilities(self) -> str:
        words = ["IMAP4rev1", "SASL-IR", "LITERAL+", "UIDPLUS", "UNSELECT"]
        if self._user is None:
            if self._offers_tls and not self.inside_tls:
                words += ["STARTTLS", "LOGINDISABLED"]
            else:
                words += [f"AUTH={name}" for name in MECHANISMS]
        return " ".join(words)

    def _command(self, line: str) -> bytes:
        words = _words(line)
        if len(words) < 2:
            return b"* BAD a command has a tag and a name\r\n"
        tag, name, rest = words[0], words[1].upper(), words[2:]
        by_uid = name == "UID" and bool(rest)
        if by_uid:
            name, rest = rest[0].upper(), rest[1:]
        states: tuple[tuple[bool, dict[str, Callable[..., str]]], ...] = (
            (True, {"CAPABILITY": self._capability, "NOOP": self._noop, "LOGOUT": self._logout}),
            (self._user is None, {"STARTTLS": self._starttls, "LOGIN": self._log_in, "AUTHENTICATE": self._authenticate}),
            (self._user is not None, {"SELECT": self._select, "EXAMINE": self._select, "LIST": self._list}),
            (self._selected, {"CLOSE": self._close, "UNSELECT": self._unselect, "CHECK": self._noop}),
        )
        for applies, commands in states:
            if applies and name in commands and not by_uid:
                return commands[name](tag, rest).encode()
        if self._selected and name in ("SEARCH", "FETCH", "STORE", "EXPUNGE"):
            return self._on_messages(tag, name, rest, by_uid)
        return f"{tag} BAD no such command here\r\n".encode()

    def _capability(self, tag: str, rest: Sequence[str]) -> str:
        return f"* CAPABILITY {self._capabilities()}\r\n{tag} OK done\r\n"

    def _noop(self, tag: str, rest: Sequence[str]) -> str:
        exists = f"* {len(self._mailbox.messages)} EXISTS\r\n" if self._selected else ""
        return f"{exists}{tag} OK done\r\n"

    def _logout(self, tag: str, rest: Sequence[str]) -> str:
        self.closes = True
        return f"* BYE see you\r\n{tag} OK done\r\n"

    def _starttls(self, tag: str, rest: Sequence[str]) -> str:
        if not self._offers_tls or self.inside_tls:
            return f"{tag} BAD there is no TLS to begin\r\n"
        self.begins_tls = True
        return f"{tag} OK begin TLS\r\n"

    def _log_in(self, tag: str, rest: Sequence[str]) -> str:
        if self._offers_tls and not self.inside_tls:
            return f"{tag} NO [PRIVACYREQUIRED] begin TLS first\r\n"
        known = len(rest) == 2 and self._passwords.get(rest[0]) == rest[1]
        return self._logged_in(tag, rest[0] if known else None)

    def _authenticate(self, tag: str, rest: Sequence[str]) -> str:
        if self._offers_tls and not self.inside_tls:
            return f"{tag} NO [PRIVACYREQUIRED] begin TLS first\r\n"
        mechanism = MECHANISMS.get(rest[0].upper() if rest else "")
        if mechanism is None:
            return f"{tag} NO there is no such mechanism\r\n"
        login = mechanism(self._passwords)
        challenge = next(login)
        self._login = (tag, login)
        if len(rest) < 2:
            return _challenge(challenge)
        return self._respond(b"" if rest[1] == "=" else rest[1].encode()).decode()

    def _respond(self, line: bytes) -> bytes:
        """Go on with a login by a response of the client's."""
        assert self._login is not None
        tag, login = self._login
        if line == b"*":
            self._login = None
            return f"{tag} BAD the login was given up\r\n".encode()
        try:
            return _challenge(login.send(base64.b64decode(line, validate=True))).encode()
        except ValueError:
            self._login = None
            return f"{tag} BAD that is no base64\r\n".encode()
        except StopIteration as end:
            self._login = None
            return self._logged_in(tag, end.value).encode()

    def _logged_in(self, tag: str, user: str | None) -> str:
        self._user = user
        if user is None:
            return f"{tag} NO [AUTHENTICATIONFAILED] wrong name or password\r\n"
        return f"{tag} OK [CAPABILITY {self._capabilities()}] welcome\r\n"

    def _list(self, tag: str, rest: Sequence[str]) -> str:
        return f'* LIST (\\HasNoChildren) "/" INBOX\r\n{tag} OK done\r\n'

    def _select(self, tag: str, rest: Sequence[str]) -> str:
        self._selected = bool(rest) and rest[0].upper() == "INBOX"
        if not self._selected:
            return f"{tag} NO [NONEXISTENT] there is the inbox only\r\n"
        flags = "(\\Answered \\Flagged \\Deleted \\Seen \\Draft)"
        lines = [f"* FLAGS {flags}", f"* OK [PERMANENTFLAGS {flags}] kept", f"* {len(self._mailbox.messages)} EXISTS", "* 0 RECENT"]
        lines += [f"* OK [UIDVALIDITY {self._mailbox.validity}] ok", f"* OK [UIDNEXT {self._mailbox.next_uid}] ok"]
        return "\r\n".join([*lines, f"{tag} OK [READ-WRITE] done\r\n"])

    def _close(self, tag: str, rest: Sequence[str]) -> str:
        self._mailbox.expunge()
        return self._unselect(tag, rest)

    def _unselect(self, tag: str, rest: Sequence[str]) -> str:
        self._selected = False
        return f"{tag} OK done\r\n"

    def _on_messages(self, tag: str, name: str, rest: Sequence[str], by_uid: bool) -> bytes:
        """Carry out a command that is about messages of the mailbox."""
        if name == "EXPUNGE":
            uids = {one.uid for _number, one in self._chosen(rest[0], True)} if by_uid and rest else None
            gone = "".join(f"* {number} EXPUNGE\r\n" for number in self._mailbox.expunge(uids))
            return f"{gone}{tag} OK done\r\n".encode()
        if name == "SEARCH":
            found = (one.uid if by_uid else number for number, one in self._search(rest))
            return f"* SEARCH {' '.join(map(str, found))}".rstrip().encode() + f"\r\n{tag} OK done\r\n".encode()
        if len(rest) < 2:
            return f"{tag} BAD which messages, and what?\r\n".encode()
        act = self._fetched if name == "FETCH" else self._stored
        lines = [b"* %d FETCH (%b)\r\n" % (number, act(one, rest[1:], by_uid)) for number, one in self._chosen(rest[0], by_uid)]
        return b"".join(lines) + f"{tag} OK done\r\n".encode()

    def _chosen(self, chosen: str, by_uid: bool) -> Iterator[tuple[int, Message]]:
        """The messages of a sequence set (RFC 9051 section 9)."""
        messages = list(enumerate(self._mailbox.messages, 1))
        last = max([one.uid if by_uid else number for number, one in messages], default=0)
        spans = []
        for part in chosen.split(","):
            ends = [last if end == "*" else int(end) if end.isdigit() else 0 for end in part.split(":")]
            spans.append((min(ends), max(ends)))
        for number, one in messages:
            if any(low <= (one.uid if by_uid else number) <= high for low, high in spans):
                yield number, one

    def _search(self, keys: Sequence[str]) -> Iterator[tuple[int, Message]]:
        """The messages that have all of some headers and flags."""
        wanted = list(keys)
        found = list(enumerate(self._mailbox.messages, 1))
        while wanted:
            key = wanted.pop(0).upper()
            if key == "HEADER" and len(wanted) >= 2:
                name, words = wanted.pop(0), wanted.pop(0)
                found = [(number, one) for number, one in found if one.has_header(name, words)]
            elif key in ("SUBJECT", "FROM", "TO") and wanted:
                words = wanted.pop(0)
                found = [(number, one) for number, one in found if one.has_header(key, words)]
            elif key in ("UNDELETED", "DELETED"):
                found = [(number, one) for number, one in found if ("\\Deleted" in one.flags) == (key == "DELETED")]
        return iter(found)

    def _fetched(self, one: Message, rest: Sequence[str], by_uid: bool) -> bytes:
        items = [b"UID %d" % one.uid] if by_uid else []
        for peek, section, start, length, word in _SECTION.findall(" ".join(rest).upper()):
            if word == "FLAGS":
                items.append(f"FLAGS ({' '.join(sorted(one.flags))})".encode())
            elif word == "RFC822.SIZE":
                items.append(b"RFC822.SIZE %d" % len(one.data))
            elif word == "BODYSTRUCTURE":
                items.append(b'BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" %d %d)' % (len(one.body), one.body.count(b"\n")))
            elif word == "UID" and not by_uid:
                items.append(b"UID %d" % one.uid)
            elif not word:
                if not peek:
                    one.flags.add("\\Seen")
                items.append(_section(one, section, start, length))
        return b" ".join(items)

    def _stored(self, one: Message, rest: Sequence[str], by_uid: bool) -> bytes:
        flags = set(re.findall(r"\\?[A-Za-z$]+", " ".join(rest[1:])))
        if rest[0].startswith("-"):
            one.flags -= flags
        else:
            one.flags = one.flags | flags if rest[0].startswith("+") else flags
        uid = f"UID {one.uid} " if by_uid else ""
        return f"{uid}FLAGS ({' '.join(sorted(one.flags))})".encode()


def _section(one: Message, section: str, start: str, length: str) -> bytes:
    """A part of a message as a literal (RFC 9051 section 6.4.5)."""
    data = {"": one.data, "TEXT": one.body}.get(section, one.header)
    origin = f"<{start}>" if start else ""
    if start:
        data = data[int(start) : int(start) + int(length)]
    return f"BODY[{section}]{origin} {{{len(data)}}}\r\n".encode() + data


def _challenge(data: bytes) -> str:
    return f"+ {base64.b64encode(data).decode()}\r\n"


def _words(line: str) -> list[str]:
    """Return atoms, the contents of quoted strings, and lists in parentheses."""
    return [re.sub(r"\\(.)", r"\1", quoted) if not (listed or atom) else listed or atom for quoted, listed, atom in _WORD.findall(line)]
