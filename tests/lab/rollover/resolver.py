# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root, `test.` and the domain's parent on an NSD, and the validating Unbound that trusts the root and forgets quickly."""

from __future__ import annotations

from .. import zones
from ..case import Zone
from ..machinery import lifecycle
from ..machinery.nsd import nsd, zone_clauses
from ..machinery.server import Server
from ..machinery.unbound import unbound
from ..zones import ROOT_SERVER, SERVER_ADDRESS
from .layout import RolloverLayout
from .settings import DOMAIN, PARENT, PRIMARY_ADDRESS, RESOLVER_ADDRESS, SECONDARY_ADDRESS, STUBBORN_ADDRESS

QUICK = """server:
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
    lifecycle.start(layout, nsd("nsd", layout.nsd, [SERVER_ADDRESS], zone_clauses(zones.write(signed, layout.zones))))
    return signed.anchors


def server(layout: RolloverLayout, anchors: tuple[str, ...]) -> Server:
    """Return Unbound as in the other network, but with a short memory for what is wrong with servers and signatures."""
    return unbound("unbound", layout.unbound, RESOLVER_ADDRESS, (ROOT_SERVER, SERVER_ADDRESS), anchors, "test.", QUICK)


def stubborn(layout: RolloverLayout) -> Server:
    """Return another Unbound, which remembers everything for an hour, whatever its TTL."""
    anchors = tuple((layout.unbound / "anchors").read_text().splitlines())
    more = QUICK + STUBBORN
    return unbound("stubborn", layout.stubborn, STUBBORN_ADDRESS, (ROOT_SERVER, SERVER_ADDRESS), anchors, "test.", more)
