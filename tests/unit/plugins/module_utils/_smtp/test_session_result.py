# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions for several kinds of keys: which the server has, which session stands for the endpoint, and the verdict on all of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import TlsaLookup, TlsaOutcome
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status, Verification
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import fixed_policy
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.rfc_reading import RfcReading
from ansible_collections.mailops.tls.plugins.module_utils._smtp.session_result import (
    SessionResult,
    counting_sessions,
    primary_session,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import TlsSession
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf

ANY, RSA, ECDSA, ED25519 = KeyRequest
PLAN = ProbePlan(Target("192.0.2.1", 25), SmtpSettings("probe.example.net"))
POLICY = fixed_policy(SecurityLevel.SECURE)
REFUSED = Failure(ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE, "alert handshake failure")
TIMEOUT = Failure(ErrorKind.TIMEOUT, CommonPhase.HANDSHAKE, "no answer in time")


def served(
    algorithm: KeyRequest, kind: str, status: Status = Status.VERIFIED, satisfied: bool = True, rfc: bool | None = None
) -> SessionResult:
    """Return a session in which the server showed a key of this kind."""
    certificate = leaf(kind).der
    evidence = ProbeEvidence(PLAN, connected=True, tls=TlsSession(True, "TLSv1.3", chain=(certificate,)))
    reading = RfcReading(None, satisfied if rfc is None else rfc)
    return SessionResult(algorithm, evidence, Verification(status, satisfied), (Certificate(certificate),), reading)


def failed(
    algorithm: KeyRequest, alert: str | None = "handshake_failure", failure: Failure = REFUSED, satisfied: bool = False
) -> SessionResult:
    """Return a session that did not come to a certificate."""
    evidence = ProbeEvidence(PLAN, connected=True, failure=failure, tls=TlsSession(False, alert=alert))
    return SessionResult(algorithm, evidence, Verification(Status.FAILED, satisfied))


def without_tls(algorithm: KeyRequest) -> SessionResult:
    failure = Failure(ErrorKind.STARTTLS_NOT_OFFERED, SmtpPhase.EHLO, "the server does not offer STARTTLS")
    return SessionResult(algorithm, ProbeEvidence(PLAN, connected=True, failure=failure), Verification(Status.PLAINTEXT, False))


def endpoint(*sessions: SessionResult) -> EndpointResult:
    candidate = Candidate("mx.example.com", "mx.example.com", "192.0.2.1", 25, 10, True)
    return EndpointResult.of_sessions(candidate, POLICY, TlsaLookup(TlsaOutcome.SKIPPED), (), sessions)


GOOD, BAD, ABSENT = served(ECDSA, "ecdsa"), served(RSA, "rsa", Status.UNTRUSTED, False), failed(ED25519)
LOST = failed(RSA, None, TIMEOUT)


# --- one session -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("session", "offered"),
    [
        (GOOD, True),
        (BAD, True),
        (served(ANY, "ed448"), True),
        (served(ECDSA, "ed25519"), False),
        (ABSENT, False),
        (failed(RSA, "insufficient_security"), False),
        (failed(RSA, "protocol_version"), None),
        (failed(RSA, "internal_error"), None),
        (failed(ANY), None),
        (LOST, None),
        (without_tls(RSA), None),
        (without_tls(ANY), None),
    ],
)
def test_whether_the_server_has_such_a_key(session: SessionResult, offered: bool | None) -> None:
    assert session.offered is offered


def test_an_anonymous_session_of_any_is_one() -> None:
    evidence = ProbeEvidence(PLAN, connected=True, tls=TlsSession(True, "TLSv1.2"))
    session = SessionResult(ANY, evidence, Verification(Status.ANONYMOUS, True))
    assert (session.offered, session.status) == (True, Status.ANONYMOUS)


def test_another_key_than_asked_for_is_a_failed_handshake() -> None:
    session = served(ECDSA, "ed25519")
    assert session.failure is not None and session.failure.kind is ErrorKind.HANDSHAKE_FAILED
    assert "ed25519" in session.failure.text
    assert (session.status, session.satisfied) == (Status.FAILED, False)


def test_a_failure_of_the_session_is_the_failure() -> None:
    assert (GOOD.failure, ABSENT.failure, LOST.failure) == (None, REFUSED, TIMEOUT)


# --- all of them ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sessions", "primary"),
    [
        ([GOOD, BAD], GOOD),
        ([BAD, GOOD], BAD),
        ([ABSENT, GOOD], GOOD),
        ([LOST, GOOD], GOOD),
        ([ABSENT, LOST], LOST),
        ([ABSENT], ABSENT),
        ([GOOD, failed(ANY)], failed(ANY)),
        ([GOOD, served(ANY, "ecdsa")], served(ANY, "ecdsa")),
    ],
)
def test_any_stands_for_the_endpoint_else_the_first_that_the_server_has(
    sessions: Sequence[SessionResult], primary: SessionResult
) -> None:
    assert primary_session(sessions) == primary


def test_what_the_server_does_not_have_does_not_count_unless_it_has_nothing() -> None:
    assert counting_sessions([GOOD, ABSENT, LOST]) == [GOOD, LOST]
    assert counting_sessions([ABSENT, failed(RSA)]) == [ABSENT, failed(RSA)]


@pytest.mark.parametrize(
    ("sessions", "status", "satisfied", "failure"),
    [
        ([GOOD], Status.VERIFIED, True, None),
        ([GOOD, ABSENT], Status.VERIFIED, True, None),
        ([ABSENT, GOOD], Status.VERIFIED, True, None),
        ([GOOD, BAD], Status.UNTRUSTED, False, None),
        ([BAD, GOOD, ABSENT], Status.UNTRUSTED, False, None),
        ([GOOD, LOST], Status.FAILED, False, TIMEOUT),
        ([ABSENT], Status.FAILED, False, REFUSED),
        ([ABSENT, failed(RSA)], Status.FAILED, False, REFUSED),
        ([ABSENT, failed(RSA, satisfied=True)], Status.FAILED, False, REFUSED),
        ([served(ANY, "ecdsa"), GOOD, BAD], Status.UNTRUSTED, False, None),
        ([failed(ANY), GOOD], Status.FAILED, False, REFUSED),
    ],
)
def test_an_endpoint_is_as_good_as_the_worst_of_its_keys(
    sessions: Sequence[SessionResult], status: Status, satisfied: bool, failure: Failure | None
) -> None:
    result = endpoint(*sessions)
    assert (result.status, result.satisfied, result.failure) == (status, satisfied, failure)


def test_what_an_endpoint_shows_is_of_its_primary_session() -> None:
    result = endpoint(ABSENT, GOOD, BAD)
    assert (result.chain, result.evidence, result.verification) == (GOOD.chain, GOOD.evidence, GOOD.verification)
    assert result.connected


def test_the_reading_of_the_rfcs_is_that_of_a_session_they_would_not_deliver_over() -> None:
    assert endpoint(GOOD, served(RSA, "rsa", rfc=False)).rfc == RfcReading(None, False)
    assert endpoint(GOOD, served(RSA, "rsa")).rfc == RfcReading(None, True)


# --- facts ----------------------------------------------------------------------------------------------------------------


def test_facts_of_one_session_for_any_key_have_no_list() -> None:
    assert "key_algorithms" not in endpoint(served(ANY, "rsa")).as_facts(Detail())


def test_facts_of_several_sessions() -> None:
    facts = endpoint(BAD, GOOD, ABSENT).as_facts(Detail(transcript=True))
    assert [one["algorithm"] for one in facts["key_algorithms"]] == ["rsa", "ecdsa", "ed25519"]
    assert [one["offered"] for one in facts["key_algorithms"]] == [True, True, False]
    assert [one["status"] for one in facts["key_algorithms"]] == ["untrusted", "verified", "failed"]
    assert [one["satisfied"] for one in facts["key_algorithms"]] == [False, True, False]
    assert [one["chain"][0]["public_key"]["type"] if one["chain"] else None for one in facts["key_algorithms"]] == ["rsa", "ecdsa", None]
    absent = facts["key_algorithms"][2]
    assert absent["error"] == REFUSED.as_dict()
    assert set(absent) == {
        "algorithm", "offered", "status", "satisfied", "error", "tls", "chain", "verification", "tlsa", "transcript",
    }  # fmt: skip
    assert facts["chain"] == facts["key_algorithms"][0]["chain"]
    assert (facts["status"], facts["satisfied"], facts["error"]) == ("untrusted", False, None)
