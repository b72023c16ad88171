# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the server of a session is the one that was meant, asked while the session lasts: before a secret goes over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Criteria, Status, Verification
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy
from ansible_collections.mailops.tls.plugins.module_utils._probe.verdict import judge_session
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import TlsSession
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate


@dataclass(frozen=True)
class SessionJudge:
    """Judges sessions by the code that judges results, with all that this takes except the session itself.

    Attributes:
        policy: the levels of the session and of delivery.
        criteria: what a certificate is compared with.
        now: the time for validity, aware.
        doubt: why some of the names that results are judged by do not count for secrets; None where all do.
    """

    policy: SessionPolicy
    criteria: Criteria
    now: datetime
    doubt: str | None = None

    def verification(self, session: TlsSession) -> Verification:
        """Return how its certificate is judged."""
        return judge_session(self.policy, self.criteria, session, tuple(Certificate(der) for der in session.chain), self.now)

    def vouches(self, session: TlsSession) -> bool:
        """Whether the server has shown that it is the one meant: its certificate had to match, and did.

        Levels that ask for no match (none, encrypt) vouch for nobody, however satisfied they are (decision 0117).
        """
        found = self.verification(session)
        return session.established and found.satisfied and found.status is Status.VERIFIED

    def doubt_about(self, session: TlsSession) -> str | None:
        """Return why it does not vouch, in words; None where it knows nothing more of that than that it does not."""
        if self.doubt is not None:
            return self.doubt
        error = self.verification(session).error
        return None if error is None else f"the server has not been verified: {error.text}"
