# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One message by SMTP and LMTP: commands, refusals, replies for each recipient, and dots."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Finished, Send, TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.steps import StepRecorder, StepTaken
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SubmissionDialogue, SubmissionSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Script
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.transaction import (
    Envelope,
    Handed,
    MailPhase,
    hand_over,
    mail_command,
    stuffed,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase
from ansible_collections.mailops.tls.tests.unit.makers.mailbox_talk import Conversation, converse
from hypothesis import given
from hypothesis import strategies as st

MAIL = Envelope("a@example.net", ("b@example.org",), 42)
TWO = Envelope("", ("b@example.org", "c@example.org"), 42)
HELLO = (b"220 x\r\n", b"250-mail\r\n250-SIZE 1000\r\n250 8BITMIME\r\n")
TAKEN = (b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"250 2.0.0 Ok: queued as 1CF5FC0AAE\r\n")


class _Sender(SubmissionDialogue):
    """A client that hands over one message."""

    def __init__(self, envelope: Envelope, *, lmtp: bool, limits: tuple[tuple[Phase, float], ...] = ()) -> None:
        super().__init__(SubmissionSettings(ehlo_name="me", lmtp=lmtp, limits=limits), TlsMode.NONE)
        self.recorder = StepRecorder(lambda: self.at)
        self.handed = Handed()
        self._envelope, self._lmtp = envelope, lmtp

    def inside(self) -> Script[None]:
        text = (b"Subject: x\r\n\r\n.dot\r\n", b"end")
        self.handed = yield from hand_over(self, self._envelope, lambda: text, self.recorder, per_recipient=self._lmtp)


def send(envelope: Envelope, *chunks: bytes, lmtp: bool = False) -> tuple[Conversation, _Sender]:
    dialogue = _Sender(envelope, lmtp=lmtp)
    return converse(dialogue, chunks), dialogue


def words(steps: list[StepTaken]) -> list[tuple[str, bool, str | None, str | None]]:
    return [(one.stage.value, one.ok, one.subject, one.reply.text if one.reply else None) for one in steps]


def test_a_message_is_handed_over() -> None:
    seen, sender = send(MAIL, *HELLO, *TAKEN)
    commands = ["EHLO me", "MAIL FROM:<a@example.net> SIZE=42 BODY=7BIT", "RCPT TO:<b@example.org>", "DATA"]
    assert seen.done == [*commands, "Subject: x", "", "..dot", "", ".", "QUIT"]
    assert sender.handed == Handed(("b@example.org",), "1CF5FC0AAE", 1.5) and seen.log.failure is None
    assert words(sender.recorder.taken) == [
        ("mail", True, None, "ok"),
        ("rcpt", True, "b@example.org", "ok"),
        ("data", True, None, "go"),
        ("end_of_data", True, None, "Ok: queued as 1CF5FC0AAE"),
    ]
    assert "..dot" not in str(seen.log.transcript)


def test_a_message_is_not_taken_before_it_was_sent() -> None:
    seen, sender = send(MAIL, *HELLO, *TAKEN[:2], b"354 go\r\n" + TAKEN[3], b"554 5.7.1 no\r\n")
    assert sender.handed.taken == () and seen.failure.kind is ErrorKind.REJECTED
    assert [line.text for line in seen.log.transcript if "queued" in line.text] == ["250 2.0.0 Ok: queued as 1CF5FC0AAE"]


def test_lmtp_replies_for_each_recipient() -> None:
    seen, sender = send(TWO, *HELLO, *TAKEN[:2], b"250 ok\r\n", b"354 go\r\n", b"250 2.1.5 ok\r\n552 5.2.2 full\r\n", lmtp=True)
    assert seen.done[0] == "LHLO me" and seen.done[-1] == "QUIT"
    assert sender.handed.taken == ("b@example.org",)
    said = words(sender.recorder.taken)[-2:]
    assert said == [("end_of_data", True, "b@example.org", "ok"), ("end_of_data", False, "c@example.org", "full")]
    assert (seen.failure.kind, seen.failure.phase.value) == (ErrorKind.REJECTED, "end_of_data") and "c@example.org" in seen.failure.text


@pytest.mark.parametrize(
    ("chunks", "phase", "last"),
    [
        ((b"550 5.7.1 no\r\n",), "mail", "mail"),
        ((b"250 ok\r\n", b"550 5.1.1 unknown\r\n"), "rcpt", "rcpt"),
        ((b"250 ok\r\n", b"452 4.2.2 full\r\n"), "rcpt", "rcpt"),
        ((b"250 ok\r\n", b"250 ok\r\n", b"451 later\r\n"), "data", "data"),
        ((b"250 ok\r\n", b"250 ok\r\n", b"250 what\r\n"), "data", "data"),
        ((*TAKEN[:3], b"554 5.7.1 spam\r\n"), "end_of_data", "end_of_data"),
    ],
)
def test_refusals(chunks: tuple[bytes, ...], phase: str, last: str) -> None:
    seen, sender = send(MAIL, *HELLO, *chunks)
    assert (seen.failure.kind, seen.failure.phase.value, seen.done[-1]) == (ErrorKind.REJECTED, phase, "QUIT")
    final = sender.recorder.taken[-1]
    assert (final.stage.value, final.ok, sender.handed.taken, sender.handed.at) == (last, False, (), None)


def test_one_refused_recipient_does_not_stop_the_other() -> None:
    seen, sender = send(TWO, *HELLO, b"250 ok\r\n", b"550 no\r\n", b"250 ok\r\n", *TAKEN[2:])
    assert sender.handed.taken == ("c@example.org",) and seen.failure.phase.value == "rcpt"


def test_a_step_without_an_answer_stays_open() -> None:
    seen, sender = send(MAIL, *HELLO, b"250 ok\r\n")
    assert seen.waiting is not None and seen.waiting.value == "rcpt" and words(sender.recorder.taken) == [("mail", True, None, "ok")]
    failure = Failure(ErrorKind.TIMEOUT, seen.waiting, "no answer in time")
    sender.recorder.fail(failure)
    assert (sender.recorder.taken[-1].stage.value, sender.recorder.taken[-1].failure) == ("rcpt", failure)


def test_the_reply_to_the_message_may_take_its_own_time() -> None:
    dialogue = _Sender(MAIL, lmtp=False, limits=((MailPhase.END_OF_DATA, 300.0),))
    left = [*HELLO, *TAKEN]
    given: dict[str, float | None] = {}
    while not isinstance(step := dialogue.next_step(1.0), Finished):
        if isinstance(step, Send):
            given[step.phase.value] = step.seconds
        else:
            dialogue.receive(left.pop(0))
    assert given["end_of_data"] == 300.0 and given["rcpt"] is None


def test_addresses_outside_ascii_need_smtputf8() -> None:
    envelope = Envelope("", ("ü@example.org",), 42, seven_bit=False)
    seen, sender = send(envelope, *HELLO)
    assert "SMTPUTF8" in seen.failure.text and [one.ok for one in sender.recorder.taken] == [False] and seen.done[1:] == ["QUIT"]
    assert mail_command(envelope, {"SMTPUTF8": (), "8BITMIME": ()}).decode() == "MAIL FROM:<> BODY=8BITMIME SMTPUTF8"
    assert mail_command(MAIL, {}) == b"MAIL FROM:<a@example.net>"


LINES = st.lists(st.sampled_from([b"", b".", b"..", b".x", b"x.", b"x"]), max_size=8)


@given(LINES, st.lists(st.integers(0, 40), max_size=8), st.booleans())
def test_dots_are_doubled_wherever_pieces_end(lines: list[bytes], cuts: list[int], ended: bool) -> None:
    text = b"\r\n".join(lines) + (b"\r\n" if ended else b"")
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    sent = b"".join(stuffed(text[start:end] for start, end in zip(places, places[1:])))
    expected = text if text.endswith(b"\r\n") or not text else text + b"\r\n"
    wanted = [b"." + line if line.startswith(b".") else line for line in expected.split(b"\r\n")]
    assert sent == b"\r\n".join(wanted) + b".\r\n"
    assert b"\r\n.\r\n" not in (b"\r\n" + sent)[:-1]
