# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of one TLSA RRset: by each address of each authoritative name server, and by a validating resolver.

Values only; `_dns` fills them. Three things must not be mixed up: the records are there, they are certainly not there, and
nobody can tell. A server that does not answer, refuses, answers without AA (lame) or with SERVFAIL is UNKNOWN, never ABSENT.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord


class Sight(str, Enum):
    """What one look at an RRset came to."""

    FOUND = "found"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ServerSight:
    """The RRset as one address of one authoritative name server gives it.

    Args:
        server: the name of the server, lower case, without final dot.
        address: the address that was asked.
        outcome: FOUND: an answer with AA and records. ABSENT: NODATA or NXDOMAIN with AA. UNKNOWN: all else.
        records: the records, each once; empty unless FOUND.
        authoritative: whether the answer had AA; without it the outcome is UNKNOWN.
        ttl: the TTL of the RRset in seconds, when FOUND.
        negative_ttl: the smaller of SOA TTL and SOA minimum in seconds (RFC 2308 section 5), when ABSENT.
        serial: the SOA serial of the zone, when it was learnt.
        signature_inception: earliest inception of the RRSIGs over the RRset, seconds since 1970; None when unsigned.
        signature_expiration: latest expiration of them, seconds since 1970; None when unsigned.
        error: why the outcome is UNKNOWN, one clean line ("timed out", "not authoritative", "SERVFAIL").
        wildcard: the records are those of a wildcard (RFC 4592), and there are none at the owner itself.
            """

    server: str
    address: str
    outcome: Sight
    records: tuple[TlsaRecord, ...] = ()
    authoritative: bool = False
    ttl: int | None = None
    negative_ttl: int | None = None
    serial: int | None = None
    signature_inception: int | None = None
    signature_expiration: int | None = None
    error: str | None = None
    wildcard: bool = False

    @property
    def name(self) -> str:
        """What to call it in texts: `ns2.example.net (192.0.2.2)`."""
        return f"{self.server} ({self.address})"


@dataclass(frozen=True)
class ResolverSight:
    """The RRset as the validating resolver gives it.

    Args:
        secure: the answer had AD and the resolver may be believed; for ABSENT too.
        ad_untrusted: it had AD, but from a resolver that must not be believed.
        unproven: it had no AD, and the resolver has not shown that it validates anything: what it says is no evidence.
        ttl: what is left of the TTL in the resolver's cache, seconds, when FOUND.
        error: why the outcome is UNKNOWN.
            """

    outcome: Sight
    records: tuple[TlsaRecord, ...] = ()
    secure: bool = False
    ad_untrusted: bool = False
    ttl: int | None = None
    error: str | None = None
    unproven: bool = False


@dataclass(frozen=True)
class OwnerSight:
    """All that was seen of the RRset of one owner.

    Args:
        owner: `_25._tcp.mx.example.org`: lower case, no final dot.
        canonical_owner: where CNAMEs at the owner lead; the owner itself when there are none.
        zone: the zone that the canonical owner is in.
        servers: one sight for each address of each name server of the zone.
        error: why the name servers or some of their addresses could not be learnt; whatever `servers` holds is then
            not all of it.
            """

    owner: str
    canonical_owner: str
    zone: str
    servers: tuple[ServerSight, ...]
    resolver: ResolverSight
    error: str | None = None
