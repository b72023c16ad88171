# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that TLSA records are at, like `_25._tcp.mx.example.org` (RFC 6698 section 3): made, read and shown here and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass

PROTOCOLS = ("tcp", "udp", "sctp")
SMTP_PORT = 25


@dataclass(frozen=True)
class TlsaOwner:
    """Where a server listens: `host` without trailing dot, `port`, and `protocol` `tcp`, `udp` or `sctp`."""

    host: str
    port: int
    protocol: str = "tcp"

    @property
    def name(self) -> str:
        """The absolute name of the RRset, with its trailing dot."""
        return owner_name(self.host, self.port, self.protocol) + "."


@dataclass(frozen=True)
class AliasTarget:
    """A name that says no port: aliases of an owner lead to it. `host` is all of the name, without trailing dot."""

    host: str

    @property
    def port(self) -> None:
        """There is none in the name."""
        return

    @property
    def protocol(self) -> None:
        """There is none in the name."""
        return

    @property
    def name(self) -> str:
        """The absolute name of the RRset, with its trailing dot."""
        return self.host + "."


_OWNER = re.compile(r"_(0|[1-9][0-9]{0,4})\._([a-z0-9-]+)\.(.+)", re.DOTALL)


def owner_name(host: str, port: int, protocol: str = "tcp") -> str:
    """Return the name of the records of a server, ending as *host* does."""
    return f"_{port}._{protocol}.{host}"


def owner_of_name(name: str) -> TlsaOwner | AliasTarget:
    """Return whose records are at a name without trailing dot, in lower case: what `name` of the result gives back, but for the dot."""
    match = _OWNER.fullmatch(name)
    if match is None or int(match[1]) > 65535:
        return AliasTarget(name)
    return TlsaOwner(match[3], int(match[1]), match[2])


def is_smtp(name: str) -> bool:
    """Return whether a name, as for `owner_of_name`, is that of a server that takes mail from others, so that RFC 7672 is about it."""
    owner = owner_of_name(name)
    return isinstance(owner, TlsaOwner) and (owner.port, owner.protocol) == (SMTP_PORT, "tcp")


def shown_host(name: str) -> str:
    """Return what to call an owner in texts: the host, and the port when it is not 25. An alias target is called by its name."""
    owner = owner_of_name(name)
    return owner.host if owner.port in (None, SMTP_PORT) else f"{owner.host}:{owner.port}"


def names_a_service(name: str) -> bool:
    """Tell whether a name can be meant as an owner of TLSA records: a label begins with an underscore, which no host name's does."""
    return name.startswith("_") or "._" in name
