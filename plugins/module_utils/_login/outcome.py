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

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.answer import Answer


class Outcome(str, Enum):
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
    421: Outcome.RATE_LIMITED,
    422: Outcome.ACCOUNT_PROBLEM,
    432: Outcome.ACCOUNT_PROBLEM,
    504: Outcome.MECHANISM_REFUSED,
    523: Outcome.TLS_REQUIRED,
    534: Outcome.MECHANISM_REFUSED,
    538: Outcome.TLS_REQUIRED,
}
_SYNTAX = frozenset((500, 501, 502, 503, 555))
"""Codes about the command itself: before a response the mechanism or AUTH is not known, after one the exchange went wrong."""
_WRONG_PASSWORD = frozenset((None, "5.7.8", "5.7.0", "5.0.0"))
_RESPONSE_CODES = {
    "PRIVACYREQUIRED": Outcome.TLS_REQUIRED,
    "ENCRYPT-NEEDED": Outcome.TLS_REQUIRED,
    "UNAVAILABLE": Outcome.TEMPORARY_FAILURE,
    "INUSE": Outcome.TEMPORARY_FAILURE,
    "IN-USE": Outcome.TEMPORARY_FAILURE,
    "SYS/TEMP": Outcome.TEMPORARY_FAILURE,
    "LIMIT": Outcome.TEMPORARY_FAILURE,
    "SERVERBUG": Outcome.TEMPORARY_FAILURE,
    "TRYLATER": Outcome.TEMPORARY_FAILURE,
    "LOGIN-DELAY": Outcome.RATE_LIMITED,
    "EXPIRED": Outcome.ACCOUNT_PROBLEM,
    "AUTHORIZATIONFAILED": Outcome.ACCOUNT_PROBLEM,
    "CONTACTADMIN": Outcome.ACCOUNT_PROBLEM,
    "TRANSITION-NEEDED": Outcome.ACCOUNT_PROBLEM,
    "SYS/PERM": Outcome.ACCOUNT_PROBLEM,
    "AUTH-TOO-WEAK": Outcome.MECHANISM_REFUSED,
}
_TOO_MANY = re.compile(r"\btoo many|\brate\b|\blimit", re.IGNORECASE)


def of_answer(answer: Answer, *, responded: bool, inside_tls: bool) -> Outcome:
    """Return what the last reply of a login means.

    Args:
        answer: the reply that ended the exchange.
        responded: whether a response of ours had been sent, the initial one included.
        inside_tls: whether the connection was inside TLS.
    """
    if answer.code is not None:
        return _of_smtp(answer, answer.code, responded=responded, inside_tls=inside_tls)
    if answer.status == "ok":
        return Outcome.ACCEPTED
    if answer.response_code in _RESPONSE_CODES:
        return _RESPONSE_CODES[answer.response_code]
    if answer.status == "bye":
        return Outcome.RATE_LIMITED
    if answer.status not in ("no", "err", "bad"):
        return Outcome.PROTOCOL_ERROR
    if not responded:
        return Outcome.MECHANISM_REFUSED
    return Outcome.PROTOCOL_ERROR if answer.status == "bad" else Outcome.BAD_CREDENTIALS


def _of_smtp(answer: Answer, code: int, *, responded: bool, inside_tls: bool) -> Outcome:
    if code // 100 == 2:
        return Outcome.ACCEPTED
    if code in _SMTP_CODES:
        return _SMTP_CODES[code]
    if code == 530 and not inside_tls:
        return Outcome.TLS_REQUIRED
    if code // 100 == 4:
        # The code is the same for both; the text is the only one to ask.
        many = code == 454 and answer.enhanced_code in (None, "4.7.0") and _TOO_MANY.search(answer.text)
        return Outcome.RATE_LIMITED if many else Outcome.TEMPORARY_FAILURE
    if code // 100 != 5:
        return Outcome.PROTOCOL_ERROR
    if not responded:
        return Outcome.MECHANISM_REFUSED
    if code in _SYNTAX:
        return Outcome.PROTOCOL_ERROR
    return Outcome.BAD_CREDENTIALS if code == 535 and answer.enhanced_code in _WRONG_PASSWORD else Outcome.ACCOUNT_PROBLEM
