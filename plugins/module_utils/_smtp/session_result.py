# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions with one endpoint, one for each kind of key that was asked for, and what they come to together.

Clients of any kind may come, so an endpoint is only as good as the worst of the keys it has. A kind of key that it does not have
harms nobody and does not count, unless there is no other. Whatever leaves open if the server has it does count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import ScreenedRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.asked_key import failure_of, is_offered
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status, Verification
from ansible_collections.mailops.tls.plugins.module_utils._probe.reconnect import Reconnects
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import (
    Detail,
    chain_facts,
    record_facts,
    tls_facts,
    transcript_facts,
    verification_facts,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._smtp.rfc_reading import RfcReading
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate


@dataclass(frozen=True)
class SessionResult:
    """What was seen of an endpoint and judged when it was asked for one kind of key."""

    algorithm: KeyRequest
    evidence: ProbeEvidence
    verification: Verification
    chain: tuple[Certificate, ...] = ()
    rfc: RfcReading | None = None
    reconnects: Reconnects | None = None

    @property
    def offered(self) -> bool | None:
        """Whether the server has a key of this kind; None when it could not be found out."""
        return is_offered(self.algorithm, self.evidence, self.chain)

    @property
    def failure(self) -> Failure | None:
        """What went wrong; a server that shows a key of another kind than asked for has failed the handshake."""
        return failure_of(self.algorithm, self.evidence, self.chain)

    @property
    def status(self) -> Status:
        """The status word."""
        return Status.FAILED if self.offered is False else self.verification.status

    @property
    def satisfied(self) -> bool:
        """Would smtp(8) deliver, if it had asked so?"""
        return self.verification.satisfied and not (self.offered is False and self.chain)

    def as_facts(
        self, policy: SessionPolicy | None, records: Sequence[ScreenedRecord], detail: Detail
    ) -> dict[str, Any]:
        """Return the item of `key_algorithms`."""
        failure = self.failure
        facts: dict[str, Any] = {
            "algorithm": self.algorithm.value,
            "offered": self.offered,
            "status": self.status.value,
            "satisfied": self.satisfied,
            "error": failure.as_dict() if failure is not None else None,
            "tls": tls_facts(self.evidence),
            "chain": chain_facts(self.chain, detail),
            "verification": verification_facts(policy, self.verification),
            "tlsa": {"records": record_facts(records, self.verification.records)},
        }
        if self.reconnects is not None:
            facts["reconnects"] = self.reconnects.as_facts()
        if detail.transcript:
            facts["transcript"] = transcript_facts(self.evidence)
        return facts


def primary_session(sessions: Sequence[SessionResult]) -> SessionResult:
    """Return the session that stands for an endpoint: `any`, else the first whose kind of key the server has."""
    for wanted in (
        lambda one: one.algorithm is KeyRequest.ANY,
        lambda one: one.offered is True,
        lambda one: one.offered is None,
    ):
        for session in filter(wanted, sessions):
            return session
    return sessions[0]


def counting_sessions(sessions: Sequence[SessionResult]) -> Sequence[SessionResult]:
    """Return those that an endpoint is judged by: all but the kinds of key that it does not have, if it has any."""
    return [one for one in sessions if one.offered is not False] or sessions
