# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All hostile servers, and the good one that stands among them."""

from __future__ import annotations

from ansible_collections.mailops.tls.tests.hostile import (
    certificate_servers,
    dialogue_servers,
    handshake_servers,
    session_servers,
)
from ansible_collections.mailops.tls.tests.hostile.hostile import Hostile
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import server_for

SERVERS: tuple[Hostile, ...] = (
    *dialogue_servers.SERVERS,
    *handshake_servers.SERVERS,
    *certificate_servers.SERVERS,
    *session_servers.SERVERS,
)


def good(certificate: Issued) -> Script:
    """Serve a certificate as one should."""

    async def script(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(server_for(certificate))
        await peer.finish()

    return script
