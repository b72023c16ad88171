# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ns2: NSD, which follows the primary by NOTIFY and transfers with TSIG, or serves a zone of its own choice as if time stood still."""

from __future__ import annotations

from dataclasses import replace

from ..machinery.nsd import nsd, zone_clause
from ..machinery.server import Server
from .layout import RolloverLayout
from .settings import DOMAIN, PRIMARY_ADDRESS, SECONDARY_ADDRESS
from .tsig import TsigKey

FOLLOWS = """    request-xfr: {primary} {key}
    allow-notify: {primary} {key}
    outgoing-interface: {address}
"""


def server(layout: RolloverLayout, key: TsigKey, frozen_zone: str = "", address: str = SECONDARY_ADDRESS) -> Server:
    """Return an NSD with nothing but what it can transfer from the primary; or with a zone's text, which it then never changes.

    `address` lets a frozen zone take the place of the primary.
    """
    name, folder = ("ns2", layout.secondary) if address == SECONDARY_ADDRESS else ("stand-in", layout.secondary / "as-primary")
    transfers = FOLLOWS.format(primary=PRIMARY_ADDRESS, address=address, key=key.name)
    if frozen_zone:
        transfers = f"    provide-xfr: 127.0.0.0/8 {key.name}\n"
    clause = zone_clause(DOMAIN, "zone", transfers)
    made = nsd(name, folder, [address], clause, keys=key.for_nsd, more="    xfrd-reload-timeout: 0\n")
    return replace(made, files={**made.files, "zone": frozen_zone}) if frozen_zone else made


def forget(server: Server) -> None:
    """Remove what an NSD knows from its last run."""
    for name in ("zone", "xfrd.state"):
        (server.folder / name).unlink(missing_ok=True)
