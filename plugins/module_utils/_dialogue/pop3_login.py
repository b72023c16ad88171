# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins at a POP3 server: AUTH (RFC 5034), USER and PASS, and APOP (RFC 1939 section 7)."""

from __future__ import annotations

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
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Dialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3_reply import Pop3Status
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import of_pop3
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Script
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials, UnusableCredential
from ansible_collections.mailops.tls.plugins.module_utils._sasl.passwords import apop_digest

USER_PASS = "USER-PASS"
APOP = "APOP"
_COMMAND_LIMIT = 255
"""Octets of a command with its end (RFC 2449 section 4)."""


class Pop3Carrier(LineCarrier):
    """Carries the exchanges of one POP3 connection."""

    def __init__(self, dialogue: Pop3Dialogue) -> None:
        super().__init__(_COMMAND_LIMIT)
        self._dialogue = dialogue

    def user_pass(self, credentials: Credentials) -> Script[Attempt]:
        """USER and PASS. Who is refused at USER has sent no password."""
        user = _word("username", credentials.needed_username())
        password = _line("password", credentials.needed_password())
        event = yield from self.send(b"USER " + user, f"USER {HIDDEN}")
        if not (isinstance(event, LoginEnd) and event.accepted):
            refused = command_attempt(USER_PASS, event)
            return Attempt(refused.mechanism, refused.reply, responded=False)
        event = yield from self.send(b"PASS " + password, f"PASS {HIDDEN}")
        return command_attempt(USER_PASS, event)

    def apop(self, credentials: Credentials, timestamp: str) -> Script[Attempt]:
        """APOP with the timestamp of the greeting."""
        user = _word("username", credentials.needed_username())
        digest = apop_digest(timestamp, credentials).encode("ascii")
        event = yield from self.send(b"APOP " + user + b" " + digest, f"APOP {HIDDEN}")
        return command_attempt(APOP, event)

    def send(self, line: bytes, shown: str) -> Script[Event]:
        """Send a line and wait for the reply."""
        self._dialogue.pass_over(LoginPhase.AUTH)
        yield from self._dialogue.say(LoginPhase.AUTH, line, shown)
        reply = yield from self._dialogue.reply()
        return Challenge(decoded(reply.text)) if reply.status is Pop3Status.PLUS else LoginEnd(of_pop3(reply))


def check_commands(name: str, credentials: Credentials) -> None:
    """Find out whether a login by this command can be sent.

    Raises:
        UnusableCredential: something is missing, or has a character that a command cannot carry.
    """
    _word("username", credentials.needed_username())
    password = credentials.needed_password()
    if name == USER_PASS:
        _line("password", password)


def _word(name: str, value: str) -> bytes:
    if " " in value:
        raise UnusableCredential(name, "has a space, which this command cannot carry")
    return _line(name, value)


def _line(name: str, value: str) -> bytes:
    if any(char in "\r\n\0" for char in value):
        raise UnusableCredential(name, "has a line break, which this command cannot carry")
    return value.encode("utf-8")
