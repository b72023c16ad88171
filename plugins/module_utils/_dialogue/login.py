# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login: a mechanism of SASL and a protocol that carries its challenges and responses (RFC 4422 section 3).

The exchange is the same for every protocol and is written down here; what differs, the command, the form of a challenge and how to
cancel, is a `Carrier` beside each dialogue. No response is ever in a transcript.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Protocol, Union

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Script
from ansible_collections.mailops.tls.plugins.module_utils._errors import Phase
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import CHALLENGE_LIMIT, Mechanism, Misstep, SaslError

MOST_ROUNDS = 8
"""Challenges that are answered in one login; the longest mechanism has three."""
ACCEPTED = 235
"""The one code of SMTP that says so (RFC 4954 section 4). Another of 2yz is the reply to another command: the server is out of step."""
HIDDEN = "(a response of the login, not shown)"


class LoginPhase(Phase):
    """Where a dialogue is while somebody logs in. Servers answer late after a wrong password, so this has a limit of its own."""

    AUTH = "auth"


@dataclass(frozen=True)
class Challenge:
    """The server wants an answer; *data* is None when what it sent cannot be read."""

    data: bytes | None


@dataclass(frozen=True)
class LoginEnd:
    """The exchange is over: the server's last reply, and the additional data of a success (RFC 4422 section 3.6)."""

    reply: ServerReply
    additional: bytes | None = None

    @property
    def accepted(self) -> bool:
        """Whether the server says that the login succeeded."""
        return self.reply.status == "ok" or self.reply.code == ACCEPTED


Event = Union[Challenge, LoginEnd]


class Carrier(Protocol):
    """How a protocol carries an exchange; each method sends one thing and waits for what the server makes of it."""

    def begin(self, name: str, initial: bytes | None) -> Script[Event]:
        """Ask for a mechanism, with its first response where that is to go along."""

    def answer(self, response: bytes) -> Script[Event]:
        """Answer a challenge."""

    def cancel(self) -> Script[Event]:
        """Break the exchange off."""

    def takes_initial(self, name: str, initial: bytes) -> bool:
        """Whether the first response can go along with the command."""


class LineCarrier:
    """Carries exchanges in lines of base64, as SMTP, IMAP and POP3 do; *longest* are the octets of a command with its end."""

    def __init__(self, longest: int) -> None:
        self._longest = longest

    def takes_initial(self, name: str, initial: bytes) -> bool:
        """As long as the line is no longer than a command may be: long tokens go behind an empty challenge."""
        return len(f"AUTH {name} ") + len(_initial(initial)) + 2 <= self._longest

    def begin(self, name: str, initial: bytes | None) -> Script[Event]:
        """AUTH, with the first response where that goes along."""
        event = yield from self.ask(f"AUTH {name}", initial)
        return event

    def ask(self, command: str, initial: bytes | None) -> Script[Event]:
        """Send the command that asks for a mechanism, with the first response where that goes along."""
        along = b"" if initial is None else b" " + _initial(initial)
        event = yield from self.send(command.encode("ascii") + along, f"{command}{' ' + HIDDEN if along else ''}")
        return event

    def answer(self, response: bytes) -> Script[Event]:
        """A line of base64; an empty response is an empty line."""
        event = yield from self.send(encoded(response), HIDDEN)
        return event

    def cancel(self) -> Script[Event]:
        """An asterisk, which the server has to refuse."""
        event = yield from self.send(b"*", "*")
        return event

    def send(self, line: bytes, shown: str) -> Script[Event]:
        """Send a line, *shown* so in the transcript, and wait for what the server makes of it."""
        raise NotImplementedError


@dataclass(frozen=True)
class Attempt:
    """What became of one login, before anybody judges it.

    Attributes:
        mechanism: its name, or that of the command.
        reply: the server's last reply.
        responded: whether a response of ours was sent, the initial one included.
        initial_response: whether it went along with the command.
        rounds: challenges that were answered.
        error: how the server left the rules of the mechanism; None when it did not.
        server_authenticated: whether the server proved that it knows the password; None for mechanisms without such a proof.
        channel_binding: the name of the channel binding in the proof.
        iterations: what the server asked for, of SCRAM.
    """

    mechanism: str
    reply: ServerReply
    responded: bool
    initial_response: bool = False
    rounds: int = 0
    error: SaslError | None = None
    server_authenticated: bool | None = None
    channel_binding: str | None = None
    iterations: int | None = None


@dataclass
class Progress:
    """How far a login has come; what is left of one that a broken connection ended.

    Attributes:
        responded: whether a response of ours was sent, the initial one included.
        initial_response: whether it went along with the command.
        rounds: challenges that were answered.
        error: how the server left the rules of the mechanism.
    """

    responded: bool = False
    initial_response: bool = False
    rounds: int = 0
    error: SaslError | None = None


def log_in(carrier: Carrier, mechanism: Mechanism, progress: Progress | None = None, *, wait: bool = False) -> Script[Attempt]:
    """Carry out one login. A mechanism whose server leaves the rules is cancelled.

    Args:
        carrier: what carries it.
        mechanism: the client's half of it, not used yet.
        progress: is kept up to date all along.
        wait: send nothing of the login along with the command, so that a server that does not have the mechanism can say so.
    """
    progress, waiting = Progress() if progress is None else progress, mechanism.initial
    if waiting is not None and not wait and carrier.takes_initial(mechanism.name, waiting):
        progress.responded = progress.initial_response = True
        event = yield from carrier.begin(mechanism.name, waiting)
        waiting = None
    else:
        event = yield from carrier.begin(mechanism.name, None)
    while isinstance(event, Challenge):
        try:
            response = _response(mechanism, event, waiting, progress)
        except SaslError as error:
            progress.error = progress.error or error
            event = yield from carrier.cancel()
            if isinstance(event, Challenge):  # a server that does not let go
                break
            continue
        waiting = None
        progress.responded = True
        event = yield from carrier.answer(response)
    end = event if isinstance(event, LoginEnd) else LoginEnd(ServerReply(status="other", text="goes on after the exchange was cancelled"))
    if end.accepted and progress.error is None:
        try:
            if not progress.responded:
                raise SaslError(Misstep.NOT_AUTHENTIC, "the server accepted the login before anything of it was sent")
            mechanism.succeed(end.additional)
        except SaslError as error:
            progress.error = error
    return Attempt(
        mechanism.name,
        end.reply,
        progress.responded,
        progress.initial_response,
        progress.rounds,
        progress.error,
        mechanism.server_authenticated,
        mechanism.channel_binding,
        getattr(mechanism, "iterations", None),
    )


def command_attempt(name: str, event: Event) -> Attempt:
    """Return what became of a login by a command of the protocol itself, which carries the password."""
    if isinstance(event, LoginEnd):
        return Attempt(name, event.reply, responded=True, initial_response=True)
    return Attempt(name, ServerReply(status="other", text="the server wants to go on after the password"), True, True)


def without_password(name: str, end: LoginEnd) -> Attempt:
    """Return what became of a login by a command that the server ended before it had the password."""
    text = "the server accepted the login before it had the password"
    error = SaslError(Misstep.NOT_AUTHENTIC, text) if end.accepted else None
    return Attempt(name, end.reply, responded=False, error=error)


def _response(mechanism: Mechanism, challenge: Challenge, waiting: bytes | None, progress: Progress) -> bytes:
    progress.rounds += 1
    if progress.rounds > MOST_ROUNDS:
        raise SaslError(Misstep.EXCESSIVE, f"the server sends more than {MOST_ROUNDS} challenges")
    if challenge.data is None:
        raise SaslError(Misstep.MALFORMED, "the server's challenge cannot be read")
    # A client that speaks first is asked for it by an empty challenge; what is not empty is no challenge of the mechanism.
    return waiting if waiting is not None else mechanism.respond(challenge.data)


def decoded(text: str) -> bytes | None:
    """Read a challenge in base64; None for what is none, and for what is longer than any challenge may be."""
    if len(text) > CHALLENGE_LIMIT * 4 // 3 + 4:
        return None
    try:
        return base64.b64decode(text.strip().encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None


def encoded(response: bytes) -> bytes:
    """Write a response in base64."""
    return base64.b64encode(response)


def _initial(response: bytes) -> bytes:
    """Write a first response; an empty one is an equals sign (RFC 4954 section 4, RFC 4959, RFC 5034)."""
    return encoded(response) or b"="
