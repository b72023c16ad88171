# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login as an errand: looks at the session, decides whether a secret may be sent in it, and logs in. What follows is the caller's."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import ImapDialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_login import COMMAND as IMAP_LOGIN
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_login import ImapCarrier
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import Attempt, Carrier, Progress, log_in
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.managesieve import ManageSieveDialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Dialogue, Pop3Log
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_login import APOP, USER_PASS, Pop3Carrier
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.sieve_login import SieveCarrier
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SmtpCarrier, SubmissionDialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Errand, MailboxPhase, Script, Talk, spoken
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome, of_attempt
from ansible_collections.mailops.tls.plugins.module_utils._login.terms import BindingUse, LoginTerms, Scene, obstacle
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.offers import Offers
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_judge import SessionJudge
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import SaslError, UnusableCredential
from ansible_collections.mailops.tls.plugins.module_utils._sasl.mechanisms import PLUS, LoginContext, make
from ansible_collections.mailops.tls.plugins.module_utils._text import upper


@dataclass
class LoginNote:
    """What is known of one login, while it goes on and after; kept in `learned` of the dialogue's log.

    Attributes:
        mechanism: what was asked for.
        began: when, in seconds into the connection.
        inside_tls: whether it was inside TLS.
        progress: how far it has come.
        outcome: None until there is one: for ever when the connection broke.
        reason: why it was not begun, where it was not.
        attempt: what became of the exchange.
        ended: when the server had said its last word on it.
        left_after: the mechanisms that IMAP still offers after a login; None where that was not asked.
    """

    mechanism: str
    began: float = 0.0
    inside_tls: bool = False
    progress: Progress = field(default_factory=Progress)
    outcome: LoginOutcome | None = None
    reason: str | None = None
    attempt: Attempt | None = None
    ended: float | None = None
    left_after: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class LoginErrand:
    """Logs in with one mechanism, then does what the caller wants, as that user.

    Attributes:
        mechanism: of IANA's registry, or a name of `COMMANDS`.
        terms: who logs in, and what may be risked.
        judge: says whether the server is the one meant, by this very session.
        protocol: what is spoken.
        host: the server as the client knows it.
        port: its port.
        then: what to do after a login that was accepted; None to take leave.
    """

    mechanism: str
    terms: LoginTerms
    judge: SessionJudge
    protocol: MailProtocol
    host: str
    port: int
    then: Errand | None = None

    def run(self, talk: Talk) -> Script[None]:
        """Log in where that may be done, and keep a `LoginNote`."""
        scene = self._scene(talk)
        note = LoginNote(self.mechanism, talk.at, inside_tls=not talk.plaintext)
        talk.log.learned.append(note)
        found = obstacle(self.mechanism, self.terms, scene)
        if found is not None:
            note.outcome, note.reason = found
            return
        who = self.terms.credentials
        talk.concealed.leave(who.username, who.authorization_identity)
        talk.concealed.add(who.password, who.token)
        try:
            attempt = yield from self._exchange(talk, scene, note)
            note.attempt = None if attempt is None else _without_secrets(attempt, talk)
        except UnusableCredential as problem:
            note.outcome, note.reason = LoginOutcome.UNSUPPORTED, str(problem)
        note.ended = talk.at
        if note.attempt is None:
            return
        note.outcome = of_attempt(note.attempt, inside_tls=note.inside_tls)
        if note.outcome is LoginOutcome.ACCEPTED:
            yield from self._inside(talk, note)

    def _inside(self, talk: Talk, note: LoginNote) -> Script[None]:
        if isinstance(talk, ImapDialogue):
            told = yield from talk.capability(MailboxPhase.CAPABILITY_TLS)
            named = [upper(talk.concealed.out_of(name)) for name in told.get("AUTH", ())] if told is not None else None
            note.left_after = None if named is None else tuple(dict.fromkeys(named))
        if self.then is not None:
            yield from self.then.run(talk)

    def _scene(self, talk: Talk) -> Scene:
        offers = Offers.of(self.protocol, talk.log)
        timestamp = _timestamp(talk) is not None
        session = talk.secured.session() if talk.secured is not None and not talk.plaintext else None
        vouched = session is not None and self.judge.vouches(session)
        doubt = self.judge.doubt_about(session) if session is not None and not vouched else None
        offer = offers.before_tls if talk.plaintext else offers.after_tls
        return Scene(self.protocol, offer, timestamp, talk.plaintext, vouched, doubt)

    def _exchange(self, talk: Talk, scene: Scene, note: LoginNote) -> Script[Attempt | None]:
        """The exchange itself; None, with the reason in the note, where the mechanism cannot be used in this session."""
        credentials, carrier = self.terms.credentials, carrier_of(talk)
        if isinstance(carrier, ImapCarrier) and self.mechanism == IMAP_LOGIN:
            attempt = yield from carrier.login(credentials)
            return attempt
        if isinstance(carrier, Pop3Carrier) and self.mechanism == USER_PASS:
            attempt = yield from carrier.user_pass(credentials)
            return attempt
        if isinstance(carrier, Pop3Carrier) and self.mechanism == APOP:
            attempt = yield from carrier.apop(credentials, _timestamp(talk) or "")
            return attempt
        mechanism = make(self.mechanism, credentials, self._context(talk, scene))
        if mechanism is None:
            what = "the session has no channel binding" if self.mechanism.endswith(PLUS) else "the libraries here do not have it"
            note.outcome, note.reason = LoginOutcome.UNSUPPORTED, f"{what}, so nothing was sent"
            return None
        attempt = yield from log_in(carrier, mechanism, note.progress, wait=not scene.offers(self.mechanism))
        return attempt

    def _context(self, talk: Talk, scene: Scene) -> LoginContext:
        binds = talk.secured is not None and self.terms.channel_binding is not BindingUse.NEVER
        bindings = talk.secured.channel_bindings() if talk.secured is not None and binds else ()
        return LoginContext(self.host, self.port, bindings, frozenset(scene.offer.mechanisms or ()))


def _without_secrets(attempt: Attempt, talk: Talk) -> Attempt:
    """Return an attempt that shows nothing of what was sent, though the server may have repeated it."""
    reply, error, hide = attempt.reply, attempt.error, talk.concealed.out_of
    code = None if reply.response_code is None else hide(reply.response_code)
    if error is not None:
        error = SaslError(error.misstep, hide(str(error)), error.said)
    return replace(attempt, reply=replace(reply, text=hide(reply.text), response_code=code), error=error)


def _timestamp(talk: Talk) -> str | None:
    return talk.log.timestamp if isinstance(talk.log, Pop3Log) else None


def carrier_of(talk: Talk) -> Carrier:
    """Return what carries exchanges over this connection."""
    if isinstance(talk, ImapDialogue):
        return ImapCarrier(talk, initial_responses="SASL-IR" in (talk.told or ()))
    if isinstance(talk, Pop3Dialogue):
        return Pop3Carrier(talk)
    if isinstance(talk, ManageSieveDialogue):
        return SieveCarrier(talk)
    return SmtpCarrier(spoken(talk, SubmissionDialogue))
