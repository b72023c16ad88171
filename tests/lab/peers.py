# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripted peers of `scripted`, and with them the DNS server that only fails."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from .authorities import Pki
from .keys import key_pem
from .layout import Layout
from .machinery.readiness import running
from .machinery.server import Server
from .plan import Placed
from .zones import LAME_ADDRESS


def server(layout: Layout, placed: Sequence[Placed], pki: Pki) -> Server:
    """Return one process for all scripted listeners; its command fails when an address cannot be had."""
    layout.scripted.mkdir(exist_ok=True)
    peers = []
    for each in placed:
        leaf = each.identities["leaf"]
        pem = layout.scripted / (each.name + ".pem")
        pem.write_bytes(key_pem(leaf.key) + leaf.pem + pki.authorities["inter"].pem)
        pem.chmod(0o600)
        peers.append({"address": each.address, "port": each.listener.port, "script": each.listener.script, "pem": str(pem)})
    config = {"pid": str(layout.scripted / "pid"), "servfail": LAME_ADDRESS, "peers": peers}
    program = Path(__file__).with_name("scripted.py")
    return Server(
        "scripted",
        layout.scripted,
        (sys.executable, str(program), str(layout.scripted / "peers.json")),
        files={"peers.json": json.dumps(config, indent=1)},
        ready=running(layout.scripted / "pid"),
    )
