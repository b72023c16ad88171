# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NSD, which serves the signed zones on 127.0.0.2, and the validating Unbound on 127.0.0.1 that everyone asks."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import namespace
from .layout import Layout
from .zones import ROOT_SERVER, SERVER_ADDRESS

NSD_CONF = """server:
    ip-address: {address}
    username: root
    chroot: ""
    server-count: 1
    verbosity: 1
    hide-version: yes
    database: ""
    pidfile: "{folder}/pid"
    logfile: "{folder}/log"
    zonelistfile: "{folder}/zone.list"
    xfrdfile: "{folder}/xfrd.state"
    xfrdir: "{folder}"
    zonesdir: "{zones}"
    rrl-ratelimit: 0
    tcp-count: 1000
remote-control:
    control-enable: no
{zone_clauses}
"""

UNBOUND_CONF = """server:
    interface: 127.0.0.1
    access-control: 127.0.0.0/8 allow
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: "{folder}/pid"
    logfile: "{folder}/log"
    use-syslog: no
    log-servfail: yes
    verbosity: 1
    num-threads: 2
    module-config: "validator iterator"
    root-hints: "{folder}/root.hints"
    trust-anchor-file: "{folder}/anchors"
    trust-anchor-signaling: no
    root-key-sentinel: no
    do-ip6: no
    do-not-query-localhost: no
    local-zone: "test." nodefault
    local-zone: "lan." nodefault
    qname-minimisation: no
    target-fetch-policy: "0 0 0 0 0"
    minimal-responses: yes
    msg-cache-size: 32m
    rrset-cache-size: 64m
    outgoing-range: 4096
    num-queries-per-thread: 4096
    ede: yes
remote-control:
    control-enable: no
"""


def start_nsd(layout: Layout, zone_files: Mapping[str, Path]) -> None:
    """Write NSD's configuration and start it; returns once it has forked into the background."""
    layout.nsd.mkdir(exist_ok=True)
    clauses = "\n".join('zone:\n    name: "{}"\n    zonefile: "{}"'.format(*pair) for pair in zone_files.items())
    text = NSD_CONF.format(address=SERVER_ADDRESS, folder=layout.nsd, zones=layout.zones, zone_clauses=clauses)
    config = layout.nsd / "nsd.conf"
    config.write_text(text)
    subprocess.run(namespace.inside(layout, ["/usr/sbin/nsd", "-c", str(config)]), check=True, stdin=subprocess.DEVNULL)


def wait(layout: Layout) -> None:
    """Wait until a validated answer about `test.` comes back; raises RuntimeError when none does."""
    dig = namespace.inside(layout, ["/usr/bin/dig", "+adflag", "+time=1", "+tries=8", "@127.0.0.1", "SOA", "test."])
    output = subprocess.run(dig, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL).stdout
    flags = next((line for line in output.splitlines() if line.startswith(";; flags:")), "")
    if " ad" not in flags.partition(";; flags:")[2].partition(";")[0]:
        raise RuntimeError(f"the resolver does not validate; see {layout.unbound}/log")


def start_unbound(layout: Layout, anchors: Sequence[str]) -> None:
    """Write Unbound's configuration with our root and trust anchors and start it."""
    layout.unbound.mkdir(exist_ok=True)
    hints = f". 3600 NS {ROOT_SERVER}.\n{ROOT_SERVER}. 3600 A {SERVER_ADDRESS}\n"
    (layout.unbound / "root.hints").write_text(hints)
    (layout.unbound / "anchors").write_text("".join(line + "\n" for line in anchors))
    config = layout.unbound / "unbound.conf"
    config.write_text(UNBOUND_CONF.format(folder=layout.unbound))
    command = ["/usr/sbin/unbound", "-c", str(config)]
    subprocess.run(namespace.inside(layout, command), check=True, stdin=subprocess.DEVNULL)
