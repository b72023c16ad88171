# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The domains of the network on two days: many that stay as they are, and one for each thing that can change. Pure but for fresh keys.

    dNNNNN.audit.test      signed, with a TLSA record that matches; 25 of them share an exchange unless told otherwise
    SUBJECT.audit.test     without TLSA records, and something is different on the second day
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone

from ..authorities import Identity, Pki
from ..case import Leaf
from ..zones import association_data

RESOLVER = "198.18.0.53"
DOMAINS_PER_EXCHANGE = 25
NETWORK = "198.18"
"""Addresses for benchmarks of networks (RFC 2544), which nobody else has."""
ZONE, UNSIGNED = "audit.test", "drop.test"
CHANGED = ("key", "issuer", "tlsa", "mx", "protocol", "verdict", "error", "dnssec", "new", "gone")
"""What changes, each at the domain of its name, except that `dnssec` is a zone of its own."""
QUIET = ("renewed", "flap")
"""What is different on the second day and no change: a certificate that was renewed, and a connection that fails once."""
SECOND_EXCHANGE = f"{NETWORK}.1.100"
"""Where the domain `mx` has another exchange on the second day, that nobody else has."""
_APEX = "@ 300 IN SOA ns hostmaster 1 3600 600 86400 60\n@ 300 IN NS ns\nns 300 IN A 198.18.0.53\n"


@dataclass(frozen=True)
class Service:
    """What a mail server shows at its address: a key with its chain, none without TLS; `down` hangs up, `flaps` once."""

    host: str
    identity: Identity | None
    protocol: str = ""
    down: bool = False
    flaps: bool = False


@dataclass(frozen=True)
class Day:
    """The world on a day: mail servers by address, the text of zones by name, whether each is signed, and what a list has of domains."""

    services: dict[str, Service]
    zones: dict[str, str]
    signed: dict[str, bool]
    domains: tuple[str, ...]


def domain(subject: str) -> str:
    """The mail domain of a subject."""
    return f"{UNSIGNED if subject == 'dnssec' else subject + '.' + ZONE}"


class World:
    """Both days, of one authority and one set of keys."""

    def __init__(self, size: int, each: int = DOMAINS_PER_EXCHANGE) -> None:
        """Make certificates for *size* domains that stay as they are, *each* so many of them at an exchange, and for the others."""
        self._size = size
        self._exchanges = max(1, size // each)
        self.pki = Pki(datetime.now(timezone.utc).replace(tzinfo=None))
        self._shared = self.pki.issue(Leaf(names=("*." + ZONE,)), ZONE)
        self._first = {one: self.pki.issue(self._leaf(one), one) for one in (*CHANGED, *QUIET)}
        self._pinned = association_data(1, 1, self._first["tlsa"]).hex()
        self._days: dict[int, Day] = {}

    def day(self, number: int) -> Day:
        """Return the first day, or the second: always the same one."""
        if number not in self._days:
            self._days[number] = self._make(number)
        return self._days[number]

    def _make(self, number: int) -> Day:
        later = number > 1
        subjects = [one for one in (*CHANGED, *QUIET) if one != ("gone" if later else "new")]
        services, lines = self._many()
        drop = _APEX
        for place, subject in enumerate((*CHANGED, *QUIET), 1):
            address = f"{NETWORK}.1.{place}"
            services[address] = self._service(subject, later)
            if subject == "dnssec":
                drop += f"@ 300 IN MX 10 mx\nmx 300 IN A {address}\n"
            else:
                lines += [f"{subject} 300 IN MX 10 mx.{subject}", f"mx.{subject} 300 IN A {address}"]
        lines.append(f"_25._tcp.mx.tlsa 300 IN TLSA 3 1 1 {self._pinned}")
        if later:
            lines.append(f"_25._tcp.mx.tlsa 300 IN TLSA 3 1 1 {'ab' * 32}")
            services[SECOND_EXCHANGE] = Service(f"second.{ZONE}", self._shared)
            lines += ["mx 300 IN MX 20 second", f"second 300 IN A {SECOND_EXCHANGE}"]
            lines.append(f"_25._tcp.second 300 IN TLSA 3 1 1 {association_data(1, 1, self._shared).hex()}")
        zones = {ZONE: _APEX + "\n".join(lines) + "\n", UNSIGNED: drop}
        names = [f"d{number:05}.{ZONE}" for number in range(1, self._size + 1)]
        return Day(services, zones, {ZONE: True, UNSIGNED: not later}, (*names, *map(domain, subjects)))

    def _many(self) -> tuple[dict[str, Service], list[str]]:
        """The mail servers and records of the domains that stay as they are."""
        services, lines = {}, []
        data = association_data(1, 1, self._shared).hex()
        for number in range(1, self._exchanges + 1):
            address = f"{NETWORK}.{2 + number // 250}.{number % 250 + 1}"
            services[address] = Service(f"mx{number:04}.{ZONE}", self._shared)
            lines.append(f"mx{number:04} 300 IN A {address}")
            lines.append(f"_25._tcp.mx{number:04} 300 IN TLSA 3 1 1 {data}")
        for number in range(1, self._size + 1):
            lines.append(f"d{number:05} 300 IN MX 10 mx{(number - 1) % self._exchanges + 1:04}")
        return services, lines

    @staticmethod
    def _leaf(subject: str) -> Leaf:
        """The certificate of a subject. Only where nobody vouches for a new key it cannot have come with a renewal."""
        return Leaf(names=(f"mx.{domain(subject)}",), issuer="self" if subject == "key" else "inter")

    def _service(self, subject: str, later: bool) -> Service:
        host = f"mx.{domain(subject)}"
        first = self._first[subject]
        if not later:
            return Service(host, first)
        second = {
            "key": lambda: self.pki.issue(self._leaf(subject), subject),
            "issuer": lambda: self.pki.issue(replace(self._leaf(subject), issuer="other"), subject, first.key),
            "renewed": lambda: self.pki.issue(self._leaf(subject), subject),
        }.get(subject, lambda: first)()
        return Service(
            host,
            None if subject == "verdict" else second,
            protocol="TLSv1.2" if subject == "protocol" else "",
            down=subject == "error",
            flaps=subject == "flap",
        )
