# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of message submission (RFC 6409), of SMTP and LMTP: up to TLS and EHLO inside it, logins, and one message.

Other than `smtp.py`, which looks at a server as Postfix does, this is a client that wants to get something done.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import (
    Challenge,
    Event,
    LineCarrier,
    LoginEnd,
    LoginPhase,
    decoded,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.reply import LINE_LIMIT, Reply, ReplyReader
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import of_smtp
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase, capabilities
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Ended, MailboxSettings, Script, Talk, turned_away
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase

_COMMAND_LIMIT = 512
"""Octets of a command with its end (RFC 5321 section 4.5.3.1.4)."""
_GO_ON = 334


@dataclass(frozen=True)
class SubmissionSettings(MailboxSettings):
    """How to speak: `ehlo_name` as our name, `lmtp` for LHLO."""

    ehlo_name: str = "localhost.localdomain"
    lmtp: bool = False

    def start(self, tls_mode: TlsMode) -> SubmissionDialogue:
        """Return the dialogue of a new connection."""
        return SubmissionDialogue(self, tls_mode)


class SubmissionDialogue(Talk):
    """One connection's dialogue."""

    def __init__(self, settings: SubmissionSettings, tls_mode: TlsMode) -> None:
        self.reader: ReplyReader = ReplyReader()
        self._hello = f"{'LHLO' if settings.lmtp else 'EHLO'} {settings.ehlo_name}".encode("ascii")
        super().__init__(settings, tls_mode)
        self.phase = SmtpPhase.GREETING

    def script(self) -> Script[None]:
        """The dialogue from the greeting on."""
        greeting = yield from self.reply()
        self.log.greeting, self.log.greeting_status = greeting.text, f"{greeting.code // 100}xx" if greeting.code else None
        if not greeting.positive:
            raise turned_away(greeting.text)
        if self.tls_mode is not TlsMode.IMPLICIT:
            yield from self._outside()
        if self.tls_mode is not TlsMode.NONE and self.log.failure is None:
            self.log.after_tls = yield from self._ehlo(SmtpPhase.EHLO_TLS)
            yield from self.inside()
        yield from self.errand()
        yield from self.say(SmtpPhase.QUIT, b"QUIT")

    def _outside(self) -> Script[None]:
        self.log.before_tls = yield from self._ehlo(SmtpPhase.EHLO)
        self.log.starttls_offered = "STARTTLS" in self.log.before_tls
        if self.tls_mode is TlsMode.NONE:
            yield from self.inside()
        elif not self.log.starttls_offered:
            text = "the server does not offer STARTTLS"
            self.log.failure = Failure(ErrorKind.STARTTLS_NOT_OFFERED, SmtpPhase.EHLO, text)
        else:
            reply = yield from self.command(SmtpPhase.STARTTLS, b"STARTTLS")
            if not reply.positive:
                raise Ended(ErrorKind.STARTTLS_REJECTED, f"STARTTLS rejected: {reply.text}")
            yield from self.start_tls()

    def inside(self) -> Script[None]:
        """What is done when the capabilities are known that count: nothing more."""
        yield from ()

    def _ehlo(self, phase: Phase) -> Script[dict[str, tuple[str, ...]]]:
        reply = yield from self.command(phase, self._hello)
        if not reply.positive:
            raise turned_away(reply.text)
        return capabilities(reply)

    def command(self, phase: Phase, line: bytes, shown: str | None = None) -> Script[Reply]:
        """Send a command and wait for its reply."""
        yield from self.say(phase, line, shown)
        reply = yield from self.reply()
        return reply

    def reply(self) -> Script[Reply]:
        """Wait for one reply."""
        reply = yield from self.wait(lambda: self.reader.next_reply(self.phase))
        self.note("<", reply.raw_lines)
        return reply


class SmtpCarrier(LineCarrier):
    """Carries the exchanges of one connection (RFC 4954)."""

    def __init__(self, dialogue: SubmissionDialogue) -> None:
        super().__init__(_COMMAND_LIMIT)
        self._dialogue = dialogue

    def send(self, line: bytes, shown: str) -> Script[Event]:
        """Send a line and wait for the reply."""
        reply = yield from self._dialogue.command(LoginPhase.AUTH, line, shown)
        if reply.code == _GO_ON:
            whole = all(len(line) < LINE_LIMIT for line in reply.raw_lines)  # of a longer line only the beginning is kept
            return Challenge(decoded("".join(reply.lines)) if whole else None)
        return LoginEnd(of_smtp(reply))
