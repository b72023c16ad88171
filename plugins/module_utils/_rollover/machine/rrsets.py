# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One RRset as all its name servers have it: what is certain, on which all agree, and who is behind.

Owners that are aliases (CNAME) of the same name share an RRset; it is one, under the name where the aliases lead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dns
from ansible_collections.mailops.tls.plugins.module_utils._dane.findings import zone_insecure
from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import OwnerSight, ResolverSight, ServerSight, Sight
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Blocker

_VALIDATING = "Install a validating resolver on this machine, such as Unbound, and name it in nameservers"


@dataclass(frozen=True)
class RRsetSight:
    """All sights of one RRset. `owner`: where the aliases lead; `owners`: those of the policy that lead there."""

    owner: str
    owners: tuple[str, ...]
    servers: tuple[ServerSight, ...]
    resolvers: tuple[ResolverSight, ...]
    errors: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether every name server is known and says with authority what it has."""
        return bool(self.servers) and not self.errors and all(_is_certain(one) for one in self.servers)

    @property
    def anywhere(self) -> frozenset[TlsaRecord]:
        """The records that at least one server has."""
        return frozenset(record for one in self.servers for record in one.records)

    @property
    def agreed(self) -> frozenset[TlsaRecord] | None:
        """The records when it is certain that every server has just these (none at all included), else None."""
        sets = {frozenset(one.records) for one in self.servers}
        return next(iter(sets)) if self.certain and len(sets) == 1 else None

    @property
    def copies(self) -> tuple[tuple[str, frozenset[TlsaRecord], int], ...]:
        """Who gives records, which, and with which TTL: the servers that have any, and the resolver."""
        servers = [(one.name, frozenset(one.records), one.ttl or 0) for one in self.servers if one.outcome is Sight.FOUND]
        resolvers = [("the resolver", frozenset(one.records), one.ttl or 0) for one in self.resolvers if one.outcome is Sight.FOUND]
        return (*servers, *resolvers)

    @property
    def ttl(self) -> int | None:
        """The largest TTL with which any server gives the RRset now; None when none has it."""
        return max((one.ttl or 0 for one in self.servers if one.outcome is Sight.FOUND), default=None)

    def is_on_every_server(self, record: TlsaRecord) -> bool:
        """Tell whether it is certain that every server has the record."""
        return self.certain and all(record in one.records for one in self.servers)

    def is_visible(self, record: TlsaRecord) -> bool:
        """Tell whether every server has it and the resolver too, validated."""
        return self.is_on_every_server(record) and all(
            one.outcome is Sight.FOUND and one.secure and record in one.records for one in self.resolvers
        )


def rrset_sights(owners: Iterable[OwnerSight]) -> tuple[RRsetSight, ...]:
    """Return what was seen, one item for each RRset, in the order of their names."""
    groups: dict[str, list[OwnerSight]] = {}
    for one in owners:
        groups.setdefault(one.canonical_owner, []).append(one)
    return tuple(
        RRsetSight(
            name,
            tuple(one.owner for one in group),
            tuple(dict.fromkeys(server for one in group for server in one.servers)),
            tuple(one.resolver for one in group),
            tuple(dict.fromkeys(one.error for one in group if one.error is not None)),
        )
        for name, group in sorted(groups.items())
    )


def uncertainties(rrset: RRsetSight) -> list[Blocker]:
    """Return why it is not certain what senders see; empty when it is (which may be that nothing is published)."""
    found = [Blocker(dns.DNS_UNCERTAIN, f"{rrset.owner}: {error}") for error in rrset.errors]
    if not rrset.servers and not rrset.errors:
        found.append(Blocker(dns.DNS_UNCERTAIN, f"{rrset.owner}: no name server is known"))
    for one in rrset.servers:
        if not _is_certain(one):
            text = f"{one.name}: {rrset.owner}: {one.error or 'no answer with authority'}"
            found.append(Blocker(dns.SERVER_FAILURE_ON_SOME_NS, text))
    for resolver in rrset.resolvers:
        if resolver.outcome is Sight.UNKNOWN:
            found.append(Blocker(dns.DNS_UNCERTAIN, f"the resolver: {rrset.owner}: {resolver.error or 'no answer'}"))
    return list(dict.fromkeys(found))


def not_validated(rrset: RRsetSight) -> list[Blocker]:
    """Return a blocker when the resolver did not validate what it says.

    Records that it did not validate are not used by senders, or not in the same way. That there are none is no evidence when the
    resolver validates nothing: anybody on the way may have left them out.
    """
    return next((found for found in (_not_validated(rrset.owner, one) for one in rrset.resolvers) if found), [])


def absence_not_validated(rrset: RRsetSight) -> list[Blocker]:
    """Return a blocker when the resolver has no records, and that is no evidence."""
    absent = (one for one in rrset.resolvers if one.outcome is Sight.ABSENT)
    return next((found for found in (_not_validated(rrset.owner, one) for one in absent) if found), [])


def disagreement(rrset: RRsetSight) -> list[Blocker]:
    """Return a blocker for each server that has another RRset than the newest; empty when all agree."""
    if rrset.agreed is not None:
        return []
    known = [one for one in rrset.servers if _is_certain(one)]
    newest = max((one.serial or 0 for one in known), default=0)
    leader = next((one for one in known if (one.serial or 0) == newest), None)
    if leader is None:
        return []
    behind = [one for one in known if frozenset(one.records) != frozenset(leader.records)]
    return [Blocker(dns.SECONDARY_LAG, f"{one.name}: {rrset.owner}: old RRset{_serials(one, leader)}") for one in behind]


def not_visible(rrset: RRsetSight, record: TlsaRecord) -> list[Blocker]:
    """Return who does not have a record that is to be visible."""
    lacking = [one for one in rrset.servers if record not in one.records]
    if lacking and len(lacking) < len(rrset.servers):
        text = "%s: %s: old RRset, without %s..."
        return [Blocker(dns.SECONDARY_LAG, text % (one.name, rrset.owner, str(record)[:22])) for one in lacking]
    if lacking:
        return [Blocker(dns.NOT_PUBLISHED, f"{rrset.owner}: no name server has {record}")]
    for one in rrset.resolvers:
        if one.outcome is not Sight.FOUND or record not in one.records:
            left = "" if one.ttl is None else f", for {one.ttl} seconds more"
            return [Blocker(dns.RESOLVER_CACHE, f"the resolver still has the old RRset of {rrset.owner} in its cache{left}")]
    return []


def _not_validated(owner: str, one: ResolverSight) -> list[Blocker]:
    if one.secure or one.outcome is Sight.UNKNOWN:
        return []
    if one.ad_untrusted:
        text = "%s: the resolver says that it has validated the answer, but it is not believed. %s, or set trust_ad"
        return [Blocker(dns.AD_UNTRUSTED, text % (owner, _VALIDATING))]
    if one.outcome is Sight.FOUND:
        return [Blocker(dns.TLSA_ZONE_INSECURE, f"{owner}: {zone_insecure(owner).text}")]
    if one.unproven:
        text = "%s: the resolver does not validate, so that it finds no TLSA records proves nothing. %s"
        return [Blocker(dns.RESOLVER_NOT_VALIDATING, text % (owner, _VALIDATING))]
    return []


def _is_certain(one: ServerSight) -> bool:
    if one.outcome is Sight.FOUND:
        return one.authoritative and bool(one.records)
    return one.outcome is Sight.ABSENT and one.authoritative


def _serials(one: ServerSight, leader: ServerSight) -> str:
    if one.serial is None or leader.serial is None:
        return ""
    return f" (serial {one.serial}, {leader.server} has {leader.serial})"
