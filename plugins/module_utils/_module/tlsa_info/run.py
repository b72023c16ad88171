# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `tlsa_info`: parameters in, what every server says out. The edge where the event loop lives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import names_a_service
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative import Observer
from ansible_collections.mailops.tls.plugins.module_utils._dns.domain_name import canonical_name
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import (
    Nameserver,
    Transport,
    parse_nameserver,
    system_nameservers,
)
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver, TrustAd
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_servers import FAMILIES
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.expectation import (
    Expectation,
    parse_expect,
    unmet_records,
)
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.facts import owner_facts
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_owners

OWNERS_AT_A_TIME = 32
"""Owners that are looked at together, so that the deadline of each is about its own questions."""
_NOT_VALIDATING = (
    "The resolver validates nothing with DNSSEC, or is not believed, so nothing can be said about the security of records."
    " Run a validating resolver on a loopback address, name one with nameservers, or see trust_ad."
)
_SHOWN = 5
"""Differences named in the message of a failed task; all are in `unmet`."""


@dataclass(frozen=True)
class InfoRun:
    """What a run gives back: the task's facts, and why the expectation is not met, None when it is or there is none."""

    facts: dict[str, Any]
    failure: str | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class InfoOptions:
    """The checked options; times in seconds. `owners` in lower case without final dot, each once."""

    owners: tuple[str, ...]
    expect: Expectation | None
    servers: tuple[Nameserver, ...]
    more_servers: tuple[Nameserver, ...]
    families: tuple[str, ...]
    routed_only: bool
    timeout: float
    deadline: float
    concurrency: int
    nameservers: tuple[Nameserver, ...]
    trust_ad: TrustAd


def run_tlsa_info(params: Mapping[str, Any]) -> InfoRun:
    """Look at the owners that *params* name (the parameters of `tlsa_info`, as its argument specification leaves them).

    Raises `OptionError` for an option that cannot be used, before anything is asked. Nothing DNS does raises.
    """
    options = info_options(params)
    views = asyncio.run(_look(options))
    now = int(time.time())
    unmet = [] if options.expect is None else unmet_records(options.expect, views)
    facts: dict[str, Any] = {
        "results": [owner_facts(view, now) for view in views],
        "agreed": all(view.agreed for view in views),
    }
    if options.expect is not None:
        facts["expectation_met"] = not unmet
        facts["unmet"] = [one.as_facts() for one in unmet]
    return InfoRun(facts, _failure([str(one) for one in unmet]), _warnings(views))


def info_options(params: Mapping[str, Any]) -> InfoOptions:
    """Return the checked options. Raises `OptionError`."""
    expect = None if params["expect"] is None else parse_expect(params["expect"])
    for name in ("timeout", "deadline", "concurrency"):
        if params[name] <= 0:
            raise OptionError(name, params[name], "is not above 0")
    given = tuple(_authoritative_server(text) for text in params["authoritative_servers"] or ())
    only = params["authoritative_servers_only"]
    if only and not given:
        raise OptionError("authoritative_servers_only", True, "needs authoritative_servers")
    family = params["address_family"]
    return InfoOptions(
        owners=_owners(params, expect),
        expect=expect,
        servers=given if only else (),
        more_servers=() if only else given,
        families=(family,) if family in FAMILIES else FAMILIES,
        routed_only=family == "routed",
        timeout=params["timeout"],
        deadline=params["deadline"],
        concurrency=params["concurrency"],
        nameservers=tuple(parse_nameserver(one) for one in params["nameservers"] or ()) or system_nameservers(),
        trust_ad=TrustAd(params["trust_ad"]),
    )


async def _look(options: InfoOptions) -> list[OwnerView]:
    resolver = Resolver(options.nameservers, options.trust_ad, timeout=options.timeout)
    observer = Observer(
        resolver,
        timeout=options.timeout,
        concurrency=options.concurrency,
        deadline=options.deadline,
        families=options.families,
        routed_only=options.routed_only,
        servers=options.servers,
        more_servers=options.more_servers,
    )
    turn = asyncio.Semaphore(OWNERS_AT_A_TIME)

    async def look(owner: str) -> OwnerView:
        async with turn:
            return await observer.look(owner)

    try:
        return list(await asyncio.gather(*(look(owner) for owner in options.owners)))
    finally:
        await observer.close()
        await resolver.close()


def _owners(params: Mapping[str, Any], expect: Expectation | None) -> tuple[str, ...]:
    owners = [_owner(text) for text in params["owners"] or ()]
    if params["hosts"] is not None:
        owners += [one.name[:-1].lower() for one in parse_owners(params["hosts"], params["ports"], params["protocol"])]
    if expect is not None:
        owners += expect.owners
    if not owners:
        raise OptionError("owners", [], "names no owner")
    return tuple(dict.fromkeys(owners))


def _owner(text: str) -> str:
    try:
        name = canonical_name(text)
    except ValueError as error:
        raise OptionError("owners", text, f"is no owner of TLSA records: it {error}") from error
    if not names_a_service(name):
        raise OptionError("owners", text, "is no owner of TLSA records, as in _25._tcp.mx.example.org")
    return name


def _authoritative_server(text: str) -> Nameserver:
    try:
        server = parse_nameserver(text)
    except OptionError as error:
        raise OptionError("authoritative_servers", text, error.reason) from error
    if server.transport is not Transport.UDP:
        raise OptionError("authoritative_servers", text, "is not an address or address@port")
    return server


def _failure(unmet: Sequence[str]) -> str | None:
    if not unmet:
        return None
    more = "" if len(unmet) <= _SHOWN else f" (and {len(unmet) - _SHOWN} more)"
    return f"not as expected: {'; '.join(unmet[:_SHOWN])}{more}"


def _warnings(views: Sequence[OwnerView]) -> tuple[str, ...]:
    if any(view.resolver.ad_untrusted for view in views):
        return ("a resolver that is not believed says that answers were validated; see trust_ad",)
    if any(view.validating is False for view in views):
        return (_NOT_VALIDATING,)
    return ()
