# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real balancer: HAProxy, which hands connections to one address to each of the servers behind it in turn."""

from __future__ import annotations

from collections.abc import Sequence

from .layout import Layout
from .machinery.server import Server
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


def server(layout: Layout, served: Sequence[Placed]) -> Server:
    """Return one process for all balancers among `served`."""
    places = {(each.case, each.listener.label): each for each in served}
    sections = [
        _section(each, [places[each.case, label] for label in each.listener.balances]) for each in served if each.listener.balances
    ]
    text = GLOBAL.format(folder=layout.haproxy) + "".join(sections)
    command = ("/usr/sbin/haproxy", "-q", "-f", str(layout.haproxy / "haproxy.cfg"))
    return Server("haproxy", layout.haproxy, command, "haproxy", {"haproxy.cfg": text})
