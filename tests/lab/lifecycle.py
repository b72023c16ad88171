# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing the lab up and down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone

from . import balancer, bench, bench_domains, bench_mailboxes, dovecot, mail_server, peers, summary, zones
from .authorities import Pki
from .case import Case
from .layout import Layout
from .machinery import lifecycle
from .machinery.nsd import nsd, zone_clauses
from .machinery.server import Server
from .machinery.unbound import unbound
from .plan import Plan, make
from .summary import RESOLVER_ADDRESS
from .zones import ROOT_SERVER, SERVER_ADDRESS


def is_up(layout: Layout, bench_size: int) -> bool:
    """True when this very lab, with these sources and this benchmark, is completely up."""
    try:
        found = summary.load(layout.state)
    except (OSError, ValueError):
        return False
    return found["sources"] == summary.sources() and found["bench"] >= bench_size and lifecycle.complete(layout)


def up(layout: Layout, cases: Sequence[Case], bench_size: int = 0) -> bool:
    """Bring everything up; False when it was up already. What is left of an older lab is taken down first."""
    if is_up(layout, bench_size):
        return False
    down(layout)
    lifecycle.claim(layout)
    layout.pki.mkdir()
    plan = make(cases, Pki(datetime.now(timezone.utc).replace(tzinfo=None)))
    six = sorted({placed.address + "/128" for placed in plan.placed if ":" in placed.address})
    more = [address + "/32" for address in bench.addresses(bench_mailboxes.HOSTS)] if bench_size else []
    layout.net.create([*(address for address in six if address != "::1/128"), *more], plan.hosts)
    mail_server.write_client(layout)
    mail_server.write_client_certificate(layout, plan.pki)
    for server in _servers(layout, plan, bench_size):
        lifecycle.start(layout, server)
    summary.write(layout, plan, bench_size)
    return True


def _servers(layout: Layout, plan: Plan, bench_size: int) -> Iterator[Server]:
    """Declare all servers in the order to start them, name servers first."""
    measured = bench.make(plan.pki, bench_size, bench_domains.records(bench_size)) if bench_size else None
    signed = zones.build([*plan.zones, *([measured.zone] if measured else [])])
    yield nsd("nsd", layout.nsd, [SERVER_ADDRESS], zone_clauses(zones.write(signed, layout.zones)))
    yield unbound("unbound", layout.unbound, RESOLVER_ADDRESS, (ROOT_SERVER, SERVER_ADDRESS), signed.anchors, "test.")
    served = [placed for placed in plan.placed if not placed.listener.closed]
    yield peers.server(layout, [placed for placed in served if placed.listener.script], plan.pki)
    for name, folder, second in (("postfix", layout.postfix, False), ("postfix2", layout.second_postfix, True)):
        placed = [each for each in served if each.listener.by_postfix and each.listener.second is second]
        more = [measured.placed] if measured and not second else []
        yield mail_server.server(layout, name, folder, [*placed, *more], plan.pki)
    yield dovecot.server(layout, [placed for placed in served if placed.listener.lmtp], plan.pki)
    yield balancer.server(layout, served)
    if measured:
        yield from bench_mailboxes.servers(layout, measured.placed, plan.pki)
        yield bench_domains.server(layout)


def down(layout: Layout) -> list[str]:
    """Stop everything, remove the namespace and the state directory; returns what was stopped."""
    return lifecycle.down(layout)
