# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a login: decided by the reply's code, then its response code, then whether a response of ours had been sent.

Servers do not tell a wrong password from a mechanism that they do not have: Dovecot answers `-ERR [AUTH]` to both, Postfix 535. What
tells them apart is the moment: who refuses before anything of ours was seen, has refused the mechanism.
Sources: RFC 4954 section 6 and RFC 5248 (SMTP), RFC 5530 (IMAP), RFC 2449 and RFC 3206 (POP3), RFC 5804 section 1.3 (ManageSieve).
"""

from __future__ import annotations

import re
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import ACCEPTED, Attempt
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Misstep, SaslError


class LoginOutcome(str, Enum):
    """`outcome` of a login in results."""

    ACCEPTED = "accepted"
    BAD_CREDENTIALS = "bad_credentials"
    NOT_OFFERED = "not_offered"
    MECHANISM_REFUSED = "mechanism_refused"
    TLS_REQUIRED = "tls_required"
    TEMPORARY_FAILURE = "temporary_failure"
    RATE_LIMITED = "rate_limited"
    ACCOUNT_PROBLEM = "account_problem"
    SERVER_NOT_AUTHENTIC = "server_not_authentic"
    WITHHELD = "withheld"
    UNSUPPORTED = "unsupported"
    PROTOCOL_ERROR = "protocol_error"
    DISCONNECTED = "disconnected"
    TIMEOUT = "timeout"


_SMTP_CODES = {
    421: LoginOutcome.RATE_LIMITED,
    422: LoginOutcome.ACCOUNT_PROBLEM,
    432: LoginOutcome.ACCOUNT_PROBLEM,
    504: LoginOutcome.MECHANISM_REFUSED,
    523: LoginOutcome.TLS_REQUIRED,
    534: LoginOutcome.MECHANISM_REFUSED,
    538: LoginOutcome.TLS_REQUIRED,
}
_FAILURES = {
    ErrorKind.TIMEOUT: LoginOutcome.TIMEOUT,
    ErrorKind.CONNECT_TIMEOUT: LoginOutcome.TIMEOUT,
    ErrorKind.DISCONNECTED: LoginOutcome.DISCONNECTED,
    ErrorKind.CONNECT_REFUSED: LoginOutcome.DISCONNECTED,
    ErrorKind.CONNECT_FAILED: LoginOutcome.DISCONNECTED,
    ErrorKind.REJECTED: LoginOutcome.RATE_LIMITED,
    ErrorKind.RATE_LIMITED: LoginOutcome.RATE_LIMITED,
    ErrorKind.STARTTLS_NOT_OFFERED: LoginOutcome.WITHHELD,
    ErrorKind.STARTTLS_REJECTED: LoginOutcome.WITHHELD,
    ErrorKind.HANDSHAKE_FAILED: LoginOutcome.WITHHELD,
}
"""Of a connection that ended before the server had said what becomes of the login."""
_SYNTAX = frozenset((500, 501, 502, 503, 555))
"""Codes about the command itself: before a response the mechanism or AUTH is not known, after one the exchange went wrong."""
_WRONG_PASSWORD = frozenset((None, "5.7.8", "5.7.0", "5.0.0"))
_RESPONSE_CODES = {
    "PRIVACYREQUIRED": LoginOutcome.TLS_REQUIRED,
    "ENCRYPT-NEEDED": LoginOutcome.TLS_REQUIRED,
    "UNAVAILABLE": LoginOutcome.TEMPORARY_FAILURE,
    "INUSE": LoginOutcome.TEMPORARY_FAILURE,
    "IN-USE": LoginOutcome.TEMPORARY_FAILURE,
    "SYS/TEMP": LoginOutcome.TEMPORARY_FAILURE,
    "LIMIT": LoginOutcome.TEMPORARY_FAILURE,
    "SERVERBUG": LoginOutcome.TEMPORARY_FAILURE,
    "TRYLATER": LoginOutcome.TEMPORARY_FAILURE,
    "LOGIN-DELAY": LoginOutcome.RATE_LIMITED,
    "EXPIRED": LoginOutcome.ACCOUNT_PROBLEM,
    "AUTHORIZATIONFAILED": LoginOutcome.ACCOUNT_PROBLEM,
    "CONTACTADMIN": LoginOutcome.ACCOUNT_PROBLEM,
    "TRANSITION-NEEDED": LoginOutcome.ACCOUNT_PROBLEM,
    "SYS/PERM": LoginOutcome.ACCOUNT_PROBLEM,
    "AUTH-TOO-WEAK": LoginOutcome.MECHANISM_REFUSED,
}
_SCRAM_ERRORS = {
    "channel-bindings-dont-match": LoginOutcome.SERVER_NOT_AUTHENTIC,
    "server-does-support-channel-binding": LoginOutcome.SERVER_NOT_AUTHENTIC,
    "channel-binding-not-supported": LoginOutcome.MECHANISM_REFUSED,
    "unsupported-channel-binding-type": LoginOutcome.MECHANISM_REFUSED,
    "extensions-not-supported": LoginOutcome.MECHANISM_REFUSED,
    "no-resources": LoginOutcome.TEMPORARY_FAILURE,
    "invalid-encoding": LoginOutcome.PROTOCOL_ERROR,
}
"""RFC 5802 section 7. The first two tell of somebody between us and the server: one session each, or a list without -PLUS."""
_TOO_MANY = re.compile(r"\btoo many|\brate\b|\blimit", re.IGNORECASE)


def of_attempt(attempt: Attempt, *, inside_tls: bool) -> LoginOutcome:
    """Return what became of a login: how the server left the rules of the mechanism, or else what its last reply means.

    Args:
        attempt: the login.
        inside_tls: whether the connection was inside TLS.
    """
    if attempt.error is None:
        return of_answer(attempt.reply, responded=attempt.responded, inside_tls=inside_tls)
    return of_misstep(attempt.error)


def of_misstep(error: SaslError) -> LoginOutcome:
    """Return what became of a login whose server left the rules of the mechanism, whatever it did then."""
    if error.misstep is Misstep.NOT_AUTHENTIC:
        return LoginOutcome.SERVER_NOT_AUTHENTIC
    if error.misstep is Misstep.REFUSED:
        return _SCRAM_ERRORS.get(error.said or "", LoginOutcome.BAD_CREDENTIALS)
    return LoginOutcome.PROTOCOL_ERROR


def of_failure(failure: Failure) -> LoginOutcome:
    """Return what became of a login whose connection failed."""
    return _FAILURES.get(failure.kind, LoginOutcome.PROTOCOL_ERROR)


def of_answer(answer: ServerReply, *, responded: bool, inside_tls: bool) -> LoginOutcome:
    """Return what the last reply of a login means.

    Args:
        answer: the reply that ended the exchange.
        responded: whether a response of ours had been sent, the initial one included.
        inside_tls: whether the connection was inside TLS.
    """
    if answer.code is not None:
        return _of_smtp(answer, answer.code, responded=responded, inside_tls=inside_tls)
    if answer.status == "ok":
        return LoginOutcome.ACCEPTED
    if answer.response_code in _RESPONSE_CODES:
        return _RESPONSE_CODES[answer.response_code]
    if answer.status == "bye":
        return LoginOutcome.RATE_LIMITED
    if answer.status not in ("no", "err", "bad"):
        return LoginOutcome.PROTOCOL_ERROR
    if not responded:
        return LoginOutcome.MECHANISM_REFUSED
    return LoginOutcome.PROTOCOL_ERROR if answer.status == "bad" else LoginOutcome.BAD_CREDENTIALS


def _of_smtp(answer: ServerReply, code: int, *, responded: bool, inside_tls: bool) -> LoginOutcome:
    if code // 100 in (1, 2, 3):
        return LoginOutcome.ACCEPTED if code == ACCEPTED else LoginOutcome.PROTOCOL_ERROR
    if code in _SMTP_CODES:
        return _SMTP_CODES[code]
    if code == 530 and not inside_tls:
        return LoginOutcome.TLS_REQUIRED
    if code // 100 == 4:
        # The code is the same for both; the text is the only one to ask.
        many = code == 454 and answer.enhanced_code in (None, "4.7.0") and _TOO_MANY.search(answer.text)
        return LoginOutcome.RATE_LIMITED if many else LoginOutcome.TEMPORARY_FAILURE
    if code // 100 != 5:
        return LoginOutcome.PROTOCOL_ERROR
    if not responded:
        return LoginOutcome.MECHANISM_REFUSED
    if code in _SYNTAX:
        return LoginOutcome.PROTOCOL_ERROR
    return LoginOutcome.BAD_CREDENTIALS if code == 535 and answer.enhanced_code in _WRONG_PASSWORD else LoginOutcome.ACCOUNT_PROBLEM
