# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connecting again to see whether TLS sessions are resumed, and by whom (posttls-finger -r and -m).

After each delay the same address is connected to. What ends it is a server that is known already (by the name it
gave) and was offered its session, or a server that gives no session, or the limit. A server behind a load balancer that
is met for the first time only adds its session. Postfix says "previously used server" when its cache had a session;
whether the server really resumed it is read off the handshake here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, Sessions


class Ended(str, Enum):
    """Why no more connections were made."""

    NOT_CACHED = "not_cached"
    KNOWN_SERVER = "known_server"
    FAILED = "failed"
    MAXIMUM = "maximum"


@dataclass(frozen=True)
class Attempt:
    """One more connection: who answered, whether a session was offered to it, and whether it was resumed."""

    server_name: str | None
    offered: bool
    resumed: bool | None
    failure: Failure | None

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `reconnects.attempts`."""
        return {
            "server_name": self.server_name,
            "session_offered": self.offered,
            "session_reused": self.resumed,
            "error": self.failure.as_dict() if self.failure is not None else None,
        }


@dataclass(frozen=True)
class Reconnects:
    """All further connections to one endpoint."""

    ended: Ended
    attempts: tuple[Attempt, ...]

    def as_facts(self) -> dict[str, Any]:
        """Return `reconnects` of an endpoint."""
        return {"ended": self.ended.value, "attempts": [one.as_facts() for one in self.attempts]}


Connect = Callable[[Sessions], Awaitable[ProbeEvidence]]
"""Probes the endpoint once more, offering the session of the server that answers and keeping new ones."""


async def reconnect(connect: Connect, sessions: Sessions, delay: float, maximum: int) -> Reconnects:
    """Connect again up to *maximum* times, *delay* seconds apart; *sessions* are those of the first connection."""
    attempts: list[Attempt] = []
    if not sessions:
        return Reconnects(Ended.NOT_CACHED, ())
    while len(attempts) < maximum:
        known = set(sessions)
        await asyncio.sleep(delay)
        evidence = await connect(sessions)
        attempt = _attempt(evidence, known)
        attempts.append(attempt)
        if attempt.failure is not None:
            return Reconnects(Ended.FAILED, tuple(attempts))
        if attempt.offered:
            return Reconnects(Ended.KNOWN_SERVER, tuple(attempts))
        if len(sessions) == len(known):
            return Reconnects(Ended.NOT_CACHED, tuple(attempts))
    return Reconnects(Ended.MAXIMUM, tuple(attempts))


def _attempt(evidence: ProbeEvidence, known: set[str | None]) -> Attempt:
    name = None if evidence.plan.tls_first else evidence.log.server_name
    resumed = evidence.tls.resumed if evidence.tls is not None else None
    return Attempt(evidence.log.server_name, evidence.tls is not None and name in known, resumed, evidence.failure)
