# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exchanges of mail domains, asked of DNS and on request probed: the edge where the event loop lives.

What comes out is JSON, one mapping a domain, so that a cache can keep it:

    domain          in ASCII and lower case
    lookup          `mx`, or `address` for a domain without MX records (RFC 5321 section 5.1)
    secure          whether the MX RRset was validated, None without one
    null_mx         whether the domain takes no mail (RFC 7505)
    ad_untrusted    whether something was validated by a resolver that is not believed
    error           why there are no exchanges, or None
    warnings        odd things that DNS said, as text
    exchanges       `exchange`, `preference`, `canonical_name`, `secure`, `addresses` and `error` of each
    endpoints       as in the results of a probe; None when nothing was probed
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask
from ansible_collections.mailops.tls.plugins.module_utils._dns.deadline import within
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings, dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._module.probe_options import (
    details,
    probe_settings,
    probe_warnings,
    tls_parameters,
    turns,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.destinations import read_destinations
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.descriptors import reserve_descriptors
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import MAX_TEXT, Destination, Protocol
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination_advice import SHOWN, advice
from ansible_collections.mailops.tls.plugins.module_utils._smtp.fleet import Fleet
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import find_route
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import ProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters

IMPLICIT_PREFERENCE = 0
"""RFC 5321 section 5.1: the address record counts as an implicit MX record with this preference."""
_DNS_FAILURES = (ErrorKind.DNS_ERROR.value, ErrorKind.TLSA_LOOKUP_FAILED.value, ErrorKind.DNSSEC_UNAVAILABLE.value)


def parse_domains(values: Iterable[Any]) -> tuple[str, ...]:
    """Return the distinct domains in ASCII and lower case, in order.

    One of several that is none is left out, so that it cannot take the others' inventory away; `refused_domains` tells of it.

    Raises:
        OptionError: none of them is a domain name, or there are none.
    """
    names, refused = _read(values)
    if not names:
        raise refused[0] if refused else OptionError("domains", [], "names no domain")
    return names


def refused_domains(values: Iterable[Any]) -> list[dict[str, Any]]:
    """Return what is not a domain name, as items of `mx_problems`."""
    kind = ErrorKind.INVALID_DESTINATION.value
    return [
        {"domain": clean(str(error.value)), "exchange": None, "kind": kind, "text": error.reason} for error in _read(values)[1]
    ]


def _read(values: Iterable[Any]) -> tuple[tuple[str, ...], tuple[OptionError, ...]]:
    names: dict[str, None] = {}
    refused: list[OptionError] = []
    for value in values:
        try:
            names[_domain(value)] = None
        except OptionError as error:
            refused.append(error)
    return tuple(names), tuple(refused)


def _domain(value: Any) -> str:
    if not isinstance(value, str):
        raise OptionError("domains", value, "is not a domain name")
    shown = value if len(value) <= SHOWN else value[:SHOWN] + "..."
    try:
        domain = to_ascii(value).lower() if len(value) <= MAX_TEXT else ""
    except ValueError as error:
        raise OptionError("domains", shown, advice(value) or str(error)) from error
    if not is_hostname(domain):
        raise OptionError("domains", shown, advice(value) or "is not a domain name")
    return domain


@dataclass(frozen=True)
class InventoryOptions:
    """The domains, whom to ask about them, and how to probe their exchanges; `tls` is None where nothing is probed."""

    destinations: tuple[Destination, ...]
    dns: DnsSettings
    settings: ProbeSettings = ProbeSettings()
    turns: ProberSettings = ProberSettings()
    tls: TlsParameters | None = None
    detail: Detail = Detail()
    warnings: tuple[str, ...] = ()


def inventory_options(
    domains: Sequence[str], nameservers: Sequence[str] | None, trust_ad: str, probe: Mapping[str, Any] | None
) -> InventoryOptions:
    """Return the checked options for *domains*; *probe* is the option of that name, as its specification leaves it.

    Raises:
        OptionError: for a value that cannot be used.
    """
    options = InventoryOptions(
        read_destinations(domains, Protocol.SMTP)[0],
        dns_settings(nameservers, trust_ad),
    )
    if probe is None:
        return options
    return replace(
        options,
        settings=probe_settings(probe),
        turns=turns(probe),
        tls=tls_parameters(probe),
        detail=details(probe),
        warnings=probe_warnings(probe),
    )


class Gathered(NamedTuple):
    """What was gathered of each domain, and warnings about the options."""

    domains: list[dict[str, Any]]
    warnings: tuple[str, ...]


def gather_domains(options: InventoryOptions) -> Gathered:
    """Look up the exchanges of every destination in *options*, and judge their TLS if they are to be probed.

    Raises:
        OptionError: for TLS options that cannot be used, before anything is asked.
    """
    contexts = None
    if options.tls is not None:
        contexts = TlsContexts(options.tls)
        level = options.settings.security_level
        contexts.check(must_match=level.must_match, need_not_match=level.need_not_match)
        reserve_descriptors(options.turns.concurrency)
    domains, warnings = asyncio.run(_gather(options, contexts))
    return Gathered(domains, options.warnings + (contexts.warnings if contexts is not None else ()) + warnings)


def is_complete(domain: Mapping[str, Any]) -> bool:
    """Tell whether no DNS failure is in what was gathered of a domain: what failed now may be there the next time."""
    parts = [domain, *domain["exchanges"], *(domain["endpoints"] or ())]
    failed = any(part["error"] is not None and part["error"]["kind"] in _DNS_FAILURES for part in parts)
    return not failed and not any(one["tlsa"]["error"] is not None for one in domain["endpoints"] or ())


async def _gather(
    options: InventoryOptions, contexts: TlsContexts | None
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    resolver = options.dns.resolver()
    try:
        if contexts is None:
            routes = await _routes(options, resolver.ask)
            return [_domain_facts(one, route) for one, route in zip(options.destinations, routes)], ()
        fleet = Fleet(options.settings, resolver.ask, Prober(contexts, options.turns), validates=resolver.validates)
        facts: dict[str, dict[str, Any]] = {}
        await fleet.run(options.destinations, lambda one: facts.update({one.destination.text: _probed_facts(one, options.detail)}))
        return [facts[one.text] for one in options.destinations], fleet.warnings
    finally:
        await resolver.close()


async def _routes(options: InventoryOptions, ask: Ask) -> list[Route]:
    slots = asyncio.Semaphore(options.turns.concurrency)

    async def route(destination: Destination) -> Route:
        async with slots:
            return await _route_within(options, destination, ask)

    return list(await asyncio.gather(*map(route, options.destinations)))


async def _route_within(options: InventoryOptions, destination: Destination, ask: Ask) -> Route:
    """The route to a domain; one that is not there within the deadline is a failure, so that no name server holds all up."""
    settings = options.settings
    search = find_route(
        destination,
        ask,
        lookup=settings.lookup,
        family=settings.address_family,
        host_lookup=settings.host_lookup,
        native_addresses=native_addresses,
    )
    route = await within(options.turns.limits.deadline, search)
    if route is not None:
        return route
    text = f"{destination.nexthop}: no route within the deadline"
    return Route(settings.lookup.value, failure=Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, text))


def _probed_facts(result: DestinationResult, detail: Detail) -> dict[str, Any]:
    facts = _domain_facts(result.destination, result.route)
    return {**facts, "endpoints": [endpoint.as_facts(detail) for endpoint in result.endpoints]}


def _domain_facts(destination: Destination, route: Route) -> dict[str, Any]:
    facts = route.as_facts()
    return {
        "domain": destination.nexthop,
        "lookup": route.lookup,
        "secure": route.secure,
        "null_mx": route.null_mx,
        "ad_untrusted": route.ad_untrusted,
        "error": route.failure.as_dict() if route.failure is not None else None,
        "warnings": facts["warnings"],
        "exchanges": facts["exchanges"] if route.lookup == "mx" else _implicit_exchange(destination, route),
        "endpoints": None,
    }


def _implicit_exchange(destination: Destination, route: Route) -> list[dict[str, Any]]:
    """The domain itself as its only exchange, empty when it has no address."""
    if not route.candidates:
        return []
    return [
        {
            "preference": IMPLICIT_PREFERENCE,
            "exchange": destination.nexthop,
            "canonical_name": route.candidates[0].canonical_name,
            "secure": all(one.secure for one in route.candidates),
            "addresses": [one.address for one in route.candidates],
            "error": None,
        }
    ]
