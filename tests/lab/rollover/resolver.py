# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root, `test.` and the domain's parent on an NSD, and the validating Unbound that trusts the root and forgets quickly."""

from __future__ import annotations

import subprocess

from .. import name_servers, namespace, zones
from ..case import Zone
from ..zones import ROOT_SERVER, SERVER_ADDRESS
from .layout import RolloverLayout
from .settings import DOMAIN, PARENT, PRIMARY_ADDRESS, RESOLVER_ADDRESS, SECONDARY_ADDRESS, STUBBORN_ADDRESS

QUICK = """
server:
    num-threads: 1
    cache-max-negative-ttl: 60
    val-bogus-ttl: 1
    infra-host-ttl: 5
    infra-keep-probing: yes
    ipsecmod-enabled: no
"""


STUBBORN = "    cache-min-ttl: 3600\n"


def start_parents(layout: RolloverLayout, delegation_signer: str) -> tuple[str, ...]:
    """Sign the zones above the domain, with the DS record of the domain in its parent, and serve them; returns the trust anchors."""
    label = DOMAIN[: -len(PARENT) - 1]
    records = [f"{label} DS {delegation_signer}"]
    for name, address in (("ns1", PRIMARY_ADDRESS), ("ns2", SECONDARY_ADDRESS)):
        records += [f"{label} NS {name}.{label}", f"{name}.{label} A {address}"]
    signed = zones.build([Zone(PARENT, tuple(records))])
    name_servers.start_nsd(layout, zones.write(signed, layout.zones))
    return signed.anchors


def start(layout: RolloverLayout, anchors: tuple[str, ...]) -> None:
    """Start Unbound as in the other network, but with a short memory for what is wrong with servers and signatures."""
    layout.unbound.mkdir(exist_ok=True)
    hints = "." + f" 3600 NS {ROOT_SERVER}.\n{ROOT_SERVER}. 3600 A {SERVER_ADDRESS}\n"
    (layout.unbound / "root.hints").write_text(hints)
    (layout.unbound / "anchors").write_text("".join(line + "\n" for line in anchors))
    config = layout.unbound / "unbound.conf"
    config.write_text(name_servers.UNBOUND_CONF.format(folder=layout.unbound) + QUICK)
    subprocess.run(namespace.inside(layout, ["/usr/sbin/unbound", "-c", str(config)]), check=True, stdin=subprocess.DEVNULL)
    name_servers.wait(layout)


def start_stubborn(layout: RolloverLayout) -> None:
    """Start another Unbound, which remembers everything for an hour, whatever its TTL."""
    folder = layout.stubborn
    folder.mkdir(exist_ok=True)
    for name in ("root.hints", "anchors"):
        (folder / name).write_bytes((layout.unbound / name).read_bytes())
    text = name_servers.UNBOUND_CONF.format(folder=folder).replace("interface: " + RESOLVER_ADDRESS, "interface: " + STUBBORN_ADDRESS)
    config = folder / "unbound.conf"
    config.write_text(text + QUICK + STUBBORN)
    subprocess.run(namespace.inside(layout, ["/usr/sbin/unbound", "-c", str(config)]), check=True, stdin=subprocess.DEVNULL)
