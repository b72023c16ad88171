# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ns2: NSD, which follows the primary by NOTIFY and transfers with TSIG, or serves a zone of its own choice as if time stood still."""

from __future__ import annotations

import subprocess

from .. import namespace
from . import processes
from .layout import RolloverLayout
from .settings import DOMAIN, PRIMARY_ADDRESS, SECONDARY_ADDRESS
from .tsig import TsigKey

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
    zonesdir: "{folder}"
    rrl-ratelimit: 0
    xfrd-reload-timeout: 0
remote-control:
    control-enable: no
{key}
zone:
    name: "{domain}"
    zonefile: "zone"
{transfers}"""

FOLLOWS = """    request-xfr: {primary} {key}
    allow-notify: {primary} {key}
    outgoing-interface: {address}
"""


def start(layout: RolloverLayout, key: TsigKey, frozen_zone: str = "", address: str = SECONDARY_ADDRESS) -> None:
    """Start NSD with nothing but what it can transfer from the primary; or with a zone's text, which it then never changes.

    `address` lets a frozen zone take the place of the primary.
    """
    layout.secondary.mkdir(exist_ok=True)
    folder = layout.secondary if address == SECONDARY_ADDRESS else layout.secondary / "as-primary"
    folder.mkdir(exist_ok=True)
    for name in ("zone", "xfrd.state"):
        (folder / name).unlink(missing_ok=True)
    transfers = FOLLOWS.format(primary=PRIMARY_ADDRESS, address=address, key=key.name)
    if frozen_zone:
        transfers = f"    provide-xfr: 127.0.0.0/8 {key.name}\n"
        (folder / "zone").write_text(frozen_zone, encoding="ascii")
    config = folder / "nsd.conf"
    config.touch(mode=0o600)
    config.write_text(NSD_CONF.format(address=address, folder=folder, key=key.for_nsd, domain=DOMAIN, transfers=transfers))
    subprocess.run(namespace.inside(layout, ["/usr/sbin/nsd", "-c", str(config)]), check=True, stdin=subprocess.DEVNULL)


def stop(layout: RolloverLayout, address: str = SECONDARY_ADDRESS) -> None:
    """End the NSD at this address."""
    folder = layout.secondary if address == SECONDARY_ADDRESS else layout.secondary / "as-primary"
    processes.stop(layout, folder / "nsd.conf", folder / "pid")
