# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the logins that servers offer, by the identifiers of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import login as catalogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpLog
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome
from ansible_collections.mailops.tls.plugins.module_utils._login.result import LoginEndpoint, LoginResult
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._sasl.mechanisms import KINDS, PLUS, Exposure

_WEAK = frozenset(("CRAM-MD5", "DIGEST-MD5", "NTLM", "MSN"))
_IN_CLEAR = frozenset(name for name, kind in KINDS.items() if kind.exposure is Exposure.SECRET)
_NEEDS_LOGIN = frozenset((
    MailService.SUBMISSION, MailService.SUBMISSIONS, MailService.POP3, MailService.POP3S, MailService.SIEVE,
))  # fmt: skip
"""Services that nobody can use without one. IMAP too; its own finding says the same (`imap_logindisabled_inside_tls`)."""


def lint_logins(result: LoginResult) -> list[Finding]:
    """Return what is wrong with the logins of a target, without repetition."""
    return list(dict.fromkeys(finding for endpoint in result.endpoints for finding in _endpoint(endpoint)))


def _endpoint(endpoint: LoginEndpoint) -> Iterator[Finding]:
    yield from _before_tls(endpoint)
    yield from _anywhere(endpoint)
    yield from _inside(endpoint)
    yield from _submission(endpoint)
    yield from _indistinct(endpoint)


def _before_tls(endpoint: LoginEndpoint) -> Iterator[Finding]:
    name, before, after = endpoint.mailbox.name, _before(endpoint), _after(endpoint)
    clear = [one for one in before if one in _IN_CLEAR]
    if clear:
        yield Finding(catalogue.SASL_PASSWORD_IN_CLEAR, name, f"offered before TLS: {', '.join(clear)}")
    if "EXTERNAL" in before:
        yield Finding(catalogue.SASL_EXTERNAL_IN_CLEAR, name, "EXTERNAL is offered before TLS")
    only = [one for one in before if one not in (after or ())]
    if only and after is not None:
        yield Finding(catalogue.SASL_FEWER_INSIDE_TLS, name, f"offered before TLS only: {', '.join(only)}")


def _anywhere(endpoint: LoginEndpoint) -> Iterator[Finding]:
    name = endpoint.mailbox.name
    offered = tuple(dict.fromkeys((*_before(endpoint), *(_after(endpoint) or ()))))
    weak = [one for one in offered if one in _WEAK]
    if weak:
        yield Finding(catalogue.SASL_WEAK_MECHANISM, name, f"offered: {', '.join(weak)}")
    if "ANONYMOUS" in offered:
        yield Finding(catalogue.SASL_ANONYMOUS_OFFERED, name, "ANONYMOUS is offered")
    log = endpoint.mailbox.evidence.log if endpoint.mailbox.evidence else None
    if isinstance(log, SmtpLog) and log.equals_auth:
        yield Finding(catalogue.SASL_EQUALS_SYNTAX, name, "the reply to EHLO has a line that begins with AUTH=")


def _inside(endpoint: LoginEndpoint) -> Iterator[Finding]:
    name, after = endpoint.mailbox.name, _after(endpoint)
    if after is None:
        return
    if "LOGIN" in after and "PLAIN" not in after:
        yield Finding(catalogue.SASL_LOGIN_WITHOUT_PLAIN, name, "LOGIN is offered, PLAIN is not")
    by_command = endpoint.mailbox.offers.after_tls.password_login
    if not after and not by_command and endpoint.mailbox.place.service in _NEEDS_LOGIN:
        yield Finding(catalogue.SASL_NONE_INSIDE_TLS, name, "inside TLS no way to log in is offered")
    scram = [one for one in after if one.startswith("SCRAM-")]
    if scram and not any(one.endswith(PLUS) for one in scram):
        yield Finding(catalogue.SASL_NO_CHANNEL_BINDING, name, f"offered without its -PLUS form: {', '.join(scram)}")


def _submission(endpoint: LoginEndpoint) -> Iterator[Finding]:
    name, service = endpoint.mailbox.name, endpoint.mailbox.place.service
    if service is MailService.SMTP and (_before(endpoint) or _after(endpoint)):
        offered = dict.fromkeys((*_before(endpoint), *(_after(endpoint) or ())))
        yield Finding(catalogue.AUTH_ON_PORT_25, name, f"offered on the port of mail exchanges: {', '.join(offered)}")
    if endpoint.relay is not None and endpoint.relay.accepted:
        text = "without a login the server takes mail from one foreign domain to another"
        yield Finding(catalogue.SUBMISSION_WITHOUT_AUTH, name, text)


def _indistinct(endpoint: LoginEndpoint) -> Iterator[Finding]:
    """A wrong password and a refused mechanism, answered with the same codes: text is for people, and does not count."""
    codes: dict[LoginOutcome, set[tuple[object, ...]]] = {}
    for one in endpoint.logins:
        attempt = one.note.attempt if one.note else None
        if attempt is not None:
            reply = attempt.reply
            codes.setdefault(one.outcome, set()).add((reply.code, reply.status, reply.enhanced_code, reply.response_code))
    wrong, refused = codes.get(LoginOutcome.BAD_CREDENTIALS, set()), codes.get(LoginOutcome.MECHANISM_REFUSED, set())
    if wrong & refused:
        text = "a wrong password and a mechanism that the server refuses get the same reply"
        yield Finding(catalogue.AUTH_ERROR_NOT_DISTINCT, endpoint.mailbox.name, text)


def _before(endpoint: LoginEndpoint) -> tuple[str, ...]:
    return endpoint.mailbox.offers.before_tls.mechanisms or ()


def _after(endpoint: LoginEndpoint) -> tuple[str, ...] | None:
    """Those inside TLS; None where there was no TLS, or they could not be learned."""
    return endpoint.mailbox.offers.after_tls.mechanisms
