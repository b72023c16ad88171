# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IMAP client up to TLS and the capabilities inside it (RFC 3501, RFC 9051, RFC 2595).

    greeting     untagged OK, PREAUTH or BYE. PREAUTH in plaintext ends it: STARTTLS is not allowed then (RFC 9051 section 7.1.4), and
                 whoever is on the way could have said it.
    capability   CAPABILITY, unless the greeting told them and we are strict.
    starttls     when offered. What came behind its reply is dropped and counted.
    inside       everything heard before is forgotten, and asked again (RFC 9051 section 6.2.1).

Untagged data that no command asked for changes nothing. Before TLS it is kept as a fact: mailboxes and messages have no place there, and
clients have been made to believe in them (the NO STARTTLS study of 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_response import (
    ImapResponse,
    ImapStatus,
    ResponseKind,
    read_response,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import Limits, LiteralLineReader
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import (
    Ended,
    MailboxPhase,
    MailboxSettings,
    Script,
    Talk,
    turned_away,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase

_NOT_BEFORE_LOGIN = frozenset(("ALERT", "REFERRAL"))
"""Codes that clients show to people or act upon, whoever said it."""
MOST_UNTAGGED = 512
"""Responses that one command may bring before its own."""


@dataclass(frozen=True)
class ImapSettings(MailboxSettings):
    """How to speak IMAP."""

    def start(self, tls_mode: TlsMode) -> ImapDialogue:
        """Return the dialogue of a new connection."""
        return ImapDialogue(self, tls_mode)


@dataclass(frozen=True)
class Completed:
    """A command that is over: the tagged response, and the untagged ones that came before it."""

    tagged: ImapResponse
    untagged: tuple[ImapResponse, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the server did it."""
        return self.tagged.status is ImapStatus.OK

    @property
    def capabilities(self) -> dict[str, tuple[str, ...]] | None:
        """The capabilities that it told, the last word counting; None where it told none."""
        told = [response.capabilities for response in (*self.untagged, self.tagged)]
        return next((one for one in reversed(told) if one is not None), None)


class Untagged:
    """What comes before the end of a command, in number and in bytes no more than is good for us."""

    def __init__(self, most_bytes: int, most: int = MOST_UNTAGGED) -> None:
        self._most_bytes, self._most = most_bytes, most
        self._found: list[ImapResponse] = []
        self._size = 0

    def add(self, response: ImapResponse) -> None:
        """Keep one more."""
        self._found.append(response)
        self._size += response.line.size
        if len(self._found) > self._most:
            raise Ended(ErrorKind.LIMIT_EXCEEDED, f"more than {self._most} responses to one command")
        if self._size > self._most_bytes:
            raise Ended(ErrorKind.LIMIT_EXCEEDED, f"more than {self._most_bytes} bytes of responses to one command")

    @property
    def responses(self) -> tuple[ImapResponse, ...]:
        """All of them."""
        return tuple(self._found)


class ImapDialogue(Talk):
    """One connection's dialogue; see the module's docstring for the rules."""

    def __init__(self, settings: MailboxSettings, tls_mode: TlsMode, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.reader: LiteralLineReader = LiteralLineReader(self.limits)
        self._tags = 0
        super().__init__(settings, tls_mode)

    def allow(self, limits: Limits) -> None:
        """Take as much as these limits say from now on: who reads messages needs more than who asks for capabilities."""
        self.limits = limits
        self.reader.allow(limits)

    def script(self) -> Script[None]:
        """The dialogue from the greeting on."""
        yield from self.greet()
        if self.tls_mode is TlsMode.IMPLICIT:
            yield from self.inside()
        elif self.log.greeting_status == "preauth":
            self.log.starttls_offered = False
            text = "the server says that we are logged in already (PREAUTH), and STARTTLS is not possible then"
            self.log.failure = Failure(ErrorKind.STARTTLS_NOT_OFFERED, MailboxPhase.GREETING, text)
        else:
            yield from self._outside()
        yield from self.errand()
        if not self.left:
            yield from self.say(MailboxPhase.LOGOUT, f"{self.new_tag()} LOGOUT".encode("ascii"))

    def _outside(self) -> Script[None]:
        """Before TLS: what is offered, and STARTTLS."""
        self.log.before_tls = self.log.at_greeting
        if not (self.settings.strict and self.log.at_greeting):
            told = yield from self.capability(MailboxPhase.CAPABILITY)
            self.log.before_tls = told if told is not None else self.log.at_greeting
        self.log.starttls_offered = None if self.log.before_tls is None else "STARTTLS" in self.log.before_tls
        if self.tls_mode is TlsMode.NONE:
            return
        if not self.log.starttls_offered:
            text = "the server does not offer STARTTLS"
            self.log.failure = Failure(ErrorKind.STARTTLS_NOT_OFFERED, MailboxPhase.CAPABILITY, text)
            return
        yield from self._starttls()
        yield from self.inside()

    def _starttls(self) -> Script[None]:
        tag = self.new_tag()
        line = f"{tag} STARTTLS".encode("ascii")
        self._injected_tag = self.new_tag() if self.settings.injection_test else None
        if self._injected_tag:
            line += f"\r\n{self._injected_tag} NOOP".encode("ascii")
        yield from self.say(MailboxPhase.STARTTLS, line)
        completed = yield from self.completion(tag)
        if not completed.ok:
            raise Ended(ErrorKind.STARTTLS_REJECTED, f"STARTTLS rejected: {completed.tagged.text}")
        yield from self.start_tls()

    _injected_tag: str | None = None

    def inside(self) -> Script[None]:
        """What is done inside TLS: ask for the capabilities."""
        told = self.log.at_greeting if self.tls_mode is TlsMode.IMPLICIT and self.settings.strict else None
        if told is None:
            if self._injected_tag:
                self.log.command_injected = False
            told = yield from self.capability(MailboxPhase.CAPABILITY_TLS)
        self.log.after_tls = told

    def greet(self) -> Script[None]:
        """Take the greeting."""
        response = yield from self.response()
        self.log.greeting = response.line.shown[0]
        if response.kind is not ResponseKind.UNTAGGED or response.status not in (ImapStatus.OK, ImapStatus.PREAUTH, ImapStatus.BYE):
            raise Ended(ErrorKind.PROTOCOL_ERROR, f"no greeting of an IMAP server: {self.log.greeting}")
        self.log.greeting_status = response.status.value
        self.log.at_greeting = response.capabilities
        if response.status is ImapStatus.BYE:
            raise turned_away(response.text)

    def capability(self, phase: Phase) -> Script[dict[str, tuple[str, ...]] | None]:
        """Ask for the capabilities; None where the server does not tell them."""
        completed = yield from self.command(phase, "CAPABILITY", wanted=("CAPABILITY",))
        return completed.capabilities if completed.ok else None

    def command(self, phase: Phase, text: str, *, wanted: tuple[str, ...] = ()) -> Script[Completed]:
        """Send a command and wait for its end.

        Args:
            phase: where this is.
            text: the command without its tag.
            wanted: the names of untagged data that it asks for.
        """
        tag = self.new_tag()
        yield from self.say(phase, f"{tag} {text}".encode())
        completed = yield from self.completion(tag, wanted)
        return completed

    def completion(self, tag: str, wanted: tuple[str, ...] = ()) -> Script[Completed]:
        """Wait for the tagged response of a command; BYE before it ends the dialogue."""
        untagged = Untagged(self.limits.together)
        while True:
            response = yield from self.response()
            if response.kind is ResponseKind.TAGGED and response.tag == tag:
                return Completed(response, untagged.responses)
            self._other(response, wanted)
            untagged.add(response)

    def _other(self, response: ImapResponse, wanted: tuple[str, ...]) -> None:
        """What is not the end of the command: data, news, somebody else's tag, or the end of everything."""
        shown = response.line.shown[0]
        if response.kind is ResponseKind.TAGGED and response.tag == self._injected_tag:
            self.log.command_injected = self.log.command_injected is not None
        elif response.kind is not ResponseKind.UNTAGGED:
            raise Ended(ErrorKind.PROTOCOL_ERROR, f"an answer that fits no command of ours: {shown}")
        elif response.status is ImapStatus.BYE:
            raise turned_away(response.text)
        elif response.status is ImapStatus.PREAUTH:
            raise Ended(ErrorKind.PROTOCOL_ERROR, f"a greeting in the middle of the dialogue: {shown}")
        elif response.name and response.name not in wanted:
            self.unasked(shown)

    def response(self) -> Script[ImapResponse]:
        """Wait for one response."""
        line = yield from self.wait(self.reader.next_line)
        self.note("<", line.shown)
        found = read_response(line)
        if found.code in _NOT_BEFORE_LOGIN:
            self.unasked(line.shown[0])
        return found

    def new_tag(self) -> str:
        """Return the next command's tag."""
        self._tags += 1
        return f"a{self._tags}"
