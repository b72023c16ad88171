# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every address from which a resolver somewhere may get the records of a zone.

Resolvers use the NS records of the parent (the delegation, with its glue) and those of the zone itself (RFC 1034 section 4.2.2,
RFC 2181 section 5.4.1), of whichever server they asked. All of these are collected, and what differs between them is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dns
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_exchange import AuthoritativeExchange, NoReply
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_reply import AuthoritativeReply
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_cut import NotLearnt, parent_of, zone_of
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding

MAX_NAMES = 32
"""Most name servers of one zone that are looked at; the root has 13."""
MAX_ADDRESSES = 64
"""Most addresses of one zone's servers that are asked."""
MAX_PARENT_ADDRESSES = 6
"""Most addresses of the parent's servers that are asked for the delegation until one tells it."""
FAMILIES = ("ipv4", "ipv6")


@dataclass(frozen=True)
class ServerAddress:
    """One address to ask: the `server`'s name as the NS record has it (or the user's text), and how to reach it."""

    server: str
    nameserver: Nameserver


@dataclass(frozen=True)
class ZoneServers:
    """The servers of a zone. `without_address` are names that have none; `errors` what could not be learnt.

    `delegated_to` are the names that the parent's servers have, `own_servers` those of the zone as the resolver has it; none where that is
    not known.
    """

    zone: str
    addresses: tuple[ServerAddress, ...] = ()
    without_address: tuple[str, ...] = ()
    inconsistencies: tuple[Finding, ...] = ()
    errors: tuple[str, ...] = ()
    delegated_to: frozenset[str] | None = None
    own_servers: frozenset[str] | None = None


@dataclass
class _Found:
    """What is collected on the way."""

    names: dict[str, None] = field(default_factory=dict)
    addresses: dict[str, dict[str, None]] = field(default_factory=dict)
    inconsistencies: list[Finding] = field(default_factory=list)
    errors: dict[str, None] = field(default_factory=dict)
    delegated_to: frozenset[str] | None = None
    own_servers: frozenset[str] | None = None


class ZoneServersFinder:
    """Finds the servers of zones, each zone by a few questions to the resolver, the parent's and its own servers."""

    def __init__(self, ask: Ask, exchange: AuthoritativeExchange, *, families: Sequence[str] = FAMILIES, port: int = 53) -> None:
        """Take the resolver's `ask`, what asks servers, the address families to use and the servers' port."""
        self._ask = ask
        self._exchange = exchange
        self._families = tuple(families)
        self._port = port

    async def find(self, zone: str) -> ZoneServers:
        """Return the servers of *zone*. Raises nothing for what DNS does."""
        found = _Found()
        await asyncio.gather(self._ask_resolver(zone, found), self._ask_parent(zone, found))
        await self._look_up(zone, found, list(found.names))
        told = await asyncio.gather(*(self._own_name_servers(zone, one) for one in self._addresses(found)))
        more = sorted({name for names in told for name in names if name not in found.names})
        if more:
            text = f"servers of {zone} name servers that neither the resolver nor the parent knows: {', '.join(more[:MAX_NAMES])}"
            found.inconsistencies.append(set_mismatch(zone, text))
            _add_names(found, more)
            await self._look_up(zone, found, [name for name in more if name in found.names])
        addresses = self._addresses(found)
        if not addresses and not found.errors:
            found.errors["no server of %s has an address that may be asked" % (zone or "the root")] = None
        without = tuple(name for name in sorted(found.names) if not found.addresses.get(name))
        inconsistencies, errors = tuple(found.inconsistencies), tuple(found.errors)
        return ZoneServers(zone, addresses, without, inconsistencies, errors, found.delegated_to, found.own_servers)

    async def _ask_resolver(self, zone: str, found: _Found) -> None:
        answer = await self._ask(zone, "NS", True)
        if not answer.found:
            found.errors[f"NS records of {zone or 'the root'}: {answer.error or 'the resolver has none'}"] = None
        names = [name.lower() for name in answer.records if isinstance(name, str)]
        found.own_servers = frozenset(names) or None
        _add_names(found, names)

    async def _ask_parent(self, zone: str, found: _Found) -> None:
        """Add the delegation: what the parent's servers say, from the first that says something."""
        if not zone:
            return  # nobody delegates the root
        try:
            parent = await zone_of(self._ask, parent_of(zone))
        except NotLearnt as error:
            found.errors[str(error)] = None
            return
        own = await self._ask(zone, "NS", True)
        failures: list[str] = []
        for address in await self._parent_addresses(parent):
            try:
                reply = await self._exchange.ask(address, zone, "NS")
            except NoReply as error:
                failures.append(str(error))
                continue
            if reply.referral == zone or (reply.authoritative and reply.outcome is Outcome.FOUND):
                self._add_delegation(zone, reply, own.records, found)
                return
            failures.append("{}: {}".format(address, reply.error or f"no delegation of {zone}"))
        found.errors[f"delegation of {zone} by {parent or 'the root'}: {'; '.join(failures) or 'no server to ask'}"] = None

    def _add_delegation(self, zone: str, reply: AuthoritativeReply, own: Iterable[object], found: _Found) -> None:
        names = reply.delegated_to if reply.referral == zone else reply.name_servers
        found.delegated_to = frozenset(names)
        known = {name.lower() for name in own if isinstance(name, str)}
        if known and known != set(names):
            text = f"{zone} is delegated to {_listed(names)}, and itself says {_listed(known)}"
            found.inconsistencies.append(set_mismatch(zone, text))
        _add_names(found, names)
        for one in reply.glue:
            if one.name in names:
                found.addresses.setdefault(one.name, {})[one.address] = None

    async def _parent_addresses(self, parent: str) -> list[Nameserver]:
        """Some addresses of the parent's servers, of different servers first."""
        answer = await self._ask(parent, "NS", True)
        names = [name.lower() for name in answer.records if isinstance(name, str)][:MAX_PARENT_ADDRESSES]
        each = [addresses for addresses, _error in await asyncio.gather(*(self._resolve(name) for name in names))]
        turns = [addresses[turn] for turn in range(max(map(len, each), default=0)) for addresses in each if turn < len(addresses)]
        wanted = [address for address in dict.fromkeys(turns) if self._is_wanted(address)]
        return [Nameserver(address, self._port) for address in wanted[:MAX_PARENT_ADDRESSES]]

    async def _look_up(self, zone: str, found: _Found, names: Sequence[str]) -> None:
        """Add what the resolver says of the addresses of *names*; say where glue differs."""
        for name, (addresses, error) in zip(names, await asyncio.gather(*(self._resolve(name) for name in names))):
            if error is not None:
                found.errors[error] = None
            glue = found.addresses.setdefault(name, {})
            if glue and error is None and set(glue) != set(addresses):
                text = f"glue of {name} is {_listed(glue)}, its own addresses are {_listed(addresses)}"
                found.inconsistencies.append(Finding(dns.GLUE_MISMATCH, zone, text))
            glue.update(dict.fromkeys(addresses))

    async def _resolve(self, name: str) -> tuple[list[str], str | None]:
        """The addresses of a server, and why they may not be all."""
        answers = await asyncio.gather(*(self._ask(name, rdtype, True) for rdtype in ("A", "AAAA")))
        errors = [str(answer.error) for answer in answers if answer.outcome is Outcome.ERROR]
        addresses = [address for answer in answers for address in answer.records if isinstance(address, str)]
        return addresses, f"addresses of {name}: {'; '.join(errors)}" if errors else None

    def _addresses(self, found: _Found) -> tuple[ServerAddress, ...]:
        """Every address once, sorted by name (resolvers rotate NS records); the first server that has it gives its name to it."""
        owners: dict[str, str] = {}
        for name in sorted(found.names):
            for address in sorted(found.addresses.get(name, ())):
                if self._is_wanted(address):
                    owners.setdefault(address, name)
        if len(owners) > MAX_ADDRESSES:
            found.errors[f"more than {MAX_ADDRESSES} addresses of name servers"] = None
        chosen = list(owners.items())[:MAX_ADDRESSES]
        return tuple(ServerAddress(name, Nameserver(address, self._port)) for address, name in chosen)

    def _is_wanted(self, address: str) -> bool:
        return ("ipv6" if ":" in address else "ipv4") in self._families

    async def _own_name_servers(self, zone: str, address: ServerAddress) -> tuple[str, ...]:
        try:
            reply = await self._exchange.ask(address.nameserver, zone, "NS")
        except NoReply:
            return ()  # that it is silent is said where its records are asked for
        return reply.name_servers if reply.authoritative else ()


def _add_names(found: _Found, names: Iterable[str]) -> None:
    for name in names:
        if name not in found.names and len(found.names) >= MAX_NAMES:
            found.errors[f"more than {MAX_NAMES} name servers"] = None
            return
        found.names[name] = None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def set_mismatch(zone: str, text: str) -> Finding:
    """Return the finding that not everybody who should know has the same list of name servers; *text* says who has which."""
    return Finding(dns.NS_SET_MISMATCH, zone, text)
