# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The TLSA records of an owner name as every authoritative server of its zone gives them (RFC 6698, RFC 7671 section 8).

The way: the owner's aliases are followed through the resolver; the zone of the end is found, all addresses of all its servers, and
each is asked directly. Servers of zones that aliases are in are asked whether they have the same alias. A server that is dead,
lame or wrong is an `OwnerView` with an error for it; nothing that DNS does raises.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Callable, Protocol, TypeVar

from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import OwnerSight
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_exchange import AuthoritativeExchange, NoReply, NoRoute
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_reply import AuthoritativeReply, Soa
from ansible_collections.mailops.tls.plugins.module_utils._dns.deadline import within
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView, ServerView
from ansible_collections.mailops.tls.plugins.module_utils._dns.proof import who_answered_validates
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import DEFAULT_TIMEOUT
from ansible_collections.mailops.tls.plugins.module_utils._dns.transport import has_route
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_cut import (
    AliasHop,
    NotLearnt,
    follow_aliases,
    parent_of,
    zone_of,
)
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_servers import (
    FAMILIES,
    ServerAddress,
    ZoneServers,
    ZoneServersFinder,
)

DEFAULT_CONCURRENCY = 64
DEFAULT_DEADLINE = 60.0

T = TypeVar("T")


class AsksResolver(Protocol):
    """What is needed of a `Resolver`."""

    async def ask(self, name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
        """Answer one question; see `Resolver.ask`."""

    async def dnssec_available(self) -> bool | None:
        """Tell whether the resolver validates and is believed."""

    async def validates(self, nameserver: str) -> bool:
        """Tell whether one nameserver validates and is believed."""


class Observer:
    """Looks at owner names; used inside one event loop. What two names share (zones, servers) is asked once.

    `servers` replaces the servers that DNS names (for a server that can reach only some, or a zone that is not delegated yet),
    `more_servers` are asked besides them (a hidden primary): for the records of every owner, not for its aliases.
    """

    def __init__(
        self,
        resolver: AsksResolver,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        concurrency: int = DEFAULT_CONCURRENCY,
        deadline: float = DEFAULT_DEADLINE,
        families: Sequence[str] = FAMILIES,
        servers: Sequence[Nameserver] = (),
        more_servers: Sequence[Nameserver] = (),
        port: int = 53,
        routed_only: bool = False,
        has_route: Callable[[str], bool] = has_route,
    ) -> None:
        """Take the resolver, seconds for one exchange by UDP or TCP, how many at a time, and seconds for one owner altogether.

        With routed_only an address to which has_route() knows no way is left out if its server answered at another one.
        """
        self._routed_only = routed_only
        self._resolver = resolver
        self._ask: Ask = resolver.ask
        self._deadline = deadline
        self._servers = tuple(servers)
        self._more_servers = tuple(more_servers)
        self._exchange = AuthoritativeExchange(timeout, concurrency, has_route)
        self._finder = ZoneServersFinder(self._ask, self._exchange, families=families, port=port)
        self._once: dict[tuple[str, str, str], asyncio.Task[Any]] = {}

    async def observe(self, owner: str) -> OwnerSight:
        """Return the evidence about *owner* (a name like `_25._tcp.mx.example.org`, final dot or not, any case)."""
        return (await self.look(owner)).sight()

    async def look(self, owner: str) -> OwnerView:
        """Return everything about *owner*. Ends by the deadline."""
        owner = owner.rstrip(".").lower()
        view = await within(self._deadline, self._look(owner))
        if view is not None:
            return view
        text = f"not everything was learnt within {self._deadline:g} s"
        nothing = Answer(owner, "TLSA", Outcome.ERROR, error=text)
        return OwnerView(owner, owner, resolver=nothing, canonical=nothing, errors=(text,))

    async def close(self) -> None:
        """Stop what is still being asked."""
        tasks = [task for task in self._once.values() if not task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _look(self, owner: str) -> OwnerView:
        answer = await self._ask(owner, "TLSA", True)
        try:
            hops = await follow_aliases(self._ask, owner)
        except NotLearnt as error:
            return OwnerView(owner, owner, resolver=answer, canonical=answer, errors=(str(error),))
        end = hops[-1].target if hops else owner
        canonical = await self._ask(end, "TLSA", True) if hops else answer
        view = OwnerView(owner, end, resolver=answer, canonical=canonical, hops=hops)
        if answer.outcome is not Outcome.ERROR and answer.canonical_name.lower() != end:
            text = "the resolver's records are those of %s, and its aliases lead to %s: a change is under way"
            view = replace(view, alias_errors=(text % (answer.canonical_name, end),))
        if not answer.secure and answer.outcome is not Outcome.ERROR and not answer.ad_untrusted:
            view = replace(view, validating=await self._validating(answer))
        try:
            zone = await zone_of(self._ask, end)
        except NotLearnt as error:
            return replace(view, errors=(str(error),))
        found = await self._zone_servers(zone)
        every, alias_errors = await asyncio.gather(self._servers_say(found, end), self._alias_errors(hops))
        servers, not_tried = _by_route(every) if self._routed_only else (every, ())
        return replace(
            view,
            zone=zone,
            servers=servers,
            inconsistencies=found.inconsistencies,
            alias_errors=view.alias_errors + alias_errors,
            errors=found.errors,
            not_tried=not_tried,
        )

    async def _validating(self, answer: Answer) -> bool | None:
        """Whether the nameservers that an answer came from validate and are believed."""
        available = await self._resolver.dnssec_available()
        if not available or not answer.without_ad:
            return available
        return await who_answered_validates(answer, self._resolver.validates)

    async def _zone_servers(self, zone: str) -> ZoneServers:
        """The servers to ask for records in *zone*."""
        if self._servers:
            return ZoneServers(zone, tuple(_given(one) for one in (*self._servers, *self._more_servers)))
        found = await self._servers_in_dns(zone)
        known = {one.nameserver for one in found.addresses}
        more = tuple(_given(one) for one in self._more_servers if one not in known)
        return replace(found, addresses=found.addresses + more)

    async def _servers_in_dns(self, zone: str) -> ZoneServers:
        found: ZoneServers = await self._only_once("servers", zone, "", partial(self._finder.find, zone))
        return found

    async def _servers_say(self, found: ZoneServers, name: str) -> tuple[ServerView, ...]:
        answers = await asyncio.gather(*(self._server_says(found.zone, one, name) for one in found.addresses))
        missing = tuple(ServerView(one, "", Outcome.ERROR, error="it has no address") for one in found.without_address)
        return (*answers, *missing)

    async def _server_says(self, zone: str, address: ServerAddress, name: str) -> ServerView:
        """What one server has at *name*, which is no alias."""
        view = ServerView(address.server, address.nameserver.address, Outcome.ERROR)
        try:
            reply = await self._exchange.ask(address.nameserver, name, "TLSA")
        except NoReply as error:
            return replace(view, error=str(error), tried=not isinstance(error, NoRoute))
        view = replace(view, authoritative=reply.authoritative)
        problem = _problem(reply, zone)
        if problem is not None:
            return replace(view, error=problem)
        soa = None if reply.outcome is Outcome.FOUND else reply.soa
        if soa is None:
            soa = await self._only_once("soa", str(address.nameserver), zone, partial(self._soa, address, zone))
        denied = reply.outcome is Outcome.FOUND and await self._denies(address, parent_of(name), zone)
        return replace(
            view,
            outcome=reply.outcome,
            records=reply.tlsa,
            ttl=reply.ttl,
            soa=soa,
            signatures=reply.signatures,
            nonterminal_denied=denied,
        )

    async def _soa(self, address: ServerAddress, zone: str) -> Soa | None:
        try:
            reply = await self._exchange.ask(address.nameserver, zone, "SOA")
        except NoReply:
            return None
        return reply.soa if reply.authoritative and reply.outcome is Outcome.FOUND else None

    async def _denies(self, address: ServerAddress, name: str, zone: str) -> bool:
        """Whether a server says that *name* does not exist, of which it has something below (RFC 8020)."""
        if name.lower() == zone:
            return False
        try:
            reply = await self._exchange.ask(address.nameserver, name, "TLSA")
        except NoReply:
            return False
        return reply.authoritative and reply.outcome is Outcome.NXDOMAIN

    async def _alias_errors(self, hops: Sequence[AliasHop]) -> tuple[str, ...]:
        if self._servers:
            return ()  # other servers than the given ones are not to be asked, and these need not have the zones of aliases
        each = await asyncio.gather(
            *(self._only_once("alias", hop.owner, hop.target, partial(self._alias, hop)) for hop in hops)
        )
        return tuple(text for texts in each for text in texts)

    async def _alias(self, hop: AliasHop) -> tuple[str, ...]:
        """Ask the servers of the zone that an alias is in for it; return who does not have it so, and why that is not known."""
        try:
            found = await self._servers_in_dns(await zone_of(self._ask, parent_of(hop.owner)))
        except NotLearnt as error:
            return (str(error),)

        answered: set[str] = set()
        without_route: dict[str, str] = {}

        async def ask(address: ServerAddress) -> str | None:
            where = f"alias {hop.owner} at {address.server} ({address.nameserver.address}): "
            try:
                reply = await self._exchange.ask(address.nameserver, hop.owner, "TLSA")
            except NoRoute as error:
                if not self._routed_only:
                    return where + str(error)
                without_route[where + str(error)] = address.server
                return None
            except NoReply as error:
                return where + str(error)
            if not reply.authoritative or reply.error is not None:
                return where + (reply.error or "not authoritative (lame)")
            answered.add(address.server)
            return None if reply.alias == hop.target else where + f"it leads to {reply.alias or 'nothing'}, not to {hop.target}"

        told = await asyncio.gather(*(ask(address) for address in found.addresses))
        missing = [f"alias {hop.owner} at {name}: it has no address" for name in found.without_address]
        unreached = [text for text, server in without_route.items() if server not in answered]
        return (*found.errors, *(text for text in told if text is not None), *unreached, *missing)

    async def _only_once(self, kind: str, first: str, second: str, begin: Callable[[], Awaitable[T]]) -> T:
        """Return what *begin* comes to; whoever else needs the same waits for the same."""
        key = (kind, first, second)
        task = self._once.get(key)
        if task is None:
            task = self._once[key] = asyncio.ensure_future(begin())
        # The task outlives the coroutine that began it: others may be waiting for it too.
        result: T = await asyncio.shield(task)
        return result


def _by_route(servers: Sequence[ServerView]) -> tuple[tuple[ServerView, ...], tuple[ServerView, ...]]:
    """Return the servers that count, and addresses without a route of servers that said at another one what they have."""
    answered = {one.server for one in servers if one.known}
    left_out = tuple(one for one in servers if not one.tried and one.server in answered)
    return tuple(one for one in servers if one not in left_out), left_out


def _given(server: Nameserver) -> ServerAddress:
    return ServerAddress(str(server), server)


def _problem(reply: AuthoritativeReply, zone: str) -> str | None:
    """Why a reply says nothing about the records of a name in *zone*."""
    if reply.error is not None:
        return reply.error
    if not reply.authoritative:
        return "not authoritative (lame)" + ("" if reply.referral is None else ", it refers to %s" % (reply.referral or "the root"))
    if reply.alias is not None:
        return f"it has an alias to {reply.alias}, which the resolver does not have"
    if reply.soa is not None and reply.outcome is not Outcome.FOUND and reply.soa.zone != zone:
        return f"it answers from the zone {reply.soa.zone or 'of the root'}, not from {zone or 'of the root'}"
    return f"more than {len(reply.tlsa)} records" if reply.dropped else None
