# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hostile servers for mail clients are made of: a list of moves, and how the look at such a server has to end."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Callable, Union

from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Phase
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.tests.hostile.hostile import End
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Hierarchy, hierarchy
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer

Move = Union[bytes, Callable[[Peer], Awaitable[None]]]
"""Bytes to send, or something else to do."""
NAME = "mail.example.org"
"""What every certificate here is for."""


@dataclass(frozen=True)
class HostileMailbox:
    """One server.

    Attributes:
        name: what it does.
        service: what it is asked as.
        script: what it does, move by move.
        ends: the failures that looking at it may end with, all of them right; none where it has to succeed.
        findings: the findings about it, exactly these, in any order.
        facts: what has to stand in the endpoint's facts.
    """

    name: str
    service: MailService
    script: Script
    ends: tuple[End, ...] = ()
    findings: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


def fails(
    name: str, service: MailService, script: Script, kind: ErrorKind, *phases: Phase, findings: tuple[str, ...] = (), **facts: object
) -> HostileMailbox:
    """Return a server that ends a look at it with one kind of failure, in one of these phases."""
    return HostileMailbox(name, service, script, tuple((kind, phase) for phase in phases), findings, facts)


def passes(name: str, service: MailService, script: Script, *findings: str, **facts: object) -> HostileMailbox:
    """Return a server that is hostile in vain: the look at it comes to its end, and the certificate is verified."""
    return HostileMailbox(name, service, script, (), findings, facts)


def says(*moves: Move) -> Script:
    """Make the moves in their order, then hang about until the client leaves."""

    async def script(peer: Peer) -> None:
        for move in moves:
            if move is leave:
                return
            await (peer.send(move) if isinstance(move, bytes) else move(peer))
        await peer.hang()

    return script


@functools.cache
def chain() -> Hierarchy:
    """Return the certificates of all servers here, made once."""
    return hierarchy((NAME, "*.example.org"))


async def hear(peer: Peer) -> None:
    """Wait for the client's next line."""
    await peer.hear()


async def tls(peer: Peer) -> None:
    """Shake hands as one should; from then on all is inside TLS."""
    made = chain()
    await peer.shake_hands(MemoryServer(made.leaf.pem + made.intermediate.pem, made.leaf.key.pem))


async def leave(peer: Peer) -> None:
    """Close the connection, as the last move."""


async def reset(peer: Peer) -> None:
    """Break the connection off."""
    peer.reset()


async def half_close(peer: Peer) -> None:
    """Say that nothing more will be said, and go on listening."""
    peer.writer.write_eof()


def flood(data: bytes, most: int = 20 * 1024 * 1024) -> Move:
    """Send the same over and over, up to so many bytes or until the client has enough."""

    async def move(peer: Peer) -> None:
        await peer.flood(data, most)

    return move


def drip(data: bytes, pause: float = 0.05) -> Move:
    """Send byte by byte."""

    async def move(peer: Peer) -> None:
        await peer.drip(data, pause)

    return move


async def read_hello(peer: Peer) -> None:
    """Take the client's first flight, and do not answer."""
    await peer.reader.read(65536)
