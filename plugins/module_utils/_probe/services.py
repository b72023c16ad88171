# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operating system itself knows: services(5), hosts by getaddrinfo(3), its own name. The edge of destination and route."""

from __future__ import annotations

import asyncio
import platform
import re
import socket

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname

_HOSTNAME = re.compile(r"^(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
                       r"(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\Z")  # fmt: skip


def service_port(name: str) -> int | None:
    """Return the TCP port that services(5) has for *name*, or None."""
    try:
        return socket.getservbyname(name, "tcp")
    except (OSError, ValueError):
        return None


def is_host_name_to_send(name: str) -> bool:
    """Tell whether a name can be said to a server as that of a host. Underscores are in use, so they are fine."""
    return _HOSTNAME.match(name) is not None


def own_ehlo_name() -> str:
    """Return the name of this machine for EHLO (Postfix's default myhostname)."""
    node = platform.node() or "localhost"
    node = node if "." in node else node + ".localdomain"
    return node if is_host_name_to_send(node) else "localhost.localdomain"


def own_name() -> str:
    """Return this machine's fully qualified name, `localhost` when it has no usable one."""
    node = platform.node()
    name = node if "." in node else socket.getfqdn(node)
    if name.startswith("localhost"):  # hosts(5) often has the machine's name there
        name = node
    return name if is_hostname(name) else "localhost"


async def native_addresses(host: str) -> tuple[str, ...]:
    """Return the addresses the system's resolver has for *host* (hosts(5) included), `()` when it has none.

    Raises:
        OSError: when it could not tell.
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
