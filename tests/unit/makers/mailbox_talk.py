# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dialogues with mailbox servers, driven by hand: what the server says, what the client did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import Finished, Receive, Send, StartTls
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MailboxLog, Talk
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure, Phase


@dataclass
class Conversation:
    """A dialogue that was driven: lines sent and `<TLS>` in their order, what it learned, and where it waits if it does."""

    done: list[str]
    log: MailboxLog
    waiting: Phase | None

    @property
    def failure(self) -> Failure:
        assert self.log.failure is not None
        return self.log.failure


def converse(dialogue: Talk, chunks: Iterable[bytes]) -> Conversation:
    """Drive a dialogue with these bytes, each handed over when it waits; stops when it is over or has to wait for more."""
    left, done = list(chunks), list[str]()
    for _step in range(5000):
        step = dialogue.next_step(1.5)
        if isinstance(step, Finished):
            return Conversation(done, dialogue.log, None)
        if isinstance(step, Send):
            done += step.data.decode("utf-8").split("\r\n")[:-1]
        elif isinstance(step, StartTls):
            done.append("<TLS>")
            dialogue.tls_started(2.5)
        elif not left:
            assert isinstance(step, Receive)
            return Conversation(done, dialogue.log, step.phase)
        else:
            dialogue.receive(left.pop(0))
    raise AssertionError("the dialogue did not end")
