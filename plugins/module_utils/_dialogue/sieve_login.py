# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins at a ManageSieve server: AUTHENTICATE (RFC 5804 section 2.1)."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.login import (
    HIDDEN,
    Challenge,
    Event,
    LoginEnd,
    LoginPhase,
    decoded,
    encoded,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.managesieve import ManageSieveDialogue
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import of_sieve
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.sieve_response import read_line
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import Script

_QUOTED_LIMIT = 1024
"""Octets of a quoted string (RFC 5804 section 4); what is longer goes as a literal."""


class SieveCarrier:
    """Carries the exchanges of one ManageSieve connection."""

    def __init__(self, dialogue: ManageSieveDialogue) -> None:
        self._dialogue = dialogue

    def takes_initial(self, name: str, initial: bytes) -> bool:
        """Always."""
        return True

    def begin(self, name: str, initial: bytes | None) -> Script[Event]:
        """AUTHENTICATE with one string or two."""
        line = f'AUTHENTICATE "{name}"'
        along = b"" if initial is None else b" " + _string(encoded(initial))
        event = yield from self._send(line.encode("ascii") + along, f"{line}{' ' + HIDDEN if along else ''}")
        return event

    def answer(self, response: bytes) -> Script[Event]:
        """A string of base64."""
        event = yield from self._send(_string(encoded(response)), HIDDEN)
        return event

    def cancel(self) -> Script[Event]:
        """The string `*`, which the server has to answer with NO."""
        event = yield from self._send(b'"*"', '"*"')
        return event

    def _send(self, line: bytes, shown: str) -> Script[Event]:
        self._dialogue.pass_over(LoginPhase.AUTH)
        yield from self._dialogue.say(LoginPhase.AUTH, line, shown)
        raw = yield from self._dialogue.wait(self._dialogue.reader.next_line)
        self._dialogue.note("<", raw.shown)
        got = read_line(raw)
        if got.status is None:
            return Challenge(decoded(got.strings[0].decode("latin-1")) if len(got.strings) == 1 else None)
        additional = decoded(got.code_strings[0].decode("latin-1")) if got.code == "SASL" and got.code_strings else None
        return LoginEnd(of_sieve(got), additional)


def _string(text: bytes) -> bytes:
    return b'"' + text + b'"' if len(text) <= _QUOTED_LIMIT else b"{%d+}\r\n" % len(text) + text
