# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins at many targets in one run: each server is looked at first, then logged in at, one login after the other.

Every login has a connection to itself. An accepted one cannot be taken back on the same connection, a refused one makes servers slow,
count or hang up, and one that never ends takes its connection along. What one login did can so never colour the next (decision 0117).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import LoginPhase
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Log
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxLog
from ansible_collections.mailops.tls.plugins.module_utils._dns.known import one_judgement
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._login.errand import LoginErrand, LoginNote
from ansible_collections.mailops.tls.plugins.module_utils._login.hosts import Host, Hosts
from ansible_collections.mailops.tls.plugins.module_utils._login.named import login_judge
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome
from ansible_collections.mailops.tls.plugins.module_utils._login.relay import RelayErrand, RelayTest
from ansible_collections.mailops.tls.plugins.module_utils._login.result import Login, LoginEndpoint, LoginResult
from ansible_collections.mailops.tls.plugins.module_utils._login.settings import LoginSettings
from ansible_collections.mailops.tls.plugins.module_utils._login.terms import Scene, obstacle
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.conductor import MailboxRun
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import MailboxEndpoint, PortState
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol, MailService
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan
from ansible_collections.mailops.tls.plugins.module_utils._probe.crew import Crew, FleetProgress, Seat
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_judge import SessionJudge

_TOO_MANY = Failure(ErrorKind.RATE_LIMITED, LoginPhase.AUTH, "the server has said that there were too many logins")


class LoginRun:
    """One run over many targets. Make and use it inside a running event loop."""

    def __init__(
        self, mailboxes: MailboxRun, mailbox_settings: MailboxProbeSettings, settings: LoginSettings, prober: Prober, now: datetime
    ) -> None:
        """Take what looks at servers, with its settings, those of logins, and the *prober* of both; *now* is aware."""
        self._mailboxes, self._mailbox_settings, self._settings, self._prober = mailboxes, mailbox_settings, settings, prober
        self._now = now
        self._hosts = Hosts()
        self._crew: Crew[MailTarget] = Crew(prober.settings.concurrency)

    async def run(self, targets: Iterable[MailTarget], finish: Callable[[LoginResult], None]) -> None:
        """Look and log in at the targets, taken one by one as there is room.

        Each result is handed to *finish* as soon as it is there, in any order, and not kept.
        """

        async def work(target: MailTarget, seat: Seat) -> None:
            finish(await self._target(target, seat))

        await self._crew.run(targets, work)

    @property
    def progress(self) -> FleetProgress:
        """How many targets are looked at now, and how many wait for a turn."""
        return self._crew.progress

    async def _target(self, target: MailTarget, seat: Seat) -> LoginResult:
        with one_judgement():
            seen = await self._mailboxes.look(target, seat)
        endpoints = []
        for one in seen.endpoints:
            endpoints.append(await self._endpoint(target, one, seat))
            if _acted(endpoints[-1].logins, endpoints[-1].relay):
                seat = Seat()  # what is parked can be begun anew, and nobody must log in twice by that
        return LoginResult(seen, tuple(endpoints))

    async def _endpoint(self, target: MailTarget, seen: MailboxEndpoint, seat: Seat) -> LoginEndpoint:
        evidence = seen.evidence
        if seen.state is not PortState.OPEN or evidence is None or seen.policy is None or seen.criteria is None:
            return LoginEndpoint(seen)
        judge = login_judge(target, seen.place, self._mailbox_settings.match, seen.policy, seen.criteria, self._now)
        async with self._hosts.alone_at(seen.place.candidate.host, seat.aside) as host:
            relay = await self._relay(seen, evidence.plan) if evidence.failure is None else None
            logins = [await self._login(seen, evidence, judge, host, one) for one in self._settings.mechanisms]
        obstacle = _TOO_MANY if host.too_many else None
        waiting = None if _acted(logins, relay) else seat
        scan = await self._prober.scan(evidence, obstacle, waiting, seen.place.candidate.host)  # last: it may be what closes the door
        return LoginEndpoint(replace(seen, scan=scan), tuple(logins), relay)

    async def _login(self, seen: MailboxEndpoint, evidence: ProbeEvidence, judge: SessionJudge, host: Host, mechanism: str) -> Login:
        scene = _scene(seen, evidence, judge)
        inside_tls = not scene.plaintext
        if evidence.failure is not None:
            text = f"the connection did not come so far: {evidence.failure.text}"
            return Login.not_begun(mechanism, LoginOutcome.WITHHELD, text, inside_tls=inside_tls)
        found = obstacle(mechanism, self._settings.terms, scene)
        if found is not None:
            return Login.not_begun(mechanism, *found, inside_tls=inside_tls)
        if host.too_many or host.attempts >= self._settings.attempts_limit:
            limit = f"there were {host.attempts} logins at this host, and the option attempts_limit allows no more"
            text = "the server has said that there were too many" if host.too_many else limit
            return Login.not_begun(mechanism, LoginOutcome.WITHHELD, text, inside_tls=inside_tls)
        made = await self._log_in(seen, evidence.plan, judge, mechanism)
        host.attempts += made.begun
        host.too_many = made.outcome is LoginOutcome.RATE_LIMITED
        return made

    async def _log_in(self, seen: MailboxEndpoint, plan: ProbePlan, judge: SessionJudge, mechanism: str) -> Login:
        candidate, protocol, terms = seen.place.candidate, seen.place.service.terms.protocol, self._settings.terms
        errand = LoginErrand(mechanism, terms, judge, protocol, candidate.host, candidate.port)
        maker = self._mailbox_settings.acting(protocol, errand, ((LoginPhase.AUTH, terms.seconds),))
        evidence = (await self._prober.probe(replace(plan, dialogue=maker))).evidence
        learned = evidence.log.learned if isinstance(evidence.log, MailboxLog) else []
        note = next((one for one in learned if isinstance(one, LoginNote)), None)
        return Login.of(mechanism, note, evidence)

    async def _relay(self, seen: MailboxEndpoint, plan: ProbePlan) -> RelayTest | None:
        """Ask whether the server relays for anybody, where people hand in mail."""
        submission = seen.place.service in (MailService.SUBMISSION, MailService.SUBMISSIONS)
        if not self._settings.relay_test or not submission:
            return None
        maker = self._mailbox_settings.acting(MailProtocol.SMTP, RelayErrand())
        log = (await self._prober.probe(replace(plan, dialogue=maker))).evidence.log
        learned = log.learned if isinstance(log, MailboxLog) else []
        return next((one for one in learned if isinstance(one, RelayTest)), None)


def _acted(logins: Iterable[Login], relay: RelayTest | None) -> bool:
    """Whether a server was asked for more than a look."""
    return relay is not None or any(one.evidence is not None for one in logins)


def _scene(seen: MailboxEndpoint, evidence: ProbeEvidence, judge: SessionJudge) -> Scene:
    """What the connection that looked knows of the next one; that one judges for itself before anything secret is sent."""
    session, log = evidence.tls, evidence.log
    plaintext = session is None or not session.established
    offer = seen.offers.before_tls if plaintext else seen.offers.after_tls
    timestamp = isinstance(log, Pop3Log) and log.timestamp is not None
    vouched = session is not None and judge.vouches(session)
    doubt = judge.doubt_about(session) if session is not None and not vouched else None
    return Scene(seen.place.service.terms.protocol, offer, timestamp, plaintext, vouched, doubt)
