# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the zones of the cases to signed zone files: the root, `test.` and everything below, plus the trust anchors.

A parent is the longest zone that a name ends in; it gets the NS records and, where the delegation is secure, the DS record.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.zone

from .authorities import Identity
from .case import Delegation, Zone
from .zone_signing import TTL, ZoneKey, new_zone_key, sign_zone, trust_anchor

ROOT_SERVER = "a.root"
NAME_SERVER = "ns.test"
LAME_SERVER = "ns-lame.test"
SERVER_ADDRESS = "127.0.0.2"
LAME_ADDRESS = "127.0.0.3"

_TLSA_DATA = re.compile(r"TLSA (?P<usage>\d+) (?P<selector>\d+) (?P<mtype>\d+) \{(?P<name>[\w.-]+)(?P<short>:short)?\}")
_TLSA = re.compile(r"(?P<owner>\S+) TLSA (?P<usage>\d+) (?P<selector>\d+) (?P<mtype>\d+) ?(?P<data>[0-9a-f]*)")
_ADDRESS = re.compile(r"\{(?P<name>[\w-]+)\}")

SIGNED = (Delegation.SECURE, Delegation.BOGUS_DS, Delegation.EXPIRED, Delegation.ISLAND)
WITH_DS = (Delegation.SECURE, Delegation.BOGUS_DS, Delegation.EXPIRED)


@dataclass(frozen=True)
class ZoneSet:
    """What the servers need: zone file text by zone name, and one line for each trust anchor."""

    files: Mapping[str, str]
    anchors: tuple[str, ...]


def association_data(selector: int, matching_type: int, identity: Identity) -> bytes:
    """TLSA association data of a certificate (RFC 6698 section 2.1); an unknown matching type gets the SHA-256."""
    selected = identity.spki if selector == 1 else identity.der
    if matching_type == 0:
        return selected
    return hashlib.new("sha512" if matching_type == 2 else "sha256", selected).digest()


def resolve(text: str, addresses: Mapping[str, str], identities: Mapping[str, Identity]) -> str:
    """A record with its braces replaced: TLSA data by certificate name, addresses by listener label."""

    def data(match: re.Match[str]) -> str:
        found = association_data(int(match["selector"]), int(match["mtype"]), identities[match["name"]])
        head = f"TLSA {match['usage']} {match['selector']} {match['mtype']} "
        return head + (found[:-1] if match["short"] else found).hex()

    return _ADDRESS.sub(lambda match: addresses[match["name"]], _TLSA_DATA.sub(data, text))


def _add_tlsa(zone: dns.zone.Zone, match: re.Match[str]) -> None:
    """Add a TLSA record as mere bytes: newer versions of dnspython refuse some that servers do serve."""
    owner = dns.name.from_text(match["owner"], zone.origin)
    data = bytes(int(match[field]) for field in ("usage", "selector", "mtype")) + bytes.fromhex(match["data"])
    generic = dns.rdata.GenericRdata(dns.rdataclass.IN, dns.rdatatype.TLSA, data)
    zone.find_rdataset(owner, "TLSA", create=True).add(generic, TTL)


def _zone(name: str, records: Iterable[str]) -> dns.zone.Zone:
    """An absolute zone with SOA and NS added."""
    server = ROOT_SERVER if name == "." else NAME_SERVER
    tlsa = [match for match in map(_TLSA.fullmatch, records) if match]
    others = [record for record in records if not _TLSA.fullmatch(record)]
    head = [f"@ SOA {server}. hostmaster.{NAME_SERVER}. 1 3600 900 604800 {TTL}", f"@ NS {server}."]
    text = "\n".join([f"$TTL {TTL}", *head, *others, ""])
    zone = dns.zone.from_text(text, origin=dns.name.from_text(name), relativize=False)
    for match in tlsa:
        _add_tlsa(zone, match)
    return zone


def _parent(name: str, names: Iterable[str]) -> str:
    """The longest other zone name that this one ends in."""
    above = [other for other in names if other != name and (other == "." or name.endswith("." + other))]
    return max(above, key=lambda other: 0 if other == "." else len(other))


def _delegate(parent: dns.zone.Zone, child: Zone, key: ZoneKey) -> None:
    """Add NS and, where there is one, DS of the child to its parent."""
    owner = dns.name.from_text(child.name)
    lame = child.delegation is Delegation.LAME
    server = dns.rdata.from_text("IN", "NS", f"{LAME_SERVER if lame else NAME_SERVER}.")
    parent.find_rdataset(owner, "NS", create=True).add(server, TTL)
    if child.delegation in WITH_DS:
        told = new_zone_key() if child.delegation is Delegation.BOGUS_DS else key
        parent.find_rdataset(owner, "DS", create=True).add(told.ds(owner), TTL)


def build(zones: Iterable[Zone], address: str = SERVER_ADDRESS) -> ZoneSet:
    """Sign everything, for a name server at *address*. `zones` have their braces resolved already; the root and `test` are added here."""
    server = f"{NAME_SERVER}. A {address}"
    lame = f"{LAME_SERVER}. A {LAME_ADDRESS}"
    wanted = {zone.name: zone for zone in (Zone(".", (f"{ROOT_SERVER}. A {address}",)), Zone("test", (server, lame)))}
    for zone in zones:
        if zone.name in wanted:
            raise ValueError(f"two zones have the name {zone.name}")
        wanted[zone.name] = zone
    made = {name: _zone(name, zone.records) for name, zone in wanted.items()}
    keys = {name: new_zone_key() for name in wanted}
    for name, zone in wanted.items():
        if name != ".":
            _delegate(made[_parent(name, wanted)], zone, keys[name])
    for name, zone in wanted.items():
        if zone.delegation in SIGNED:
            sign_zone(made[name], keys[name], expired=zone.delegation is Delegation.EXPIRED, broken=zone.broken)
    anchored = [name for name, zone in wanted.items() if name == "." or zone.delegation is Delegation.ISLAND]
    served = {name: made[name].to_text(relativize=False) for name, zone in wanted.items() if zone.delegation is not Delegation.LAME}
    return ZoneSet(served, tuple(trust_anchor(name, keys[name]) for name in anchored))


def write(zones: ZoneSet, folder: Path) -> dict[str, Path]:
    """Write the zone files; returns their paths by zone name."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, text in zones.files.items():
        paths[name] = folder / ("root.zone" if name == "." else name + ".zone")
        paths[name].write_text(text, encoding="ascii")
    return paths
