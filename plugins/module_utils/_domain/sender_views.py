# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain's exchanges, seen at every level that `senders.py` judges by. A fleet a domain and level, all with one prober and one resolver.

So each question is asked once, and an address is connected to three times: without TLS, with any certificate, and for a match.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask
from ansible_collections.mailops.tls.plugins.module_utils._dns.transport import has_route
from ansible_collections.mailops.tls.plugins.module_utils._domain.public_address import is_public
from ansible_collections.mailops.tls.plugins.module_utils._domain.senders import LEVELS
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import ExchangeRoute, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination, Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.fleet import Fleet, Validates
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult, EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import find_route
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import ProbeSettings

MOST_ADDRESSES = 60
"""Most addresses of a domain that are connected to, three times each: its owner chooses them, and may have named a hundred exchanges."""
MATCH = ("hostname",)
"""A sender verifies the name of the exchange (RFC 8461 section 4.1); the domain's own name is on few certificates."""


class SenderViews:
    """Sees domains as each kind of sender does. Make and use it inside a running event loop."""

    def __init__(
        self,
        settings: ProbeSettings,
        ask: Ask,
        prober: Prober,
        validates: Validates | None = None,
        *,
        private_allowed: bool = False,
        routed: Callable[[str], bool] = has_route,
    ) -> None:
        """Take what a fleet takes; the level, the names to match and the name for SNI are set here.

        Without *private_allowed* no address is connected to that is not everybody's: the owner of a domain chooses them. *routed* tells
        whether this machine has a way to an address.
        """
        self._routed = routed
        self._settings, self._ask, self._private_allowed = replace(settings, match=MATCH, sni="hostname"), ask, private_allowed
        self._prober, self._validates = prober, validates

    async def look(self, domain: str, port: int = 25) -> Mapping[SecurityLevel, DestinationResult]:
        """Return what each level finds at a mail domain, given without brackets and port.

        Raises:
            OptionError: the domain is none.
        """
        destination = parse_destination(domain, protocol=Protocol.SMTP, service_port=lambda _service: port)
        found = await asyncio.gather(*(_one(self._fleet(level), replace(destination, port=port)) for level in LEVELS))
        return {level: self._seen_from_here(one) for level, one in zip(LEVELS, found)}

    def _fleet(self, level: SecurityLevel) -> Fleet:
        """Return a fleet for one domain: domains are looked at side by side, and a fleet has one list at a time."""
        settings = replace(self._settings, security_level=level)
        return Fleet(settings, self._ask, self._prober, self._route, self._validates)

    def _seen_from_here(self, result: DestinationResult) -> DestinationResult:
        """Tell addresses to which only this machine has no way from servers that are down: many a prober has no IPv6."""
        return replace(result, endpoints=tuple(self._from_here(one) for one in result.endpoints))

    def _from_here(self, endpoint: EndpointResult) -> EndpointResult:
        candidate, failure = endpoint.candidate, endpoint.failure
        if candidate is None or failure is None or failure.kind is not ErrorKind.CONNECT_FAILED or self._routed(candidate.address):
            return endpoint
        text = f"{candidate.address} was not connected to: this machine has no route to it"
        return replace(endpoint, failure=Failure(ErrorKind.WITHHELD, CommonPhase.CONNECT, text))

    async def _route(self, destination: Destination) -> Route:
        """The way of a sender; every level asks with DNSSEC, so that all of them see the same."""
        settings = self._settings
        route = await find_route(
            destination,
            self._ask,
            lookup=settings.lookup,
            family=settings.address_family,
            host_lookup=settings.host_lookup,
            native_addresses=native_addresses,
        )
        return _limited(route if self._private_allowed else _public(route))


def _limited(route: Route) -> Route:
    """Leave out what is beyond `MOST_ADDRESSES`, at every level the same, with an exchange that says so in their place."""
    order = sorted(route.candidates, key=lambda one: (one.preference or 0, one.host.lower(), one.address))
    kept, others = frozenset(order[:MOST_ADDRESSES]), order[MOST_ADDRESSES:]
    if not others:
        return route
    text = f"{len(others)} addresses were not connected to, as the domain has {len(order)}"
    last = ExchangeRoute(others[0].preference or 0, others[0].host, failure=Failure(ErrorKind.LIMIT_EXCEEDED, CommonPhase.CONNECT, text))
    return replace(route, candidates=tuple(one for one in route.candidates if one in kept), exchanges=(*route.exchanges, last))


def left_out_exchanges(result: DestinationResult) -> dict[str, str]:
    """Return the first exchange with addresses that were not connected to because there are so many, with how many."""
    failures = {one.host: one.failure for one in result.endpoints if one.exchange is not None and one.failure is not None}
    return {host: failure.text for host, failure in failures.items() if failure.kind is ErrorKind.LIMIT_EXCEEDED}


def _public(route: Route) -> Route:
    """Leave out addresses that are not everybody's; an exchange that has no other is one that cannot be reached."""
    kept = tuple(one for one in route.candidates if is_public(one.address))
    reached = {one.host for one in kept}
    refused = {one.host: one.address for one in route.candidates if one.host not in reached}
    exchanges = tuple(
        replace(one, failure=_refusal(one.exchange, refused[one.exchange])) if one.exchange in refused else one for one in route.exchanges
    )
    failure = route.failure
    if refused and not kept:
        failure = _refusal(*next(iter(refused.items())))
    return replace(route, candidates=kept, exchanges=exchanges, failure=failure)


def _refusal(host: str, address: str) -> Failure:
    text = f"{host}[{address}] was not connected to: the address is not global; the option allow_private_addresses allows it"
    return Failure(ErrorKind.WITHHELD, CommonPhase.CONNECT, text)


async def _one(fleet: Fleet, destination: Destination) -> DestinationResult:
    results: list[DestinationResult] = []
    await fleet.run([destination], results.append)
    (result,) = results
    return result
