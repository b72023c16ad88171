# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The POP3 client up to TLS and the capabilities inside it (RFC 1939, RFC 2449, RFC 2595).

    greeting     +OK or -ERR; a timestamp in it offers APOP.
    capability   CAPA. A server without it (-ERR) is asked for its mechanisms by AUTH alone (RFC 1734), and STLS is tried unseen.
    starttls     STLS. What came behind its reply is dropped and counted.
    inside       everything heard before is forgotten, and asked again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_reply import (
    Pop3Reader,
    Pop3Reply,
    Pop3Status,
    capabilities,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import (
    Ended,
    MailboxLog,
    MailboxPhase,
    MailboxSettings,
    Script,
    Talk,
    turned_away,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase
from ansible_collections.mailops.tls.plugins.module_utils._sasl.passwords import apop_timestamp
from ansible_collections.mailops.tls.plugins.module_utils._text import clean, upper


@dataclass(frozen=True)
class Pop3Settings(MailboxSettings):
    """How to speak POP3."""

    def start(self, tls_mode: TlsMode) -> Pop3Dialogue:
        """Return the dialogue of a new connection."""
        return Pop3Dialogue(self, tls_mode)


@dataclass
class Pop3Log(MailboxLog):
    """What a POP3 dialogue learned. `timestamp`: what APOP would be made with; None where it is not offered."""

    timestamp: str | None = field(default=None)


class Pop3Dialogue(Talk):
    """One connection's dialogue; see the module's docstring for the rules."""

    def __init__(self, settings: MailboxSettings, tls_mode: TlsMode) -> None:
        self.reader: Pop3Reader = Pop3Reader()
        super().__init__(settings, tls_mode)
        self.log: Pop3Log = Pop3Log()

    def script(self) -> Script[None]:
        """The dialogue from the greeting on."""
        yield from self.greet()
        if self.tls_mode is not TlsMode.IMPLICIT:
            yield from self._outside()
        else:
            yield from self.inside()
        yield from self.errand()
        if not self.left:
            yield from self.say(MailboxPhase.LOGOUT, b"QUIT")

    def _outside(self) -> Script[None]:
        """Before TLS: what is offered, and STLS."""
        self.log.before_tls = yield from self.capa(MailboxPhase.CAPABILITY, "before_tls")
        self.log.starttls_offered = None if self.log.before_tls is None else "STLS" in self.log.before_tls
        if self.tls_mode is TlsMode.NONE:
            return
        if self.log.starttls_offered is False:
            self._not_offered("the server does not offer STLS")
            return
        line = b"STLS\r\nNOOP" if self.settings.injection_test else b"STLS"
        reply = yield from self.command(MailboxPhase.STARTTLS, line)
        if reply.status is not Pop3Status.OK:
            if self.log.starttls_offered is None:
                self._not_offered(f"the server does not tell what it can do, and rejects STLS: {reply.text}")
                return
            raise Ended(ErrorKind.STARTTLS_REJECTED, f"STLS rejected: {reply.text}")
        yield from self.start_tls()
        yield from self.inside()

    def _not_offered(self, text: str) -> None:
        self.log.failure = Failure(ErrorKind.STARTTLS_NOT_OFFERED, MailboxPhase.CAPABILITY, text)

    def inside(self) -> Script[None]:
        """What is done inside TLS: ask for the capabilities."""
        if self.settings.injection_test and self.tls_mode is TlsMode.STARTTLS and self.log.before_tls is not None:
            yield from self._inside_with_test()
        else:
            self.log.after_tls = yield from self.capa(MailboxPhase.CAPABILITY_TLS, "after_tls")

    def _inside_with_test(self) -> Script[None]:
        """Ask for the capabilities, and see whether the first reply is that to the command that was sent before TLS.

        That is one line, +OK or -ERR, where CAPA was answered with a list before.
        """
        reply = yield from self.command(MailboxPhase.CAPABILITY_TLS, b"CAPA", multiline=True)
        lines = reply.lines
        self.log.command_injected = bool(lines) and lines[0][:3].upper() == b"+OK"
        if self.log.command_injected:
            lines = lines[1:]
        elif reply.status is not Pop3Status.OK:
            # Asked twice, a server that has no CAPA any more says no twice; one that carried out NOOP has said so once.
            again = yield from self.command(MailboxPhase.CAPABILITY_TLS, b"CAPA", multiline=True)
            self.log.command_injected, lines = again.status is Pop3Status.OK, again.lines
        self.log.after_tls = capabilities(lines) if lines else None

    def greet(self) -> Script[None]:
        """Take the greeting."""
        reply = yield from self.reply()
        self.log.greeting = reply.first
        if reply.status not in (Pop3Status.OK, Pop3Status.ERR):
            raise Ended(ErrorKind.PROTOCOL_ERROR, f"no greeting of a POP3 server: {reply.first}")
        self.log.greeting_status = reply.status.value
        if reply.status is Pop3Status.ERR:
            raise turned_away(reply.text)
        self.log.timestamp = apop_timestamp(reply.raw.decode("latin-1"))

    def capa(self, phase: Phase, moment: str) -> Script[dict[str, tuple[str, ...]] | None]:
        """Ask for the capabilities, and without them for the mechanisms; None where the server does not tell the former."""
        reply = yield from self.command(phase, b"CAPA", multiline=True)
        if reply.status is Pop3Status.OK:
            return capabilities(reply.lines)
        listed = yield from self.command(phase, b"AUTH", multiline=True)
        if listed.status is Pop3Status.OK:
            words = [upper(clean(line)) for line in listed.lines]
            self.log.listed_mechanisms[moment] = tuple(dict.fromkeys(word for word in words if word))
        return None

    def command(self, phase: Phase, line: bytes, *, multiline: bool = False) -> Script[Pop3Reply]:
        """Send a command and wait for its reply; what waited there unasked is taken away before."""
        self.pass_over(phase)
        yield from self.say(phase, line)
        reply = yield from self.reply(multiline=multiline)
        return reply

    def pass_over(self, phase: Phase) -> None:
        """Take away what waits before a command."""
        for waiting in self.waiting(phase, self.reader.next_reply):
            self.note("<", (waiting.first,))
            self.unasked(waiting.first)

    def reply(self, *, multiline: bool = False) -> Script[Pop3Reply]:
        """Wait for one reply."""
        reply = yield from self.wait(lambda: self.reader.next_reply(multiline=multiline))
        self.note("<", (reply.first, *(clean(line) for line in reply.lines)))
        return reply
