# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a dialogue and the connection that drives it say to each other; the same for every mail protocol.

A dialogue is a state machine without IO. The driver asks it for the next step and does it; bytes from the peer go in
by `receive`. Nothing in a dialogue knows of sockets, TLS or clocks: times are handed in for the transcript.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure, Phase


@dataclass(frozen=True)
class Send:
    """Send these bytes."""

    data: bytes
    phase: Phase


@dataclass(frozen=True)
class Receive:
    """Wait for bytes of the peer; the phase says which time limit applies."""

    phase: Phase


@dataclass(frozen=True)
class StartTls:
    """Do the TLS handshake now, then go on inside it."""


@dataclass(frozen=True)
class Finished:
    """The dialogue is over; close the connection."""


Step = Union[Send, Receive, StartTls, Finished]


@dataclass(frozen=True)
class TranscriptLine:
    """One line of the chat: `>` sent or `<` received, in which phase, seconds since the probe began."""

    direction: str
    phase: Phase
    at: float
    text: str


@dataclass
class DialogueLog:
    """What a dialogue learned, filled in while it runs."""

    greeting: str | None = None
    server_name: str | None = None
    before_tls: dict[str, tuple[str, ...]] | None = None
    after_tls: dict[str, tuple[str, ...]] | None = None
    injected: int = 0
    failure: Failure | None = None
    helo_accepted: bool = False
    transcript: list[TranscriptLine] = field(default_factory=list)
