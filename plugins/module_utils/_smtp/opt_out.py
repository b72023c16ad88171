# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who does not want to be probed: domains with all names below them, addresses, networks. Pure.

They are never connected to. A destination that wants out is not even looked up.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Union

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, ExchangeRoute, Route
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination

OPTION = "opt_out_file"
_Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


@dataclass(frozen=True)
class OptOut:
    """The list: names in ASCII and lower case, networks and addresses."""

    names: frozenset[str] = frozenset()
    networks: tuple[_Network, ...] = ()

    @classmethod
    def read(cls, items: Iterable[str]) -> OptOut:
        """Read a list.

        Raises:
            OptionError: for what cannot be read. Somebody wants out, and nobody must guess who.
        """
        names, networks = set(), []
        for item in items:
            text = item[2:] if item.startswith("*.") else item
            text = text.lstrip(".").rstrip(".").strip("[]")
            try:
                networks.append(ipaddress.ip_network(text, strict=False))
                continue
            except ValueError:
                pass
            try:
                name = to_ascii(text).lower()
            except ValueError:
                name = ""
            if not is_hostname(name):
                raise OptionError(OPTION, item[:100], "is neither a domain nor an address nor a network")
            names.add(name)
        return cls(frozenset(names), tuple(networks))

    def of(self, destination: Destination, lookup: str) -> Route | None:
        """Return the end of the way to a destination that wants out, None for every other one."""
        name = destination.address or destination.nexthop
        if not name or not self._covers(name):
            return None
        return Route(lookup, failure=_opted_out(name))

    def without(self, route: Route) -> Route:
        """Return a route without the exchanges that want out."""
        kept = tuple(one for one in route.candidates if not self._wants_out(one))
        if len(kept) == len(route.candidates):
            return route
        out = {one.host.lower() for one in route.candidates if self._wants_out(one)}
        exchanges = tuple(_marked(one) if one.exchange.lower() in out else one for one in route.exchanges)
        failure = route.failure if kept else _opted_out(sorted(out)[0])
        return replace(route, candidates=kept, exchanges=exchanges, failure=failure)

    def _wants_out(self, candidate: Candidate) -> bool:
        return any(self._covers(one) for one in (candidate.host, candidate.canonical_name, candidate.address) if one)

    def _covers(self, name: str) -> bool:
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            labels = name.lower().rstrip(".").split(".")
            return any(".".join(labels[at:]) in self.names for at in range(len(labels)))
        # An IPv4 address in the clothes of IPv6 leads to the same machine (RFC 4291 section 2.5.5.2).
        found = {address, getattr(address, "ipv4_mapped", None) or address}
        return any(each.version == one.version and each in one for one in self.networks for each in found)


def _marked(exchange: ExchangeRoute) -> ExchangeRoute:
    return exchange if exchange.failure is not None else replace(exchange, failure=_opted_out(exchange.exchange))


def _opted_out(name: str) -> Failure:
    return Failure(ErrorKind.OPTED_OUT, CommonPhase.DESTINATION, f"{name} does not want to be probed (opt_out_file)")
