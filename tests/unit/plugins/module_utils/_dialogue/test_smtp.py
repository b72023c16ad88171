# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMTP and LMTP dialogue: every path through it up to the second EHLO, and how each refusal is told."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import (
    Send,
    TlsMode,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpDialogue, SmtpPhase, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.tests.unit.makers.smtp_talk import (
    EHLO,
    EHLO_TLS,
    GO,
    GREETING,
    converse,
    offers_starttls,
)


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
        ("<", SmtpPhase.GREETING, "220 mx.example.com ESMTP ready"),
        (">", SmtpPhase.EHLO, "EHLO probe.example.net"),
        ("<", SmtpPhase.EHLO, "250-mx.example.com at your service"),
        ("<", SmtpPhase.EHLO, "250-SIZE 10240000"),
        ("<", SmtpPhase.EHLO, "250 STARTTLS"),
        (">", SmtpPhase.STARTTLS, "STARTTLS"),
        ("<", SmtpPhase.STARTTLS, "220 2.0.0 Ready to start TLS"),
        (">", SmtpPhase.EHLO_TLS, "EHLO probe.example.net"),
        ("<", SmtpPhase.EHLO_TLS, "250-mx.example.com"),
        ("<", SmtpPhase.EHLO_TLS, "250-AUTH PLAIN LOGIN"),
        ("<", SmtpPhase.EHLO_TLS, "250 SIZE 10240000"),
        (">", SmtpPhase.QUIT, "QUIT"),
    ]
    times = {line.text: line.at for line in talk.log.transcript}
    assert (times["STARTTLS"], times["EHLO probe.example.net"]) == (1.5, 2.5)


def test_lmtp_says_lhlo() -> None:
    talk = converse([GREETING, EHLO, GO, EHLO_TLS], SmtpSettings("probe.example.net", lmtp=True))
    assert talk.done[0] == talk.done[3] == "LHLO probe.example.net\r\n"


def test_without_starttls_wanted_it_is_not_asked_for_although_offered() -> None:
    talk = converse([GREETING, EHLO], tls_mode=TlsMode.NONE)
    assert talk.done == ["EHLO probe.example.net\r\n", "QUIT\r\n"]
    assert talk.log.failure is None
    assert talk.log.before_tls is not None and "STARTTLS" in talk.log.before_tls


def test_implicit_tls_comes_before_the_greeting_and_there_is_one_ehlo() -> None:
    talk = converse([GREETING, EHLO_TLS], tls_mode=TlsMode.IMPLICIT)
    assert talk.done == ["<TLS>", "EHLO probe.example.net\r\n", "QUIT\r\n"]
    assert talk.log.before_tls is None
    assert talk.log.after_tls == {"AUTH": ("PLAIN", "LOGIN"), "SIZE": ("10240000",)}
    assert (talk.log.greeting, talk.log.server_name) == ("220 mx.example.com ESMTP ready", "mx.example.com")
    assert [line.phase for line in talk.log.transcript][:2] == [SmtpPhase.GREETING, SmtpPhase.EHLO_TLS]


def test_implicit_tls_does_not_fall_back_to_starttls() -> None:
    talk = converse([GREETING, EHLO], tls_mode=TlsMode.IMPLICIT)
    assert "STARTTLS\r\n" not in talk.done and talk.log.failure is None


# --- greeting and EHLO -------------------------------------------------------------------------------------------------


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
    assert (talk.failure.kind, talk.failure.phase) == (kind, SmtpPhase.GREETING)


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
    assert (talk.failure.kind, talk.failure.phase) == (kind, SmtpPhase.EHLO)
    assert talk.failure.text.startswith("EHLO rejected: ")


@pytest.mark.parametrize(("answer", "accepted"), [(b"250 mx.example.com\r\n", True), (b"502 no\r\n", False)])
@pytest.mark.parametrize("reply", [b"500 5.5.1 what?\r\n", b"502 not implemented\r\n"])
def test_ehlo_refused_is_a_failure_and_helo_tells_whether_plaintext_would_do(
    reply: bytes, answer: bytes, accepted: bool
) -> None:
    talk = converse([GREETING, reply, answer])
    assert talk.done == ["EHLO probe.example.net\r\n", "HELO probe.example.net\r\n", "QUIT\r\n"]
    assert (talk.failure.kind, talk.failure.phase) == (ErrorKind.REJECTED, SmtpPhase.EHLO)
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
        dialogue.fail(Failure(ErrorKind.TIMEOUT, SmtpPhase.EHLO, "no answer in time"))
    assert dialogue.log.failure == Failure(ErrorKind.REJECTED, SmtpPhase.EHLO, "EHLO rejected: 502 no EHLO")
    assert dialogue.log.helo_accepted is False


@pytest.mark.parametrize(("line", "old"), [(b"250-AUTH=PLAIN LOGIN", True), (b"250-auth=PLAIN", True), (b"250-AUTH PLAIN", False)])
def test_logins_offered_in_an_old_form_are_noticed(line: bytes, old: bool) -> None:
    log = converse([GREETING, EHLO, GO, b"250-mx.example.com\r\n" + line + b"\r\n250 SIZE 1\r\n"]).log
    assert log.equals_auth is old and log.after_tls is not None and "AUTH" in log.after_tls
