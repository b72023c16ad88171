# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done at each server, as errands of a dialogue: hand the message over; look into the mailbox, or clean up there.

An errand writes into a note of its own, which keeps what was learned also when the connection breaks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.mailops.tls.plugins.module_utils._delivery.message import Written
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import ImapDialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_mailbox import LIMITS
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_retrieval import ImapRetrieval
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Dialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_retrieval import Pop3Retrieval
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.retrieval import MOST_COPIES, MOST_GROWTH, Retrieval, Sought
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.steps import StepRecorder
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SubmissionDialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Errand, MailboxPhase, Script, Talk, spoken
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.transaction import Envelope, Handed, hand_over
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_judge import SessionJudge

_OTHERS = 64 * 1024 * 1024
"""Bytes that a mailbox may say besides the message: headers of others, mostly."""


@dataclass
class HandingNote:
    """What became of handing the message over. *handed* is None while that is not known, as when the connection broke."""

    recorder: StepRecorder | None = None
    handed: Handed | None = None


@dataclass(frozen=True, eq=False)
class HandOver:
    """Hands the message over; *per_recipient* as in LMTP."""

    written: Written
    per_recipient: bool
    note: HandingNote = field(default_factory=HandingNote)

    def run(self, talk: Talk) -> Script[None]:
        """Do it."""
        talk = spoken(talk, SubmissionDialogue)
        recorder = self.note.recorder = StepRecorder(lambda: talk.at)
        letter, written = self.written.letter, self.written
        envelope = Envelope(letter.sender, letter.recipients, written.size, written.seven_bit)
        self.note.handed = yield from hand_over(talk, envelope, written.pieces, recorder, per_recipient=self.per_recipient)


@dataclass(frozen=True, eq=False)
class OnlyVerified:
    """Does what another errand does, where this very session is good enough: behind one address there can be several servers."""

    errand: Errand
    judge: SessionJudge

    def run(self, talk: Talk) -> Script[None]:
        """Do it, or say why not."""
        level = self.judge.policy.delivery
        if level is not None and not level.must_match:
            yield from self.errand.run(talk)
            return
        found = self.judge.verification(talk.secured.session()) if talk.secured is not None else None
        if found is not None and found.satisfied:
            yield from self.errand.run(talk)
            return
        reason = "there is no TLS" if found is None else found.error.text if found.error else f"the certificate is {found.status.value}"
        text = f"nothing was sent, as the server is not verified on this connection ({reason})"
        talk.log.failure = Failure(ErrorKind.WITHHELD, CommonPhase.HANDSHAKE, text)


@dataclass
class LookNote:
    """What was learned of the mailbox in one connection; *found* is shared by all of them, as *seen* is.

    *over* says that no other look is needed: the message was found, or there was no more patience.
    """

    found: Retrieval
    seen: set[str] = field(default_factory=set)
    recorder: StepRecorder | None = None
    over: bool = False


@dataclass(frozen=True, eq=False)
class Look:
    """Looks for the message; with *clean* removes what other probes have left over instead."""

    sought: Sought
    note: LookNote
    clean: bool = False

    def run(self, talk: Talk) -> Script[None]:
        """Do it, by the protocol that is spoken."""
        self.note.recorder = StepRecorder(lambda: talk.at)
        if talk.secured is not None:
            talk.secured.expect(_OTHERS + 2 * MOST_COPIES * (self.sought.size + MOST_GROWTH))
        if isinstance(talk, ImapDialogue):
            yield from self._by_imap(talk, self.note.recorder)
        else:
            yield from self._by_pop3(spoken(talk, Pop3Dialogue), self.note.recorder)

    def _by_imap(self, talk: ImapDialogue, recorder: StepRecorder) -> Script[None]:
        # What can be done in a mailbox is told to who has logged in.
        told = yield from talk.capability(MailboxPhase.CAPABILITY_TLS)
        talk.allow(LIMITS)
        retrieval = ImapRetrieval(talk, told or (), self.sought, self.note.found, recorder)
        yield from retrieval.clean() if self.clean else retrieval.run()
        self.note.over = True

    def _by_pop3(self, talk: Pop3Dialogue, recorder: StepRecorder) -> Script[None]:
        retrieval = Pop3Retrieval(talk, self.sought, self.note.found, recorder, self.note.seen)
        if self.clean:
            yield from retrieval.clean()
            self.note.over = True
        else:
            self.note.over = yield from retrieval.run()
