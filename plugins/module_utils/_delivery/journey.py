# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of one connection, from its first packet to its last word, in the shape of `steps` in results.

What comes before the login is read out of the transcript; from then on the errands keep their steps themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._delivery.side import Acted
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_response import read_response
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LiteralLine
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TranscriptLine
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_reply import Pop3Reader
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.reply import ReplyReader
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply, of_imap, of_pop3, of_smtp
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.steps import Stage, StepRecorder, StepTaken
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence

_OF_MAILBOX = frozenset((Stage.CONNECT, Stage.GREETING, Stage.HELLO, Stage.STARTTLS, Stage.HANDSHAKE, Stage.LOGIN))
"""Steps that both servers have, told apart by their name."""
_STAGES = {
    "dns": Stage.CONNECT, "tlsa": Stage.CONNECT, "connect": Stage.CONNECT, "greeting": Stage.GREETING,
    "ehlo": Stage.HELLO, "ehlo_tls": Stage.HELLO, "capability": Stage.STARTTLS, "starttls": Stage.STARTTLS,
    "handshake": Stage.HANDSHAKE, "capability_tls": Stage.LOGIN, "auth": Stage.LOGIN,
}  # fmt: skip
_SAID = {"greeting": Stage.GREETING, "ehlo": Stage.HELLO, "starttls": Stage.STARTTLS, "ehlo_tls": Stage.HELLO}


def steps_of(acted: Acted, protocol: MailProtocol, recorder: StepRecorder | None) -> list[StepTaken]:
    """Return the steps of a connection, times in seconds since it was asked for; the last one says what failed, if something did."""
    evidence, failure = acted.evidence, acted.failure
    if recorder is not None and failure is not None:
        recorder.fail(failure)
    steps = [*(_opening(evidence, protocol) if evidence else ()), *_login(acted), *(recorder.taken if recorder else ())]
    if failure is not None and all(one.ok for one in steps):
        steps.append(failed_step(failure, evidence.timings.get("total", 0.0) if evidence else 0.0))
    return steps


def failed_step(failure: Failure, at: float = 0.0) -> StepTaken:
    """Return the step in which a connection failed, by the phase it was in."""
    phase = failure.phase.value
    stage = _STAGES.get(phase) or next((one for one in Stage if one.value == phase), Stage.CONNECT)
    return StepTaken(stage, False, failure=failure, at=at)


def step_facts(steps: Sequence[StepTaken], offset: float, *, mailbox: bool) -> list[dict[str, Any]]:
    """Return the items of `steps`; *offset* is when the connection was asked for, in seconds into the run."""
    return [
        {
            "step": f"mailbox_{one.stage.value}" if mailbox and one.stage in _OF_MAILBOX else one.stage.value,
            "ok": one.ok,
            "reply": one.reply.as_facts() if one.reply else None,
            "error": one.failure.as_dict() if one.failure else None,
            "at": round(offset + one.at, 3),
            "seconds": round(one.seconds, 3),
            "recipient": one.subject if not mailbox else None,
            "folder": one.subject if mailbox else None,
        }
        for one in steps
    ]


def _opening(evidence: ProbeEvidence, protocol: MailProtocol) -> Iterator[StepTaken]:
    """Connecting, the greeting, EHLO, STARTTLS and the handshake."""
    if not evidence.connected:
        return
    connected = evidence.timings.get("connect", 0.0)
    found = [StepTaken(Stage.CONNECT, True, at=connected, seconds=connected), *_said(evidence, protocol, connected)]
    if evidence.tls is not None and evidence.tls.established:
        at = 0.0
        for name, seconds in evidence.timings.items():
            at += seconds
            if name == "handshake":
                found.append(StepTaken(Stage.HANDSHAKE, True, at=at, seconds=seconds))
                break
    yield from sorted(found, key=lambda one: one.at)


def _said(evidence: ProbeEvidence, protocol: MailProtocol, connected: float) -> Iterator[StepTaken]:
    """What the transcript has of the steps before a login."""
    heard: dict[str, list[TranscriptLine]] = {}
    asked: dict[str, float] = {"greeting": connected}
    for line in evidence.log.transcript:
        phase = line.phase.value
        if phase not in _SAID:
            continue
        if line.direction == ">":
            asked[phase] = line.at
        else:
            heard.setdefault(phase, []).append(line)
    for phase, lines in heard.items():
        reply = _reply([line.text for line in lines], protocol)
        if reply is not None:
            ok = reply.status in ("ok", "preauth") if reply.code is None else reply.code // 100 == 2
            at = lines[-1].at
            yield StepTaken(_SAID[phase], ok, reply, at=at, seconds=at - asked.get(phase, at))


def _reply(lines: list[str], protocol: MailProtocol) -> ServerReply | None:
    """Read a reply again out of the lines that the transcript has of it; None for what is none."""
    data = "".join(f"{line}\r\n" for line in lines).encode()
    if protocol is MailProtocol.IMAP:
        return of_imap(read_response(LiteralLine((lines[-1].encode(),))))
    if protocol is MailProtocol.POP3:
        pop3 = Pop3Reader()
        pop3.feed(data)
        line = pop3.next_reply()
        return of_pop3(line) if line else None
    smtp = ReplyReader()
    smtp.feed(data)
    try:
        reply = smtp.next_reply(SmtpPhase.GREETING)
    except ProbeError:
        return None
    return of_smtp(reply) if reply else None


def _login(acted: Acted) -> Iterator[StepTaken]:
    note = acted.login
    if note is None or note.outcome is None:
        return
    accepted = note.outcome is LoginOutcome.ACCEPTED
    at = note.ended if note.ended is not None else note.began
    reply = note.attempt.reply if note.attempt else None
    step = StepTaken(Stage.LOGIN, accepted, reply, at=at, seconds=at - note.began)
    yield step if accepted else replace(step, failure=acted.failure)
