# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins at an IMAP server: AUTHENTICATE (RFC 9051 section 6.2.2, SASL-IR of RFC 4959) and LOGIN."""

from __future__ import annotations

import sys

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import Completed, ImapDialogue, Untagged
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_response import ImapStatus, ResponseKind
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import (
    HIDDEN,
    Attempt,
    Challenge,
    Event,
    LineCarrier,
    LoginEnd,
    LoginPhase,
    command_attempt,
    decoded,
    without_password,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import of_imap
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Ended, Script
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials

COMMAND = "IMAP-LOGIN"
"""What results call the command LOGIN, which is no mechanism."""
_MOST_UNTAGGED = 64


class ImapCarrier(LineCarrier):
    """Carries the exchanges of one IMAP connection; *initial_responses* says whether the server offers SASL-IR."""

    def __init__(self, dialogue: ImapDialogue, *, initial_responses: bool) -> None:
        super().__init__(sys.maxsize if initial_responses else 0)
        self._dialogue = dialogue
        self._tag = ""
        self.told: Completed | None = None
        """The last command that ended, with the capabilities that the server told beside it."""

    def begin(self, name: str, initial: bytes | None) -> Script[Event]:
        """AUTHENTICATE, with the first response where that goes along."""
        self._tag = self._dialogue.new_tag()
        event = yield from self.ask(f"{self._tag} AUTHENTICATE {name}", initial)
        return event

    def login(self, credentials: Credentials) -> Script[Attempt]:
        """LOGIN, name and password as literals or quoted strings; nothing but ASCII can be quoted."""
        user, password = credentials.needed_username().encode("utf-8"), credentials.needed_password().encode("utf-8")
        self._tag = self._dialogue.new_tag()
        command = f"{self._tag} LOGIN ".encode("ascii")
        if all(_quotable(text) for text in (user, password)):
            line = command + quoted(user) + b" " + quoted(password)
            event = yield from self.send(line, f"{self._tag} LOGIN {HIDDEN}")
        else:
            event = yield from self.send(command + b"{%d}" % len(user), f"{self._tag} LOGIN {HIDDEN}")
            for piece in (user + b" {%d}" % len(password), password):
                if not isinstance(event, Challenge):
                    return without_password(COMMAND, event)
                event = yield from self.send(piece, HIDDEN)
        return command_attempt(COMMAND, event)

    def send(self, line: bytes, shown: str) -> Script[Event]:
        """Send a line and wait for a challenge or the end; what comes untagged between is news, and BYE ends everything."""
        yield from self._dialogue.say(LoginPhase.AUTH, line, shown)
        untagged = Untagged(self._dialogue.limits.together, _MOST_UNTAGGED)
        while True:
            response = yield from self._dialogue.response()
            if response.kind is ResponseKind.CONTINUATION:
                return Challenge(decoded(response.text))
            if response.kind is ResponseKind.TAGGED and response.tag == self._tag:
                self.told = Completed(response, untagged.responses)
                return LoginEnd(of_imap(response))
            if response.status is ImapStatus.BYE:
                return LoginEnd(of_imap(response))
            if response.kind is not ResponseKind.UNTAGGED:
                raise Ended(ErrorKind.PROTOCOL_ERROR, f"no answer to a login: {response.line.shown[0]}")
            untagged.add(response)


def quoted(text: bytes) -> bytes:
    """Return a quoted string (RFC 9051 section 4.3)."""
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _quotable(text: bytes) -> bool:
    return all(32 <= byte < 127 for byte in text)
