# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a certificate is judged at the level of a session (tls_verify.c, tls_client.c); the same for every protocol of mail.

The words are Postfix 3.12's, in lower case:

    verified    the level must match, and the certificate did (at half-dane a match is only `trusted`)
    trusted     the chain is trusted but nothing had to match; or only the name does not match
    untrusted   everything else that has a certificate
    anonymous   no certificate
    plaintext   the dialogue went well without TLS
    failed      there was no session to judge
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dane.match import DaneResult, RecordMatch, authenticate
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import ScreenedRecord
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.errors import (
    DANE_NO_MATCH,
    EE_KEY_TOO_SMALL,
    HOSTNAME_MISMATCH,
    UNSPECIFIED,
    VerifyError,
    select_error,
    verify_error,
)
from ansible_collections.mailops.tls.plugins.module_utils._x509.fingerprints import matching_fingerprint
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import NameMatch, ReferenceName, match_names
from ansible_collections.mailops.tls.plugins.module_utils._x509.strength import key_is_strong


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


@dataclass(frozen=True)
class Judged:
    """Trust, match and the reported error, before they become a word."""

    trusted: bool
    matched: bool
    error: VerifyError | None
    matched_name: str | None = None
    depth: int | None = None
    records: tuple[RecordMatch, ...] = ()


def judge_certificate(
    policy: SessionPolicy,
    criteria: Criteria,
    chain: Sequence[Certificate],
    chain_errors: Sequence[VerifyError],
    now: datetime,
) -> Judged:
    """Judge a certificate.

    Args:
        policy: the level of the session, and what was asked for.
        criteria: what to compare with.
        chain: the certificates as sent, leaf first; none is an anonymous session.
        chain_errors: what OpenSSL found on the chain.
        now: the time for validity, aware.
    """
    level = policy.session
    if not chain:
        return Judged(False, False, None)
    dane = authenticate(criteria.records, chain, criteria.references, now) if criteria.records else None
    if policy.forced_failure is not None:
        error = VerifyError(UNSPECIFIED, 0, policy.forced_failure)
        return Judged(False, False, error, records=dane.records if dane else ())
    if level.uses_dane and dane is not None:
        return _by_dane(dane)
    if level is SecurityLevel.FINGERPRINT:
        return _by_fingerprint(criteria, chain)
    if criteria.anchors and policy.requested.uses_names:
        return _by_dane(authenticate(criteria.anchors, chain, criteria.references, now, ee_needs_name=True), report=False)
    judged = _by_authority(level, criteria.references, chain, chain_errors)
    if dane is None:
        return judged
    return Judged(judged.trusted, judged.matched, judged.error, judged.matched_name, judged.depth, dane.records)


def _by_dane(dane: DaneResult, *, report: bool = True) -> Judged:
    """By TLSA records, or by the trust anchors of a file, which are no records to report."""
    ok = dane.error is None and dane.matched is not None
    trusted = ok or (dane.error is not None and dane.error.code == HOSTNAME_MISMATCH)
    return Judged(trusted, ok, dane.error, dane.matched_name, dane.depth, dane.records if report else ())


def _by_fingerprint(criteria: Criteria, chain: Sequence[Certificate]) -> Judged:
    """Any certificate or public key digest will do; names, dates and issuers do not count (but key strength does)."""
    if not key_is_strong(chain[0]):
        return Judged(False, False, verify_error(EE_KEY_TOO_SMALL, 0))
    if matching_fingerprint(chain[0], criteria.fingerprints, criteria.fingerprint_digest) is not None:
        return Judged(True, True, None, depth=0)
    return Judged(False, False, verify_error(DANE_NO_MATCH, 0))


def _by_authority(
    level: SecurityLevel,
    references: Sequence[ReferenceName],
    chain: Sequence[Certificate],
    chain_errors: Sequence[VerifyError],
) -> Judged:
    """Chain of trust to a certification authority, and names at the levels that compare them (RFC 6125)."""
    names = match_names(chain[0], references) if level.uses_names else NameMatch(False, None, None)
    errors = list(chain_errors) + ([names.error] if names.error is not None else [])
    error = select_error(errors)
    trusted = error is None or error.code == HOSTNAME_MISMATCH
    matched = level.uses_names and error is None and names.matched
    return Judged(trusted, matched, error, names.matched_name if matched else None)


def status_of(level: SecurityLevel, judged: Judged, *, anonymous: bool) -> Status:
    """Return the word for a session in which TLS was established."""
    if anonymous:
        return Status.ANONYMOUS
    if judged.matched and level is not SecurityLevel.HALF_DANE:
        return Status.VERIFIED
    return Status.TRUSTED if judged.trusted else Status.UNTRUSTED
