# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts on evidence made up for a test: what a server serves, what it is compared with, and the word for it."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._dane.trust_anchors import trust_anchor_records
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpLog, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Criteria, Verification
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._probe.verdict import judge
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import TlsSession
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.errors import verify_error
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_names
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, Hierarchy, Issued, hierarchy, issue

Level = SecurityLevel
NAME, OTHER = "mx.example.com", "mail.example.org"
NO_ISSUER = (20, 0)
"""What OpenSSL finds on a chain whose authority is not known: code and depth."""


@functools.cache
def chain() -> Hierarchy:
    return hierarchy()


@functools.cache
def expired() -> Issued:
    return issue("leaf", issuer=chain().intermediate, dns_names=[NAME], not_after=NOW - DAY)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def evidence(
    served: Sequence[bytes] | None = None,
    errors: Sequence[tuple[int, int]] = (),
    *,
    failure: Failure | None = None,
    established: bool = True,
    connected: bool = True,
    implicit: bool = False,
    helo_accepted: bool = False,
) -> ProbeEvidence:
    """Return what is seen of a server: these certificates (None: no TLS), and OpenSSL's findings on them."""
    tls_mode = TlsMode.IMPLICIT if implicit else TlsMode.STARTTLS
    plan = ProbePlan(Target("192.0.2.1", 25), SmtpSettings("probe.example.net"), tls_mode=tls_mode)
    tls = None
    if served is not None:
        found = tuple(verify_error(code, depth) for code, depth in errors)
        tls = TlsSession(established=established, chain=tuple(served), errors=found)
    return ProbeEvidence(plan, connected=connected, failure=failure, tls=tls, log=SmtpLog(helo_accepted=helo_accepted))


def verdict(
    policy: SessionPolicy,
    seen: ProbeEvidence,
    *,
    names: Sequence[str] = (NAME,),
    records: Sequence[TlsaRecord] = (),
    fingerprints: Sequence[bytes] = (),
    anchors: bytes = b"",
) -> Verification:
    criteria = Criteria(
        reference_names(names, nexthop="example.com", hostname=NAME),
        tuple(fingerprints),
        "sha256",
        screen(records),
        screen(trust_anchor_records(anchors)) if anchors else (),
    )
    certificates = [Certificate(der) for der in seen.tls.chain] if seen.tls is not None else []
    return judge(policy, criteria, seen, certificates, NOW)


def dane(session: SecurityLevel = Level.DANE, delivery: SecurityLevel | None = Level.DANE) -> SessionPolicy:
    return SessionPolicy(Level.DANE, session, delivery, True, NAME, NAME)


def word(result: Verification) -> tuple[str, bool, int | None]:
    """Return the status word, whether mail is delivered, and the code of the error shown."""
    return result.status.value, result.satisfied, result.error.code if result.error else None


def leaf_record() -> TlsaRecord:
    return TlsaRecord(3, 1, 1, sha256(chain().leaf.key.spki))
