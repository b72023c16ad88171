# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of logins, in the shape of results: one login, what a server offers when, and an endpoint with both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import LoginPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._login.concealed import Concealment
from ansible_collections.mailops.tls.plugins.module_utils._login.errand import LoginNote
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome, of_failure, of_misstep
from ansible_collections.mailops.tls.plugins.module_utils._login.relay import RelayTest
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import MailboxEndpoint, MailboxResult
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import summarize as summarize_targets
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail, transcript_facts
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Misstep

_FOR_NOTHING = (LoginOutcome.WITHHELD, LoginOutcome.UNSUPPORTED)
"""Outcomes of our own making, with a reason to tell."""
_KINDS = {Misstep.EXCESSIVE: ErrorKind.LIMIT_EXCEEDED, Misstep.REFUSED: ErrorKind.REJECTED}


@dataclass(frozen=True)
class Login:
    """One login: what was asked for, what became of it, and the connection that it had to itself; None where none was made.

    Attributes:
        mechanism: what was asked for.
        outcome: what became of it.
        inside_tls: whether it was, or would have been, inside TLS.
        error: why, where the outcome does not say it all.
        note: how far it came.
        evidence: its connection.
    """

    mechanism: str
    outcome: LoginOutcome
    inside_tls: bool
    error: Failure | None = None
    note: LoginNote | None = None
    evidence: ProbeEvidence | None = None

    @classmethod
    def not_begun(cls, mechanism: str, outcome: LoginOutcome, text: str, *, inside_tls: bool) -> Login:
        """Return a login for which no connection was made."""
        error = Failure(ErrorKind.WITHHELD, LoginPhase.AUTH, text) if outcome in _FOR_NOTHING else None
        return cls(mechanism, outcome, inside_tls, error)

    @classmethod
    def of(cls, mechanism: str, note: LoginNote | None, evidence: ProbeEvidence) -> Login:
        """Return what became of a login over this connection; without a note it did not come so far."""
        failure = evidence.failure
        if note is not None and note.outcome is None and note.progress.error is not None:
            # It left the rules, and did not answer when the login was cancelled for that.
            return cls(mechanism, of_misstep(note.progress.error), note.inside_tls, _error(note), note, evidence)
        if note is None or note.outcome is None:
            failure = failure or Failure(ErrorKind.PROTOCOL_ERROR, LoginPhase.AUTH, "the dialogue ended before the login")
            inside = note.inside_tls if note is not None else evidence.tls is not None and evidence.tls.established
            return cls(mechanism, of_failure(failure), inside, failure, note, evidence)
        return cls(mechanism, note.outcome, note.inside_tls, _error(note), note, evidence)

    @property
    def begun(self) -> bool:
        """Whether the server was asked for it."""
        return self.note is not None and self.note.reason is None

    def as_facts(self, concealment: Concealment, detail: Detail) -> dict[str, Any]:
        """Return the item of `logins`."""
        note, attempt = self.note, self.note.attempt if self.note else None
        reply = attempt.reply.as_facts() if attempt else None
        if reply is not None:
            reply["text"] = concealment.hide(str(reply["text"]))
        error = self.error.as_dict() if self.error else None
        if error is not None:
            error["text"] = concealment.hide(error["text"])
        return {
            "mechanism": self.mechanism,
            "outcome": self.outcome.value,
            "reply": reply,
            "inside_tls": self.inside_tls,
            "channel_binding": attempt.channel_binding if attempt else None,
            "server_authenticated": attempt.server_authenticated if attempt else None,
            "initial_response": self._progress("initial_response"),
            "rounds": self._progress("rounds"),
            "iterations": attempt.iterations if attempt else None,
            "seconds": self._seconds(note),
            "error": error,
            "transcript": self._transcript(concealment) if detail.transcript else None,
        }

    def _progress(self, name: str) -> Any:
        """Of the exchange, or of as much of it as there was; null for a login that was not begun."""
        if self.note is None or not self.begun:
            return None
        return getattr(self.note.attempt or self.note.progress, name)

    def _seconds(self, note: LoginNote | None) -> float | None:
        if note is None or not self.begun or self.evidence is None:
            return None
        ended = note.ended if note.ended is not None else self.evidence.timings["total"]
        return round(max(0.0, ended - note.began), 6)

    def _transcript(self, concealment: Concealment) -> list[dict[str, Any]]:
        return [{**line, "text": concealment.hide(line["text"])} for line in transcript_facts(self.evidence)]


def _error(note: LoginNote) -> Failure | None:
    """Why, where the outcome does not say it all: what we decided ourselves, and how the server left the rules."""
    if note.reason is not None:
        return Failure(ErrorKind.WITHHELD, LoginPhase.AUTH, note.reason) if note.outcome in _FOR_NOTHING else None
    found = note.attempt.error if note.attempt else note.progress.error
    if found is not None:
        return Failure(_KINDS.get(found.misstep, ErrorKind.PROTOCOL_ERROR), LoginPhase.AUTH, str(found))
    if note.outcome is LoginOutcome.PROTOCOL_ERROR:
        return Failure(ErrorKind.PROTOCOL_ERROR, LoginPhase.AUTH, "the server's last reply does not end a login")
    return None


@dataclass(frozen=True)
class LoginEndpoint:
    """One service at one address: how it was found and judged, its logins, and whether it relays for anybody (None: not tested)."""

    mailbox: MailboxEndpoint
    logins: tuple[Login, ...] = ()
    relay: RelayTest | None = None

    @property
    def left_after(self) -> tuple[str, ...] | None:
        """The mechanisms that IMAP still offers after a login; None when there was none."""
        return next((one.note.left_after for one in self.logins if one.note and one.note.left_after is not None), None)

    def as_facts(self, concealment: Concealment, detail: Detail) -> dict[str, Any]:
        """Return the item of `endpoints`."""
        return {
            **self.mailbox.as_facts(detail),
            "mechanisms": self._mechanism_facts(),
            "logins": [one.as_facts(concealment, detail) for one in self.logins],
            "relay": self.relay.as_facts() if self.relay else None,
        }

    def _mechanism_facts(self) -> dict[str, Any]:
        before, after = (one.mechanisms for one in (self.mailbox.offers.before_tls, self.mailbox.offers.after_tls))
        both = before is not None and after is not None
        return {
            "before_tls": _list(before),
            "after_tls": _list(after),
            "only_before_tls": [one for one in before or () if one not in (after or ())] if both else None,
            "only_after_tls": [one for one in after or () if one not in (before or ())] if both else None,
            "after_login": _list(self.left_after),
        }


@dataclass(frozen=True)
class LoginResult:
    """One target: how it was found and judged, and the logins at its endpoints."""

    mailbox: MailboxResult
    endpoints: tuple[LoginEndpoint, ...] = ()

    def as_facts(self, concealment: Concealment, detail: Detail) -> dict[str, Any]:
        """Return the item of `results`, without its findings."""
        return {**self.mailbox.as_facts(detail), "endpoints": [one.as_facts(concealment, detail) for one in self.endpoints]}


def summarize(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the `summary` of results given as facts."""
    outcomes = [login["outcome"] for result in results for endpoint in result["endpoints"] for login in endpoint["logins"]]
    return {**summarize_targets(results), "logins": len(outcomes), "by_outcome": dict(Counter(outcomes))}


def _list(names: Sequence[str] | None) -> list[str] | None:
    return None if names is None else list(names)
