# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is true in the world of the rollover, whatever the machine sees of it: name servers, caches of senders, and what is served.

It judges by RFC 7671 alone: whatever RRset a sender may hold, every combination of parameters in it has to match what the sender is
shown. Worst case throughout: whatever any server had at any time may be in some cache for its whole TTL; a server that the machine
cannot reach is still reached by senders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import (
    HeldKey,
    Key,
    ServedChain,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import (
    ActionKind,
    OwnedRecord,
    Step,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Policy

START = 1_800_000_000
OWNERS = ("_25._tcp.mx1.example.org", "_25._tcp.mx2.example.org")
Content = frozenset[TlsaRecord]
Zone = dict[str, Content]


def digest_record(usage: int, matching_type: int, spki: bytes) -> TlsaRecord:
    """A record about a public key."""
    return TlsaRecord(usage, 1, matching_type, {1: hashlib.sha256, 2: hashlib.sha512}[matching_type](spki).digest())


def is_matched(content: Content, chain: ServedChain) -> bool:
    """Whether every combination in an RRset has a record that matches the chain."""
    for parameters in {(one.usage, one.selector, one.matching_type) for one in content}:
        usage, selector, matching_type = parameters
        keys = [chain.key.spki] if usage == 3 else list(chain.issuers)
        wholes = [chain.certificate] if usage == 3 else []
        hashed = {1: hashlib.sha256, 2: hashlib.sha512}[matching_type]
        fitting = {hashed(one).digest() for one in (keys if selector == 1 else wholes)}
        if not any(one.data in fitting for one in content if (one.usage, one.selector, one.matching_type) == parameters):
            return False
    return True


@dataclass
class Server:
    """One address of a name server: its copy of the zone, whether it still transfers, and whether the machine can reach it."""

    name: str
    address: str
    zone: Zone
    serial: int = 1
    follows: bool = True
    reachable: bool = True


@dataclass
class Truth:
    """Everything there is. `problems`: what should never have happened, by the name of the invariant."""

    policy: Policy
    ttl: int = 300
    negative_ttl: int = 120
    delegation_ttl: int = 1200
    instances: int = 1
    foreign: bool = False
    lifetime: int = 10 * 365 * 86400
    now: int = START
    problems: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.counter = 0
        self.offset = 0
        self.boot, self.booted = "boot-0", START - 1000
        self.owners = self.policy.owners
        self.zone: Zone = {owner: frozenset() for owner in self.owners}
        self.serial = 1
        self.old: list[tuple[int, Zone]] = [(1, dict(self.zone))]
        addresses = ("192.0.2.53", "198.51.100.53", "2001:db8::53")
        self.servers = [Server(f"ns{number}.example.net", one, dict(self.zone)) for number, one in enumerate(addresses, 1)]
        self.aliases: dict[str, str] = {}
        self.former: list[tuple[str, str, int]] = []
        self.taken_out: list[tuple[Server, int]] = []
        self.held: dict[str, HeldKey] = {}
        self.deployed: list[dict[str, ServedChain]] = [{} for _number in range(self.instances)]
        for algorithm in self.policy.algorithms:
            first = Key(algorithm, b"first %s" % algorithm.encode())
            for place in self.deployed:
                place[algorithm] = self.chain(first)
        self.foreign_chain = ServedChain(Key("rsa", b"foreign"), (b"ca 1",), START + self.lifetime, "mx9", b"foreign certificate")
        self.fixed: ServedChain | None = None
        self.saved: str | None = None
        self.last: Step | None = None
        self.cached_until: dict[tuple[str, Content], int] = {}
        self.lacking_until: dict[tuple[str, TlsaRecord], int] = {}
        self.resolved: dict[str, tuple[Content, int]] = {}
        self.secure, self.resolver_works = True, True
        self.handed_in = "good"
        self.deploys = "good"
        self.broken: set[str] = set()
        self.authority = b"ca 1"
        self.kills = 0
        self.slow = False
        self.asked: list[tuple[bool, list[OwnedRecord]]] = []
        self.actions: list[ActionKind] = []
        self.known_copies: set[tuple[str, Content]] = set()
        self.last_run, self.longest_gap = START, 0
        self.note()

    # --- what is true -------------------------------------------------------------------------------------------------

    def chain(self, key: Key, issuer: bytes = b"ca 1") -> ServedChain:
        """A chain as the first certificate of a key has it."""
        wholes = (b"certificate of " + issuer,)
        return ServedChain(key, (issuer,), self.now + self.lifetime, "Postfix", b"certificate of " + key.spki, wholes)

    def ours(self) -> list[ServedChain]:
        """What this server serves."""
        return [*(chain for place in self.deployed for chain in place.values()), *([self.fixed] if self.fixed is not None else [])]

    def served(self, owner: str) -> list[ServedChain]:
        """What is served below an owner, by anybody; each server has its own addresses there."""
        return [*self.ours(), *([self.foreign_chain] if self.foreign and owner == self.owners[0] else [])]

    def note(self) -> None:
        """Take down what senders may fetch at this moment.

        For a while also from servers that are in the zone no more, and where an alias led that they have in their caches.
        """
        asked = [*self.servers, *(one for one, until in self.taken_out if self.now <= until)]
        led = [(owner, target) for owner, target, until in self.former if self.now <= until]
        for owner, target in (*((one, self.aliases.get(one, one)) for one in self.owners), *led):
            for server in asked:
                content = server.zone.get(target, frozenset())
                self.cached_until[(owner, content)] = max(self.cached_until.get((owner, content), 0), self.now + self.ttl)

    def cached(self, owner: str) -> Iterator[Content]:
        """Every RRset that some sender may hold now; none that is empty."""
        for (name, content), until in self.cached_until.items():
            if name == owner and content and until >= self.now:
                yield content

    def judge(self) -> None:
        """Write down when mail would be refused; senders know nothing of the options."""
        for owner in self.owners:
            for content in self.cached(owner):
                for chain in self.served(owner):
                    if not is_matched(content, chain):
                        texts = sorted(str(one)[:12] for one in content)
                        text = f"{owner} {texts} at {self.now - START} serves {chain.key.spki.decode()}"
                        self.problems.append(("cached", text))

    # --- what happens -------------------------------------------------------------------------------------------------

    def advance(self, seconds: int) -> None:
        """Let time pass; senders ask all the time."""
        self.note()
        self.now += seconds
        self.note()
        self.judge()

    def transfer(self) -> None:
        """Secondaries that follow take the newest zone."""
        for server in self.servers[1:]:
            if server.follows:
                server.zone, server.serial = dict(self.zone), self.serial
        self.note()

    def change_zone(self, owner: str, content: Content) -> None:
        """One change on the primary, which has it at once."""
        if content == self.zone[owner]:
            return
        self.note()
        self.zone = {**self.zone, owner: content}
        self.serial += 1
        self.old.append((self.serial, dict(self.zone)))
        self.servers[0].zone, self.servers[0].serial = dict(self.zone), self.serial
        self.note()

    def change_ttl(self, ttl: int) -> None:
        """All servers give the RRsets with another TTL from now on; caches keep what they have for as long as they were told."""
        self.note()
        self.ttl = ttl
        self.note()

    def lead(self, owner: str, target: str, content: Content) -> None:
        """An owner becomes an alias of a name, which gets an RRset, on all servers at once."""
        self.note()
        self.zone = {**self.zone, target: content}
        for server in self.servers:
            server.zone = {**server.zone, target: content}
        if owner in self.aliases:
            self.former.append((owner, self.aliases[owner], self.now + self.ttl))
        self.aliases[owner] = target
        self.note()

    def take_out(self, number: int) -> None:
        """A name server is taken out of the zone. It goes on with what it has, and caches ask it until the NS records have run out."""
        self.note()
        if len(self.servers) > 1:
            self.taken_out.append((self.servers.pop(number), self.now + self.delegation_ttl))

    def join(self) -> None:
        """A new name server: for a moment it has an old zone, then it transfers."""
        if len(self.servers) < 5:
            serial, zone = self.old[0]
            number = 60 + len(self.old) + len(self.servers)
            self.servers.append(Server(f"ns{number}.example.net", f"192.0.2.{number % 250}", dict(zone), serial))
            self.note()
            self.advance(1)
            self.transfer()

    def regress(self, number: int, steps: int) -> None:
        """A server comes back with an older zone, and stays there until it follows again."""
        server = self.servers[number % len(self.servers)]
        at = [serial for serial, _zone in self.old].index(server.serial)
        server.serial, zone = self.old[max(0, at - steps)]
        server.zone, server.follows = dict(zone), False
        self.note()

    def reboot(self, down: int) -> None:
        """The machine is away for a while, and starts again."""
        self.advance(down)
        self.boot, self.booted = f"boot-{self.now}", self.now
