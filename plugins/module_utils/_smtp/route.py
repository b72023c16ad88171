# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a destination to the endpoints to connect to: RFC 5321 section 5, RFC 7505, RFC 2782, RFC 7672 section 2.2.

Postfix's `smtp_addr.c` and posttls-finger's lookups, with the DNSSEC status of every step kept:

- Brackets, and LMTP, mean an address lookup only. Otherwise MX records, or SRV records when asked for.
- No MX record (and nothing less certain than that): the domain's own addresses. A failure is never taken for absence.
- One empty exchange among the MX records (null MX) refuses them all. A numeric exchange is used as the address it is, an
  exchange that is not a host name is passed over; both with a warning.
- Addresses of all exchanges are looked up, A and AAAA, before anything is connected. A family that fails counts only
  when the other has nothing.
- Order: preference, then the preferred family, at random within. SRV: priority, then weight, at random.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from enum import Enum
from itertools import groupby
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, MxRecord, Outcome, SrvRecord, noting
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_address, is_record_name
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import AddressFamily, Candidate, ExchangeRoute, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.host_addresses import (
    HostAddresses,
    HostLookup,
    NativeAddresses,
    host_addresses,
    name_service_error,
    not_found,
)
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

__all__ = ["HostLookup", "Lookup", "NativeAddresses", "find_route"]

RECORD_LIMIT = 100
"""Most exchanges of a domain, and most addresses of all of them together, that are used; Postfix's `dns_rr_list_limit`."""


class Lookup(str, Enum):
    """Which records lead from a domain to its servers."""

    MX = "mx"
    SRV = "srv"


Shuffle = Callable[[list[Any]], None]
"""Puts a list into random order in place."""
RandRange = Callable[[int], int]
"""A random number from 0 up to, not including, the argument."""
FindHost = Callable[[str, bool], Awaitable[HostAddresses]]
"""The addresses of a host: (name, want DNSSEC)."""


async def find_route(
    destination: Destination,
    ask: Ask,
    *,
    lookup: Lookup,
    family: AddressFamily,
    host_lookup: Sequence[HostLookup],
    native_addresses: NativeAddresses,
    shuffle: Shuffle = random.shuffle,
    randrange: RandRange = random.randrange,
    dnssec_after_insecure_mx: bool = True,
) -> Route:
    """Return the route of *destination*. What DNS does wrong is in the route; nothing is raised for it.

    *dnssec_after_insecure_mx* false is posttls-finger's `-M may`: behind an MX RRset that is not validated the
    addresses are asked without DNSSEC, and no TLSA record will count.
    """
    if destination.unix_path is not None:
        return Route("address", candidates=(Candidate("", "", destination.unix_path, 0),))
    without_ad: set[str] = set()
    ask = noting(ask, without_ad)

    async def find_host(host: str, want_dnssec: bool) -> HostAddresses:
        return await host_addresses(host, ask, host_lookup, native_addresses, want_dnssec)

    if destination.address_only or (lookup is Lookup.MX and destination.address is not None):
        # An address has no MX records; Postfix does not ask for them.
        route = await _by_address(destination, find_host, shuffle, _sort_key(family))
    elif lookup is Lookup.SRV:
        answer = await ask(f"_{destination.service}._tcp.{destination.nexthop}", "SRV", True)
        route = await _by_srv(answer, find_host, shuffle, randrange)
    else:
        answer = await ask(destination.nexthop, "MX", True)
        route = await _by_mx_answer(destination, answer, find_host, shuffle, _sort_key(family), dnssec_after_insecure_mx)
    return replace(route, without_ad=frozenset(without_ad)) if without_ad else route


SortKey = Callable[[Candidate], tuple[int, int]]


def _sort_key(family: AddressFamily) -> SortKey:
    def key(candidate: Candidate) -> tuple[int, int]:
        is_ipv6 = ":" in candidate.address
        rank = 0 if family is AddressFamily.ANY else int(is_ipv6 is not (family is AddressFamily.IPV6))
        return candidate.preference or 0, rank

    return key


async def _by_address(destination: Destination, find_host: FindHost, shuffle: Shuffle, key: SortKey) -> Route:
    host = destination.nexthop
    found = await find_host(host, True)
    candidates = [
        Candidate(host, one.canonical_name, one.address, destination.port, secure=one.secure) for one in found.addresses
    ]
    candidates, limit_warnings = _limited(candidates, host)
    shuffle(candidates)
    return Route(
        "address",
        candidates=tuple(sorted(candidates, key=key)),
        failure=found.failure,
        warnings=found.warnings + limit_warnings,
        ad_untrusted=found.ad_untrusted,
    )


async def _by_mx_answer(
    destination: Destination,
    answer: Answer,
    find_host: FindHost,
    shuffle: Shuffle,
    key: SortKey,
    dnssec_after_insecure_mx: bool,
) -> Route:
    """By MX records, or by the domain's own addresses where there is none."""
    if answer.absent:
        route = await _by_address(destination, find_host, shuffle, key)
        return replace(
            route,
            warnings=_warnings(answer) + route.warnings,
            ad_untrusted=route.ad_untrusted or answer.ad_untrusted,
        )
    route = await _by_mx(answer, destination.port, find_host, answer.secure or dnssec_after_insecure_mx)
    # One shuffle of all, then a stable sort: at random within what compares equal.
    if len(route.candidates) < 2:
        return route
    candidates = list(route.candidates)
    shuffle(candidates)
    return replace(route, candidates=tuple(sorted(candidates, key=key)))


async def _by_mx(answer: Answer, port: int, find_host: FindHost, want_dnssec: bool) -> Route:
    route = _start(Lookup.MX, answer)
    if route.failure is not None:
        return route
    records = sorted(
        (record for record in answer.records if isinstance(record, MxRecord)), key=lambda record: record.preference
    )
    if any(not record.exchange for record in records):
        failure = Failure(ErrorKind.NULL_MX, CommonPhase.DNS, f"Domain {answer.name} does not accept mail (nullMX)")
        mixed = (f"null MX of {answer.name} stands beside other MX records (RFC 7505 section 3)",) if records[1:] else ()
        return replace(route, null_mx=True, failure=failure, warnings=route.warnings + mixed)
    exchanges = [ExchangeRoute(record.preference, record.exchange) for record in records]
    return await _through(route, answer, exchanges, port, find_host, want_dnssec)


async def _by_srv(answer: Answer, find_host: FindHost, shuffle: Shuffle, randrange: RandRange) -> Route:
    route = _start(Lookup.SRV, answer)
    if route.failure is not None:
        return route
    records = [record for record in answer.records if isinstance(record, SrvRecord)]
    if any(not record.target for record in records):
        # RFC 2782: "the service is decidedly not available"; the closed list of kinds has null_mx for that.
        text = f"Domain {answer.name} does not support SRV requests"
        return replace(route, failure=Failure(ErrorKind.NULL_MX, CommonPhase.DNS, text))
    exchanges = [
        ExchangeRoute(record.priority, record.target, port=record.port, weight=record.weight)
        for record in _srv_order(records, shuffle, randrange)
    ]
    return await _through(route, answer, exchanges, 0, find_host, True)


def _srv_order(records: Sequence[SrvRecord], shuffle: Shuffle, randrange: RandRange) -> list[SrvRecord]:
    """Order by priority, and by weighted chance within (RFC 2782; as in Postfix weight 0 gets no special first place)."""
    ordered: list[SrvRecord] = []
    for _priority, group in groupby(sorted(records, key=lambda record: record.priority), lambda record: record.priority):
        waiting = list(group)
        shuffle(waiting)
        while waiting:
            mark = randrange(sum(record.weight for record in waiting) + 1)
            for record in waiting:
                mark -= record.weight
                if mark <= 0:
                    break
            waiting.remove(record)
            ordered.append(record)
    return ordered


def _start(lookup: Lookup, answer: Answer) -> Route:
    """Return the route as far as the MX or SRV answer itself tells: its status, or its failure."""
    failure = None
    if answer.outcome is Outcome.ERROR:
        failure = Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, name_service_error(answer))
    elif not answer.found:
        failure = not_found(answer)
    return Route(
        lookup.value,
        secure=answer.secure if answer.found else None,
        canonical_name=answer.canonical_name if answer.found else "",
        failure=failure,
        warnings=_warnings(answer),
        ad_untrusted=answer.ad_untrusted,
    )


async def _through(
    route: Route, answer: Answer, exchanges: Sequence[ExchangeRoute], port: int, find_host: FindHost, want_dnssec: bool
) -> Route:
    """Look up the addresses of all exchanges, at the same time; the candidates are in the order of the exchanges."""
    named, warnings = _with_usable_names(answer, exchanges)
    if not named:
        text = "Name service error for name=%s type=%s: Malformed or unexpected name server reply"
        failure = Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, text % (answer.name, answer.rdtype))
        return replace(route, failure=failure, warnings=route.warnings + warnings)
    if len(named) == 1:
        found = [await find_host(named[0].exchange, want_dnssec)]
    else:
        found = await asyncio.gather(*(find_host(exchange.exchange, want_dnssec) for exchange in named))
    candidates = [
        Candidate(
            exchange.exchange, one.canonical_name, one.address, exchange.port or port, exchange.preference, one.secure
        )
        for exchange, host in zip(named, found)
        for one in host.addresses
    ]
    candidates, limit_warnings = _limited(candidates, answer.name)
    warnings += tuple(warning for host in found for warning in host.warnings) + limit_warnings
    failed = None
    if not candidates:
        failures = [host.failure for host in found if host.failure is not None]
        # A failure that may pass outweighs "not found"; of several "not found" the last one is reported.
        failed = next((one for one in failures if one.kind is ErrorKind.DNS_ERROR), failures[-1])
        warnings += (f"no {answer.rdtype} host for {answer.name} has a valid address record",)
    return replace(
        route,
        exchanges=tuple(_with_addresses(exchange, host) for exchange, host in zip(named, found)),
        candidates=tuple(candidates),
        failure=failed,
        warnings=route.warnings + warnings,
        ad_untrusted=route.ad_untrusted or any(host.ad_untrusted for host in found),
    )


def _with_usable_names(
    answer: Answer, exchanges: Sequence[ExchangeRoute]
) -> tuple[list[ExchangeRoute], tuple[str, ...]]:
    """Drop exchanges that cannot be hosts; warn of them, and of addresses in the place of names."""
    usable: list[ExchangeRoute] = []
    warnings: list[str] = []
    for exchange in exchanges[:RECORD_LIMIT]:
        name = clean(exchange.exchange, 300)
        numeric = is_address(exchange.exchange)
        if numeric or is_record_name(exchange.exchange):
            usable.append(exchange)
            if not numeric:
                continue
        what = "numeric" if numeric else "malformed"
        warnings.append(f"{what} domain name in resource data of {answer.rdtype} record for {answer.name}: {name}")
    return usable, tuple(warnings)


def _with_addresses(exchange: ExchangeRoute, host: HostAddresses) -> ExchangeRoute:
    return replace(
        exchange,
        canonical_name=host.addresses[0].canonical_name if host.addresses else "",
        secure=bool(host.addresses) and all(one.secure for one in host.addresses),
        addresses=tuple(one.address for one in host.addresses),
        failure=host.failure,
    )


def _limited(candidates: list[Candidate], name: str) -> tuple[list[Candidate], tuple[str, ...]]:
    dropped = len(candidates) - RECORD_LIMIT
    if dropped <= 0:
        return candidates, ()
    text = f"DNS record count limit ({RECORD_LIMIT}) exceeded: {dropped} addresses for {name} dropped"
    return candidates[:RECORD_LIMIT], (text,)


def _warnings(answer: Answer) -> tuple[str, ...]:
    return (answer.warning,) if answer.warning is not None else ()
