# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What listeners show, by handshakes with real sockets, and why they show nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable
from typing import Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener
from ansible_collections.mailops.tls.plugins.module_utils._deploy.served import Sight, look_at, system_addresses
from ansible_collections.mailops.tls.tests.unit.servers.background import running
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf

CERTIFICATE = leaf("ecdsa")


async def starttls(peer: Peer) -> None:
    await peer.offer_tls()
    await peer.start_tls(MemoryServer(CERTIFICATE.pem, CERTIFICATE.key.pem))
    await peer.finish()


async def no_starttls(peer: Peer) -> None:
    await peer.send(b"220 mx.example.com ESMTP\r\n")
    await peer.hear()
    await peer.send(b"250 mx.example.com\r\n")
    await peer.finish()


async def no_service(peer: Peer) -> None:
    await peer.send(b"521 5.3.2 go away\r\n")
    await peer.finish()


async def broken(peer: Peer) -> None:
    await peer.send(b"220 mx.example.com ESMTP\r\n")
    await peer.hear()
    await peer.send(b"250-mx.example.com\r\n250 STARTTLS\r\n")
    await peer.hear()
    await peer.send(b"454 4.7.0 TLS not available due to local problem\r\n")
    await peer.finish()


def test_handshakes() -> None:
    with running(server := ScriptedServer(starttls)):
        listener = Listener("127.0.0.1", server.port, False)
        assert look_at(listener, "ecdsa") == Sight(hashlib.sha256(CERTIFICATE.der).hexdigest())
        other = look_at(listener, "rsa")
        assert other.leaf_sha256 is None and other.broken and "handshake" in other.reason
    assert look_at(listener, "ecdsa") == Sight(None, "it refuses the connection")


@pytest.mark.parametrize(
    ("script", "reason", "is_broken"),
    [
        (no_starttls, "it does not offer STARTTLS to this machine", False),
        (no_service, "521 5.3.2 go away", False),
        (broken, "STARTTLS rejected: 454 4.7.0 TLS not available due to local problem", True),
    ],
)
def test_the_reason_is_what_the_server_says(script: Callable[[Peer], Awaitable[None]], reason: str, is_broken: bool) -> None:
    with running(server := ScriptedServer(script)):
        sight = look_at(Listener("127.0.0.1", server.port, False), "ecdsa")
    assert sight.leaf_sha256 is None and reason in sight.reason and sight.broken is is_broken


def test_names_are_looked_up_as_the_system_does() -> None:
    assert "127.0.0.1" in system_addresses("localhost")
    assert system_addresses("127.0.0.1") == ("127.0.0.1",)
    assert system_addresses("a" * 300) == ()
