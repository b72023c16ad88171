# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMTP and LMTP client up to STARTTLS and a second EHLO, as a machine without IO (RFC 5321, 2033, 3207).

The rules of the machine, in the order of its life (Postfix's posttls-finger.c where the RFC leaves room):

    GREETING   any 2xx is a greeting; anything else ends the dialogue (Postfix: "SMTP service not available").
    EHLO       EHLO (LMTP: LHLO) with our name; any 2xx lists the capabilities. A server that rejects it is asked with HELO
               whether it would take mail in plaintext, as smtp(8) does; that stays a failure (posttls-finger has no HELO).
    STARTTLS   asked for when offered and wanted. A capability is the first word of any line, the first included,
               in any case, ending at a space, tab, "=" sign or NUL.
               A 2xx reply hands over to TLS. Bytes that came behind that reply are dropped, counted and reported
               (RFC 3207 section 4.2, CVE-2011-0411), never given to TLS.
    EHLO_TLS   once more inside TLS; its capabilities are those that count for mail.
    QUIT       sent, its reply not awaited (smtp_skip_quit_response): the connection closes.

With implicit TLS (RFC 8314) the handshake comes before the greeting and there is one EHLO, in phase EHLO_TLS.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import (
    DialogueLog,
    Finished,
    Receive,
    Secured,
    Send,
    StartTls,
    Step,
    TlsMode,
    TranscriptLine,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.reply import Reply, ReplyReader
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.too_many import is_too_many
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._text import upper

_CLOSING = 421


class SmtpPhase(Phase):
    """Where an SMTP or LMTP dialogue can be; the rules of the machine tell what each is for."""

    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    EHLO_TLS = "ehlo_tls"
    QUIT = "quit"


@dataclass(frozen=True)
class SmtpSettings:
    """How to speak: `ehlo_name` as our name, `lmtp` for LHLO.

    `transcript`: the log keeps the chat, which thousands of probes at a time would rather not.
    """

    ehlo_name: str
    lmtp: bool = False
    transcript: bool = True

    def start(self, tls_mode: TlsMode) -> SmtpDialogue:
        """Return the dialogue of a new connection."""
        return SmtpDialogue(self, tls_mode)


@dataclass
class SmtpLog(DialogueLog):
    """What an SMTP dialogue learned.

    Attributes:
        helo_accepted: the server rejected EHLO, but would take mail after HELO.
        equals_auth: it offers logins by a line `AUTH=` as well, which no RFC ever had.
    """

    helo_accepted: bool = False
    equals_auth: bool = False


class SmtpDialogue:
    """One connection's dialogue; see the module's docstring for the rules."""

    def __init__(self, settings: SmtpSettings, tls_mode: TlsMode = TlsMode.STARTTLS) -> None:
        self.log = SmtpLog()
        self._settings, self._tls_mode = settings, tls_mode
        self._reader = ReplyReader()
        self._phase: Phase = SmtpPhase.GREETING
        self._steps: list[Step] = [StartTls()] if tls_mode is TlsMode.IMPLICIT else []
        self._fallback = False
        self._hello = "LHLO" if settings.lmtp else "EHLO"

    @property
    def phase(self) -> Phase:
        """The phase that the dialogue is in."""
        return self._phase

    def next_step(self, at: float) -> Step:
        """Return what the driver has to do next, *at* seconds into the probe; `Receive` while a reply is incomplete."""
        try:
            while not self._steps:
                reply = self._reader.next_reply(self._phase)
                if reply is None:
                    return Receive(self._phase)
                for line in reply.raw_lines:
                    self._note("<", at, line)
                self._on_reply(reply, at)
        except ProbeError as error:
            self._end(error.failure)
        return self._steps.pop(0)

    def receive(self, data: bytes) -> None:
        """Take bytes from the peer."""
        self._reader.feed(data)

    def tls_started(self, at: float, secured: Secured | None = None) -> None:
        """Go on inside TLS."""
        if self._tls_mode is TlsMode.IMPLICIT:
            return
        self._say(SmtpPhase.EHLO_TLS, f"{self._hello} {self._settings.ehlo_name}", at)

    def fail(self, failure: Failure) -> None:
        """End the dialogue because the connection below it failed."""
        self._end(failure)

    def _on_reply(self, reply: Reply, at: float) -> None:
        if self._phase is SmtpPhase.GREETING:
            self._on_greeting(reply, at)
        elif self._phase is SmtpPhase.EHLO:
            self._on_ehlo(reply, at)
        elif self._phase is SmtpPhase.STARTTLS:
            self._on_starttls(reply)
        elif self._phase is SmtpPhase.EHLO_TLS:
            self._on_ehlo_tls(reply, at)

    def _on_greeting(self, reply: Reply, at: float) -> None:
        self.log.greeting = reply.text
        if not reply.positive:
            self._end(_rejection(SmtpPhase.GREETING, "service not available", reply))
            return
        phase = SmtpPhase.EHLO_TLS if self._tls_mode is TlsMode.IMPLICIT else SmtpPhase.EHLO
        self._say(phase, f"{self._hello} {self._settings.ehlo_name}", at)

    def _on_ehlo(self, reply: Reply, at: float) -> None:
        if self._fallback:
            self.log.helo_accepted = reply.positive
            self._quit(at)
            return
        if not reply.positive:
            self._on_ehlo_rejected(reply, at)
            return
        self.log.before_tls = capabilities(reply)
        self._note_equals(reply)
        self.log.server_name = _first_word(reply.seen_lines[0])
        if self._tls_mode is TlsMode.NONE:
            self._quit(at)
        elif "STARTTLS" in self.log.before_tls or _keyword(_words(reply.seen_lines[0])) == "STARTTLS":
            self._say(SmtpPhase.STARTTLS, "STARTTLS", at)
        else:
            self.log.failure = Failure(ErrorKind.STARTTLS_NOT_OFFERED, SmtpPhase.EHLO, "the server does not offer STARTTLS")
            self._quit(at)

    def _on_ehlo_rejected(self, reply: Reply, at: float) -> None:
        failure = _rejection(SmtpPhase.EHLO, f"{self._hello} rejected", reply)
        self._end(failure)
        if not self._settings.lmtp and reply.code != _CLOSING and failure.kind is ErrorKind.REJECTED:
            self._steps, self._fallback = [], True
            self._say(SmtpPhase.EHLO, f"HELO {self._settings.ehlo_name}", at)

    def _on_starttls(self, reply: Reply) -> None:
        if reply.positive:
            self.log.injected = len(self._reader.take_buffered())
            self._steps.append(StartTls())
        else:
            failure = _rejection(SmtpPhase.STARTTLS, "STARTTLS rejected", reply)
            self._end(Failure(ErrorKind.STARTTLS_REJECTED, SmtpPhase.STARTTLS, failure.text))

    def _on_ehlo_tls(self, reply: Reply, at: float) -> None:
        if not reply.positive:
            self._end(_rejection(SmtpPhase.EHLO_TLS, f"{self._hello} rejected", reply))
            return
        self.log.after_tls = capabilities(reply)
        self._note_equals(reply)
        self.log.server_name = self.log.server_name or _first_word(reply.seen_lines[0])
        self._quit(at)

    def _note_equals(self, reply: Reply) -> None:
        self.log.equals_auth = self.log.equals_auth or any(line[:5].upper() == "AUTH=" for line in reply.seen_lines[1:])

    def _say(self, phase: Phase, line: str, at: float) -> None:
        self._phase = phase
        self._note(">", at, line)
        self._steps.append(Send(line.encode("ascii") + b"\r\n", phase))

    def _note(self, direction: str, at: float, line: str) -> None:
        if self._settings.transcript:
            self.log.transcript.append(TranscriptLine(direction, self._phase, at, line))

    def _quit(self, at: float) -> None:
        self._say(SmtpPhase.QUIT, "QUIT", at)
        self._steps.append(Finished())

    def _end(self, failure: Failure) -> None:
        """Stop with a failure; whatever becomes of HELO, the rejected EHLO stays the one."""
        if not self._fallback:
            self.log.failure = failure
        self._steps = [Finished()]


def capabilities(reply: Reply) -> dict[str, tuple[str, ...]]:
    """Return the capabilities of an EHLO reply: upper-case keyword -> parameters, the server's name line left out."""
    found: dict[str, tuple[str, ...]] = {}
    for line in reply.seen_lines[1:]:
        words = _words(line)
        keyword = _keyword(words)
        if keyword is not None:
            keyword = sys.intern(keyword)  # thousands of servers say the same twenty
            found[keyword] = found.get(keyword, ()) + tuple(words[1:])
    return found


def _words(line: str) -> list[str]:
    return [word for word in re.split(r"[ \t=]+", line) if word]


def _keyword(words: list[str]) -> str | None:
    """Return the first word in upper case: of ASCII letters only, as no other letter is one of a keyword."""
    return upper(words[0]) if words else None


def _first_word(line: str) -> str | None:
    return next(iter(_words(line)), None)


def _rejection(phase: Phase, what: str, reply: Reply) -> Failure:
    """Tell "come back later, you are too many" (RFC 5321 section 4.2.1: 4yz) from a real refusal."""
    if reply.code // 100 == 4 and is_too_many(reply.text) and phase in (SmtpPhase.GREETING, SmtpPhase.EHLO):
        return Failure(ErrorKind.RATE_LIMITED, phase, f"{what}: {reply.text}")
    kind = ErrorKind.REJECTED if reply.code else ErrorKind.PROTOCOL_ERROR
    return Failure(kind, phase, f"{what}: {reply.text}")
