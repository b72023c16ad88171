# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on one endpoint: session policy and evidence in, status and satisfied out (tls_verify.c, tls_client.c).

`status` is the word of `judgement.py`: that of a certificate, or `plaintext` or `failed` where there was none to judge.

`satisfied` answers: would smtp(8) deliver over this endpoint? It needs a session that reached its end, and what the
delivery level asks: nothing at none and may, TLS at encrypt, a match above. Where TLS is optional, plaintext is as good: a
handshake that fails only delays mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpLog
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import (
    Criteria,
    Status,
    Verification,
    judge_certificate,
    status_of,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import TlsSession
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

_WITHOUT_TLS = (ErrorKind.STARTTLS_NOT_OFFERED, ErrorKind.STARTTLS_REJECTED)


def judge(
    policy: SessionPolicy, criteria: Criteria, evidence: ProbeEvidence, chain: Sequence[Certificate], now: datetime
) -> Verification:
    """Judge one endpoint.

    Args:
        policy: the levels of the session and of delivery.
        criteria: what to compare with.
        evidence: what was seen.
        chain: the certificates of the evidence, leaf first.
        now: the time for validity, aware.
    """
    session = evidence.tls
    if session is None or not session.established:
        status = _status_without_tls(evidence)
        return Verification(status, _delivers(policy, evidence, tls=False, matched=False))
    found = judge_session(policy, criteria, session, chain, now)
    satisfied = _delivers(policy, evidence, tls=True, matched=found.matched)
    return found if satisfied is found.satisfied else replace(found, satisfied=satisfied)


def judge_session(
    policy: SessionPolicy, criteria: Criteria, session: TlsSession, chain: Sequence[Certificate], now: datetime
) -> Verification:
    """Judge a session in which TLS stands, as if all that follows went well; before it does, this is all there is to go by.

    Args:
        policy: the levels of the session and of delivery.
        criteria: what to compare with.
        session: what was negotiated.
        chain: the certificates of the session, leaf first.
        now: the time for validity, aware.
    """
    judged = judge_certificate(policy, criteria, chain, session.errors, now)
    level = policy.delivery
    return Verification(
        status=status_of(policy.session, judged, anonymous=not chain),
        satisfied=level is not None and (judged.matched or not level.must_match),
        trusted=judged.trusted,
        matched=judged.matched,
        matched_name=judged.matched_name,
        depth=judged.depth,
        error=judged.error,
        records=judged.records,
    )


def _status_without_tls(evidence: ProbeEvidence) -> Status:
    """Plaintext is a session that mail could have used; a handshake that failed is not."""
    if not evidence.connected:
        return Status.FAILED
    failure = evidence.failure
    usable = failure is None or failure.kind in _WITHOUT_TLS or _helo_accepted(evidence)
    return Status.PLAINTEXT if usable else Status.FAILED


def _delivers(policy: SessionPolicy, evidence: ProbeEvidence, *, tls: bool, matched: bool) -> bool:
    """Whether smtp(8) delivers at the delivery level (smtp_proto.c, smtp_connect.c)."""
    level, failure = policy.delivery, evidence.failure
    if level is None or not evidence.connected:
        return False
    if level in (SecurityLevel.NONE, SecurityLevel.MAY):
        return failure is None or _plaintext_remains(evidence)
    if failure is not None:
        return False
    return tls and (matched or not level.must_match)


def _plaintext_remains(evidence: ProbeEvidence) -> bool:
    """Whether mail still goes in plaintext where TLS is optional.

    At once, when STARTTLS or EHLO was refused; after some delay, when the handshake failed (minimal_backoff_time).
    """
    failure = evidence.failure
    if failure is None or evidence.plan.tls_first:
        return False
    return failure.kind in _WITHOUT_TLS or failure.phase is CommonPhase.HANDSHAKE or _helo_accepted(evidence)


def _helo_accepted(evidence: ProbeEvidence) -> bool:
    return isinstance(evidence.log, SmtpLog) and evidence.log.helo_accepted
