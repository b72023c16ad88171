# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rollover network is made of: names, addresses and how long records and signatures live."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...pace import patient

PARENT = "org.test"
DOMAIN = "example.org.test"
PRIMARY_ADDRESS = "127.0.0.11"
SECONDARY_ADDRESS = "127.0.0.12"
RESOLVER_ADDRESS = "127.0.0.1"
STUBBORN_ADDRESS = "127.0.0.4"
ALGORITHMS = ("rsa", "ecdsa")


@dataclass(frozen=True)
class Exchange:
    """A mail server: its label in the domain, and its addresses."""

    label: str
    addresses: tuple[str, ...]

    @property
    def host(self) -> str:
        """The name in the domain's MX records."""
        return f"{self.label}.{DOMAIN}"

    @property
    def owner(self) -> str:
        """Where the TLSA records of port 25 belong, without final dot (RFC 7672 section 2.2)."""
        return f"_25._tcp.{self.host}"


EXCHANGES = (Exchange("mx1", ("127.0.0.21", "2001:db8::21")), Exchange("mx2", ("127.0.0.22",)))


@dataclass(frozen=True)
class Settings:
    """How long things live, in seconds.

    `ttl` is what whoever publishes TLSA records should give them, `negative_ttl` how long their absence is remembered (RFC 2308
    section 5). `signature_lifetime` None leaves BIND's own two weeks.
    """

    ttl: int = 2
    negative_ttl: int = 2
    signature_lifetime: int | None = None


def at_pace(signature_lifetime: int | None = None) -> Settings:
    """Return lifetimes that are longer on a busy machine: a sender there takes longer than a TTL of two seconds for one probe.

    Args:
        signature_lifetime: as on an idle machine.
    """
    ttl = math.ceil(patient(Settings.ttl))
    return Settings(ttl, ttl, None if signature_lifetime is None else math.ceil(patient(signature_lifetime)))
