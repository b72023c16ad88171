# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One message by SMTP or LMTP: MAIL, RCPT, DATA and what the server says to each (RFC 5321 section 3.3, RFC 2033 section 4).

    mail    SIZE, BODY and SMTPUTF8 go along where they are offered (RFC 1870, RFC 6152, RFC 6531).
    rcpt    each recipient by itself. Those that are refused are left out; without any there is no DATA.
    data    in pieces, so that a large message is never in memory as a whole. LMTP replies once for each accepted recipient.

A refusal is told in the log and the dialogue goes on to its QUIT. What breaks the rules ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Send
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.queue_id import queue_id
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.reply import Reply
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import of_smtp
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.steps import Stage, StepRecorder
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SubmissionDialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Script
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase

_GO_AHEAD = 354


class MailPhase(Phase):
    """Where a dialogue is while it hands over a message."""

    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    END_OF_DATA = "end_of_data"


@dataclass(frozen=True)
class Envelope:
    """From whom to whom, and how large.

    Attributes:
        sender: the reverse-path, empty for the null sender.
        recipients: the forward-paths.
        size: octets of the message, dots not doubled.
        seven_bit: whether the message is ASCII alone.
    """

    sender: str
    recipients: tuple[str, ...]
    size: int
    seven_bit: bool = True

    @property
    def needs_utf8(self) -> bool:
        """Whether an address takes SMTPUTF8."""
        return not all(one.isascii() for one in (self.sender, *self.recipients))


@dataclass(frozen=True)
class Handed:
    """What became of a message. *taken* are the recipients that the server answers for now, at *at* seconds into the connection."""

    taken: tuple[str, ...] = ()
    queue_id: str | None = None
    at: float | None = None


def hand_over(
    dialogue: SubmissionDialogue,
    envelope: Envelope,
    text: Callable[[], Iterable[bytes]],
    steps: StepRecorder,
    *,
    per_recipient: bool,
) -> Script[Handed]:
    """Send one message.

    Args:
        dialogue: one that has said EHLO, and has logged in where that is needed.
        envelope: from whom to whom.
        text: makes the pieces of the message; only called when the server wants it.
        steps: takes what the server says.
        per_recipient: whether the server replies to the data once for each recipient, as LMTP has it.
    """
    offered = dialogue.log.after_tls if dialogue.log.after_tls is not None else dialogue.log.before_tls or {}
    if envelope.needs_utf8 and "SMTPUTF8" not in offered:
        steps.begin(Stage.MAIL)
        _refuse(dialogue, steps, MailPhase.MAIL, "an address has letters outside ASCII, and the server does not offer SMTPUTF8")
        return Handed()
    mail = yield from _command(dialogue, steps, Stage.MAIL, MailPhase.MAIL, mail_command(envelope, offered))
    if not mail.positive:
        _refuse(dialogue, steps, MailPhase.MAIL, f"the sender is refused: {mail.text}")
        return Handed()
    accepted = yield from _recipients(dialogue, envelope, steps)
    if not accepted:
        return Handed()
    go_ahead = yield from _command(dialogue, steps, Stage.DATA, MailPhase.DATA, b"DATA", wanted=_GO_AHEAD)
    if go_ahead.code != _GO_AHEAD:
        _refuse(dialogue, steps, MailPhase.DATA, f"DATA is refused: {go_ahead.text}")
        return Handed()
    for early in dialogue.waiting(MailPhase.END_OF_DATA, lambda: dialogue.reader.next_reply(MailPhase.END_OF_DATA)):
        dialogue.note("<", early.raw_lines)  # a message is not taken before it was sent
    steps.begin(Stage.END_OF_DATA, accepted[0] if per_recipient else None)
    for piece in stuffed(text()):
        yield Send(piece, MailPhase.END_OF_DATA, dialogue.limit(MailPhase.END_OF_DATA))
    dialogue.note(">", ("(the message)", "."))
    handed = yield from _outcome(dialogue, steps, accepted if per_recipient else (None,), accepted)
    return handed


def _recipients(dialogue: SubmissionDialogue, envelope: Envelope, steps: StepRecorder) -> Script[list[str]]:
    accepted: list[str] = []
    refusals: list[str] = []
    for recipient in envelope.recipients:
        line = f"RCPT TO:<{recipient}>".encode()
        reply = yield from _command(dialogue, steps, Stage.RCPT, MailPhase.RCPT, line, subject=recipient)
        if reply.positive:
            accepted.append(recipient)
        else:
            refusals.append(f"the recipient {recipient} is refused: {reply.text}")
    if refusals:
        _refuse(dialogue, steps, MailPhase.RCPT, "; ".join(refusals[:3]))
    return accepted


def _outcome(
    dialogue: SubmissionDialogue, steps: StepRecorder, subjects: Sequence[str | None], accepted: Sequence[str]
) -> Script[Handed]:
    taken: list[str] = []
    identifier: str | None = None
    for number, subject in enumerate(subjects):
        if number:
            steps.begin(Stage.END_OF_DATA, subject)
        reply = yield from dialogue.reply()
        steps.end(reply.positive, of_smtp(reply))
        if reply.positive:
            taken += accepted if subject is None else [subject]
            identifier = identifier or queue_id(reply.lines)
        else:
            about = "" if subject is None else f" for {subject}"
            _refuse(dialogue, steps, MailPhase.END_OF_DATA, f"the message is refused{about}: {reply.text}")
    return Handed(tuple(taken), identifier, dialogue.at if taken else None)


def _command(
    dialogue: SubmissionDialogue,
    steps: StepRecorder,
    stage: Stage,
    phase: Phase,
    line: bytes,
    *,
    subject: str | None = None,
    wanted: int | None = None,
) -> Script[Reply]:
    steps.begin(stage, subject)
    reply = yield from dialogue.command(phase, line)
    steps.end(reply.positive if wanted is None else reply.code == wanted, of_smtp(reply))
    return reply


def _refuse(dialogue: SubmissionDialogue, steps: StepRecorder, phase: Phase, text: str) -> None:
    """Keep the first refusal as what went wrong."""
    failure = Failure(ErrorKind.REJECTED, phase, text)
    steps.fail(failure)
    dialogue.log.failure = dialogue.log.failure or failure


def mail_command(envelope: Envelope, offered: dict[str, tuple[str, ...]]) -> bytes:
    """Return MAIL with the parameters that the server knows."""
    line = f"MAIL FROM:<{envelope.sender}>"
    if "SIZE" in offered:
        line += f" SIZE={envelope.size}"
    if "8BITMIME" in offered:
        line += " BODY=7BIT" if envelope.seven_bit else " BODY=8BITMIME"
    if envelope.needs_utf8:
        line += " SMTPUTF8"
    return line.encode()


def stuffed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Double the dots at the beginning of lines and add the end of the data (RFC 5321 section 4.5.2), piece by piece.

    Lines end by CR LF, also where a piece ends between the two.
    """
    tail = b"\r\n"
    for piece in pieces:
        if not piece:
            continue
        joined = tail + piece
        yield joined.replace(b"\r\n.", b"\r\n..")[len(tail) :]
        tail = joined[-2:]
    yield b".\r\n" if tail == b"\r\n" else b"\r\n.\r\n"
