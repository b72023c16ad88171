# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Floods, replies in any pieces, broken connections and nonsense: the SMTP dialogue ends or waits, and never more."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import (
    Finished,
    Send,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpDialogue, SmtpPhase, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase
from ansible_collections.mailops.tls.tests.unit.makers.smtp_talk import (
    EHLO,
    EHLO_TLS,
    GO,
    GREETING,
    converse,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("before", "phase"),
    [
        ([], SmtpPhase.GREETING),
        ([GREETING], SmtpPhase.EHLO),
        ([GREETING, EHLO], SmtpPhase.STARTTLS),
        ([GREETING, EHLO, GO], SmtpPhase.EHLO_TLS),
    ],
)  # fmt: skip
@pytest.mark.parametrize("flood", [b"x" * 5000, b"250-x\r\n" * 200, (b"250-" + b"x" * 4000 + b"\r\n") * 20])
def test_a_flood_ends_the_dialogue_in_every_phase(before: Sequence[bytes], phase: Phase, flood: bytes) -> None:
    talk = converse([*before, flood])
    assert (talk.failure.kind, talk.failure.phase, talk.waiting) == (ErrorKind.LIMIT_EXCEEDED, phase, None)


@pytest.mark.parametrize(
    ("chunks", "phase"),
    [
        ([], SmtpPhase.GREETING),
        ([b"220-wait\r\n220"], SmtpPhase.GREETING),
        ([GREETING], SmtpPhase.EHLO),
        ([GREETING, EHLO[:-1]], SmtpPhase.EHLO),
        ([GREETING, EHLO], SmtpPhase.STARTTLS),
        ([GREETING, EHLO, GO], SmtpPhase.EHLO_TLS),
    ],
)
def test_while_a_reply_is_incomplete_the_dialogue_waits(chunks: Sequence[bytes], phase: Phase) -> None:
    assert converse(chunks).waiting is phase


def test_a_failure_of_the_connection_ends_the_dialogue() -> None:
    dialogue = SmtpDialogue(SmtpSettings("probe.example.net"))
    assert dialogue.phase is SmtpPhase.GREETING
    dialogue.receive(GREETING)
    assert isinstance(dialogue.next_step(0), Send)
    failure = Failure(ErrorKind.DISCONNECTED, SmtpPhase.EHLO, "gone")
    dialogue.fail(failure)
    assert dialogue.log.failure is failure
    assert isinstance(dialogue.next_step(0), Finished)


@given(st.sampled_from([EHLO, b"250-mx\r\n250 SIZE\r\n", b"550 no\r\n"]), st.sets(st.integers(1, 130), max_size=6))
def test_replies_cut_anywhere_give_the_same_dialogue(reply: bytes, cuts: set[int]) -> None:
    """Each phase's bytes are cut at the same places, whatever is there: within a code, between CR and LF, anywhere."""
    whole = [GREETING, reply, GO, EHLO_TLS]
    pieces = []
    for data in whole:
        at = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
        pieces += [data[start:end] for start, end in zip(at, at[1:])]
    uncut, cut = converse(whole), converse(pieces)
    assert (cut.done, cut.log, cut.waiting) == (uncut.done, uncut.log, uncut.waiting)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_replies_byte_by_byte_give_the_same_dialogue(size: int) -> None:
    whole = [GREETING, EHLO, GO, EHLO_TLS]
    pieces = [data[at : at + size] for data in whole for at in range(0, len(data), size)]
    assert converse(pieces).log == converse(whole).log


@given(st.lists(st.one_of(st.binary(max_size=200), st.sampled_from([GREETING, EHLO, GO, EHLO_TLS])), max_size=8))
def test_no_bytes_at_all_break_the_machine(chunks: list[bytes]) -> None:
    """Whatever comes, the dialogue ends or waits, never says anything but its own commands, and never skips one."""
    talk = converse(chunks)
    full = ["EHLO probe.example.net\r\n", "STARTTLS\r\n", "<TLS>", "EHLO probe.example.net\r\n", "QUIT\r\n"]
    short = [full[0], "QUIT\r\n"]
    assert talk.done in [full[:count] for count in range(6)] + [short]
    assert (talk.waiting is not None) or talk.log.failure is not None or talk.done == full
