# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on one endpoint: session policy and evidence in, status and satisfied out (tls_verify.c, tls_client.c).

`status` is Postfix 3.12's word for the session, in lower case:

    verified    the level must match, and the certificate did (at half-dane a match is only `trusted`)
    trusted     the chain is trusted but nothing had to match; or only the name does not match
    untrusted   everything else that has a certificate
    anonymous   no certificate
    plaintext   the dialogue went well without TLS
    failed      there was no session to judge

`satisfied` answers: would smtp(8) deliver over this endpoint? It needs a session that reached its end, and what the
delivery level asks: nothing at none and may, TLS at encrypt, a match above. Where TLS is optional, plaintext is as good: a
handshake that fails only delays mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dane.match import DaneResult, RecordMatch, authenticate
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import ScreenedRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Phase
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import Evidence
from ansible_collections.mailops.tls.plugins.module_utils._probe.policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.errors import VerifyError, select_error, verify_error
from ansible_collections.mailops.tls.plugins.module_utils._x509.fingerprints import matching_fingerprint
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import NameMatch, ReferenceName, match_names
from ansible_collections.mailops.tls.plugins.module_utils._x509.strength import key_is_strong

_FORCED_FAILURE = 1
_HOSTNAME_MISMATCH = 62
_NO_MATCH = 65
_LEAF_KEY_TOO_WEAK = 66
_WITHOUT_TLS = (ErrorKind.STARTTLS_NOT_OFFERED, ErrorKind.STARTTLS_REJECTED)


class Status(str, Enum):
    """Postfix's status word for a session, and two more for when there is none."""

    VERIFIED = "verified"
    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    ANONYMOUS = "anonymous"
    PLAINTEXT = "plaintext"
    FAILED = "failed"

    @property
    def severity(self) -> int:
        """Rank from best (0) to worst; the worst endpoint's status is its destination's."""
        return list(Status).index(self)


@dataclass(frozen=True)
class Criteria:
    """What a certificate is compared with, whichever of it the level uses: names, fingerprints, TLSA records, trust anchors."""

    references: tuple[ReferenceName, ...] = ()
    fingerprints: tuple[bytes, ...] = ()
    fingerprint_digest: str = "sha256"
    records: tuple[ScreenedRecord, ...] = ()
    anchors: tuple[ScreenedRecord, ...] = ()


@dataclass(frozen=True)
class Verification:
    """How the certificate of one session was judged. `error` is the finding that Postfix would report."""

    status: Status
    satisfied: bool
    trusted: bool = False
    matched: bool = False
    matched_name: str | None = None
    depth: int | None = None
    error: VerifyError | None = None
    records: tuple[RecordMatch, ...] = ()


def judge(
    policy: SessionPolicy, criteria: Criteria, evidence: Evidence, chain: Sequence[Certificate], now: datetime
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
    judged = _judge_certificate(policy, criteria, chain, session.errors, now)
    return Verification(
        status=_status(policy.session, judged, anonymous=not chain),
        satisfied=_delivers(policy, evidence, tls=True, matched=judged.matched),
        trusted=judged.trusted,
        matched=judged.matched,
        matched_name=judged.matched_name,
        depth=judged.depth,
        error=judged.error,
        records=judged.records,
    )


@dataclass(frozen=True)
class _Judged:
    """Trust, match and the reported error, before they become a word."""

    trusted: bool
    matched: bool
    error: VerifyError | None
    matched_name: str | None = None
    depth: int | None = None
    records: tuple[RecordMatch, ...] = ()


def _judge_certificate(
    policy: SessionPolicy,
    criteria: Criteria,
    chain: Sequence[Certificate],
    chain_errors: Sequence[VerifyError],
    now: datetime,
) -> _Judged:
    level = policy.session
    if not chain:
        return _Judged(False, False, None)
    dane = authenticate(criteria.records, chain, criteria.references, now) if criteria.records else None
    if policy.forced_failure is not None:
        error = VerifyError(_FORCED_FAILURE, 0, policy.forced_failure)
        return _Judged(False, False, error, records=dane.records if dane else ())
    if level.uses_dane and dane is not None:
        return _by_dane(dane)
    if level is SecurityLevel.FINGERPRINT:
        return _by_fingerprint(criteria, chain)
    if criteria.anchors and policy.requested.uses_names:
        return _by_dane(authenticate(criteria.anchors, chain, criteria.references, now, ee_needs_name=True), report=False)
    judged = _by_authority(level, criteria.references, chain, chain_errors)
    if dane is None:
        return judged
    return _Judged(judged.trusted, judged.matched, judged.error, judged.matched_name, judged.depth, dane.records)


def _by_dane(dane: DaneResult, *, report: bool = True) -> _Judged:
    """By TLSA records, or by the trust anchors of a file, which are no records to report."""
    ok = dane.error is None and dane.matched is not None
    trusted = ok or (dane.error is not None and dane.error.code == _HOSTNAME_MISMATCH)
    return _Judged(trusted, ok, dane.error, dane.matched_name, dane.depth, dane.records if report else ())


def _by_fingerprint(criteria: Criteria, chain: Sequence[Certificate]) -> _Judged:
    """Any certificate or public key digest will do; names, dates and issuers do not count (but key strength does)."""
    if not key_is_strong(chain[0]):
        return _Judged(False, False, verify_error(_LEAF_KEY_TOO_WEAK, 0))
    if matching_fingerprint(chain[0], criteria.fingerprints, criteria.fingerprint_digest) is not None:
        return _Judged(True, True, None, depth=0)
    return _Judged(False, False, verify_error(_NO_MATCH, 0))


def _by_authority(
    level: SecurityLevel,
    references: Sequence[ReferenceName],
    chain: Sequence[Certificate],
    chain_errors: Sequence[VerifyError],
) -> _Judged:
    """Chain of trust to a certification authority, and names at the levels that compare them (RFC 6125)."""
    names = match_names(chain[0], references) if level.uses_names else NameMatch(False, None, None)
    errors = list(chain_errors) + ([names.error] if names.error is not None else [])
    error = select_error(errors)
    trusted = error is None or error.code == _HOSTNAME_MISMATCH
    matched = level.uses_names and error is None and names.matched
    return _Judged(trusted, matched, error, names.matched_name if matched else None)


def _status(level: SecurityLevel, judged: _Judged, *, anonymous: bool) -> Status:
    if anonymous:
        return Status.ANONYMOUS
    if judged.matched and level is not SecurityLevel.HALF_DANE:
        return Status.VERIFIED
    return Status.TRUSTED if judged.trusted else Status.UNTRUSTED


def _status_without_tls(evidence: Evidence) -> Status:
    """Plaintext is a session that mail could have used; a handshake that failed is not."""
    if not evidence.connected:
        return Status.FAILED
    failure = evidence.failure
    usable = failure is None or failure.kind in _WITHOUT_TLS or evidence.helo_accepted
    return Status.PLAINTEXT if usable else Status.FAILED


def _delivers(policy: SessionPolicy, evidence: Evidence, *, tls: bool, matched: bool) -> bool:
    """Whether smtp(8) delivers at the delivery level (smtp_proto.c, smtp_connect.c)."""
    level, failure = policy.delivery, evidence.failure
    if level is None or not evidence.connected:
        return False
    if level in (SecurityLevel.NONE, SecurityLevel.MAY):
        return failure is None or _plaintext_remains(evidence)
    if failure is not None:
        return False
    return tls and (matched or not level.must_match)


def _plaintext_remains(evidence: Evidence) -> bool:
    """Whether mail still goes in plaintext where TLS is optional.

    At once, when STARTTLS or EHLO was refused; after some delay, when the handshake failed (minimal_backoff_time).
    """
    failure = evidence.failure
    if failure is None or evidence.plan.dialogue.implicit:
        return False
    return failure.kind in _WITHOUT_TLS or failure.phase is Phase.HANDSHAKE or evidence.helo_accepted
