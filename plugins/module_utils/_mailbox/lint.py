# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the TLS of mailbox servers, by the identifiers of the catalogue: what a client loses, or could be made to lose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mailbox, smtp
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxLog
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, Severity
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import MailboxEndpoint, MailboxResult, PortState
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol, MailService
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status
from ansible_collections.mailops.tls.plugins.module_utils._x509 import errors
from ansible_collections.mailops.tls.plugins.module_utils._x509.findings import expired, expires_soon, issuer_missing, not_yet_valid

EXPIRES_SOON = timedelta(days=14)
PLAIN_PASSWORDS = frozenset((mailbox.IMAP_LOGINDISABLED_MISSING, mailbox.POP3_USER_IN_CLEAR))
"""That a password is taken before TLS. Whether it is may hang on where the client is."""
WITHOUT_TLS = smtp.STARTTLS_NOT_OFFERED
"""That there is no TLS."""
_OLD = frozenset(("SSLv3", "TLSv1", "TLSv1.1"))
_MAILBOX_DATA = re.compile(
    r"\* (?:[0-9]+ )?(?:LIST|LSUB|STATUS|SEARCH|ESEARCH|FLAGS|EXISTS|RECENT|EXPUNGE|FETCH)\b", re.IGNORECASE
)
_CODE = re.compile(r"(?:\*|a[0-9]+) (?:OK|NO|BAD|BYE|PREAUTH) \[(ALERT|REFERRAL)\b", re.IGNORECASE)
_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}


def lint(result: MailboxResult, now: datetime) -> list[Finding]:
    """Return what is wrong with a target, without repetition, the worst first.

    Args:
        result: what was found.
        now: the time for the end of certificates, aware.
    """
    found = [finding for endpoint in result.endpoints for finding in _endpoint(endpoint, now)]
    return worst_first([*found, *_sisters(result)])


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings without repetition, the worst first."""
    return sorted(dict.fromkeys(findings), key=lambda finding: _RANKS[finding.severity])


def worst(findings: list[Finding]) -> str:
    """Return `worst` of results: the severity of the worst finding, `ok` without any."""
    return min(findings, key=lambda finding: _RANKS[finding.severity]).severity.value if findings else "ok"


def _endpoint(endpoint: MailboxEndpoint, now: datetime) -> Iterator[Finding]:
    yield from _greeting(endpoint)
    yield from _starttls(endpoint)
    yield from _before_tls(endpoint)
    yield from _inside(endpoint)
    yield from _certificate(endpoint, now)


def _greeting(endpoint: MailboxEndpoint) -> Iterator[Finding]:
    log, plaintext = endpoint.log, not endpoint.place.service.terms.tls_mode.value == "implicit"
    if log is None:
        return
    if log.greeting_status == "preauth" and plaintext:
        text = "the server greets with PREAUTH, so STARTTLS is not possible"
        yield Finding(mailbox.IMAP_PREAUTH_IN_CLEAR, endpoint.name, text)
    if log.greeting_status == "bye" and endpoint.place.service.terms.protocol is MailProtocol.IMAP:
        yield Finding(mailbox.IMAP_GREETING_BYE, endpoint.name, f"the server closes the door: {log.greeting}")


def _starttls(endpoint: MailboxEndpoint) -> Iterator[Finding]:
    failure, log = endpoint.failure, endpoint.evidence.log if endpoint.evidence else None
    if failure is not None and failure.kind is ErrorKind.STARTTLS_NOT_OFFERED and endpoint.offers.starttls is not True:
        yield Finding(smtp.STARTTLS_NOT_OFFERED, endpoint.name, failure.text)
    if failure is not None and failure.kind is ErrorKind.STARTTLS_REJECTED:
        yield Finding(mailbox.STARTTLS_REJECTED, endpoint.name, failure.text)
    if log is not None and log.injected:
        text = f"{log.injected} bytes came in plaintext behind the reply that begins TLS"
        yield Finding(mailbox.STARTTLS_RESPONSE_INJECTION, endpoint.name, text)
    if endpoint.command_injected:
        text = "a command sent in plaintext behind STARTTLS was carried out inside TLS"
        yield Finding(mailbox.STARTTLS_COMMAND_INJECTION, endpoint.name, text)
    told = endpoint.offers.after_tls.capabilities
    if told is not None and ("STARTTLS" in told or "STLS" in told):
        yield Finding(mailbox.STARTTLS_OFFERED_INSIDE_TLS, endpoint.name, "STARTTLS is offered again inside TLS")
    if isinstance(log, MailboxLog) and log.starttls_offered is None and _tls(endpoint) and _asked(endpoint):
        text = "the server does not tell what it can do, and begins TLS all the same"
        yield Finding(mailbox.STARTTLS_ACCEPTED_NOT_OFFERED, endpoint.name, text)


def _asked(endpoint: MailboxEndpoint) -> bool:
    return endpoint.place.service.terms.tls_mode.value == "starttls"


def _tls(endpoint: MailboxEndpoint) -> bool:
    return endpoint.evidence is not None and endpoint.evidence.tls is not None and endpoint.evidence.tls.established


def _before_tls(endpoint: MailboxEndpoint) -> Iterator[Finding]:
    """What can be heard, and could be changed, by anybody on the way."""
    log, offers, protocol = endpoint.log, endpoint.offers, endpoint.place.service.terms.protocol
    if log is None:
        return
    for line in log.unsolicited:
        code = _CODE.match(line)
        if _MAILBOX_DATA.match(line):
            text = "the server tells of mailboxes before TLS"
            yield Finding(mailbox.IMAP_DATA_BEFORE_TLS, endpoint.name, text)
        elif code and code[1].upper() == "ALERT":
            yield Finding(mailbox.IMAP_ALERT_BEFORE_TLS, endpoint.name, "the server sends an ALERT before TLS")
        elif code:
            yield Finding(mailbox.IMAP_REFERRAL_BEFORE_LOGIN, endpoint.name, "the server refers to another one before TLS")
    if protocol is MailProtocol.IMAP and offers.before_tls.password_login:
        text = "LOGIN is not forbidden before TLS: there is no LOGINDISABLED"
        yield Finding(mailbox.IMAP_LOGINDISABLED_MISSING, endpoint.name, text)
    if protocol is MailProtocol.POP3 and offers.before_tls.password_login:
        yield Finding(mailbox.POP3_USER_IN_CLEAR, endpoint.name, "USER is offered before TLS")


def _inside(endpoint: MailboxEndpoint) -> Iterator[Finding]:
    log, offer, protocol = endpoint.log, endpoint.offers.after_tls, endpoint.place.service.terms.protocol
    session = endpoint.evidence.tls if endpoint.evidence else None
    if session is not None and session.established and session.protocol in _OLD:
        yield Finding(mailbox.TLS_PROTOCOL_OLD, endpoint.name, f"the session is {session.protocol}")
    if protocol is MailProtocol.IMAP and offer.password_login is False and not offer.mechanisms:
        text = "inside TLS LOGIN is forbidden, and no mechanism is offered"
        yield Finding(mailbox.IMAP_LOGINDISABLED_INSIDE_TLS, endpoint.name, text)
    if protocol is not MailProtocol.POP3 or log is None or log.greeting_status != "ok":
        return
    if _tls(endpoint) and offer.capabilities is None and log.failure is None:
        yield Finding(mailbox.POP3_CAPA_MISSING, endpoint.name, "the server refuses CAPA")
    if getattr(log, "timestamp", None):
        yield Finding(mailbox.POP3_APOP_OFFERED, endpoint.name, "the greeting has a timestamp, so APOP is offered")


def _certificate(endpoint: MailboxEndpoint, now: datetime) -> Iterator[Finding]:
    verification, policy = endpoint.verification, endpoint.policy
    if verification is None or policy is None or not endpoint.chain or not _tls(endpoint):
        return
    error, leaf = verification.error, endpoint.chain[0]
    if error is not None and error.code in (errors.HOSTNAME_MISMATCH, errors.IP_ADDRESS_MISMATCH):
        names = ", ".join(leaf.dns_names[:5]) or "no DNS name"
        yield Finding(mailbox.CERTIFICATE_NAME_MISMATCH, endpoint.name, f"the certificate is for {names}")
    elif error is not None and error.code == errors.CERT_HAS_EXPIRED:
        yield expired(endpoint.name, error.text)
    elif error is not None and error.code == errors.CERT_NOT_YET_VALID:
        yield not_yet_valid(endpoint.name, error.text)
    elif verification.status is Status.UNTRUSTED and policy.session.must_match:
        if _issuer_is_missing(endpoint):
            yield issuer_missing(endpoint.name, leaf)
        else:
            text = error.text if error is not None else "the certificate is not trusted"
            yield Finding(mailbox.CERTIFICATE_UNTRUSTED, endpoint.name, text)
    if leaf.not_after is not None and now <= leaf.not_after < now + EXPIRES_SOON:
        yield expires_soon(endpoint.name, leaf)


def _issuer_is_missing(endpoint: MailboxEndpoint) -> bool:
    """Whether the server sends its own certificate alone, although that names another as issuer."""
    error = endpoint.verification.error if endpoint.verification else None
    unknown = error is not None and error.code in (errors.UNABLE_TO_GET_ISSUER_CERT_LOCALLY, errors.UNABLE_TO_VERIFY_LEAF_SIGNATURE)
    return unknown and len(endpoint.chain) == 1 and not endpoint.chain[0].is_self_issued


def _sisters(result: MailboxResult) -> Iterator[Finding]:
    """A service with STARTTLS that runs, at a host where implicit TLS was asked for too, and does not."""
    by_host: dict[str, dict[object, list[MailboxEndpoint]]] = {}
    for endpoint in result.endpoints:
        by_host.setdefault(endpoint.place.candidate.host, {}).setdefault(endpoint.place.service, []).append(endpoint)
    for host, services in by_host.items():
        for group in services.values():
            sister = group[0].place.service.terms.sister
            # Where nobody connected, as DNS failed, nobody knows whether it runs.
            closed = sister in services and all(one.state is not PortState.OPEN and one.before is None for one in services[sister])
            if sister and closed and any(one.state is PortState.OPEN for one in group):
                yield implicit_missing(host, group[0].place.service, sister)


def implicit_missing(host: str, service: MailService, sister: MailService) -> Finding:
    """The finding that a host has a service, but not its sister with implicit TLS."""
    return Finding(mailbox.IMPLICIT_TLS_MISSING, host, f"{service.value} runs, {sister.value} does not")
