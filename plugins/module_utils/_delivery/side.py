# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One of the two servers in a run: how it is found and judged, then what is done there, each connection for itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from ansible_collections.mailops.tls.plugins.module_utils._delivery.errands import OnlyVerified
from ansible_collections.mailops.tls.plugins.module_utils._delivery.settings import Party
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_login import COMMAND as IMAP_LOGIN
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import LoginPhase
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_login import USER_PASS
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Errand, MailboxLog
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.transaction import MailPhase
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, Phase
from ansible_collections.mailops.tls.plugins.module_utils._login.errand import LoginErrand, LoginNote
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome, of_failure
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.conductor import MailboxRun, Validates
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.offers import Offer
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import MailboxEndpoint, PortState
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_judge import SessionJudge
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials

_BY_PASSWORD = (
    "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN", "LOGIN", "CRAM-MD5",
)  # fmt: skip
_BY_TOKEN = ("OAUTHBEARER", "XOAUTH2")
_COMMANDS = {MailProtocol.IMAP: IMAP_LOGIN, MailProtocol.POP3: USER_PASS}
_WITHOUT_TLS = (ErrorKind.STARTTLS_NOT_OFFERED, ErrorKind.STARTTLS_REJECTED)
_KINDS = {
    LoginOutcome.WITHHELD: ErrorKind.WITHHELD,
    LoginOutcome.RATE_LIMITED: ErrorKind.RATE_LIMITED,
    LoginOutcome.TIMEOUT: ErrorKind.TIMEOUT,
    LoginOutcome.DISCONNECTED: ErrorKind.DISCONNECTED,
    LoginOutcome.PROTOCOL_ERROR: ErrorKind.PROTOCOL_ERROR,
}


@dataclass(frozen=True)
class Acted:
    """One connection in which something was done.

    Attributes:
        began: when it was asked for, on the loop's clock.
        evidence: what was seen; None when nothing was connected to.
        login: what became of the login; None where nobody logged in.
        failure: what went wrong in it, the login included.
    """

    began: float
    evidence: ProbeEvidence | None = None
    login: LoginNote | None = None
    failure: Failure | None = None


class Side:
    """One server in a run. Use it inside a running event loop."""

    def __init__(self, party: Party, ask: Ask, prober: Prober, now: datetime, validates: Validates | None) -> None:
        self.party = party
        self.endpoint: MailboxEndpoint | None = None
        self.login: LoginNote | None = None
        self.acted: Acted | None = None
        self._ask, self._prober, self._now, self._validates = ask, prober, now, validates
        self._loop = asyncio.get_running_loop()

    async def look(self) -> Failure | None:
        """See what the server is and offers; return why nothing can be done there, None when something can."""
        if not self.party.opportunistic:
            return await self._look(self.party.settings.security_level)
        failure = await self._look(SecurityLevel.ENCRYPT)
        if failure is not None and failure.kind in _WITHOUT_TLS:
            failure = await self._look(SecurityLevel.NONE)
        return failure

    async def _look(self, level: SecurityLevel) -> Failure | None:
        settings = replace(self.party.settings, security_level=level, services=(self.party.service,))
        result = await MailboxRun(settings, self._ask, self._prober, self._now, self._validates).look(self.party.target)
        usable = sorted(result.endpoints, key=lambda one: (one.state is not PortState.OPEN, one.failure is not None))
        self.endpoint = next(iter(usable), None)
        if self.endpoint is None or self.endpoint.failure is not None:
            return self.endpoint.failure if self.endpoint else result.failure
        return self._distrust(self.endpoint)

    def _distrust(self, endpoint: MailboxEndpoint) -> Failure | None:
        """Why nothing is sent to a server that is not what it has to be. Where somebody logs in, the login decides."""
        if endpoint.satisfied or self.party.terms is not None:
            return None
        error = endpoint.verification.error if endpoint.verification else None
        reason = error.text if error else f"the certificate is {endpoint.status.value}"
        text = f"the server is not verified ({reason}), and security_level {self.party.settings.security_level.value} asks for that"
        return Failure(ErrorKind.WITHHELD, CommonPhase.HANDSHAKE, text)

    async def act(self, errand: Errand, limits: tuple[tuple[Phase, float], ...] = ()) -> Acted:
        """Connect, log in where somebody has to, and do what the errand says."""
        began = self._loop.time()
        endpoint = self.endpoint
        if endpoint is None or endpoint.evidence is None or endpoint.policy is None or endpoint.criteria is None:
            raise AssertionError("nothing is done before the server was looked at")
        protocol = endpoint.place.service.terms.protocol
        judge = SessionJudge(endpoint.policy, endpoint.criteria, self._now)
        wrapped: Errand = OnlyVerified(errand, judge)
        terms = self.party.terms
        if terms is not None:
            mechanism = self.party.mechanism or best_mechanism(protocol, self._offer(endpoint), terms.credentials)
            if mechanism is None:
                self.acted = Acted(began, failure=_nothing_offered(endpoint))
                return self.acted
            candidate = endpoint.place.candidate
            wrapped = LoginErrand(mechanism, terms, judge, protocol, candidate.host, candidate.port, errand)
            limits = ((LoginPhase.AUTH, terms.seconds), *limits)
        settings = replace(self.party.settings, transcript=True)
        plan = replace(endpoint.evidence.plan, dialogue=settings.acting(protocol, wrapped, limits))
        evidence = (await self._prober.probe(plan)).evidence
        learned = evidence.log.learned if isinstance(evidence.log, MailboxLog) else []
        note = next((one for one in learned if isinstance(one, LoginNote)), None)
        self.login = note or self.login
        self.acted = Acted(began, evidence, note, _login_failure(note, evidence) or evidence.failure)
        return self.acted

    @staticmethod
    def _offer(endpoint: MailboxEndpoint) -> Offer:
        offers = endpoint.offers
        return offers.after_tls if offers.after_tls.capabilities is not None else offers.before_tls


def best_mechanism(protocol: MailProtocol, offer: Offer, credentials: Credentials) -> str | None:
    """Return what to log in with: the safest that the server offers and the credentials are for; None without any."""
    offered = offer.mechanisms or ()
    wanted = _BY_TOKEN if credentials.token else _BY_PASSWORD if credentials.password else ("EXTERNAL",)
    found = next((name for name in wanted if name in offered), None)
    if found is None and credentials.password and not credentials.token and offer.password_login is not False:
        return _COMMANDS.get(protocol)
    return found


def _nothing_offered(endpoint: MailboxEndpoint) -> Failure:
    text = f"{endpoint.name} offers no login that these credentials are for, so nothing was sent"
    return Failure(ErrorKind.REJECTED, LoginPhase.AUTH, text)


def _login_failure(note: LoginNote | None, evidence: ProbeEvidence) -> Failure | None:
    """Why the login came to nothing, in the words of its outcome; None when it was accepted, or none was begun."""
    if note is None or note.outcome is LoginOutcome.ACCEPTED:
        return None
    outcome = note.outcome or (of_failure(evidence.failure) if evidence.failure else LoginOutcome.PROTOCOL_ERROR)
    if note.outcome is None and evidence.failure is not None:
        return evidence.failure
    if note.attempt is None:
        text = f"nobody logged in with {note.mechanism} ({outcome.value}): {note.reason}"
    else:
        text = f"the login with {note.mechanism} was not accepted ({outcome.value}): {note.attempt.reply.text}"
    return Failure(_KINDS.get(outcome, ErrorKind.REJECTED), LoginPhase.AUTH, text)


DATA_PHASE = MailPhase.END_OF_DATA
"""The phase in which a server may think about a message for a long time (RFC 5321 section 4.5.3.2.6)."""
