# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outcomes of logins: replies of real servers, before and after a response of ours."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.answer import Answer
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import Outcome, of_answer


def smtp(code: int, enhanced: str | None = None, text: str = "") -> Answer:
    return Answer(code=code, enhanced_code=enhanced, text=text)


def other(status: str, code: str | None = None) -> Answer:
    return Answer(status=status, response_code=code, text="Authentication failed.")


BEFORE_AND_AFTER = [
    (smtp(235, "2.7.0"), Outcome.ACCEPTED, Outcome.ACCEPTED),
    (smtp(535, "5.7.8", "Error: authentication failed"), Outcome.MECHANISM_REFUSED, Outcome.BAD_CREDENTIALS),
    (smtp(535), Outcome.MECHANISM_REFUSED, Outcome.BAD_CREDENTIALS),
    (smtp(535, "5.7.3"), Outcome.MECHANISM_REFUSED, Outcome.ACCOUNT_PROBLEM),
    (smtp(504, "5.5.4"), Outcome.MECHANISM_REFUSED, Outcome.MECHANISM_REFUSED),
    (smtp(534, "5.7.9"), Outcome.MECHANISM_REFUSED, Outcome.MECHANISM_REFUSED),
    (smtp(538, "5.7.11"), Outcome.TLS_REQUIRED, Outcome.TLS_REQUIRED),
    (smtp(523, "5.7.10"), Outcome.TLS_REQUIRED, Outcome.TLS_REQUIRED),
    (smtp(503, "5.5.1", "Error: authentication not enabled"), Outcome.MECHANISM_REFUSED, Outcome.PROTOCOL_ERROR),
    (smtp(501, "5.5.2"), Outcome.MECHANISM_REFUSED, Outcome.PROTOCOL_ERROR),
    (smtp(454, "4.7.0", "Temporary authentication failure"), Outcome.TEMPORARY_FAILURE, Outcome.TEMPORARY_FAILURE),
    (smtp(454, "4.7.0", "Too many login attempts"), Outcome.RATE_LIMITED, Outcome.RATE_LIMITED),
    (smtp(432, "4.7.12"), Outcome.ACCOUNT_PROBLEM, Outcome.ACCOUNT_PROBLEM),
    (smtp(421, "4.7.0"), Outcome.RATE_LIMITED, Outcome.RATE_LIMITED),
    (smtp(550, "5.7.1"), Outcome.MECHANISM_REFUSED, Outcome.ACCOUNT_PROBLEM),
    (smtp(334), Outcome.PROTOCOL_ERROR, Outcome.PROTOCOL_ERROR),
    (other("ok"), Outcome.ACCEPTED, Outcome.ACCEPTED),
    (other("no", "AUTHENTICATIONFAILED"), Outcome.MECHANISM_REFUSED, Outcome.BAD_CREDENTIALS),
    (other("no"), Outcome.MECHANISM_REFUSED, Outcome.BAD_CREDENTIALS),
    (other("no", "UNAVAILABLE"), Outcome.TEMPORARY_FAILURE, Outcome.TEMPORARY_FAILURE),
    (other("no", "EXPIRED"), Outcome.ACCOUNT_PROBLEM, Outcome.ACCOUNT_PROBLEM),
    (other("no", "PRIVACYREQUIRED"), Outcome.TLS_REQUIRED, Outcome.TLS_REQUIRED),
    (other("bad"), Outcome.MECHANISM_REFUSED, Outcome.PROTOCOL_ERROR),
    (other("bye"), Outcome.RATE_LIMITED, Outcome.RATE_LIMITED),
    (other("bye", "UNAVAILABLE"), Outcome.TEMPORARY_FAILURE, Outcome.TEMPORARY_FAILURE),
    (other("err", "AUTH"), Outcome.MECHANISM_REFUSED, Outcome.BAD_CREDENTIALS),
    (other("err", "SYS/TEMP"), Outcome.TEMPORARY_FAILURE, Outcome.TEMPORARY_FAILURE),
    (other("err", "LOGIN-DELAY"), Outcome.RATE_LIMITED, Outcome.RATE_LIMITED),
    (other("no", "ENCRYPT-NEEDED"), Outcome.TLS_REQUIRED, Outcome.TLS_REQUIRED),
    (other("no", "AUTH-TOO-WEAK"), Outcome.MECHANISM_REFUSED, Outcome.MECHANISM_REFUSED),
    (other("preauth"), Outcome.PROTOCOL_ERROR, Outcome.PROTOCOL_ERROR),
    (Answer(text="nonsense"), Outcome.PROTOCOL_ERROR, Outcome.PROTOCOL_ERROR),
]


@pytest.mark.parametrize(("answer", "before", "after"), BEFORE_AND_AFTER)
def test_code_then_response_code_then_moment(answer: Answer, before: Outcome, after: Outcome) -> None:
    assert of_answer(answer, responded=False, inside_tls=True) is before
    assert of_answer(answer, responded=True, inside_tls=True) is after


def test_530_is_about_tls_outside_of_it_only() -> None:
    assert of_answer(smtp(530, "5.7.0"), responded=False, inside_tls=False) is Outcome.TLS_REQUIRED
    assert of_answer(smtp(530, "5.7.0"), responded=False, inside_tls=True) is Outcome.MECHANISM_REFUSED
