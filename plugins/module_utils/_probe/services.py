# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operating system itself knows: services(5), and hosts by getaddrinfo(3). The edge of destination and route."""

from __future__ import annotations

import asyncio
import socket


def service_port(name: str) -> int | None:
    """Return the TCP port that services(5) has for *name*, or None."""
    try:
        return socket.getservbyname(name, "tcp")
    except (OSError, ValueError):
        return None


async def native_addresses(host: str) -> tuple[str, ...]:
    """Return the addresses the system's resolver has for *host* (hosts(5) included), `()` when it has none.

    Raises OSError when it could not tell.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
            return ()
        raise
    except UnicodeError:
        return ()
    addresses = (str(info[4][0]) for info in found if info[0] in (socket.AF_INET, socket.AF_INET6))
    return tuple(dict.fromkeys(addresses))
