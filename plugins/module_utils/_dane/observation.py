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
from typing import Optional

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord


class Sight(str, Enum):
    """What one look at an RRset came to."""

    FOUND = "found"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ServerSight:
    """The RRset as one address of one authoritative name server gives it.

    :param server: the name of the server, lower case, without final dot.
    :param address: the address that was asked.
    :param outcome: FOUND: an answer with AA and records. ABSENT: NODATA or NXDOMAIN with AA. UNKNOWN: all else.
    :param records: the records, each once; empty unless FOUND.
    :param authoritative: whether the answer had AA; without it the outcome is UNKNOWN.
    :param ttl: the TTL of the RRset in seconds, when FOUND.
    :param negative_ttl: the smaller of SOA TTL and SOA minimum in seconds (RFC 2308 section 5), when ABSENT.
    :param serial: the SOA serial of the zone, when it was learnt.
    :param signature_inception: earliest inception of the RRSIGs over the RRset, seconds since 1970; None when unsigned.
    :param signature_expiration: latest expiration of them, seconds since 1970; None when unsigned.
    :param error: why the outcome is UNKNOWN, one clean line ("timed out", "not authoritative", "SERVFAIL").
    :param wildcard: the records are those of a wildcard (RFC 4592), and there are none at the owner itself.
    """

    server: str
    address: str
    outcome: Sight
    records: tuple[TlsaRecord, ...] = ()
    authoritative: bool = False
    ttl: Optional[int] = None
    negative_ttl: Optional[int] = None
    serial: Optional[int] = None
    signature_inception: Optional[int] = None
    signature_expiration: Optional[int] = None
    error: Optional[str] = None
    wildcard: bool = False

    @property
    def name(self) -> str:
        """What to call it in texts: C(ns2.example.net (192.0.2.2))."""
        return "%s (%s)" % (self.server, self.address)


@dataclass(frozen=True)
class ResolverSight:
    """The RRset as the validating resolver gives it.

    :param secure: the answer had AD and the resolver may be believed; for ABSENT too.
    :param ad_untrusted: it had AD, but from a resolver that must not be believed.
    :param unproven: it had no AD, and the resolver has not shown that it validates anything: what it says is no evidence.
    :param ttl: what is left of the TTL in the resolver's cache, seconds, when FOUND.
    :param error: why the outcome is UNKNOWN.
    """

    outcome: Sight
    records: tuple[TlsaRecord, ...] = ()
    secure: bool = False
    ad_untrusted: bool = False
    ttl: Optional[int] = None
    error: Optional[str] = None
    unproven: bool = False


@dataclass(frozen=True)
class OwnerSight:
    """All that was seen of the RRset of one owner.

    :param owner: C(_25._tcp.mx.example.org): lower case, no final dot.
    :param canonical_owner: where CNAMEs at the owner lead; the owner itself when there are none.
    :param zone: the zone that the canonical owner is in.
    :param servers: one sight for each address of each name server of the zone.
    :param error: why the name servers or some of their addresses could not be learnt; whatever B(servers) holds is then
        not all of it.
    """

    owner: str
    canonical_owner: str
    zone: str
    servers: tuple[ServerSight, ...]
    resolver: ResolverSight
    error: Optional[str] = None
