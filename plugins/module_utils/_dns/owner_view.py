# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every server and the resolver say about the TLSA records of one owner name, as values, and what that proves.

The evidence of the rollover, `OwnerSight`, is the part of it that decides; the rest is for people.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import (
    OwnerSight,
    ResolverSight,
    ServerSight,
    Sight,
)
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_reply import Signature, Soa
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_cut import AliasHop
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding

_SIGHTS = {
    Outcome.FOUND: Sight.FOUND,
    Outcome.NODATA: Sight.ABSENT,
    Outcome.NXDOMAIN: Sight.ABSENT,
    Outcome.ERROR: Sight.UNKNOWN,
}


@dataclass(frozen=True)
class ServerView:
    """One address of one server. `server` is its name, `address` empty when it has none.

    `soa` is the SOA record of the zone as this server has it, `ttl` that of the TLSA RRset in seconds.
    `nonterminal_denied`: the server says that the name between the host and the owner does not exist, although it has records
    below it (RFC 8020). `error` is why the `outcome` is ERROR. `tried` is false when this machine has no route to the address.
    """

    server: str
    address: str
    outcome: Outcome
    authoritative: bool = False
    records: tuple[TlsaRecord, ...] = ()
    ttl: int | None = None
    soa: Soa | None = None
    signatures: tuple[Signature, ...] = ()
    nonterminal_denied: bool = False
    error: str | None = None
    tried: bool = True

    @property
    def name(self) -> str:
        """For people: `ns1.example.net (192.0.2.1)`."""
        return f"{self.server} ({self.address})" if self.address and self.address != self.server else self.server

    @property
    def known(self) -> bool:
        """Whether it said with authority what it has."""
        return self.outcome is not Outcome.ERROR

    def sight(self) -> ServerSight:
        """Return the evidence."""
        absent = self.outcome in (Outcome.NODATA, Outcome.NXDOMAIN)
        return ServerSight(
            server=self.server,
            address=self.address or "no address",
            outcome=_SIGHTS[self.outcome],
            records=self.records,
            authoritative=self.authoritative,
            ttl=self.ttl,
            negative_ttl=self.soa.negative_ttl if absent and self.soa is not None else None,
            serial=None if self.soa is None else self.soa.serial,
            signature_inception=min((one.inception for one in self.signatures), default=None),
            signature_expiration=max((one.expiration for one in self.signatures), default=None),
            error=self.error,
            wildcard=any(one.wildcard for one in self.signatures),
        )


@dataclass(frozen=True)
class OwnerView:
    """Everything about one owner name (lower case, no final dot).

    `hops` are the aliases from the owner on; `canonical_owner` is where they end, in `zone` (none when it is not known).
    `alias_errors`: servers of the zones of aliases that do not have the alias as the resolver does.
    `validating` tells whether the resolver validates and is believed; none when nothing hangs on it, or it is not known.
    `canonical` is the resolver's answer for the canonical owner alone. `errors` is what could not be learnt. `not_tried` are addresses
    without a route that were left out, as the user wants: their servers answered at another address.
    """

    owner: str
    canonical_owner: str
    resolver: Answer
    canonical: Answer
    hops: tuple[AliasHop, ...] = ()
    zone: str | None = None
    servers: tuple[ServerView, ...] = ()
    inconsistencies: tuple[Finding, ...] = ()
    alias_errors: tuple[str, ...] = ()
    validating: bool | None = None
    errors: tuple[str, ...] = ()
    not_tried: tuple[ServerView, ...] = ()

    @property
    def resolver_records(self) -> tuple[TlsaRecord, ...]:
        """The records that the resolver has."""
        return tuple(record for record in self.resolver.records if isinstance(record, TlsaRecord))

    @property
    def servers_agree(self) -> bool:
        """Whether all servers are known, and all said the same."""
        same = len({frozenset(one.records) for one in self.servers}) == 1
        return same and all(one.known for one in self.servers) and not self.errors and not self.alias_errors

    @property
    def agreed(self) -> bool:
        """Whether the servers agree and the resolver has what they have."""
        if not self.servers_agree or self.resolver.outcome is Outcome.ERROR:
            return False
        return set(self.resolver_records) == set(self.servers[0].records)

    def sight(self) -> OwnerSight:
        """Return the evidence; what could not be learnt, and an alias that servers do not agree on, is its error."""
        answer = self.resolver
        resolver = ResolverSight(
            outcome=_SIGHTS[answer.outcome],
            records=self.resolver_records,
            secure=answer.secure,
            ad_untrusted=answer.ad_untrusted,
            ttl=answer.ttl,
            error=answer.error,
            unproven=not (answer.secure or answer.ad_untrusted or self.validating),
        )
        return OwnerSight(
            owner=self.owner,
            canonical_owner=self.canonical_owner,
            zone=self.zone or "",
            servers=tuple(one.sight() for one in self.servers),
            resolver=resolver,
            error="; ".join([*self.errors, *self.alias_errors]) or None,
        )
