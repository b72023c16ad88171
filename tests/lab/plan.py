# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each case gets: an address for every listener, a certificate for every leaf, its zones with real values in them.

Addresses depend only on the order of the cases; keys and certificates are new at every start.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .authorities import Identity, Pki
from .case import Case, Listener, OptionValue, Zone
from .zones import resolve

_LITERAL = re.compile(r"\{(?P<name>[\w-]+)\}")
_FINGERPRINT = re.compile(r"\{(?P<what>certificate|key):(?P<name>[\w.-]+)\}")
FIRST_PEER = 0x7F000100
"""127.0.1.0: the listeners start behind it."""


@dataclass(frozen=True)
class Placed:
    """A listener of a case with its address, host name and certificates by tag."""

    case: str
    listener: Listener
    address: str
    host: str
    identities: Mapping[str, Identity]

    @property
    def name(self) -> str:
        """Unique among all listeners, fit for a file name."""
        return f"{self.case}.{self.listener.label}"


@dataclass(frozen=True)
class Plan:
    """The whole lab: cases with their braces replaced, placed listeners, zones, the authorities, and the hosts file by name."""

    cases: tuple[Case, ...]
    placed: tuple[Placed, ...]
    zones: tuple[Zone, ...]
    pki: Pki
    hosts: Mapping[str, str]


def _dotted(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def addresses(cases: Iterable[Case]) -> dict[tuple[str, str], str]:
    """The address of every listener by (case, label), skipping .0 and .255."""
    found = {}
    number = FIRST_PEER
    for case in cases:
        for listener in case.listeners:
            number += 1 if number & 255 < 254 else 3
            found[case.name, listener.label] = listener.address or _dotted(number)
    return found


def _host(case: Case, listener: Listener) -> str:
    """The host name of a listener: its own, or its label in the first zone of the case."""
    if listener.host or not case.zones:
        return listener.host or f"{case.name}.lab.test"
    return f"{listener.label}.{case.zones[0].name}"


def _place(case: Case, listener: Listener, address: str, pki: Pki, earlier: Mapping[str, Placed]) -> Placed:
    host = _host(case, listener)
    if listener.shares:
        return Placed(case.name, listener, address, host, earlier[listener.shares].identities)
    made: dict[str, Identity] = {}
    for leaf in listener.leaves:
        filled = replace(leaf, addresses=tuple(text.replace("{address}", address) for text in leaf.addresses))
        made[leaf.tag] = pki.issue(filled, host, made[leaf.same_key].key if leaf.same_key else None)
    return Placed(case.name, listener, address, host, made)


def fingerprint(identity: Identity, what: str) -> str:
    """SHA-256 of the certificate or the public key, upper case with colons as Postfix prints it."""
    digest = hashlib.sha256(identity.der if what == "certificate" else identity.spki).hexdigest().upper()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def _option(value: OptionValue, names: Mapping[str, Identity]) -> OptionValue:
    """An option with `{certificate:mx.leaf}` and `{key:mx.leaf}` replaced by SHA-256 fingerprints."""
    if not isinstance(value, tuple):
        return value
    return tuple(_FINGERPRINT.sub(lambda match: fingerprint(names[match["name"]], match["what"]), text) for text in value)


def _destination(text: str, own: Mapping[str, str]) -> str:
    """A destination with `{mx}` replaced by that listener's address."""
    return _LITERAL.sub(lambda match: own[match["name"]], text)


def make(cases: Sequence[Case], pki: Pki) -> Plan:
    """Place all listeners, issue all certificates and fill in all zones."""
    where = addresses(cases)
    placed: list[Placed] = []
    zones: list[Zone] = []
    resolved: list[Case] = []
    hosts: dict[str, str] = {}
    for case in cases:
        own = {listener.label: where[case.name, listener.label] for listener in case.listeners}
        by_label: dict[str, Placed] = {}
        for listener in case.listeners:
            by_label[listener.label] = _place(case, listener, own[listener.label], pki, by_label)
        peers = list(by_label.values())
        hosts.update((name, own[label]) for name, label in case.hosts.items())
        names = dict(pki.authorities)
        names.update((f"{peer.listener.label}.{tag}", made) for peer in peers for tag, made in peer.identities.items())
        placed.extend(peers)
        filled = tuple(replace(zone, records=tuple(resolve(text, own, names) for text in zone.records)) for zone in case.zones)
        zones.extend(filled)
        destination = _destination(case.destination, own)
        options = {key: _option(value, names) for key, value in case.options.items()}
        resolved.append(replace(case, destination=destination, options=options, zones=filled))
    return Plan(tuple(resolved), tuple(placed), tuple(zones), pki, hosts)
