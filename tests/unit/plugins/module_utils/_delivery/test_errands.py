# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message goes to the server that was judged, and to no other that answers at its address."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._delivery.errands import OnlyVerified
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Finished, Receive, Send, StartTls, TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SubmissionDialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxPhase, Script, Talk
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_judge import SessionJudge
from ansible_collections.mailops.tls.tests.unit.makers.judging import OTHER
from ansible_collections.mailops.tls.tests.unit.makers.login_scenes import MadeUpSession, judge_of, opening


class _Errand:
    def run(self, talk: Talk) -> Script[None]:
        yield from talk.say(MailboxPhase.LOGOUT, b"NOOP")


def sent_to(judge: SessionJudge, mode: TlsMode) -> tuple[bytes, ErrorKind | None]:
    """Return what was sent to a server whose certificate is right for `NAME`, and the failure that was kept."""
    talk = MailboxProbeSettings().acting(MailProtocol.SMTP, OnlyVerified(_Errand(), judge)).start(mode)
    assert isinstance(talk, SubmissionDialogue)
    left, sent = list(opening(MailProtocol.SMTP)), b""
    while not isinstance(step := talk.next_step(1.0), Finished):
        if isinstance(step, Send):
            sent += step.data
        elif isinstance(step, StartTls):
            talk.tls_started(0.5, MadeUpSession())
        elif isinstance(step, Receive):
            talk.receive(left.pop(0))
    return sent, talk.log.failure.kind if talk.log.failure else None


@pytest.mark.parametrize(
    ("judge", "mode", "done"),
    [
        (judge_of(), TlsMode.IMPLICIT, True),
        (judge_of(OTHER), TlsMode.IMPLICIT, False),
        (judge_of(), TlsMode.NONE, False),
        (judge_of(OTHER, SecurityLevel.ENCRYPT), TlsMode.IMPLICIT, True),
        (judge_of(OTHER, SecurityLevel.NONE), TlsMode.NONE, True),
    ],
)
def test_only_a_session_that_is_good_enough_is_used(judge: SessionJudge, mode: TlsMode, done: bool) -> None:
    sent, kind = sent_to(judge, mode)
    assert (b"NOOP" in sent, kind) == (done, None if done else ErrorKind.WITHHELD) and sent.endswith(b"QUIT\r\n")
