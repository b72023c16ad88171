# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outcomes of logins: replies of real servers, before and after a response of ours."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome, of_answer


def smtp(code: int, enhanced: str | None = None, text: str = "") -> ServerReply:
    return ServerReply(code=code, enhanced_code=enhanced, text=text)


def other(status: str, code: str | None = None) -> ServerReply:
    return ServerReply(status=status, response_code=code, text="Authentication failed.")


BEFORE_AND_AFTER = [
    (smtp(235, "2.7.0"), LoginOutcome.ACCEPTED, LoginOutcome.ACCEPTED),
    (smtp(250, text="mail.example.org"), LoginOutcome.PROTOCOL_ERROR, LoginOutcome.PROTOCOL_ERROR),
    (smtp(535, "5.7.8", "Error: authentication failed"), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.BAD_CREDENTIALS),
    (smtp(535), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.BAD_CREDENTIALS),
    (smtp(535, "5.7.3"), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.ACCOUNT_PROBLEM),
    (smtp(504, "5.5.4"), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.MECHANISM_REFUSED),
    (smtp(534, "5.7.9"), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.MECHANISM_REFUSED),
    (smtp(538, "5.7.11"), LoginOutcome.TLS_REQUIRED, LoginOutcome.TLS_REQUIRED),
    (smtp(523, "5.7.10"), LoginOutcome.TLS_REQUIRED, LoginOutcome.TLS_REQUIRED),
    (smtp(503, "5.5.1", "Error: authentication not enabled"), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.PROTOCOL_ERROR),
    (smtp(501, "5.5.2"), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.PROTOCOL_ERROR),
    (smtp(454, "4.7.0", "Temporary authentication failure"), LoginOutcome.TEMPORARY_FAILURE, LoginOutcome.TEMPORARY_FAILURE),
    (smtp(454, "4.7.0", "Too many login attempts"), LoginOutcome.RATE_LIMITED, LoginOutcome.RATE_LIMITED),
    (smtp(432, "4.7.12"), LoginOutcome.ACCOUNT_PROBLEM, LoginOutcome.ACCOUNT_PROBLEM),
    (smtp(421, "4.7.0"), LoginOutcome.RATE_LIMITED, LoginOutcome.RATE_LIMITED),
    (smtp(550, "5.7.1"), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.ACCOUNT_PROBLEM),
    (smtp(334), LoginOutcome.PROTOCOL_ERROR, LoginOutcome.PROTOCOL_ERROR),
    (other("ok"), LoginOutcome.ACCEPTED, LoginOutcome.ACCEPTED),
    (other("no", "AUTHENTICATIONFAILED"), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.BAD_CREDENTIALS),
    (other("no"), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.BAD_CREDENTIALS),
    (other("no", "UNAVAILABLE"), LoginOutcome.TEMPORARY_FAILURE, LoginOutcome.TEMPORARY_FAILURE),
    (other("no", "EXPIRED"), LoginOutcome.ACCOUNT_PROBLEM, LoginOutcome.ACCOUNT_PROBLEM),
    (other("no", "PRIVACYREQUIRED"), LoginOutcome.TLS_REQUIRED, LoginOutcome.TLS_REQUIRED),
    (other("bad"), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.PROTOCOL_ERROR),
    (other("bye"), LoginOutcome.RATE_LIMITED, LoginOutcome.RATE_LIMITED),
    (other("bye", "UNAVAILABLE"), LoginOutcome.TEMPORARY_FAILURE, LoginOutcome.TEMPORARY_FAILURE),
    (other("err", "AUTH"), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.BAD_CREDENTIALS),
    (other("err", "SYS/TEMP"), LoginOutcome.TEMPORARY_FAILURE, LoginOutcome.TEMPORARY_FAILURE),
    (other("err", "LOGIN-DELAY"), LoginOutcome.RATE_LIMITED, LoginOutcome.RATE_LIMITED),
    (other("no", "ENCRYPT-NEEDED"), LoginOutcome.TLS_REQUIRED, LoginOutcome.TLS_REQUIRED),
    (other("no", "AUTH-TOO-WEAK"), LoginOutcome.MECHANISM_REFUSED, LoginOutcome.MECHANISM_REFUSED),
    (other("preauth"), LoginOutcome.PROTOCOL_ERROR, LoginOutcome.PROTOCOL_ERROR),
    (ServerReply(text="nonsense"), LoginOutcome.PROTOCOL_ERROR, LoginOutcome.PROTOCOL_ERROR),
]


@pytest.mark.parametrize(("answer", "before", "after"), BEFORE_AND_AFTER)
def test_code_then_response_code_then_moment(answer: ServerReply, before: LoginOutcome, after: LoginOutcome) -> None:
    assert of_answer(answer, responded=False, inside_tls=True) is before
    assert of_answer(answer, responded=True, inside_tls=True) is after


def test_530_is_about_tls_outside_of_it_only() -> None:
    assert of_answer(smtp(530, "5.7.0"), responded=False, inside_tls=False) is LoginOutcome.TLS_REQUIRED
    assert of_answer(smtp(530, "5.7.0"), responded=False, inside_tls=True) is LoginOutcome.MECHANISM_REFUSED
