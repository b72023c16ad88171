# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a dialogue and the connection that drives it say to each other; the same for every mail protocol.

A dialogue is a state machine without IO. The driver asks it for the next step and does it; bytes from the peer go in
by `receive`. Nothing in a dialogue knows of sockets, TLS or clocks: times are handed in for the transcript.

A new protocol is one file here: its phases, its settings (a `DialogueMaker`), its machine (a `Dialogue`), and what it learns beyond
`DialogueLog`. The server speaks first in each of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, Union

from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure, Phase
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import TlsSession


class TlsMode(str, Enum):
    """How TLS begins: never, asked for in the dialogue (RFC 3207 and its like), or with the first byte (RFC 8314)."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True)
class Send:
    """Send these bytes; *seconds* is how long the answer may take, None for the time limit of commands."""

    data: bytes
    phase: Phase
    seconds: float | None = None


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


@dataclass(frozen=True)
class Pause:
    """Do nothing for so many seconds; what the peer says meanwhile waits."""

    seconds: float
    phase: Phase


Step = Union[Send, Receive, StartTls, Pause, Finished]


@dataclass(frozen=True)
class TranscriptLine:
    """One line of the chat: `>` sent or `<` received, in which phase, seconds since the probe began."""

    direction: str
    phase: Phase
    at: float
    text: str


@dataclass
class DialogueLog:
    """What a dialogue learned, filled in while it runs.

    Attributes:
        greeting: what the server said first, as one line.
        server_name: the name by which the server calls itself; TLS sessions are kept by it.
        before_tls: the capabilities told before TLS, keyword to parameters; None when the dialogue did not come so far.
        after_tls: those told inside TLS.
        injected: how many bytes came in plaintext behind the reply that begins TLS.
        failure: what ended the dialogue before its end.
        transcript: the chat, if it is kept.
    """

    greeting: str | None = None
    server_name: str | None = None
    before_tls: dict[str, tuple[str, ...]] | None = None
    after_tls: dict[str, tuple[str, ...]] | None = None
    injected: int = 0
    failure: Failure | None = None
    transcript: list[TranscriptLine] = field(default_factory=list)


class Secured(Protocol):
    """The TLS session that a dialogue goes on in; what it tells is worked out when it is asked, which few dialogues do."""

    def session(self) -> TlsSession:
        """Return what was negotiated, the certificates as seen included."""

    def channel_bindings(self) -> tuple[ChannelBinding, ...]:
        """Return the session's channel bindings, the best first."""

    def expect(self, more: int) -> None:
        """Accept so many bytes more than a dialogue needs that asks for capabilities."""


class Dialogue(Protocol):
    """The client's side of one connection."""

    @property
    def log(self) -> DialogueLog:
        """What was learned so far; complete when the next step is `Finished`."""

    def next_step(self, at: float) -> Step:
        """Return what the driver has to do next, *at* seconds into the probe."""

    def receive(self, data: bytes) -> None:
        """Take bytes from the peer."""

    def tls_started(self, at: float, secured: Secured | None = None) -> None:
        """Go on inside TLS, in this session; without it nothing is known of the server, and nothing secret may be sent."""

    def fail(self, failure: Failure) -> None:
        """End because the connection below failed; the log then has this failure, unless there was one before it."""


class DialogueMaker(Protocol):
    """Makes the dialogue of each connection. A frozen value: probes with equal makers are one and the same probe.

    A maker whose attribute `once` is true makes connections that are never shared, repeated or resumed: those that log in.
    """

    def __hash__(self) -> int:
        """Hash by value."""

    def start(self, tls_mode: TlsMode) -> Dialogue:
        """Return a new dialogue; with `IMPLICIT` its first step is the handshake, with `NONE` there is none."""
