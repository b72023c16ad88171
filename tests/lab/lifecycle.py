# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing the lab up and down."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime, timezone

from . import balancer, bench, dovecot, mail_server, name_servers, namespace, peers, summary, zones
from .authorities import Pki
from .case import Case
from .layout import Layout
from .plan import Plan, make


def running(layout: Layout) -> dict[str, bool]:
    """Which of the servers are alive, by name."""
    return {name: namespace.running(layout, path) is not None for name, path in layout.pid_files().items()}


def is_up(layout: Layout, bench_size: int) -> bool:
    """True when this very lab, with these sources and this benchmark, is completely up."""
    try:
        found = summary.load(layout.state)
    except (OSError, ValueError):
        return False
    return found["sources"] == summary.sources() and found["bench"] >= bench_size and all(running(layout).values())


def up(layout: Layout, cases: Sequence[Case], bench_size: int = 0) -> bool:
    """Bring everything up; False when it was up already. What is left of an older lab is taken down first."""
    if is_up(layout, bench_size):
        return False
    down(layout)
    _claim(layout)
    layout.pki.mkdir()
    plan = make(cases, Pki(datetime.now(timezone.utc).replace(tzinfo=None)))
    six = sorted({placed.address + "/128" for placed in plan.placed if ":" in placed.address})
    namespace.create(layout, [address for address in six if address != "::1/128"], plan.hosts)
    _start(layout, plan, bench_size)
    summary.write(layout, plan, bench_size)
    return True


def _claim(layout: Layout) -> None:
    """Make the state directory ours; raises RuntimeError when it, or the namespace of its name, is somebody else's."""
    if layout.state.exists() and any(layout.state.iterdir()):
        raise RuntimeError(f"{layout.state} is not empty and not of this lab")
    if namespace.exists(layout):
        raise RuntimeError(f"there is a network namespace {layout.namespace} that is not of this lab")
    layout.state.mkdir(parents=True, exist_ok=True)
    layout.state.chmod(0o755)
    layout.marker.touch()


def _start(layout: Layout, plan: Plan, bench_size: int) -> None:
    """Write all files and start the servers, name servers first."""
    measured = bench.make(plan.pki, bench_size) if bench_size else None
    signed = zones.build([*plan.zones, *([measured.zone] if measured else [])])
    name_servers.start_nsd(layout, zones.write(signed, layout.zones))
    name_servers.start_unbound(layout, signed.anchors)
    served = [placed for placed in plan.placed if not placed.listener.closed]
    name_servers.wait(layout)
    peers.start(layout, [placed for placed in served if placed.listener.script], plan.pki)
    mail_server.write_client(layout)
    mail_server.write_client_certificate(layout, plan.pki)
    for folder, second in ((layout.postfix, False), (layout.second_postfix, True)):
        placed = [each for each in served if each.listener.by_postfix and each.listener.second is second]
        more = [measured.placed] if measured and not second else []
        mail_server.write(layout, folder, [*placed, *more], plan.pki)
        mail_server.start(layout, folder)
    dovecot.start(layout, [placed for placed in served if placed.listener.lmtp], plan.pki)
    balancer.start(layout, served)


def down(layout: Layout) -> list[str]:
    """Stop what the pid files name, remove the namespace and the state directory; returns what was stopped.

    Nothing happens to a directory or a namespace that is not the lab's own.
    """
    if not (layout.marker.exists() or layout.summary.exists()):
        return []
    started = {"sender": layout.sender / "queue/pid/master.pid", **layout.pid_files()}
    stopped = [name for name, path in started.items() if namespace.stop(layout, path)]
    namespace.remove(layout)
    shutil.rmtree(layout.state, ignore_errors=True)
    return stopped
