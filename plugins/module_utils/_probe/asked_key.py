# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server has a key of the kind that it was asked for, by what one session showed."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

_REFUSALS = ("handshake_failure", "insufficient_security")
"""Alerts of a server that has no key for the algorithms it was offered (RFC 8446 section 4.2.3, RFC 5246 section 7.2.2)."""


def is_offered(algorithm: KeyRequest, evidence: ProbeEvidence, chain: Sequence[Certificate]) -> bool | None:
    """Return whether the server has a key of the kind that it was asked for; None when it could not be found out."""
    tls = evidence.tls
    if chain:
        return algorithm.fits(chain[0])
    if tls is None or algorithm is KeyRequest.ANY:
        return True if tls is not None and tls.established else None
    return False if not tls.established and tls.alert in _REFUSALS else None


def failure_of(algorithm: KeyRequest, evidence: ProbeEvidence, chain: Sequence[Certificate]) -> Failure | None:
    """Return what went wrong; a server that shows a key of another kind than asked for has failed the handshake."""
    if evidence.failure is None and is_offered(algorithm, evidence, chain) is False:
        key = chain[0].public_key if chain else None
        text = f"the server has another key than the one asked for: {key.type if key is not None else 'unknown'}"
        return Failure(ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE, text)
    return evidence.failure
