# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login as an errand: when it is begun, when it is withheld with not a byte sent, what follows it, and where secrets are not."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import ImapDialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxPhase, Script, Talk
from ansible_collections.mailops.tls.plugins.module_utils._login.errand import LoginErrand
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome
from ansible_collections.mailops.tls.plugins.module_utils._login.terms import BindingUse
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_judge import SessionJudge
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials
from ansible_collections.mailops.tls.plugins.module_utils._sasl.mechanisms import USABLE
from ansible_collections.mailops.tls.tests.unit.makers.judging import NAME
from ansible_collections.mailops.tls.tests.unit.makers.login_scenes import (
    ALL,
    EXPORTER,
    STRANGER,
    TERMS,
    TIM,
    MadeUpSession,
    Seen,
    judge_of,
    login,
)
from ansible_collections.mailops.tls.tests.unit.servers.scram_server import ScramServer

PROTOCOLS = (MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.MANAGESIEVE, MailProtocol.SMTP)
COMMANDS = ((MailProtocol.IMAP, "IMAP-LOGIN"), (MailProtocol.POP3, "USER-PASS"), (MailProtocol.POP3, "APOP"))
EVERY = [(protocol, name) for protocol in PROTOCOLS for name in USABLE] + list(COMMANDS)
YES = {
    MailProtocol.IMAP: b"a2 OK in\r\n", MailProtocol.POP3: b"+OK in\r\n", MailProtocol.MANAGESIEVE: b'OK "in"\r\n',
    MailProtocol.SMTP: b"235 2.7.0 in\r\n",
}  # fmt: skip
NO = {
    MailProtocol.IMAP: b"a2 NO [AUTHENTICATIONFAILED] out\r\n", MailProtocol.POP3: b"-ERR [AUTH] out\r\n",
    MailProtocol.MANAGESIEVE: b'NO "out"\r\n', MailProtocol.SMTP: b"535 5.7.8 out\r\n",
}  # fmt: skip


def challenge(protocol: MailProtocol, data: bytes) -> bytes:
    text = base64.b64encode(data)
    forms = {MailProtocol.SMTP: b"334 " + text, MailProtocol.MANAGESIEVE: b'"' + text + b'"'}
    return forms.get(protocol, b"+ " + text) + b"\r\n"


def said(sent: bytes) -> bytes:
    """Return the response that a client sent last, out of base64."""
    return base64.b64decode(sent.strip().strip(b'"').rpartition(b" ")[2].strip(b'"'))


def scram_answers(
    protocol: MailProtocol, mechanism: str, binding: ChannelBinding | None, password: str = TIM.password or ""
) -> Iterator[bytes | Callable[[bytes], bytes]]:
    server = ScramServer(mechanism, {"tim": password}, binding=binding if mechanism.endswith("-PLUS") else None)
    yield lambda sent: challenge(protocol, server.first(said(sent)))
    yield lambda sent: challenge(protocol, server.final(said(sent)))


def accepting(protocol: MailProtocol, mechanism: str) -> list[bytes | Callable[[bytes], bytes]]:
    """Return what a server answers that accepts every mechanism."""
    if mechanism.startswith("SCRAM"):
        return [*scram_answers(protocol, mechanism, EXPORTER), YES[protocol]]
    if mechanism == "LOGIN":
        return [challenge(protocol, b"Username:"), challenge(protocol, b"Password:"), YES[protocol]]
    if mechanism == "CRAM-MD5":
        return [challenge(protocol, b"<1.2@x>"), YES[protocol]]
    return [YES[protocol]] * (2 if mechanism == "USER-PASS" else 1)


@pytest.mark.parametrize(("protocol", "mechanism"), EVERY)
def test_every_mechanism_logs_in_over_every_protocol(protocol: MailProtocol, mechanism: str) -> None:
    seen = login(protocol, mechanism, *accepting(protocol, mechanism))
    assert seen.note.outcome is LoginOutcome.ACCEPTED and seen.note.inside_tls
    assert seen.note.attempt is not None and seen.note.ended is not None and seen.note.ended > seen.note.began
    bound = mechanism.endswith("-PLUS")
    assert seen.note.attempt.channel_binding == ("tls-exporter" if bound else None)
    assert seen.note.attempt.server_authenticated is (True if mechanism.startswith("SCRAM") else None)


@pytest.mark.parametrize(("protocol", "mechanism"), EVERY)
def test_no_secret_is_in_anything_but_the_bytes_sent(protocol: MailProtocol, mechanism: str) -> None:
    seen = login(protocol, mechanism, *accepting(protocol, mechanism))
    shown = repr((seen.note, seen.talk.log, seen.talk.settings, seen.talk.settings.errand))
    assert TIM.password is not None and TIM.token is not None
    responses = [line.strip().rpartition(b" ")[2].strip(b'"').decode() for line in seen.sent.split(b"\r\n")[1:]]
    for secret in (TIM.password, TIM.token, *(one for one in responses if len(one) > 20)):
        assert secret not in shown
    assert "(a response of the login, not shown)" in shown


@pytest.mark.parametrize(("protocol", "mechanism"), EVERY)
def test_nor_where_the_server_repeats_it(protocol: MailProtocol, mechanism: str) -> None:
    """In a reply before the last, in the last, in its code, and in an answer that is none."""
    heard: list[bytes] = []

    def repeating(sent: bytes) -> bytes:
        heard.append(sent)
        told = b" ".join(heard).replace(b"\r\n", b" ").replace(b'"', b"") + b" tanstaaftanstaaf ya29.token"
        news = {MailProtocol.IMAP: b"* NO " + told + b"\r\n", MailProtocol.SMTP: b"535-5.7.8 " + told + b"\r\n"}
        wrong = {
            MailProtocol.IMAP: b"a2 NO [tanstaaftanstaaf] " + told,
            MailProtocol.POP3: b"-ERR [AUTH] " + told,
            MailProtocol.MANAGESIEVE: b'NO "' + told + b'"',
            MailProtocol.SMTP: b"535 5.7.8 " + told,
        }
        return news.get(protocol, b"") + wrong[protocol] + b"\r\n"

    answers = [_noting(one, heard) for one in accepting(protocol, mechanism)[:-1]]
    seen = login(protocol, mechanism, *answers, repeating)
    shown = repr((seen.note, seen.talk.log)).lower()
    responses = [word for line in heard for word in line.decode().replace('"', " ").split() if len(word) > 20]
    assert heard and seen.note.attempt is not None and seen.note.outcome is not LoginOutcome.ACCEPTED
    for secret in ("tanstaaftanstaaf", "ya29.token", *responses):
        assert secret.lower() not in shown
    assert "********" in shown


def _noting(answer: bytes | Callable[[bytes], bytes], heard: list[bytes]) -> Callable[[bytes], bytes]:
    def noted(sent: bytes) -> bytes:
        heard.append(sent)
        return answer if isinstance(answer, bytes) else answer(sent)

    return noted


SECRET = [(protocol, name) for protocol, name in EVERY if name != "EXTERNAL"]


@pytest.mark.parametrize(("protocol", "mechanism"), SECRET)
@pytest.mark.parametrize("judge", [STRANGER, judge_of(level=SecurityLevel.ENCRYPT), judge_of(level=SecurityLevel.NONE)])
def test_nothing_is_sent_to_a_server_that_is_not_vouched_for(protocol: MailProtocol, mechanism: str, judge: SessionJudge) -> None:
    seen = login(protocol, mechanism, judge=judge)
    assert seen.note.outcome is LoginOutcome.WITHHELD and seen.note.attempt is None
    assert not any(word in seen.sent for word in (b"AUTH", b"tim", b"LOGIN ", b"USER", b"APOP", b"PASS"))
    assert seen.note.reason is not None and "insecure_expose_password_to_unverified_server" in seen.note.reason
    assert ("hostname mismatch" in seen.note.reason) == (judge is STRANGER)  # why it is not, where that is known
    exposed = login(protocol, mechanism, *accepting(protocol, mechanism), judge=judge, terms=replace(TERMS, unverified=True))
    assert exposed.note.outcome is LoginOutcome.ACCEPTED


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "IMAP-LOGIN"])
@pytest.mark.parametrize("unverified", [False, True])
def test_without_tls_it_takes_an_option_of_its_own(mechanism: str, unverified: bool) -> None:
    terms = replace(TERMS, unverified=unverified)
    seen = login(MailProtocol.IMAP, mechanism, mode=TlsMode.NONE, terms=terms)
    assert seen.note.outcome is LoginOutcome.WITHHELD and not seen.note.inside_tls
    assert b"AUTHENTICATE" not in seen.sent and b"LOGIN" not in seen.sent
    assert seen.note.reason is not None and "insecure_expose_password_without_tls" in seen.note.reason
    terms = replace(terms, without_tls=True)
    seen = login(MailProtocol.IMAP, mechanism, *accepting(MailProtocol.IMAP, mechanism), mode=TlsMode.NONE, terms=terms)
    assert seen.note.outcome is LoginOutcome.ACCEPTED and not seen.note.inside_tls


def test_external_shows_nothing_and_goes_to_anybody() -> None:
    seen = login(MailProtocol.SMTP, "EXTERNAL", YES[MailProtocol.SMTP], judge=STRANGER)
    assert seen.note.outcome is LoginOutcome.ACCEPTED and b"AUTH EXTERNAL YWN0aW5n" in seen.sent


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "PLAIN", "DIGEST-MD5"])
def test_what_is_not_offered_is_only_asked_for_on_request(mechanism: str) -> None:
    seen = login(MailProtocol.IMAP, mechanism, offered="GSSAPI")
    assert seen.note.outcome is LoginOutcome.NOT_OFFERED and b"AUTHENTICATE" not in seen.sent
    terms = replace(TERMS, only_offered=False)
    seen = login(MailProtocol.IMAP, mechanism, b"a2 NO what?\r\n", offered="GSSAPI", terms=terms)
    known = mechanism != "DIGEST-MD5"
    assert (b"AUTHENTICATE" in seen.sent) is known
    assert seen.note.outcome is (LoginOutcome.MECHANISM_REFUSED if known else LoginOutcome.UNSUPPORTED)
    assert not known or f"AUTHENTICATE {mechanism}\r\n".encode() in seen.sent  # and nothing behind it
    assert seen.note.progress.responded is False


@pytest.mark.parametrize(
    ("protocol", "mechanism"), [(MailProtocol.SMTP, "IMAP-LOGIN"), (MailProtocol.IMAP, "APOP"), (MailProtocol.MANAGESIEVE, "USER-PASS")]
)
@pytest.mark.parametrize("only_offered", [True, False])
def test_a_command_of_another_protocol_is_offered_nowhere(protocol: MailProtocol, mechanism: str, only_offered: bool) -> None:
    assert login(protocol, mechanism, terms=replace(TERMS, only_offered=only_offered)).note.outcome is LoginOutcome.NOT_OFFERED


def test_what_the_binding_may_be() -> None:
    required, never = (replace(TERMS, channel_binding=one) for one in (BindingUse.REQUIRE, BindingUse.NEVER))
    for name in ("SCRAM-SHA-256", "PLAIN", "EXTERNAL"):
        assert login(MailProtocol.IMAP, name, terms=required).note.outcome is LoginOutcome.WITHHELD
    assert login(MailProtocol.IMAP, "SCRAM-SHA-256-PLUS", terms=never).note.outcome is LoginOutcome.WITHHELD
    without = login(MailProtocol.IMAP, "SCRAM-SHA-256-PLUS", session=MadeUpSession(()))
    assert without.note.outcome is LoginOutcome.UNSUPPORTED and b"AUTHENTICATE" not in without.sent


@pytest.mark.parametrize(
    ("offered", "use", "flag"),
    [(ALL, BindingUse.AUTO, b"n,"), ("SCRAM-SHA-256", BindingUse.AUTO, b"y,"), ("SCRAM-SHA-256", BindingUse.NEVER, b"n,")],
)
def test_scram_tells_whether_it_could_have_bound(offered: str, use: BindingUse, flag: bytes) -> None:
    seen = login(MailProtocol.SMTP, "SCRAM-SHA-256", NO[MailProtocol.SMTP], offered=offered, terms=replace(TERMS, channel_binding=use))
    first = next(line for line in seen.sent.split(b"\r\n") if line.startswith(b"AUTH"))
    assert said(first).startswith(flag)


def test_a_list_of_mechanisms_that_somebody_shortened_is_noticed() -> None:
    server = ScramServer("SCRAM-SHA-256", {"tim": TIM.password or ""}, offers_plus=True)
    seen = login(
        MailProtocol.IMAP, "SCRAM-SHA-256", lambda sent: challenge(MailProtocol.IMAP, server.first(said(sent))), b"a2 BAD no\r\n",
        offered="SCRAM-SHA-256",
    )  # fmt: skip
    assert seen.note.outcome is LoginOutcome.SERVER_NOT_AUTHENTIC


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"])
def test_scram_tells_a_wrong_password_from_another_session(protocol: MailProtocol, mechanism: str) -> None:
    wrong = login(protocol, mechanism, *scram_answers(protocol, mechanism, EXPORTER, "another"), NO[protocol])
    assert wrong.note.outcome is LoginOutcome.BAD_CREDENTIALS
    if mechanism.endswith("-PLUS"):
        other = replace(EXPORTER, data=b"another session")
        between = login(protocol, mechanism, *scram_answers(protocol, mechanism, other), NO[protocol])
        assert between.note.outcome is LoginOutcome.SERVER_NOT_AUTHENTIC


@pytest.mark.parametrize(("protocol", "mechanism"), [one for one in EVERY if one[1] not in ("LOGIN", "CRAM-MD5", "USER-PASS")])
def test_a_wrong_password(protocol: MailProtocol, mechanism: str) -> None:
    assert login(protocol, mechanism, NO[protocol]).note.outcome is LoginOutcome.BAD_CREDENTIALS


def test_a_server_that_never_answers_leaves_what_is_known() -> None:
    seen = login(MailProtocol.IMAP, "EXTERNAL")
    assert seen.note.outcome is None and seen.note.ended is None and seen.note.progress.responded
    assert seen.talk.log.failure is not None and seen.talk.log.failure.phase.value == "auth"
    seen = login(MailProtocol.SMTP, "LOGIN", challenge(MailProtocol.SMTP, b"User"))
    assert (seen.note.progress.rounds, seen.note.progress.responded) == (1, True)


@dataclass(frozen=True, eq=False)
class Select:
    """Opens a mailbox."""

    def run(self, talk: Talk) -> Script[None]:
        assert isinstance(talk, ImapDialogue)
        completed = yield from talk.command(MailboxPhase.CAPABILITY_TLS, "SELECT INBOX")
        talk.log.learned.append(completed.ok)


def test_a_secret_is_no_mechanism_either() -> None:
    answers = (b"a2 OK in\r\n", b"* CAPABILITY IMAP4rev1 AUTH=tanstaaftanstaaf AUTH=PLAIN\r\na3 OK\r\n")
    seen = login(MailProtocol.IMAP, "PLAIN", *answers)
    assert seen.note.left_after == ("********", "PLAIN")


def test_after_a_login_comes_what_the_caller_wants_and_after_a_refusal_nothing() -> None:
    left = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE\r\na3 OK x\r\n"
    seen = login(MailProtocol.IMAP, "PLAIN", YES[MailProtocol.IMAP], left, b"a4 OK open\r\n", then=Select())
    assert seen.talk.log.learned == [seen.note, True] and seen.note.left_after == ("PLAIN",)
    assert seen.sent.endswith(b"a3 CAPABILITY\r\na4 SELECT INBOX\r\na5 LOGOUT\r\n")
    seen = login(MailProtocol.IMAP, "PLAIN", NO[MailProtocol.IMAP], then=Select())
    assert b"SELECT" not in seen.sent and seen.note.left_after is None


@pytest.mark.parametrize("mechanism", ["PLAIN", "IMAP-LOGIN", "OAUTHBEARER", "SCRAM-SHA-1"])
def test_what_a_credential_cannot_do_is_a_result(mechanism: str) -> None:
    seen = login(MailProtocol.IMAP, mechanism, terms=replace(TERMS, credentials=Credentials("tim")))
    assert seen.note.outcome is LoginOutcome.UNSUPPORTED and seen.note.reason is not None and "is needed" in seen.note.reason
    assert b"tim" not in seen.sent


def test_errands_are_told_apart_by_themselves_and_not_by_their_secrets() -> None:
    one, other = (LoginErrand("PLAIN", TERMS, judge_of(), MailProtocol.IMAP, NAME, 993) for _number in range(2))
    assert one != other and hash(one) == object.__hash__(one)


def test_bounds_of_what_a_server_may_ask_for() -> None:
    """600,000 iterations are the limit; more is refused before any work."""
    asked = b"r=%s,s=QQ==,i=600001"
    seen: Seen = login(
        MailProtocol.IMAP, "SCRAM-SHA-256", lambda sent: challenge(MailProtocol.IMAP, asked % (said(sent).rpartition(b"r=")[2] + b"x")),
        b"a2 BAD no\r\n",
    )  # fmt: skip
    assert seen.note.outcome is LoginOutcome.PROTOCOL_ERROR
    assert seen.note.attempt is not None and seen.note.attempt.error is not None and "600001 iterations" in str(seen.note.attempt.error)
