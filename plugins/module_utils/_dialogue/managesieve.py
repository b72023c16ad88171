# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ManageSieve client up to TLS and the capabilities inside it (RFC 5804).

    greeting     the server tells its capabilities by itself, and ends them with OK, NO or BYE. No command asks for them.
    starttls     when offered. What came behind its reply is dropped and counted.
    inside       the server tells its capabilities again, by itself (section 2.2); what was heard before is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import Limits, LiteralLineReader
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.sieve_response import (
    SieveLine,
    SieveStatus,
    capabilities,
    read_line,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import (
    Ended,
    MailboxPhase,
    MailboxSettings,
    Script,
    Talk,
    turned_away,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

MOST_LINES = 128
"""Lines of one response."""
_TAG = "mailops"


@dataclass(frozen=True)
class ManageSieveSettings(MailboxSettings):
    """How to speak ManageSieve."""

    def start(self, tls_mode: TlsMode) -> ManageSieveDialogue:
        """Return the dialogue of a new connection."""
        return ManageSieveDialogue(self, tls_mode)


@dataclass(frozen=True)
class SieveResponse:
    """A response that is over: its last line, and the data before it."""

    end: SieveLine
    data: tuple[SieveLine, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the server did it."""
        return self.end.status is SieveStatus.OK


class ManageSieveDialogue(Talk):
    """One connection's dialogue; see the module's docstring for the rules."""

    def __init__(self, settings: MailboxSettings, tls_mode: TlsMode, limits: Limits | None = None) -> None:
        self.limits = limits or Limits(line=16 * 1024)
        self.reader: LiteralLineReader = LiteralLineReader(self.limits)
        super().__init__(settings, tls_mode)

    def script(self) -> Script[None]:
        """The dialogue from the greeting on."""
        told = yield from self.greet()
        if self.tls_mode is TlsMode.IMPLICIT:
            self.log.after_tls = told
            yield from self.inside()
        else:
            self.log.before_tls = told
            self.log.starttls_offered = "STARTTLS" in told
            if self.tls_mode is TlsMode.STARTTLS:
                yield from self._starttls()
        yield from self.errand()
        yield from self.say(MailboxPhase.LOGOUT, b"LOGOUT")

    def _starttls(self) -> Script[None]:
        if not self.log.starttls_offered:
            text = "the server does not offer STARTTLS"
            self.log.failure = Failure(ErrorKind.STARTTLS_NOT_OFFERED, MailboxPhase.GREETING, text)
            return
        injected = self.settings.injection_test
        line = f'STARTTLS\r\nNOOP "{_TAG}"'.encode("ascii") if injected else b"STARTTLS"
        response = yield from self.command(MailboxPhase.STARTTLS, line)
        if not response.ok:
            raise Ended(ErrorKind.STARTTLS_REJECTED, f"STARTTLS rejected: {response.end.text}")
        yield from self.start_tls()
        self.phase = MailboxPhase.CAPABILITY_TLS
        response = yield from self.response()
        if injected:
            self.log.command_injected = _is_ours(response.end)
            if self.log.command_injected:
                response = yield from self.response()
        if not response.ok:
            raise turned_away(response.end.text)
        self.log.after_tls = capabilities(list(response.data))
        if injected and not self.log.command_injected:
            self.log.command_injected = yield from self._ask_for_injection()
        yield from self.inside()

    def _ask_for_injection(self) -> Script[bool]:
        """One command brings one reply; when the first is that of the command sent before TLS, it was carried out inside."""
        response = yield from self.command(MailboxPhase.CAPABILITY_TLS, b'NOOP "inside"')
        return _is_ours(response.end)

    def inside(self) -> Script[None]:
        """What is done inside TLS when the capabilities are known: nothing more."""
        yield from ()

    def greet(self) -> Script[dict[str, tuple[str, ...]]]:
        """Take what the server tells by itself."""
        response = yield from self.response()
        self.log.greeting = clean(" ".join(response.end.line.shown))
        self.log.greeting_status = response.end.status.value if response.end.status else None
        if not response.ok:
            raise turned_away(response.end.text)
        told = capabilities(list(response.data))
        if not told:
            raise Ended(ErrorKind.PROTOCOL_ERROR, "no greeting of a ManageSieve server: it tells no capabilities")
        self.log.at_greeting = told
        return told

    def command(self, phase: Phase, line: bytes) -> Script[SieveResponse]:
        """Send a command and wait for the end of its response; what waited there unasked is taken away before."""
        self.pass_over(phase)
        yield from self.say(phase, line)
        response = yield from self.response()
        return response

    def pass_over(self, phase: Phase) -> None:
        """Take away what waits before a command."""
        for waiting in self.waiting(phase, self.reader.next_line):
            self.note("<", waiting.shown)
            self.unasked(waiting.shown[0])

    def response(self) -> Script[SieveResponse]:
        """Wait for the end of one response; BYE ends the dialogue."""
        data: list[SieveLine] = []
        size = 0
        while True:
            raw = yield from self.wait(self.reader.next_line)
            self.note("<", raw.shown)
            line = read_line(raw)
            if line.code == "REFERRAL":
                self.unasked(raw.shown[0])
            if line.status is SieveStatus.BYE and self.phase is not MailboxPhase.GREETING:
                raise turned_away(line.text)
            if line.status is not None:
                return SieveResponse(line, tuple(data))
            data.append(line)
            size += raw.size
            if size > self.limits.together:
                raise Ended(ErrorKind.LIMIT_EXCEEDED, f"a response of more than {self.limits.together} bytes")
            if len(data) > MOST_LINES:
                raise Ended(ErrorKind.LIMIT_EXCEEDED, f"a response of more than {MOST_LINES} lines")


def _is_ours(end: SieveLine) -> bool:
    return end.code == "TAG" and end.code_strings == (_TAG.encode("ascii"),)
