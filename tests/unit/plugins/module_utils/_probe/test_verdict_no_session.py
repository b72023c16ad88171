# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on servers without TLS, and on what ends before or after it; would smtp(8) deliver?"""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, Phase
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status, Verification
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy, fixed_policy
from ansible_collections.mailops.tls.tests.unit.makers.judging import (
    NAME,
    Level,
    chain,
    evidence,
    leaf_record,
    verdict,
    word,
)


def failed(kind: ErrorKind, phase: Phase) -> Failure:
    return Failure(kind, phase, "because")


NOT_OFFERED = failed(ErrorKind.STARTTLS_NOT_OFFERED, SmtpPhase.EHLO)
REFUSED = failed(ErrorKind.STARTTLS_REJECTED, SmtpPhase.STARTTLS)
HANDSHAKE = failed(ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE)
MUST_TLS = [level for level in Level if level not in (Level.NONE, Level.MAY)]


@pytest.mark.parametrize("failure", [NOT_OFFERED, REFUSED])
@pytest.mark.parametrize("level", Level)
def test_row_48_no_starttls_is_plaintext_and_enough_where_tls_is_optional(
    level: SecurityLevel, failure: Failure
) -> None:
    result = verdict(fixed_policy(level), evidence(failure=failure))
    assert word(result) == ("plaintext", level in (Level.NONE, Level.MAY), None)


def test_at_none_a_dialogue_that_went_well_is_plaintext() -> None:
    assert word(verdict(fixed_policy(Level.NONE), evidence())) == ("plaintext", True, None)


@pytest.mark.parametrize("level", Level)
def test_a_failed_handshake_is_no_plaintext_session_and_only_delays_mail_where_tls_is_optional(
    level: SecurityLevel,
) -> None:
    for seen in (evidence([], failure=HANDSHAKE, established=False), evidence(failure=HANDSHAKE)):
        result = verdict(fixed_policy(level), seen)
        assert word(result) == ("failed", level in (Level.NONE, Level.MAY), None)


def test_a_failed_handshake_of_implicit_tls_leaves_nothing() -> None:
    seen = evidence([], failure=HANDSHAKE, established=False, implicit=True)
    assert word(verdict(fixed_policy(Level.MAY), seen)) == ("failed", False, None)


@pytest.mark.parametrize("level", Level)
def test_a_server_that_only_knows_helo(level: SecurityLevel) -> None:
    rejected = failed(ErrorKind.REJECTED, SmtpPhase.EHLO)
    seen = evidence(failure=rejected, helo_accepted=True)
    assert word(verdict(fixed_policy(level), seen)) == ("plaintext", level in (Level.NONE, Level.MAY), None)
    assert word(verdict(fixed_policy(level), evidence(failure=rejected))) == ("failed", False, None)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize(
    ("kind", "phase", "connected"),
    [
        (ErrorKind.CONNECT_REFUSED, CommonPhase.CONNECT, False),
        (ErrorKind.CONNECT_TIMEOUT, CommonPhase.CONNECT, False),
        (ErrorKind.TIMEOUT, SmtpPhase.GREETING, True),
        (ErrorKind.REJECTED, SmtpPhase.GREETING, True),
        (ErrorKind.RATE_LIMITED, SmtpPhase.EHLO, True),
        (ErrorKind.DISCONNECTED, SmtpPhase.STARTTLS, True),
        (ErrorKind.LIMIT_EXCEEDED, SmtpPhase.EHLO, True),
    ],
)
def test_anything_else_failed(level: SecurityLevel, kind: ErrorKind, phase: Phase, connected: bool) -> None:
    result = verdict(fixed_policy(level), evidence(failure=failed(kind, phase), connected=connected))
    assert result == Verification(Status.FAILED, False)


@pytest.mark.parametrize("level", [Level.MAY, Level.ENCRYPT, Level.SECURE])
def test_a_good_session_whose_dialogue_ends_badly_keeps_its_word_and_delivers_nothing(level: SecurityLevel) -> None:
    rejected = failed(ErrorKind.REJECTED, SmtpPhase.EHLO_TLS)
    result = verdict(fixed_policy(level), evidence(chain().served, failure=rejected))
    assert (result.status in (Status.TRUSTED, Status.VERIFIED), result.satisfied) == (True, False)


@pytest.mark.parametrize("level", MUST_TLS)
def test_without_a_delivery_level_nothing_is_satisfied(level: SecurityLevel) -> None:
    policy = SessionPolicy(Level.DANE_ONLY, level, None, True, NAME, NAME)
    assert not verdict(policy, evidence(chain().served), records=[leaf_record()]).satisfied


def test_the_words_are_ranked_from_best_to_worst() -> None:
    assert [status.value for status in sorted(Status, key=lambda one: one.severity)] == [
        "verified",
        "trusted",
        "untrusted",
        "anonymous",
        "plaintext",
        "failed",
    ]
