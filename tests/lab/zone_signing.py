# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing a zone: DNSKEY, NSEC chain and RRSIGs (RFC 4034, RFC 4035 section 2), with one ECDSA P-256 key.

dnspython's own sign_zone came with 2.4; this is the part of it the lab needs, for 2.3 and later, and able to sign badly.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import dns.dnssec
import dns.name
import dns.node
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rdtypes.ANY.DNSKEY
import dns.rdtypes.ANY.DS
import dns.rdtypes.ANY.NSEC
import dns.rdtypes.ANY.RRSIG
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

TTL = 300
DAY = 86400


@dataclass(frozen=True)
class ZoneKey:
    """The one key of a zone (a combined signing key) and its DNSKEY record."""

    private: ec.EllipticCurvePrivateKey
    dnskey: dns.rdtypes.ANY.DNSKEY.DNSKEY

    def ds(self, origin: dns.name.Name) -> dns.rdtypes.ANY.DS.DS:
        """The DS record of the zone with this key (RFC 4034 section 5), SHA-256."""
        return dns.dnssec.make_ds(origin, self.dnskey, "SHA256")


def new_zone_key() -> ZoneKey:
    """A fresh key, algorithm 13 (RFC 6605), flags 257."""
    private = ec.generate_private_key(ec.SECP256R1())
    return ZoneKey(private, dns.dnssec.make_dnskey(private.public_key(), "ECDSAP256SHA256", flags=257))


def _damaged(signature: dns.rdtypes.ANY.RRSIG.RRSIG) -> dns.rdtypes.ANY.RRSIG.RRSIG:
    """The same record with one bit of the signature turned over."""
    value = bytes([signature.signature[0] ^ 1]) + signature.signature[1:]
    damaged = signature.replace(signature=value)
    assert isinstance(damaged, dns.rdtypes.ANY.RRSIG.RRSIG)
    return damaged


def _nsec(following: dns.name.Name, types: Iterable[int]) -> dns.rdata.Rdata:
    """The NSEC record that leads to the following owner name and lists these types."""
    listed = sorted({dns.rdatatype.RdataType.make(number) for number in types} | {dns.rdatatype.NSEC, dns.rdatatype.RRSIG})
    text = f"{following.to_text()} {' '.join(dns.rdatatype.to_text(number) for number in listed)}"
    return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.NSEC, text)


def _delegations(zone: dns.zone.Zone, origin: dns.name.Name) -> set[dns.name.Name]:
    return {name for name, node in zone.nodes.items() if name != origin and node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.NS)}


def _is_below(name: dns.name.Name, cuts: set[dns.name.Name]) -> bool:
    """True for glue: names strictly below a delegation."""
    while name.labels and name != dns.name.root:
        name = name.parent()
        if name in cuts:
            return True
    return False


def sign_zone(zone: dns.zone.Zone, key: ZoneKey, *, expired: bool = False, broken: tuple[str, ...] = ()) -> None:
    """Sign an absolute (not relativized) zone in place.

    `expired` dates all signatures into the past. `broken` names the record types whose signatures are damaged.
    """
    origin = zone.origin
    assert origin is not None
    zone.find_rdataset(origin, "DNSKEY", create=True).add(key.dnskey, TTL)
    cuts = _delegations(zone, origin)
    owners = sorted(name for name in zone.nodes if not _is_below(name, cuts))
    end = int(time.time()) + (-DAY if expired else 30 * DAY)
    damaged_types = {dns.rdatatype.from_text(text) for text in broken}
    for owner, following in zip(owners, owners[1:] + owners[:1]):
        node = zone.nodes[owner]
        nsec = _nsec(following, [rdataset.rdtype for rdataset in node.rdatasets])
        zone.find_rdataset(owner, "NSEC", create=True).add(nsec, TTL)
        for rdataset in list(node.rdatasets):
            if owner in cuts and rdataset.rdtype not in (dns.rdatatype.DS, dns.rdatatype.NSEC):
                continue
            signature = dns.dnssec.sign(
                (owner, rdataset), key.private, origin, key.dnskey, inception=end - 60 * DAY, expiration=end
            )
            if rdataset.rdtype in damaged_types:
                signature = _damaged(signature)
            covered = zone.find_rdataset(owner, "RRSIG", covers=rdataset.rdtype, create=True)
            covered.add(signature, TTL)


def trust_anchor(origin: str, key: ZoneKey) -> str:
    """The DS record as a line for a resolver's trust anchors; `.` for the root."""
    name = dns.name.from_text(origin)
    return f"{name.to_text()} IN DS {key.ds(name).to_text()}"
