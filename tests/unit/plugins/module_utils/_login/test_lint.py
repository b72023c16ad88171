# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each finding of logins: what brings it about, and what does not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import Attempt
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import DialogueLog, TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpLog, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxLog
from ansible_collections.mailops.tls.plugins.module_utils._login.errand import LoginNote
from ansible_collections.mailops.tls.plugins.module_utils._login.lint import lint_logins
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome
from ansible_collections.mailops.tls.plugins.module_utils._login.relay import RelayPhase, RelayTest
from ansible_collections.mailops.tls.plugins.module_utils._login.result import Login, LoginEndpoint, LoginResult
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import MailboxEndpoint, MailboxResult
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol, MailService
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.way import ServiceAddress, Way
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import TlsSession

TARGET = MailTarget("mail.example.org", "mail.example.org")


def endpoint(
    service: MailService, before: str | None = None, after: str | None = None, *logins: Login,
    relay: RelayTest | None = None, equals: bool = False, **capabilities: tuple[str, ...]
) -> LoginEndpoint:
    word = "AUTH" if service.terms.protocol in (MailProtocol.IMAP, MailProtocol.SMTP) else "SASL"
    told = [None if one is None else {**capabilities, word: tuple(one.split())} for one in (before, after)]
    kind = SmtpLog if service.terms.protocol is MailProtocol.SMTP else MailboxLog
    log: DialogueLog = kind(before_tls=told[0], after_tls=told[1])
    if isinstance(log, SmtpLog):
        log.equals_auth = equals
    candidate = Candidate("mail.example.org", "mail.example.org", "192.0.2.1", service.terms.port)
    plan = ProbePlan(Target("192.0.2.1", candidate.port), SmtpSettings("x"), tls_mode=TlsMode.STARTTLS)
    evidence = ProbeEvidence(plan, connected=True, log=log, tls=TlsSession(True))
    return LoginEndpoint(MailboxEndpoint(ServiceAddress(service, candidate), evidence=evidence), tuple(logins), relay)


def ids(*endpoints: LoginEndpoint) -> list[str]:
    return [one.id for one in lint_logins(LoginResult(MailboxResult(TARGET, Way()), endpoints))]


PLUS = "PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS"


@pytest.mark.parametrize(
    ("service", "before", "after", "found"),
    [
        (MailService.SUBMISSION, "", PLUS, []),
        (MailService.SUBMISSION, None, PLUS, []),
        (MailService.SUBMISSION, "PLAIN", PLUS, ["sasl_password_in_clear"]),
        (MailService.IMAP, "XOAUTH2", "XOAUTH2", ["sasl_password_in_clear"]),
        (MailService.POP3, "CRAM-MD5", "PLAIN CRAM-MD5", ["sasl_weak_mechanism"]),
        (MailService.IMAP, "", "PLAIN NTLM", ["sasl_weak_mechanism"]),
        (MailService.IMAP, "", "PLAIN ANONYMOUS", ["sasl_anonymous_offered"]),
        (MailService.IMAP, "EXTERNAL", "EXTERNAL", ["sasl_external_in_clear"]),
        (MailService.IMAP, "", "EXTERNAL", []),
        (MailService.IMAP, "", "LOGIN", ["sasl_login_without_plain"]),
        (MailService.SUBMISSION, "", "", ["sasl_none_inside_tls"]),
        (MailService.SIEVE, "", "", ["sasl_none_inside_tls"]),
        (MailService.SMTP, "", "", []),
        (MailService.SUBMISSION, "SCRAM-SHA-1-PLUS", "PLAIN", ["sasl_fewer_inside_tls"]),
        (MailService.IMAP, "SCRAM-SHA-1-PLUS", None, []),
        (MailService.IMAP, "", "SCRAM-SHA-1 PLAIN", ["sasl_no_channel_binding"]),
        (MailService.SMTP, "", "PLAIN", ["auth_on_port_25"]),
    ],
)
def test_what_is_offered(service: MailService, before: str | None, after: str | None, found: list[str]) -> None:
    assert ids(endpoint(service, before, after)) == found


def test_pop3_with_user_can_be_used() -> None:
    assert ids(endpoint(MailService.POP3, "", "", USER=())) == []
    assert ids(endpoint(MailService.POP3, "", "")) == ["sasl_none_inside_tls"]


def test_auth_with_an_equals_sign_and_an_open_relay() -> None:
    assert ids(endpoint(MailService.SUBMISSION, "", PLUS, equals=True)) == ["sasl_equals_syntax"]
    reply = ServerReply(code=250, text="ok")
    assert ids(endpoint(MailService.SUBMISSION, "", PLUS, relay=RelayTest(True, RelayPhase.RCPT, reply))) == ["submission_without_auth"]
    assert ids(endpoint(MailService.SUBMISSION, "", PLUS, relay=RelayTest(False, RelayPhase.MAIL, reply))) == []


def made(outcome: LoginOutcome, **reply: object) -> Login:
    note = LoginNote("PLAIN", outcome=outcome)
    given: Mapping[str, object] = reply
    note.attempt = Attempt("PLAIN", ServerReply(**given), responded=True)  # type: ignore[arg-type]
    return Login("PLAIN", outcome, True, None, note)


def test_refusals_that_cannot_be_told_apart() -> None:
    wrong = made(LoginOutcome.BAD_CREDENTIALS, status="err", response_code="AUTH", text="wrong password")
    refused = made(LoginOutcome.MECHANISM_REFUSED, status="err", response_code="AUTH", text="what?")
    other = made(LoginOutcome.MECHANISM_REFUSED, status="err", text="what?")
    assert ids(endpoint(MailService.POP3, "", PLUS, wrong, refused)) == ["auth_error_not_distinct"]
    assert ids(endpoint(MailService.POP3, "", PLUS, wrong, other)) == [] == ids(endpoint(MailService.POP3, "", PLUS, refused))
