# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of one session as facts: what was negotiated, how it was judged, which TLSA records match, what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.match import RecordMatch
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import ScreenedRecord
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Verification
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate


@dataclass(frozen=True)
class Detail:
    """Which of the larger parts a user wants in the facts."""

    include_pem: bool = False
    transcript: bool = False
    digest: str = "sha256"


def tls_facts(evidence: ProbeEvidence | None) -> dict[str, Any] | None:
    """Return `tls`, None when there was no TLS."""
    session = evidence.tls if evidence is not None else None
    if session is None:
        return None
    return {
        "established": session.established,
        "protocol": session.protocol,
        "cipher": session.cipher,
        "cipher_bits": session.cipher_bits,
        "group": session.group,
        "signature": session.signature,
        "signature_digest": session.signature_digest,
        "sni": session.sni,
        "alpn": session.alpn,
        "session_reused": session.resumed,
        "resumable": session.resumable,
        "ticket_lifetime": session.ticket_lifetime,
        "max_early_data": session.max_early_data,
    }


def chain_facts(chain: Sequence[Certificate], detail: Detail) -> list[dict[str, Any]]:
    """Return `chain`."""
    return [one.as_facts(include_pem=detail.include_pem, digest=detail.digest) for one in chain]


def verification_facts(
    policy: SessionPolicy | None, verification: Verification | None
) -> dict[str, Any] | None:
    """Return `verification`, None when nothing was judged."""
    if policy is None or verification is None:
        return None
    error = verification.error
    return {
        "status": verification.status.value,
        "requested_level": policy.requested.value,
        "effective_level": policy.session.value,
        "delivery_level": policy.delivery.value if policy.delivery is not None else None,
        "reason": policy.reason,
        "trusted": verification.trusted,
        "matched": verification.matched,
        "matched_name": verification.matched_name,
        "depth": verification.depth,
        "error": {"code": error.code, "depth": error.depth, "text": error.text} if error is not None else None,
    }


def record_facts(records: Sequence[ScreenedRecord], matches: Sequence[RecordMatch]) -> list[dict[str, Any]]:
    """Return `tlsa.records`: compared with what was served, or, when nothing was (no *matches*), as published."""
    if matches:
        return [_record(one.record, one.usable, one.reason, one.matched, one.matched_depth) for one in matches]
    return [_record(one.record, one.usable, one.reason, None, None) for one in records]


def _record(record: Any, usable: bool, reason: str | None, matched: bool | None, depth: int | None) -> dict[str, Any]:
    return {
        "usage": record.usage,
        "selector": record.selector,
        "matching_type": record.matching_type,
        "data": record.data.hex(),
        "usable": usable,
        "reason": reason,
        "matched": matched,
        "matched_depth": depth,
    }


def transcript_facts(evidence: ProbeEvidence | None) -> list[dict[str, Any]]:
    """Return `transcript`."""
    lines = evidence.log.transcript if evidence is not None else ()
    return [
        {"direction": line.direction, "phase": line.phase.value, "at": round(line.at, 6), "text": line.text}
        for line in lines
    ]
