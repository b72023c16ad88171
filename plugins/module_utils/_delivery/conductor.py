# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One delivery from end to end: the mailbox is looked at first, then the message is handed over, waited for, read and removed.

A mailbox that nobody can log in to would keep the message, so nothing is sent before somebody has. That connection removes what other
probes have left over (decision 0118). Whatever happens after the message was sent, the mailbox is looked into, up to the time limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._delivery.errands import HandingNote, HandOver, Look, LookNote
from ansible_collections.mailops.tls.plugins.module_utils._delivery.journey import failed_step, step_facts, steps_of
from ansible_collections.mailops.tls.plugins.module_utils._delivery.message import (
    TOKEN_FIELD,
    TOKEN_PREFIX,
    Written,
    is_token,
    write,
)
from ansible_collections.mailops.tls.plugins.module_utils._delivery.settings import DeliverySettings
from ansible_collections.mailops.tls.plugins.module_utils._delivery.side import DATA_PHASE, Acted, Side
from ansible_collections.mailops.tls.plugins.module_utils._delivery.signatures import Signature, read_signatures, verify
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import (
    Cleanup,
    Retrieval,
    RetrievalPhase,
    Sought,
    body_digest,
    header_fields,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.transaction import Handed
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask, Outcome, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol

_TRY_AGAIN = frozenset((
    ErrorKind.CONNECT_REFUSED, ErrorKind.CONNECT_TIMEOUT, ErrorKind.CONNECT_FAILED, ErrorKind.TIMEOUT, ErrorKind.DISCONNECTED,
    ErrorKind.RATE_LIMITED,
))  # fmt: skip
_LOOKING = (RetrievalPhase.SEARCH, RetrievalPhase.FETCH)
_BUSY = frozenset(("IN-USE", "LOGIN-DELAY", "INUSE", "UNAVAILABLE", "SYS/TEMP"))
"""Response codes to logins that another try may not meet: POP3 lets in one at a time, and not too often."""


@dataclass
class Delivery:
    """What became of a delivery, filled in while it goes on. Times are seconds since the run began."""

    written: Written
    submit: Side
    retrieve: Side | None
    steps: list[dict[str, Any]] = field(default_factory=list)
    handed: Handed | None = None
    submit_began: float | None = None
    accepted_at: float | None = None
    found_at: float | None = None
    found: Retrieval = field(default_factory=Retrieval)
    cleanup: Cleanup = field(default_factory=Cleanup)
    signatures: tuple[Signature, ...] = ()
    failure: Failure | None = None
    only_looked: bool = False

    @property
    def delivered(self) -> bool | None:
        """Whether the message was found; None where nobody wanted to look for it."""
        return self.found_at is not None if self.retrieve is not None and not self.only_looked else None


class DeliveryRun:
    """One run. Make and use it inside a running event loop."""

    def __init__(
        self, settings: DeliverySettings, submit: Side, retrieve: Side | None, ask: Ask, clock: Callable[[], datetime]
    ) -> None:
        """Take what a run needs; *clock* tells the time of day, for the message and for the age of others."""
        self._settings, self._ask, self._clock = settings, ask, clock
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._seen: set[str] = set()
        self._result = Delivery(write(settings.letter, clock()), submit, retrieve)

    async def look(self) -> Delivery:
        """See what both servers are and offer, and send nothing."""
        result = self._result
        result.only_looked = True
        for side in (result.submit, result.retrieve):
            failure = await side.look() if side is not None else None
            if failure is not None and side is not None:
                self._stop(failure, side)
        return result

    async def run(self) -> Delivery:
        """Deliver the message."""
        result = self._result
        if result.retrieve is not None and not await self._prepare(result.retrieve):
            return result
        failure = await result.submit.look()
        if failure is not None:
            self._stop(failure, result.submit)
            return result
        perhaps = await self._hand_over()
        if result.retrieve is not None and perhaps:
            await self._wait(result.retrieve)
        await self._verify()
        return result

    def _now(self) -> float:
        return self._loop.time() - self._began

    def _stop(self, failure: Failure, side: Side) -> None:
        """Keep why nothing can be done at a server."""
        self._result.failure = self._result.failure or failure
        self._result.steps += step_facts([failed_step(failure)], self._now(), mailbox=side is self._result.retrieve)

    def _note(self, acted: Acted, side: Side, steps: list[Any]) -> None:
        self._result.steps += step_facts(steps, acted.began - self._began, mailbox=side is self._result.retrieve)

    async def _prepare(self, side: Side) -> bool:
        """Log in to the mailbox, and remove what other probes have left over; return whether that could be done."""
        failure = await side.look()
        if failure is not None:
            self._stop(failure, side)
            return False
        note = LookNote(Retrieval())
        acted = await side.act(Look(self._sought(0.0), note, clean=True))
        self._result.cleanup = note.found.cleanup
        if acted.failure is not None:
            self._result.failure = acted.failure
            self._note(acted, side, steps_of(acted, side.party.service.terms.protocol, note.recorder))
            return False
        return True

    async def _hand_over(self) -> bool:
        """Hand the message over; return whether it may have been taken, which after a broken connection nobody knows."""
        result, side, note = self._result, self._result.submit, HandingNote()
        protocol = side.party.service.terms.protocol
        errand = HandOver(result.written, protocol is MailProtocol.LMTP, note)
        acted = await side.act(errand, ((DATA_PHASE, max(self._settings.timeout, 60.0)),))
        result.submit_began = acted.began - self._began
        result.failure = acted.failure
        result.handed = note.handed
        self._note(acted, side, steps_of(acted, protocol, note.recorder))
        if note.handed is not None and note.handed.at is not None:
            result.accepted_at = result.submit_began + note.handed.at
            return True
        return note.handed is None and acted.failure is not None and acted.failure.phase is DATA_PHASE

    def _sought(self, patience: float) -> Sought:
        settings, written = self._settings, self._result.written
        stale = self._clock() - timedelta(seconds=settings.stale_after)
        return Sought(
            TOKEN_FIELD,
            written.letter.token,
            TOKEN_PREFIX,
            is_token,
            written.size,
            body_digest(written.letter.body()),
            stale,
            patience,
            self._interval(),
            settings.folders,
        )

    def _interval(self) -> float:
        """Seconds between two looks; a POP3 server may want more (RFC 2449 section 6.5)."""
        side = self._result.retrieve
        told = (side.endpoint.offers.after_tls.capabilities or {}).get("LOGIN-DELAY", ()) if side and side.endpoint else ()
        wanted = next((float(word) for word in told if word.isdigit() and len(word) < 6), 0.0)
        return max(self._settings.poll_interval, wanted)

    async def _wait(self, side: Side) -> None:
        """Look for the message until it was read or the time is over. A connection that breaks is made again."""
        result = self._result
        until = self._loop.time() + self._settings.timeout
        while True:
            note = LookNote(result.found, self._seen)
            acted = await side.act(Look(self._sought(until - self._loop.time()), note))
            if result.found.found_at is not None and result.found_at is None:
                result.found_at = acted.began + result.found.found_at - self._began
            if note.over or result.found.copies or not self._again(acted, until):
                break
            await asyncio.sleep(self._interval())
        self._note(acted, side, steps_of(acted, side.party.service.terms.protocol, note.recorder))
        result.cleanup = _together(result.cleanup, result.found.cleanup)
        failure = acted.failure
        if result.found_at is not None and not note.over:
            failure = await self._remove(side)
        result.failure = result.failure or failure

    def _again(self, acted: Acted, until: float) -> bool:
        """Whether another connection may find more."""
        failure, login = acted.failure, acted.login
        # A server that restarts says BYE, whatever it was asked.
        gone = failure is not None and failure.kind is ErrorKind.REJECTED and failure.phase in _LOOKING
        busy = login is not None and login.attempt is not None and login.attempt.reply.response_code in _BUSY
        if failure is not None and failure.kind not in _TRY_AGAIN and not busy and not gone:
            return False
        return self._loop.time() + self._interval() <= until

    async def _remove(self, side: Side) -> Failure | None:
        """The connection broke when the message had been found: remove it by another one; return why that failed, too."""
        result, token = self._result, self._result.written.letter.token
        sought = replace(
            self._sought(0.0), token="", is_token=lambda text: text == token, stale_before=self._clock() + timedelta(days=2)
        )
        note = LookNote(Retrieval())
        acted = await side.act(Look(sought, note, clean=True))
        self._note(acted, side, steps_of(acted, side.party.service.terms.protocol, note.recorder))
        cleanup = note.found.cleanup
        # Who could not look has to take it that the message is still there.
        known = result.cleanup.removed + cleanup.found if acted.failure is None else 1
        result.cleanup.found = max(result.cleanup.found, known)
        result.cleanup.removed += cleanup.removed
        result.cleanup.failure = cleanup.failure or acted.failure
        return acted.failure

    async def _verify(self) -> None:
        """Read the DKIM signatures of the message, and verify them with the keys that DNS has."""
        copy = next(iter(self._result.found.copies), None)
        if copy is None:
            return
        signatures = read_signatures(header_fields(copy.header, "DKIM-Signature"))
        if not signatures:
            return
        if copy.whole is None:
            text = "not verified: the message is too large to be kept in memory"
            self._result.signatures = tuple(replace(one, error=text) for one in signatures)
            return
        keys: dict[str, bytes | None] = {}
        for owner in dict.fromkeys(one.owner for one in signatures if one.owner):
            answer = await self._ask(owner, "TXT", False)
            if answer.outcome is not Outcome.ERROR:
                texts = [b"".join(record.strings) for record in answer.records if isinstance(record, TxtRecord)]
                keys[owner] = texts[0] if texts else None
        self._result.signatures = verify(copy.whole, signatures, keys)


def _together(one: Cleanup, other: Cleanup) -> Cleanup:
    return Cleanup(one.found + other.found, one.removed + other.removed, one.failure or other.failure)
