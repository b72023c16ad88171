# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins carried by each protocol: what is sent in which form, what ends them, and that no secret is in a transcript."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import ImapDialogue, ImapSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_login import ImapCarrier
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import (
    HIDDEN,
    MOST_ROUNDS,
    Attempt,
    Carrier,
    LoginEnd,
    LoginPhase,
    log_in,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Finished, Receive, Send, StartTls, TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.managesieve import ManageSieveDialogue, ManageSieveSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Dialogue, Pop3Settings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_login import Pop3Carrier
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.sieve_login import SieveCarrier
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SmtpCarrier, SubmissionDialogue, SubmissionSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Script, Talk
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials, Mechanism, Misstep
from ansible_collections.mailops.tls.plugins.module_utils._sasl.passwords import CramMd5, Login, Plain
from ansible_collections.mailops.tls.plugins.module_utils._sasl.scram import Scram
from ansible_collections.mailops.tls.plugins.module_utils._sasl.tokens import External, OAuthBearer
from ansible_collections.mailops.tls.tests.unit.servers.scram_server import ScramServer

TIM = Credentials("tim", "tanstaaftanstaaf", "ya29.token")
PLAIN = base64.b64encode(b"\0tim\0tanstaaftanstaaf").decode()
CHALLENGE = b"<1896.697170952@postoffice.reston.mci.net>"


class _Imap(ImapDialogue):
    action: Callable[[], Script[Attempt]]
    attempt: Attempt

    def inside(self) -> Script[None]:
        self.attempt = yield from self.action()


class _Pop3(Pop3Dialogue):
    action: Callable[[], Script[Attempt]]
    attempt: Attempt

    def inside(self) -> Script[None]:
        self.attempt = yield from self.action()


class _Sieve(ManageSieveDialogue):
    action: Callable[[], Script[Attempt]]
    attempt: Attempt

    def inside(self) -> Script[None]:
        self.attempt = yield from self.action()


class _Smtp(SubmissionDialogue):
    action: Callable[[], Script[Attempt]]
    attempt: Attempt

    def inside(self) -> Script[None]:
        self.attempt = yield from self.action()


@dataclass
class Seen:
    """What a client sent during a login, and what became of it."""

    sent: list[str]
    attempt: Attempt | None
    talk: Talk


def drive(dialogue: _Imap | _Pop3 | _Sieve | _Smtp, chunks: Iterable[bytes]) -> Seen:
    left, sent = list(chunks), list[str]()
    for _step in range(500):
        step = dialogue.next_step(0.5)
        if isinstance(step, Finished):
            return Seen(sent, getattr(dialogue, "attempt", None), dialogue)
        if isinstance(step, Send):
            sent += [step.data.decode().rstrip("\r\n")] if step.phase is LoginPhase.AUTH else []
        elif isinstance(step, StartTls):
            dialogue.tls_started(0.5)
        elif left:
            dialogue.receive(left.pop(0))
        else:
            assert isinstance(step, Receive)
            return Seen(sent, None, dialogue)
    raise AssertionError("the dialogue did not end")


def imap(mechanism: Mechanism, *replies: bytes, initial: bool = True) -> Seen:
    dialogue = _Imap(ImapSettings(), TlsMode.IMPLICIT)
    dialogue.action = lambda: log_in(ImapCarrier(dialogue, initial_responses=initial), mechanism)
    return drive(dialogue, (b"* OK ready\r\n", *replies))


def pop3(mechanism: Mechanism, *replies: bytes) -> Seen:
    dialogue = _Pop3(Pop3Settings(), TlsMode.IMPLICIT)
    dialogue.action = lambda: log_in(Pop3Carrier(dialogue), mechanism)
    return drive(dialogue, (b"+OK <1.2@x>\r\n", *replies))


def sieve(mechanism: Mechanism, *replies: bytes) -> Seen:
    dialogue = _Sieve(ManageSieveSettings(), TlsMode.IMPLICIT)
    dialogue.action = lambda: log_in(SieveCarrier(dialogue), mechanism)
    return drive(dialogue, (b'"SASL" "PLAIN"\r\nOK\r\n', *replies))


def smtp(mechanism: Mechanism, *replies: bytes) -> Seen:
    dialogue = _Smtp(SubmissionSettings(ehlo_name="probe.example"), TlsMode.IMPLICIT)
    dialogue.action = lambda: log_in(SmtpCarrier(dialogue), mechanism)
    return drive(dialogue, (b"220 x\r\n", b"250 AUTH PLAIN\r\n", *replies))


def b64(data: bytes) -> bytes:
    return base64.b64encode(data)


def test_plain_with_its_first_response() -> None:
    assert imap(Plain(TIM), b"a1 OK\r\n").sent == [f"a1 AUTHENTICATE PLAIN {PLAIN}"]
    assert pop3(Plain(TIM), b"+OK\r\n").sent == [f"AUTH PLAIN {PLAIN}"]
    assert sieve(Plain(TIM), b"OK\r\n").sent == [f'AUTHENTICATE "PLAIN" "{PLAIN}"']
    seen = smtp(Plain(TIM), b"235 2.7.0 ok\r\n")
    assert seen.sent == [f"AUTH PLAIN {PLAIN}"] and seen.attempt is not None
    assert (seen.attempt.initial_response, seen.attempt.rounds, seen.attempt.reply.code) == (True, 0, 235)


def test_without_sasl_ir_the_first_response_waits_for_an_empty_challenge() -> None:
    seen = imap(Plain(TIM), b"+ \r\n", b"a1 OK [CAPABILITY X] in\r\n", initial=False)
    assert seen.sent == ["a1 AUTHENTICATE PLAIN", PLAIN] and seen.attempt is not None
    assert (seen.attempt.initial_response, seen.attempt.responded, seen.attempt.rounds) == (False, True, 1)


def test_long_tokens_do_not_go_along_with_the_command() -> None:
    long = OAuthBearer(Credentials("tim", token="x" * 600))
    assert smtp(long, b"334 \r\n", b"235 ok\r\n").sent[0] == "AUTH OAUTHBEARER"
    assert pop3(OAuthBearer(Credentials("tim", token="x" * 300)), b"+ \r\n", b"+OK\r\n").sent[0] == "AUTH OAUTHBEARER"
    written = sieve(OAuthBearer(Credentials("tim", token="x" * 1200)), b"OK\r\n").sent[0]
    assert written.startswith('AUTHENTICATE "OAUTHBEARER" {') and "+}" in written


def test_an_empty_first_response_is_an_equals_sign_and_an_empty_later_one_an_empty_line() -> None:
    assert imap(External(Credentials()), b"a1 OK\r\n").sent == ["a1 AUTHENTICATE EXTERNAL ="]
    assert smtp(External(Credentials()), b"235 ok\r\n").sent == ["AUTH EXTERNAL ="]
    assert sieve(External(Credentials()), b"OK\r\n").sent == ['AUTHENTICATE "EXTERNAL" ""']
    assert imap(External(Credentials()), b"+\r\n", b"a1 OK\r\n", initial=False).sent == ["a1 AUTHENTICATE EXTERNAL", ""]


def test_challenges_are_answered() -> None:
    answer = b64(b"tim b913a602c7eda7a495b4e6e7334d3890").decode()
    coded = b64(CHALLENGE)
    assert imap(CramMd5(TIM), b"+ " + coded + b"\r\n", b"a1 OK\r\n").sent == ["a1 AUTHENTICATE CRAM-MD5", answer]
    assert pop3(CramMd5(TIM), b"+ " + coded + b"\r\n", b"+OK\r\n").sent == ["AUTH CRAM-MD5", answer]
    assert smtp(CramMd5(TIM), b"334 " + coded + b"\r\n", b"235 ok\r\n").sent == ["AUTH CRAM-MD5", answer]
    assert sieve(CramMd5(TIM), b'"' + coded + b'"\r\n', b"OK\r\n").sent == ['AUTHENTICATE "CRAM-MD5"', f'"{answer}"']
    literal = b"{%d}\r\n" % len(coded) + coded + b"\r\n"
    assert sieve(CramMd5(TIM), literal, b"OK\r\n").sent == ['AUTHENTICATE "CRAM-MD5"', f'"{answer}"']


def test_login_with_prompts() -> None:
    seen = smtp(Login(TIM), b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n", b"235 ok\r\n")
    assert seen.sent == ["AUTH LOGIN", "dGlt", "dGFuc3RhYWZ0YW5zdGFhZg=="]


def test_scram_whole_with_the_proof_in_a_challenge_and_in_the_success() -> None:
    server = ScramServer("SCRAM-SHA-256", {"tim": "tanstaaftanstaaf"})
    client = Scram("SCRAM-SHA-256", TIM)
    dialogue = _Sieve(ManageSieveSettings(), TlsMode.IMPLICIT)
    dialogue.action = lambda: log_in(SieveCarrier(dialogue), client)
    first = server.first(client.initial or b"")
    seen = drive(dialogue, (b'"SASL" "PLAIN"\r\nOK\r\n', b'"' + b64(first) + b'"\r\n'))
    final = server.final(base64.b64decode(seen.sent[-1].strip('"')))
    dialogue.receive(b'OK (SASL "' + b64(final) + b'") "in"\r\n')
    while not isinstance(dialogue.next_step(1.0), Finished):
        pass
    assert dialogue.attempt.server_authenticated and dialogue.attempt.error is None and dialogue.attempt.iterations == 64


def test_a_server_that_accepts_without_its_proof_is_not_believed() -> None:
    seen = imap(Scram("SCRAM-SHA-1", TIM), b"a1 OK welcome\r\n")
    assert seen.attempt is not None and seen.attempt.error is not None
    assert (seen.attempt.error.misstep, seen.attempt.server_authenticated) == (Misstep.NOT_AUTHENTIC, False)


@pytest.mark.parametrize("mechanism", [Plain(TIM), Login(TIM), CramMd5(TIM), External(Credentials()), Scram("SCRAM-SHA-256", TIM)])
def test_who_accepts_before_anything_was_said_is_not_believed(mechanism: Mechanism) -> None:
    seen = imap(mechanism, b"a1 OK welcome\r\n", initial=False)
    assert seen.attempt is not None and seen.attempt.error is not None and not seen.attempt.responded
    assert seen.attempt.error.misstep is Misstep.NOT_AUTHENTIC


def test_login_is_over_when_both_prompts_were_answered() -> None:
    seen = smtp(Login(TIM), b"334 VXNlcm5hbWU6\r\n", b"235 ok\r\n")
    assert seen.sent == ["AUTH LOGIN", "dGlt"] and seen.attempt is not None and seen.attempt.error is not None
    assert seen.attempt.error.misstep is Misstep.NOT_AUTHENTIC


def test_a_reply_to_another_command_accepts_nothing() -> None:
    """A server that answers EHLO twice is out of step, and its 250 says nothing of the password."""
    seen = smtp(Plain(TIM), b"250 AUTH PLAIN\r\n")
    assert seen.attempt is not None and not LoginEnd(seen.attempt.reply).accepted


def test_a_challenge_of_which_only_the_beginning_was_kept_is_none() -> None:
    seen = smtp(CramMd5(TIM), b"334 " + b64(b"x" * 2400) + b"\r\n", b"501 cancelled\r\n")
    assert seen.sent == ["AUTH CRAM-MD5", "*"]


@pytest.mark.parametrize(
    ("talk", "replies", "cancel"),
    [
        (imap, (b"+ !!!\r\n", b"a1 BAD cancelled\r\n"), "*"),
        (pop3, (b"+ !!!\r\n", b"-ERR cancelled\r\n"), "*"),
        (smtp, (b"334 !!!\r\n", b"501 cancelled\r\n"), "*"),
        (sieve, (b'"!!!"\r\n', b"NO\r\n"), '"*"'),
    ],
)
def test_a_challenge_that_cannot_be_read_is_cancelled(talk: Callable[..., Seen], replies: tuple[bytes, ...], cancel: str) -> None:
    seen = talk(CramMd5(TIM), *replies)
    assert seen.sent[-1] == cancel and seen.attempt is not None and seen.attempt.error is not None
    assert seen.attempt.error.misstep is Misstep.MALFORMED and not seen.attempt.responded


def test_endless_challenges_end() -> None:
    seen = smtp(Login(TIM), *[b"334 eA==\r\n"] * (MOST_ROUNDS * 2), b"235 ok\r\n")
    assert seen.attempt is not None and seen.attempt.error is not None and len(seen.sent) <= MOST_ROUNDS + 2


def test_a_server_that_does_not_let_go() -> None:
    seen = imap(CramMd5(TIM), b"+ !\r\n", b"+ go on\r\n")
    assert seen.attempt is not None and seen.attempt.reply.status == "other"


@pytest.mark.parametrize(("talk", "end", "status"), [(imap, b"* BYE\r\n", "bye"), (sieve, b'BYE "no"\r\n', "bye")])
def test_bye_ends_a_login(talk: Callable[..., Seen], end: bytes, status: str) -> None:
    seen = talk(Plain(TIM), end)
    assert seen.attempt is not None and seen.attempt.reply.status == status


def test_news_between_do_not_disturb() -> None:
    seen = imap(Plain(TIM), b"* BAD [ALERT] no\r\n* CAPABILITY X\r\na1 NO [AUTHENTICATIONFAILED] no\r\n")
    assert seen.attempt is not None and seen.attempt.reply.response_code == "AUTHENTICATIONFAILED"


def test_what_is_no_answer_ends_the_dialogue() -> None:
    assert imap(Plain(TIM), b"HTTP/1.1 400\r\n").talk.log.failure is not None
    assert smtp(Plain(TIM), b"x" * 5000).talk.log.failure is not None


@pytest.mark.parametrize("talk", [imap, pop3, smtp, sieve])
def test_no_response_is_in_a_transcript(talk: Callable[..., Seen]) -> None:
    seen = talk(Plain(TIM), b"a1 OK\r\n")
    shown = " ".join(line.text for line in seen.talk.log.transcript)
    assert HIDDEN in shown and PLAIN not in shown and "tanstaaf" not in shown


def command(credentials: Credentials, *replies: bytes) -> Seen:
    dialogue = _Imap(ImapSettings(), TlsMode.IMPLICIT)
    dialogue.action = lambda: ImapCarrier(dialogue, initial_responses=False).login(credentials)
    return drive(dialogue, (b"* OK ready\r\n", *replies))


def test_the_login_command_of_imap() -> None:
    seen = command(Credentials('a"b', "c\\d e"), b"a1 OK in\r\n")
    assert seen.sent == ['a1 LOGIN "a\\"b" "c\\\\d e"'] and seen.attempt is not None and seen.attempt.mechanism == "IMAP-LOGIN"
    literal = command(Credentials("ü", "pä"), b"+ go\r\n", b"+ go\r\n", b"a1 NO [AUTHENTICATIONFAILED] x\r\n")
    assert literal.sent == ["a1 LOGIN {2}", "ü {3}", "pä"] and literal.attempt is not None and literal.attempt.reply.status == "no"
    for replies, sent in (((b"a1 NO no\r\n",), ["a1 LOGIN {2}"]), ((b"+ go\r\n", b"a1 NO no\r\n"), ["a1 LOGIN {2}", "ü {1}"])):
        refused = command(Credentials("ü", "x"), *replies)
        assert refused.sent == sent and refused.attempt is not None and not refused.attempt.responded and refused.attempt.error is None
    early = command(Credentials("ü", "x"), b"+ go\r\n", b"a1 OK in\r\n")
    assert early.attempt is not None and early.attempt.error is not None and early.attempt.error.misstep is Misstep.NOT_AUTHENTIC
    odd = command(Credentials("a", "b"), b"+ more?\r\n")
    assert odd.attempt is not None and odd.attempt.reply.status == "other"
    assert "c\\d" not in " ".join(line.text for line in seen.talk.log.transcript)


def test_user_pass_and_apop() -> None:
    def by(action: Callable[[Pop3Carrier], Script[Attempt]], *replies: bytes) -> Seen:
        dialogue = _Pop3(Pop3Settings(), TlsMode.IMPLICIT)
        dialogue.action = lambda: action(Pop3Carrier(dialogue))
        return drive(dialogue, (b"+OK ready\r\n", *replies))

    seen = by(lambda carrier: carrier.user_pass(TIM), b"+OK\r\n", b"-ERR [AUTH] no\r\n")
    assert seen.sent == ["USER tim", "PASS tanstaaftanstaaf"] and seen.attempt is not None and seen.attempt.responded
    refused = by(lambda carrier: carrier.user_pass(TIM), b"-ERR no\r\n")
    assert refused.sent == ["USER tim"] and refused.attempt is not None and not refused.attempt.responded
    mrose = Credentials("mrose", "tanstaaf")
    apop = by(lambda carrier: carrier.apop(mrose, "<1896.697170952@dbc.mtview.ca.us>"), b"+OK\r\n")
    assert apop.sent == ["APOP mrose c4c9334bac560ecc979e58001b3e22fb"]
    assert "tanstaaf" not in " ".join(line.text for line in seen.talk.log.transcript)


def test_carriers_fit_the_protocol() -> None:
    carriers: list[Carrier] = [
        ImapCarrier(_Imap(ImapSettings(), TlsMode.NONE), initial_responses=True),
        Pop3Carrier(_Pop3(Pop3Settings(), TlsMode.NONE)),
        SieveCarrier(_Sieve(ManageSieveSettings(), TlsMode.NONE)),
        SmtpCarrier(_Smtp(SubmissionSettings(), TlsMode.NONE)),
    ]
    assert all(carrier.takes_initial("PLAIN", b"x") for carrier in carriers)
