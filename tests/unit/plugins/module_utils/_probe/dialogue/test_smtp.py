# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMTP dialogue: what is said in which order, what counts as STARTTLS, and how each refusal is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Optional

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase
from ansible_collections.mailops.tls.plugins.module_utils._probe.dialogue.machine import (
    DialogueLog,
    Done,
    Receive,
    Send,
    StartTls,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.dialogue.smtp import SmtpDialogue, SmtpSettings
from hypothesis import given
from hypothesis import strategies as st

GREETING = b"220 mx.example.com ESMTP ready\r\n"
EHLO = b"250-mx.example.com at your service\r\n250-SIZE 10240000\r\n250 STARTTLS\r\n"
GO = b"220 2.0.0 Ready to start TLS\r\n"
EHLO_TLS = b"250-mx.example.com\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 10240000\r\n"


@dataclass
class Talk:
    """A dialogue that was driven: what was done in which order, and what it learned."""

    done: list[str]
    log: DialogueLog
    waiting: Optional[Phase]

    @property
    def failure(self) -> Failure:
        assert self.log.failure is not None
        return self.log.failure


def converse(chunks: Iterable[bytes], settings: Optional[SmtpSettings] = None) -> Talk:
    """Drive a dialogue with these bytes, each handed over when it waits; stops when it is done or has to wait for more."""
    dialogue = SmtpDialogue(settings or SmtpSettings("probe.example.net"))
    left = list(chunks)
    done: list[str] = []
    for _step in range(1000):
        step = dialogue.next_step(1.5)
        if isinstance(step, Done):
            return Talk(done, dialogue.log, None)
        if isinstance(step, Send):
            done.append(step.data.decode("ascii"))
        elif isinstance(step, StartTls):
            done.append("<TLS>")
            dialogue.tls_started(2.5)
        elif not left:
            assert isinstance(step, Receive)
            return Talk(done, dialogue.log, step.phase)
        else:
            dialogue.receive(left.pop(0))
    raise AssertionError("the dialogue did not end")


def offers_starttls(reply: bytes) -> bool:
    """Tell whether a dialogue asks for STARTTLS after this reply to EHLO."""
    talk = converse([GREETING, reply])
    assert talk.waiting is Phase.STARTTLS or talk.failure.kind is ErrorKind.STARTTLS_NOT_OFFERED
    return talk.waiting is Phase.STARTTLS


def test_the_whole_dialogue() -> None:
    talk = converse([GREETING, EHLO, GO, EHLO_TLS])
    assert talk.done == [
        "EHLO probe.example.net\r\n",
        "STARTTLS\r\n",
        "<TLS>",
        "EHLO probe.example.net\r\n",
        "QUIT\r\n",
    ]
    log = talk.log
    assert (log.failure, log.injected, talk.waiting) == (None, 0, None)
    assert (log.greeting, log.server_name) == ("220 mx.example.com ESMTP ready", "mx.example.com")
    assert log.before_tls == {"SIZE": ("10240000",), "STARTTLS": ()}
    assert log.after_tls == {"AUTH": ("PLAIN", "LOGIN"), "SIZE": ("10240000",)}


def test_quit_is_sent_and_its_reply_not_awaited() -> None:
    talk = converse([GREETING, EHLO, GO, EHLO_TLS])
    assert talk.done[-1] == "QUIT\r\n" and talk.waiting is None


def test_the_transcript_has_every_line_both_ways_with_phase_and_time() -> None:
    talk = converse([GREETING, EHLO, GO, EHLO_TLS])
    chat = [(line.direction, line.phase, line.text) for line in talk.log.transcript]
    assert chat == [
        ("<", Phase.GREETING, "220 mx.example.com ESMTP ready"),
        (">", Phase.EHLO, "EHLO probe.example.net"),
        ("<", Phase.EHLO, "250-mx.example.com at your service"),
        ("<", Phase.EHLO, "250-SIZE 10240000"),
        ("<", Phase.EHLO, "250 STARTTLS"),
        (">", Phase.STARTTLS, "STARTTLS"),
        ("<", Phase.STARTTLS, "220 2.0.0 Ready to start TLS"),
        (">", Phase.EHLO_TLS, "EHLO probe.example.net"),
        ("<", Phase.EHLO_TLS, "250-mx.example.com"),
        ("<", Phase.EHLO_TLS, "250-AUTH PLAIN LOGIN"),
        ("<", Phase.EHLO_TLS, "250 SIZE 10240000"),
        (">", Phase.QUIT, "QUIT"),
    ]
    times = {line.text: line.at for line in talk.log.transcript}
    assert (times["STARTTLS"], times["EHLO probe.example.net"]) == (1.5, 2.5)


def test_lmtp_says_lhlo() -> None:
    talk = converse([GREETING, EHLO, GO, EHLO_TLS], SmtpSettings("probe.example.net", lmtp=True))
    assert talk.done[0] == talk.done[3] == "LHLO probe.example.net\r\n"


def test_without_starttls_wanted_it_is_not_asked_for_although_offered() -> None:
    talk = converse([GREETING, EHLO], SmtpSettings("probe.example.net", starttls=False))
    assert talk.done == ["EHLO probe.example.net\r\n", "QUIT\r\n"]
    assert talk.log.failure is None
    assert talk.log.before_tls is not None and "STARTTLS" in talk.log.before_tls


def test_implicit_tls_comes_before_the_greeting_and_there_is_one_ehlo() -> None:
    talk = converse([GREETING, EHLO_TLS], SmtpSettings("probe.example.net", implicit=True))
    assert talk.done == ["<TLS>", "EHLO probe.example.net\r\n", "QUIT\r\n"]
    assert talk.log.before_tls is None
    assert talk.log.after_tls == {"AUTH": ("PLAIN", "LOGIN"), "SIZE": ("10240000",)}
    assert (talk.log.greeting, talk.log.server_name) == ("220 mx.example.com ESMTP ready", "mx.example.com")
    assert [line.phase for line in talk.log.transcript][:2] == [Phase.GREETING, Phase.EHLO_TLS]


def test_implicit_tls_does_not_fall_back_to_starttls() -> None:
    talk = converse([GREETING, EHLO], SmtpSettings("probe.example.net", implicit=True))
    assert "STARTTLS\r\n" not in talk.done and talk.log.failure is None


# --- greeting and EHLO ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [b"220", b"200", b"250", b"299"])
def test_any_2xx_is_a_greeting(code: bytes) -> None:
    assert converse([code + b" hello\r\n"]).done == ["EHLO probe.example.net\r\n"]


@pytest.mark.parametrize(
    ("greeting", "kind"),
    [
        (b"554 no\r\n", ErrorKind.REJECTED),
        (b"354 go ahead\r\n", ErrorKind.REJECTED),
        (b"421 4.3.2 service shutting down\r\n", ErrorKind.REJECTED),
        (b"421 4.7.0 Too many concurrent SMTP connections\r\n", ErrorKind.RATE_LIMITED),
        (b"450 4.7.1 you are sending too much\r\n", ErrorKind.RATE_LIMITED),
        (b"421 connection rate limit exceeded\r\n", ErrorKind.RATE_LIMITED),
        (b"554 5.7.1 too many connections\r\n", ErrorKind.REJECTED),
        (b"SSH-2.0-OpenSSH_9.2\r\n", ErrorKind.PROTOCOL_ERROR),
        (b"\r\n", ErrorKind.PROTOCOL_ERROR),
        (b"HTTP/1.1 400 Bad Request\r\n", ErrorKind.PROTOCOL_ERROR),
    ],
)
def test_any_other_greeting_ends_the_dialogue_without_a_word(greeting: bytes, kind: ErrorKind) -> None:
    talk = converse([greeting])
    assert talk.done == [] and talk.waiting is None
    assert (talk.failure.kind, talk.failure.phase) == (kind, Phase.GREETING)


@pytest.mark.parametrize(
    "text",
    [b"451 4.3.0 temporary failure, generated by corporate policy", b"421 operation not possible now, separate queue"],
)
def test_words_that_only_contain_rate_do_not_make_a_rate_limit(text: bytes) -> None:
    assert converse([text + b"\r\n"]).failure.kind is ErrorKind.REJECTED


def test_the_refused_greeting_is_kept_and_told() -> None:
    talk = converse([b"554-mx.example.com\r\n554 go away\r\n"])
    assert talk.log.greeting == "554 mx.example.com go away"
    assert talk.failure.text == "service not available: 554 mx.example.com go away"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"421 4.3.2 shutting down\r\n", ErrorKind.REJECTED),
        (b"421 4.7.0 try again later\r\n", ErrorKind.RATE_LIMITED),
        (b"what?\r\n", ErrorKind.PROTOCOL_ERROR),
    ],
)
def test_a_server_that_does_not_want_to_talk_is_not_asked_with_helo(reply: bytes, kind: ErrorKind) -> None:
    talk = converse([GREETING, reply])
    assert talk.done == ["EHLO probe.example.net\r\n"]
    assert (talk.failure.kind, talk.failure.phase) == (kind, Phase.EHLO)
    assert talk.failure.text.startswith("EHLO rejected: ")


@pytest.mark.parametrize(("answer", "accepted"), [(b"250 mx.example.com\r\n", True), (b"502 no\r\n", False)])
@pytest.mark.parametrize("reply", [b"500 5.5.1 what?\r\n", b"502 not implemented\r\n"])
def test_ehlo_refused_is_a_failure_and_helo_tells_whether_plaintext_would_do(
    reply: bytes, answer: bytes, accepted: bool
) -> None:
    talk = converse([GREETING, reply, answer])
    assert talk.done == ["EHLO probe.example.net\r\n", "HELO probe.example.net\r\n", "QUIT\r\n"]
    assert (talk.failure.kind, talk.failure.phase) == (ErrorKind.REJECTED, Phase.EHLO)
    assert talk.failure.text.startswith("EHLO rejected: ")
    assert talk.log.helo_accepted is accepted


def test_lhlo_refused_is_called_lhlo() -> None:
    talk = converse([GREETING, b"500 no\r\n"], SmtpSettings("probe.example.net", lmtp=True))
    assert talk.failure.text == "LHLO rejected: 500 no"


def test_the_last_code_of_an_ehlo_reply_decides() -> None:
    assert offers_starttls(b"550-mx.example.com\r\n550-STARTTLS\r\n250 SIZE\r\n")
    assert converse([GREETING, b"250-mx.example.com\r\n550 STARTTLS\r\n"]).failure.kind is ErrorKind.REJECTED


@pytest.mark.parametrize("reply", [b"x" * 9000, b"500 no\r\n", b""], ids=["flood", "refused", "silence"])
def test_whatever_becomes_of_helo_the_rejected_ehlo_is_the_failure(reply: bytes) -> None:
    dialogue = SmtpDialogue(SmtpSettings("probe.example.net"))
    for chunk in (GREETING, b"502 no EHLO\r\n"):
        dialogue.receive(chunk)
        dialogue.next_step(0)
    dialogue.receive(reply)
    while isinstance(dialogue.next_step(0), Send):
        pass
    if not reply:
        dialogue.fail(Failure(ErrorKind.TIMEOUT, Phase.EHLO, "no answer in time"))
    assert dialogue.log.failure == Failure(ErrorKind.REJECTED, Phase.EHLO, "EHLO rejected: 502 no EHLO")
    assert dialogue.log.helo_accepted is False


# --- what counts as STARTTLS -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"STARTTLS",
        b"starttls",
        b"StartTls",
        b"STARTTLS REQUIRED",
        b"STARTTLS\tnow",
        b"STARTTLS=yes",
        b"starttls = yes",
        b"  STARTTLS",
        b"\tSTARTTLS",
        b" =STARTTLS",
    ],
)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_starttls_is_the_first_word_of_any_line_in_any_case(line: bytes, at: int) -> None:
    lines = [b"mx.example.com", b"SIZE 1000"]
    lines.insert(at, line)
    assert offers_starttls(b"".join(b"250-%s\r\n" % one for one in lines) + b"250 HELP\r\n")
    assert offers_starttls(b"".join(b"250-%s\r\n" % one for one in lines[:at]) + b"250 %s\r\n" % line)


@pytest.mark.parametrize(
    "line",
    [
        b"XSTARTTLS",
        b"STARTTLSX",
        b"STARTTLS-NOT",
        b"STARTTLS,",
        b"SIZE STARTTLS",
        b"X=STARTTLS",
        b"START TLS",
        b"STARTTL",
        b"STARTTLS\x00",
        b"\x00STARTTLS",
        "\u017fTARTTL\u017f".encode(),
        b"",
    ],
)
@pytest.mark.parametrize("at", [0, 1])
def test_nothing_else_is_starttls(line: bytes, at: int) -> None:
    lines = [b"mx.example.com", b"SIZE 1000"]
    lines.insert(at, line)
    assert not offers_starttls(b"".join(b"250-%s\r\n" % one for one in lines) + b"250 HELP\r\n")


def test_starttls_beyond_two_kilobytes_of_capabilities_is_seen() -> None:
    lines = [b"250-X%d %s\r\n" % (number, b"y" * 1000) for number in range(30)]
    assert offers_starttls(b"250-mx.example.com\r\n" + b"".join(lines) + b"250 STARTTLS\r\n")


def test_starttls_not_offered_is_said_and_the_dialogue_ends_politely() -> None:
    talk = converse([GREETING, b"250-mx.example.com\r\n250 SIZE\r\n"])
    assert talk.done == ["EHLO probe.example.net\r\n", "QUIT\r\n"]
    assert (talk.failure.kind, talk.failure.phase) == (ErrorKind.STARTTLS_NOT_OFFERED, Phase.EHLO)
    assert talk.log.before_tls == {"SIZE": ()}


def test_capabilities_of_the_same_name_are_joined_and_of_any_separator() -> None:
    talk = converse([GREETING, b"250-mx\r\n250-auth PLAIN\r\n250-AUTH=LOGIN \t PLAIN\r\n250 8bitmime\r\n"])
    assert talk.log.before_tls == {"AUTH": ("PLAIN", "LOGIN", "PLAIN"), "8BITMIME": ()}


@pytest.mark.parametrize(
    ("first", "name"),
    [
        (b"mx.example.com hello", "mx.example.com"),
        (b"mx.example.com", "mx.example.com"),
        (b"", None),
        (b"a=b", "a"),
        (b"\ta", "a"),
    ],
)
def test_the_server_s_name_is_the_first_word_of_the_first_line(first: bytes, name: Optional[str]) -> None:
    assert converse([GREETING, b"250-%s\r\n250 SIZE\r\n" % first]).log.server_name == name


# --- the reply to STARTTLS ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [b"220 go\r\n", b"250 go\r\n", b"220-go\r\n220 on\n"])
def test_any_2xx_starts_tls(reply: bytes) -> None:
    assert converse([GREETING, EHLO, reply]).done[-2:] == ["<TLS>", "EHLO probe.example.net\r\n"]


@pytest.mark.parametrize(
    "reply",
    [
        b"454 4.7.0 TLS not available due to local problem\r\n",
        b"501 no\r\n",
        b"421 too many\r\n",
        b"what?\r\n",
        b"330 x\r\n",
    ],
)
def test_a_refused_starttls_ends_the_dialogue_without_quit(reply: bytes) -> None:
    talk = converse([GREETING, EHLO, reply])
    assert talk.done == ["EHLO probe.example.net\r\n", "STARTTLS\r\n"]
    assert (talk.failure.kind, talk.failure.phase) == (ErrorKind.STARTTLS_REJECTED, Phase.STARTTLS)
    assert talk.failure.text.startswith("STARTTLS rejected: ")


@pytest.mark.parametrize("behind", [b"250-evil.example\r\n250 OK\r\n", b"x", b"\x16\x03\x03\x00", b"250-half"])
def test_bytes_behind_the_220_are_counted_and_never_seen_again(behind: bytes) -> None:
    talk = converse([GREETING, EHLO, GO + behind, EHLO_TLS])
    assert talk.log.injected == len(behind)
    assert (talk.log.after_tls, talk.log.failure) == ({"AUTH": ("PLAIN", "LOGIN"), "SIZE": ("10240000",)}, None)
    assert not any("evil" in line.text for line in talk.log.transcript)


def test_replies_that_come_before_their_commands_are_taken_in_order() -> None:
    talk = converse([GREETING + EHLO + GO, EHLO_TLS])
    assert talk.log.failure is None and talk.log.injected == 0
    assert talk.done == [
        "EHLO probe.example.net\r\n",
        "STARTTLS\r\n",
        "<TLS>",
        "EHLO probe.example.net\r\n",
        "QUIT\r\n",
    ]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"503 no\r\n", ErrorKind.REJECTED),
        (b"421 too many\r\n", ErrorKind.REJECTED),
        (b"x\r\n", ErrorKind.PROTOCOL_ERROR),
    ],
)
def test_ehlo_refused_inside_tls(reply: bytes, kind: ErrorKind) -> None:
    talk = converse([GREETING, EHLO, GO, reply])
    assert (talk.failure.kind, talk.failure.phase) == (kind, Phase.EHLO_TLS)
    assert talk.log.after_tls is None and talk.done[-1] == "EHLO probe.example.net\r\n"


# --- limits, chunks, failures from below -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "phase"),
    [
        ([], Phase.GREETING),
        ([GREETING], Phase.EHLO),
        ([GREETING, EHLO], Phase.STARTTLS),
        ([GREETING, EHLO, GO], Phase.EHLO_TLS),
    ],
)  # fmt: skip
@pytest.mark.parametrize("flood", [b"x" * 5000, b"250-x\r\n" * 200, (b"250-" + b"x" * 4000 + b"\r\n") * 20])
def test_a_flood_ends_the_dialogue_in_every_phase(before: Sequence[bytes], phase: Phase, flood: bytes) -> None:
    talk = converse([*before, flood])
    assert (talk.failure.kind, talk.failure.phase, talk.waiting) == (ErrorKind.LIMIT_EXCEEDED, phase, None)


@pytest.mark.parametrize(
    ("chunks", "phase"),
    [
        ([], Phase.GREETING),
        ([b"220-wait\r\n220"], Phase.GREETING),
        ([GREETING], Phase.EHLO),
        ([GREETING, EHLO[:-1]], Phase.EHLO),
        ([GREETING, EHLO], Phase.STARTTLS),
        ([GREETING, EHLO, GO], Phase.EHLO_TLS),
    ],
)
def test_while_a_reply_is_incomplete_the_dialogue_waits(chunks: Sequence[bytes], phase: Phase) -> None:
    assert converse(chunks).waiting is phase


def test_a_failure_of_the_connection_ends_the_dialogue() -> None:
    dialogue = SmtpDialogue(SmtpSettings("probe.example.net"))
    assert dialogue.phase is Phase.GREETING
    dialogue.receive(GREETING)
    assert isinstance(dialogue.next_step(0), Send)
    failure = Failure(ErrorKind.DISCONNECTED, Phase.EHLO, "gone")
    dialogue.fail(failure)
    assert dialogue.log.failure is failure
    assert isinstance(dialogue.next_step(0), Done)


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
