# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rollover network needs of Debian's packages, a file of each showing that it is there."""

from __future__ import annotations

from pathlib import Path

from .. import packages

OWN = {"bind9": "/usr/sbin/named", "faketime": "/usr/bin/faketime"}
SHARED = ("iproute2", "nsd", "unbound", "postfix", "openssl", "dnsutils", "python3-dnspython", "python3-cryptography")
PACKAGES = {**{name: packages.PACKAGES[name] for name in SHARED}, **OWN}


def missing() -> list[str]:
    """The packages that are not installed."""
    return [name for name, shows in PACKAGES.items() if not Path(shows).exists()]
