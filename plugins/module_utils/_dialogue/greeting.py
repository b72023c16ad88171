# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells by its greeting which protocol a mail server speaks, where its port does not say so. As a machine without IO.

Every protocol of mail has the server speak first: IMAP `* OK`, `* PREAUTH` or `* BYE` (RFC 9051 section 7.1), POP3 `+OK` or `-ERR` (RFC
1939 section 3), ManageSieve a quoted capability or a response (RFC 5804 section 1.7), SMTP and LMTP a code (RFC 5321 section 4.2). The
last two differ in what they want to be greeted with (RFC 2033 section 4.1), so EHLO is tried, and LHLO where that is refused.
Nothing is sent to a server that greets in no such way, or not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LineReader
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.reply import Reply, ReplyReader
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Ended, MailboxLog, MailboxSettings, Script, Talk
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind

_LONGEST = 2048
_SMTP = re.compile(rb"[245][0-9]{2}(?:[ -]|\Z)")
_GREETINGS = (
    (re.compile(rb"\* (?:OK|PREAUTH|BYE)\b", re.IGNORECASE), "imap"),
    (re.compile(rb"(?:\+OK|-ERR)\b"), "pop3"),
    (re.compile(rb'"[A-Za-z]+"(?: |\Z)|(?:NO|BYE)(?: \(| "|\Z)'), "managesieve"),
)


class Spoken(str, Enum):
    """What a server speaks."""

    IMAP = "imap"
    POP3 = "pop3"
    MANAGESIEVE = "managesieve"
    SMTP = "smtp"
    LMTP = "lmtp"


@dataclass
class GreetingLog(MailboxLog):
    """`spoken`: the protocol; None where the greeting is of none."""

    spoken: Spoken | None = None


@dataclass(frozen=True)
class GreetingSettings(MailboxSettings):
    """`ehlo_name`: our name."""

    ehlo_name: str = "localhost.localdomain"

    def start(self, tls_mode: TlsMode) -> GreetingDialogue:
        """Return the dialogue of a new connection. It never asks for TLS: it begins with it, or has none."""
        return GreetingDialogue(self, tls_mode)


class GreetingDialogue(Talk):
    """One connection's dialogue."""

    def __init__(self, settings: GreetingSettings, tls_mode: TlsMode) -> None:
        self.reader: _Both = _Both()
        self._name = settings.ehlo_name
        super().__init__(settings, tls_mode)
        self.log: GreetingLog = GreetingLog()

    def script(self) -> Script[None]:
        """The greeting, and for SMTP and LMTP what comes next."""
        line = yield from self.wait(self.reader.lines.next_line)
        self.log.spoken = spoken_by(line)
        if self.log.spoken is not Spoken.SMTP:
            return
        greeting = yield from self._reply()
        if greeting.positive:
            self.log.spoken = yield from self._mail()

    def _mail(self) -> Script[Spoken | None]:
        for protocol, word in ((Spoken.SMTP, "EHLO"), (Spoken.LMTP, "LHLO")):
            yield from self.say(SmtpPhase.EHLO, f"{word} {self._name}".encode("ascii"))
            reply = yield from self._reply()
            if reply.positive:
                yield from self.say(SmtpPhase.QUIT, b"QUIT")
                return protocol
            if reply.code // 100 != 5:
                raise Ended(ErrorKind.REJECTED, reply.text)
        return Spoken.SMTP

    def _reply(self) -> Script[Reply]:
        reply = yield from self.wait(lambda: self.reader.replies.next_reply(self.phase))
        return reply


def spoken_by(line: bytes) -> Spoken | None:
    """Return the protocol that a server speaks by the first line it sends: `SMTP` for LMTP too, None for no protocol of mail."""
    if _SMTP.match(line):
        return Spoken.SMTP
    return next((Spoken(name) for pattern, name in _GREETINGS if pattern.match(line)), None)


class _Both:
    """Reads the same bytes as lines and as replies of SMTP."""

    def __init__(self) -> None:
        self.lines, self.replies = LineReader(_LONGEST), ReplyReader()

    def feed(self, data: bytes) -> None:
        """Add received bytes; what is too much of them, the reader of replies finds out."""
        self.lines.feed(data)
        self.replies.feed(data)

    def take_buffered(self) -> bytes:
        """Remove and return every byte that is no whole reply yet."""
        return self.replies.take_buffered()
