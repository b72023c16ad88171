# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints that a lookup led to, and the way there; the same for every protocol of mail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure


class AddressFamily(str, Enum):
    """Which address family comes first among addresses of equal preference; the other is used as well."""

    ANY = "any"
    IPV4 = "ipv4"
    IPV6 = "ipv6"


@dataclass(frozen=True)
class Candidate:
    """One endpoint to connect to.

    `host` is the host name as published (or the address literal; empty for a unix-domain socket, whose path is then the
    `address`), `canonical_name` its name after aliases. `secure`: this address record was validated.
    `preference` is that of the MX record or the SRV priority, None without such a record.
    """

    host: str
    canonical_name: str
    address: str
    port: int
    preference: int | None = None
    secure: bool = False


@dataclass(frozen=True)
class ExchangeRoute:
    """What became of one MX or SRV record: its host's addresses, or why there are none.

    `secure`: every address record found was validated (A and AAAA are judged separately in the candidates). `port` and
    `weight` are those of an SRV record.
    """

    preference: int
    exchange: str
    canonical_name: str = ""
    secure: bool = False
    addresses: tuple[str, ...] = ()
    failure: Failure | None = None
    port: int | None = None
    weight: int | None = None

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `route.exchanges` in results."""
        facts: dict[str, Any] = {
            "preference": self.preference,
            "exchange": self.exchange,
            "canonical_name": self.canonical_name,
            "secure": self.secure,
            "addresses": list(self.addresses),
            "error": self.failure.as_dict() if self.failure is not None else None,
        }
        if self.port is not None:
            facts.update(port=self.port, weight=self.weight)
        return facts


@dataclass(frozen=True)
class Route:
    """The way from a destination to its candidates, best first, or the `failure` when there are none.

    `lookup` is what was used in the end: `mx`, `srv` or `address`. `secure` and `canonical_name` are of the MX or
    SRV RRset, None and empty without one. `ad_untrusted`: something came with AD from a resolver whose AD does not count.
    `without_ad`: the nameservers of the answers that are not validated (see Answer).
    """

    lookup: str
    secure: bool | None = None
    canonical_name: str = ""
    null_mx: bool = False
    exchanges: tuple[ExchangeRoute, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    ad_untrusted: bool = False
    without_ad: frozenset[str] = frozenset()

    def as_facts(self) -> dict[str, Any]:
        """Return `route` of results."""
        return {
            "lookup": self.lookup,
            "secure": self.secure,
            "canonical_name": self.canonical_name,
            "null_mx": self.null_mx,
            "exchanges": [exchange.as_facts() for exchange in self.exchanges],
            "ad_untrusted": self.ad_untrusted,
            "warnings": list(self.warnings),
        }
