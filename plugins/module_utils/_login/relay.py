# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server would take mail to somebody else's domain without a login: asked with MAIL and RCPT, never with a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply, of_smtp
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.submission import SubmissionDialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Script, Talk, spoken
from ansible_collections.mailops.tls.plugins.module_utils._errors import Phase

SENDER, RECIPIENT = "relay-test@example.com", "relay-test@example.org"
"""Of domains that are nobody's (RFC 2606), so that the server cannot be responsible for them."""


class RelayPhase(Phase):
    """Where a dialogue is while it asks."""

    MAIL = "mail"
    RCPT = "rcpt"


@dataclass(frozen=True)
class RelayTest:
    """What the server said: whether it takes such mail, which command decided that, and the reply to it."""

    accepted: bool
    step: RelayPhase
    reply: ServerReply

    def as_facts(self) -> dict[str, Any]:
        """Return `relay` of an endpoint."""
        return {"accepted": self.accepted, "step": self.step.value, "reply": self.reply.as_facts()}


@dataclass(frozen=True, eq=False)
class RelayErrand:
    """Asks. A recipient that was accepted is taken back with RSET."""

    def run(self, talk: Talk) -> Script[None]:
        """Ask, and keep a `RelayTest`."""
        talk = spoken(talk, SubmissionDialogue)
        step, reply = RelayPhase.MAIL, (yield from talk.command(RelayPhase.MAIL, f"MAIL FROM:<{SENDER}>".encode("ascii")))
        if reply.positive:
            step, reply = RelayPhase.RCPT, (yield from talk.command(RelayPhase.RCPT, f"RCPT TO:<{RECIPIENT}>".encode("ascii")))
        accepted = step is RelayPhase.RCPT and reply.positive
        talk.log.learned.append(RelayTest(accepted, step, of_smtp(reply)))
        if accepted:
            yield from talk.command(SmtpPhase.QUIT, b"RSET")
