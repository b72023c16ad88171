# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a message's way, each with the server's reply and its time, kept while a dialogue goes through them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.server_reply import ServerReply
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure


class Stage(str, Enum):
    """What is done with a server that takes mail, or with a mailbox."""

    CONNECT = "connect"
    GREETING = "greeting"
    HELLO = "hello"
    STARTTLS = "starttls"
    HANDSHAKE = "handshake"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    END_OF_DATA = "end_of_data"
    SELECT = "select"
    SEARCH = "search"
    FETCH = "fetch"
    DELETE = "delete"
    LOGOUT = "logout"


@dataclass(frozen=True)
class StepTaken:
    """One step.

    Attributes:
        stage: what was done.
        ok: whether the server did it.
        reply: its last word about it; None when it said nothing.
        failure: why it came to no end, or why it was of no use.
        at: when it ended, in seconds since the connection was asked for.
        seconds: how long it took.
        subject: the recipient or the folder that it is about, where there may be several.
    """

    stage: Stage
    ok: bool
    reply: ServerReply | None = None
    failure: Failure | None = None
    at: float = 0.0
    seconds: float = 0.0
    subject: str | None = None


class StepRecorder:
    """Keeps steps in their order; one that has begun and does not end is the one that failed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.taken: list[StepTaken] = []
        self._clock = clock
        self._open: tuple[Stage, float, str | None] | None = None

    def begin(self, stage: Stage, subject: str | None = None) -> None:
        """Begin a step; one that is open already goes on."""
        if self._open is None or self._open[0] is not stage:
            self._open = (stage, self._clock(), subject)

    def end(self, ok: bool, reply: ServerReply | None = None, failure: Failure | None = None) -> None:
        """End the step that is open, if one is."""
        if self._open is None:
            return
        (stage, began, subject), self._open = self._open, None
        now = self._clock()
        self.taken.append(StepTaken(stage, ok, reply, failure, now, now - began, subject))

    def fail(self, failure: Failure) -> None:
        """End the step that is open with what ended the dialogue."""
        self.end(False, failure=failure)
