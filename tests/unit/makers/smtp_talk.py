# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SMTP dialogue driven with what a server says, for tests of the machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import (
    Finished,
    Receive,
    Send,
    StartTls,
    TlsMode,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpDialogue, SmtpLog, SmtpPhase, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure, Phase

GREETING = b"220 mx.example.com ESMTP ready\r\n"
EHLO = b"250-mx.example.com at your service\r\n250-SIZE 10240000\r\n250 STARTTLS\r\n"
GO = b"220 2.0.0 Ready to start TLS\r\n"
EHLO_TLS = b"250-mx.example.com\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 10240000\r\n"


@dataclass
class Talk:
    """A dialogue that was driven: what was done in which order, and what it learned."""

    done: list[str]
    log: SmtpLog
    waiting: Phase | None

    @property
    def failure(self) -> Failure:
        assert self.log.failure is not None
        return self.log.failure


def converse(
    chunks: Iterable[bytes], settings: SmtpSettings | None = None, tls_mode: TlsMode = TlsMode.STARTTLS
) -> Talk:
    """Drive a dialogue with these bytes, each handed over when it waits; stops when it is done or has to wait for more."""
    dialogue = SmtpDialogue(settings or SmtpSettings("probe.example.net"), tls_mode)
    left = list(chunks)
    done: list[str] = []
    for _step in range(1000):
        step = dialogue.next_step(1.5)
        if isinstance(step, Finished):
            return Talk(done, dialogue.log, None)
        if isinstance(step, Send):
            done.append(step.data.decode("ascii"))
        elif isinstance(step, StartTls):
            done.append("<TLS>")
            dialogue.tls_started(2.5)
        elif not left:
            assert isinstance(step, Receive)
            return Talk(done, dialogue.log, step.phase)
        else:
            dialogue.receive(left.pop(0))
    raise AssertionError("the dialogue did not end")


def offers_starttls(reply: bytes) -> bool:
    """Tell whether a dialogue asks for STARTTLS after this reply to EHLO."""
    talk = converse([GREETING, reply])
    assert talk.waiting is SmtpPhase.STARTTLS or talk.failure.kind is ErrorKind.STARTTLS_NOT_OFFERED
    return talk.waiting is SmtpPhase.STARTTLS
