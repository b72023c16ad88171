# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins as facts: what is told of one that was never begun, of one that broke off, and of one with a reply."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import Attempt, LoginPhase
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, Phase
from ansible_collections.mailops.tls.plugins.module_utils._login.concealed import HIDDEN, Concealment
from ansible_collections.mailops.tls.plugins.module_utils._login.errand import LoginNote
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome
from ansible_collections.mailops.tls.plugins.module_utils._login.result import Login
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials, Misstep, SaslError

PLAN = ProbePlan(Target("192.0.2.1", 993), SmtpSettings("x"))
CONCEALMENT = Concealment.of(Credentials("tim", "sesame"))


def broken(kind: ErrorKind, phase: Phase) -> ProbeEvidence:
    return ProbeEvidence(PLAN, connected=True, failure=Failure(kind, phase, "because"), timings={"total": 5.0})


@pytest.mark.parametrize(
    ("kind", "phase", "outcome"),
    [
        (ErrorKind.TIMEOUT, LoginPhase.AUTH, LoginOutcome.TIMEOUT),
        (ErrorKind.DISCONNECTED, LoginPhase.AUTH, LoginOutcome.DISCONNECTED),
        (ErrorKind.LIMIT_EXCEEDED, LoginPhase.AUTH, LoginOutcome.PROTOCOL_ERROR),
        (ErrorKind.PROTOCOL_ERROR, LoginPhase.AUTH, LoginOutcome.PROTOCOL_ERROR),
        (ErrorKind.RATE_LIMITED, LoginPhase.AUTH, LoginOutcome.RATE_LIMITED),
    ],
)
def test_a_connection_that_broke(kind: ErrorKind, phase: Phase, outcome: LoginOutcome) -> None:
    note = LoginNote("PLAIN", began=1.5, inside_tls=True)
    note.progress.responded, note.progress.rounds = True, 1
    facts = Login.of("PLAIN", note, broken(kind, phase)).as_facts(CONCEALMENT, Detail())
    assert (facts["outcome"], facts["error"]["kind"], facts["reply"]) == (outcome.value, kind.value, None)
    assert (facts["rounds"], facts["seconds"], facts["inside_tls"], facts["transcript"]) == (1, 3.5, True, None)


@pytest.mark.parametrize(
    ("kind", "phase", "outcome"),
    [
        (ErrorKind.CONNECT_REFUSED, CommonPhase.CONNECT, LoginOutcome.DISCONNECTED),
        (ErrorKind.CONNECT_TIMEOUT, CommonPhase.CONNECT, LoginOutcome.TIMEOUT),
        (ErrorKind.REJECTED, SmtpPhase.GREETING, LoginOutcome.RATE_LIMITED),
        (ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE, LoginOutcome.WITHHELD),
        (ErrorKind.STARTTLS_NOT_OFFERED, SmtpPhase.EHLO, LoginOutcome.WITHHELD),
    ],
)
def test_a_connection_that_did_not_come_so_far(kind: ErrorKind, phase: Phase, outcome: LoginOutcome) -> None:
    made = Login.of("PLAIN", None, broken(kind, phase))
    facts = made.as_facts(CONCEALMENT, Detail())
    assert (facts["outcome"], facts["error"]["phase"], facts["rounds"], facts["seconds"]) == (outcome.value, phase.value, None, None)
    assert not made.begun


def test_what_a_server_says_back_is_not_told() -> None:
    attempt = Attempt("PLAIN", ServerReply(code=535, text="not sesame, sorry"), True, True)
    note = LoginNote("PLAIN", outcome=LoginOutcome.BAD_CREDENTIALS, attempt=attempt, ended=0.25)
    facts = Login.of("PLAIN", note, ProbeEvidence(PLAN, timings={"total": 5.0})).as_facts(CONCEALMENT, Detail())
    assert facts["reply"]["text"] == f"not {HIDDEN}, sorry" and facts["seconds"] == 0.25 and facts["error"] is None


@pytest.mark.parametrize("kind", [ErrorKind.TIMEOUT, ErrorKind.DISCONNECTED, ErrorKind.PROTOCOL_ERROR])
def test_who_left_the_rules_does_not_get_away_by_silence(kind: ErrorKind) -> None:
    note = LoginNote("SCRAM-SHA-1", began=1.0, inside_tls=True)
    note.progress.responded, note.progress.error = True, SaslError(Misstep.NOT_AUTHENTIC, "the signature of sesame is wrong")
    facts = Login.of("SCRAM-SHA-1", note, broken(kind, LoginPhase.AUTH)).as_facts(CONCEALMENT, Detail())
    assert (facts["outcome"], facts["seconds"], facts["reply"]) == ("server_not_authentic", 4.0, None)
    assert facts["error"] == {"kind": "protocol_error", "phase": "auth", "text": f"the signature of {HIDDEN} is wrong"}


@pytest.mark.parametrize(
    ("misstep", "kind"),
    [
        (Misstep.EXCESSIVE, "limit_exceeded"), (Misstep.MALFORMED, "protocol_error"), (Misstep.NOT_AUTHENTIC, "protocol_error"),
        (Misstep.REFUSED, "rejected"),
    ],
)  # fmt: skip
def test_how_a_server_left_the_rules(misstep: Misstep, kind: str) -> None:
    attempt = Attempt("SCRAM-SHA-1", ServerReply(status="bad"), True, error=SaslError(misstep, "sesame was wrong"))
    note = LoginNote("SCRAM-SHA-1", outcome=LoginOutcome.PROTOCOL_ERROR, attempt=attempt, ended=0.25)
    error = Login.of("SCRAM-SHA-1", note, ProbeEvidence(PLAN, timings={"total": 5.0})).as_facts(CONCEALMENT, Detail())["error"]
    assert error == {"kind": kind, "phase": "auth", "text": f"{HIDDEN} was wrong"}
