# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real balancer: HAProxy, which hands connections to one address to each of the servers behind it in turn."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from . import namespace
from .layout import Layout
from .plan import Placed

GLOBAL = """global
    daemon
    nbthread 1
    maxconn 200
    pidfile {folder}/pid
defaults
    mode tcp
    balance roundrobin
    timeout connect 5s
    timeout client 30s
    timeout server 30s
"""


def _section(placed: Placed, behind: Sequence[Placed]) -> str:
    """One address and those behind it; no health checks, they would be seen as clients."""
    lines = [f"listen {placed.name}", f"    bind {placed.address}:{placed.listener.port}"]
    lines += [f"    server {each.listener.label} {each.address}:{each.listener.port}" for each in behind]
    return "\n".join(lines) + "\n"


def start(layout: Layout, served: Sequence[Placed]) -> None:
    """Write the configuration for all balancers among `served` and start them in one process."""
    layout.haproxy.mkdir(exist_ok=True)
    places = {(each.case, each.listener.label): each for each in served}
    sections = [
        _section(each, [places[each.case, label] for label in each.listener.balances]) for each in served if each.listener.balances
    ]
    config = layout.haproxy / "haproxy.cfg"
    config.write_text(GLOBAL.format(folder=layout.haproxy) + "".join(sections))
    command = namespace.inside(layout, ["/usr/sbin/haproxy", "-q", "-f", str(config)])
    with (layout.haproxy / "start.log").open("ab") as log:  # what it says stays out of pipes of ours, which would never end
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
