# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What listeners serve, by handshakes with real sockets, and the wait for it by a clock of our own."""

from __future__ import annotations

import hashlib
from typing import Optional

from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener
from ansible_collections.mailops.tls.plugins.module_utils._deploy.served import served_leaf, wait_until_served
from ansible_collections.mailops.tls.tests.unit.background import running
from ansible_collections.mailops.tls.tests.unit.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.tls_server import MemoryServer, leaf

ONE, TWO = Listener("127.0.0.1", 25, False), Listener("127.0.0.1", 465, True)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def wait(answers: dict[Listener, list[Optional[str]]], seconds: float) -> tuple[Optional[str], float]:
    clock = Clock()

    def look(listener: Listener, algorithm: str) -> Optional[str]:
        return answers[listener].pop(0) if len(answers[listener]) > 1 else answers[listener][0]

    return wait_until_served((ONE, TWO), "ecdsa", "new", seconds, look, clock, clock.sleep), clock.now


def test_served_at_once() -> None:
    assert wait({ONE: ["new"], TWO: ["new"]}, 5) == (None, 0.0)


def test_served_after_a_while() -> None:
    problem, waited = wait({ONE: ["old", None, "new"], TWO: ["old", "new"]}, 5)
    assert problem is None and 0.5 < waited < 2


def test_never_served() -> None:
    problem, waited = wait({ONE: ["new"], TWO: ["old"]}, 5)
    assert problem == "[127.0.0.1]:465 does not serve the new certificate after 5 seconds"
    assert 5 <= waited < 6


def test_nobody_to_ask() -> None:
    assert wait_until_served((), "ecdsa", "new", 5) is None


def test_handshakes() -> None:
    certificate = leaf("ecdsa")

    async def starttls(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(MemoryServer(certificate.pem, certificate.key.pem))
        await peer.finish()

    with running(server := ScriptedServer(starttls)):
        assert served_leaf(Listener("127.0.0.1", server.port, False), "ecdsa") == hashlib.sha256(certificate.der).hexdigest()
        assert served_leaf(Listener("127.0.0.1", server.port, False), "rsa") is None
    assert served_leaf(Listener("127.0.0.1", server.port, False), "ecdsa") is None
