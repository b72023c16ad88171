# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting the scripted peers of `scripted`, and with them the DNS server that only fails."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from . import namespace
from .authorities import Pki
from .keys import key_pem
from .layout import Layout
from .plan import Placed
from .zones import LAME_ADDRESS


def start(layout: Layout, placed: Sequence[Placed], pki: Pki) -> None:
    """Start one process for all scripted listeners; raises CalledProcessError when an address cannot be had."""
    layout.scripted.mkdir(exist_ok=True)
    peers = []
    for each in placed:
        leaf = each.identities["leaf"]
        pem = layout.scripted / (each.name + ".pem")
        pem.write_bytes(key_pem(leaf.key) + leaf.pem + pki.authorities["inter"].pem)
        pem.chmod(0o600)
        peers.append({"address": each.address, "port": each.listener.port, "script": each.listener.script, "pem": str(pem)})
    config = layout.scripted / "peers.json"
    config.write_text(json.dumps({"pid": str(layout.scripted / "pid"), "servfail": LAME_ADDRESS, "peers": peers}, indent=1))
    program = Path(__file__).with_name("scripted.py")
    subprocess.run(namespace.inside(layout, [sys.executable, str(program), str(config)]), check=True, stdin=subprocess.DEVNULL)
    end = time.monotonic() + 5
    while namespace.running(layout, layout.scripted / "pid") is None and time.monotonic() < end:
        time.sleep(0.02)
