# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small world for the rollover to live in: what the machine sees of the truth, its runs, a postmaster's publisher, and faults.

The truth, and the judgement by RFC 7671, are in dane_truth.py. Both share no code with the machine but the plain values.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import OwnerSight, ResolverSight, ServerSight, Sight
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import (
    CertificateInHand,
    ClockReading,
    EndpointSight,
    Evidence,
    HeldKey,
    Key,
    ServedChain,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.left_out import also_to_look_at
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import (
    Action,
    ActionKind,
    OwnedRecord,
    RolloverPhase,
    Step,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import State, as_dict, from_dict
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.step import step
from ansible_collections.mailops.tls.tests.unit.worlds.dane_truth import START, Content, Server, Truth, digest_record, is_matched


class Killed(Exception):
    """The run ends here, in the middle of whatever it was doing."""


class World(Truth):
    """A mail server in the truth, and its rollover."""

    # --- what the machine sees ----------------------------------------------------------------------------------------

    def evidence(self, look_outside: bool) -> Evidence:
        """All that can be seen now."""
        wanted = self.policy.owners
        return Evidence(
            owners=tuple(self._owner_sight(owner) for owner in (*wanted, *also_to_look_at(self.state(), wanted))),
            held=tuple(self._handed(one) for one in self.held.values()),
            deployed=tuple(dict.fromkeys(self.ours())),
            deployed_error=None,
            outside=tuple(self._endpoints()) if look_outside else None,
            reading=ClockReading(self.now + self.offset, self.boot, self.now - self.booted),
        )

    def _owner_sight(self, owner: str) -> OwnerSight:
        target = self.aliases.get(owner, owner)
        servers = tuple(self._server_sight(one, target) for one in self.servers)
        return OwnerSight(owner, target, "example.org", servers, self._resolve(owner))

    def _server_sight(self, server: Server, owner: str) -> ServerSight:
        if not server.reachable:
            return ServerSight(server.name, server.address, Sight.UNKNOWN, error="timed out")
        content = server.zone.get(owner, frozenset())
        found = Sight.FOUND if content else Sight.ABSENT
        return ServerSight(
            server.name,
            server.address,
            found,
            tuple(sorted(content)),
            True,
            self.ttl if content else None,
            None if content else self.negative_ttl,
            server.serial,
        )

    def _resolve(self, owner: str) -> ResolverSight:
        if not self.resolver_works:
            return ResolverSight(Sight.UNKNOWN, error="SERVFAIL")
        content, until = self.resolved.get(owner, (frozenset(), 0))
        if until <= self.now:
            content = self.servers[self.now % len(self.servers)].zone.get(self.aliases.get(owner, owner), frozenset())
            until = self.now + (self.ttl if content else self.negative_ttl)
            self.resolved[owner] = (content, until)
        found = Sight.FOUND if content else Sight.ABSENT
        return ResolverSight(found, tuple(sorted(content)), self.secure, ttl=until - self.now, unproven=not self.secure)

    def _endpoints(self) -> Iterator[EndpointSight]:
        for owner in self.policy.owners:
            content = self.servers[self.now % len(self.servers)].zone.get(self.aliases.get(owner, owner), frozenset())
            fine = all(is_matched(content, one) for one in self.ours())
            fine = fine and not any(one.key.digest in self.broken for one in self.ours())
            yield EndpointSight(owner, "192.0.2.25", True, True, fine, tuple(dict.fromkeys(self.ours())))
            if self.foreign and owner == self.owners[0]:
                good = is_matched(content, self.foreign_chain)
                yield EndpointSight(owner, "192.0.2.99", False, True, good, (self.foreign_chain,))

    def _handed(self, held: HeldKey) -> HeldKey:
        """A certificate of the wrong key is handed in as long as the postmaster has not noticed."""
        if self.policy.self_signed or held.certificate is None or self.handed_in != "wrong":
            return held
        return replace(held, certificate=replace(held.certificate, problem="it is for another key"))

    # --- a run, and what it does --------------------------------------------------------------------------------------

    def run(self, *, look_outside: bool = True, killed_after: int | None = None) -> Step:
        """One run of the machine: look, decide, save, act; ends after so many of its own moves when *killed_after* is given."""
        self.kills = -1 if killed_after is None else killed_after
        evidence = self.evidence(look_outside)
        state = None if self.saved is None else from_dict(json.loads(self.saved))
        found = step(state, evidence, self.now + self.offset, self.policy)
        self.last = found
        self._judge_step(found)
        self._judge_alarms(found, evidence)
        try:
            self._breath()
            self.saved = json.dumps(as_dict(found.state))
            self.known_copies |= self._copies_in(evidence)
            self.longest_gap, self.last_run = max(self.longest_gap, self.now - self.last_run), self.now
            self._breath()
            self._act(found.action)
        except Killed:
            pass
        self.judge()
        return found

    def state(self) -> State | None:
        """What is on the disk."""
        return None if self.saved is None else from_dict(json.loads(self.saved))

    def _breath(self) -> None:
        if self.kills == 0:
            raise Killed
        self.kills -= 1

    def _act(self, action: Action) -> None:
        self.actions.append(action.kind)
        if action.kind is ActionKind.STAGE:
            for algorithm in action.algorithms:
                self.counter += 1
                key = Key(algorithm, b"key %d" % self.counter)
                self.held[key.digest] = HeldKey(key, self.now + self.offset)
                self._breath()
        elif action.kind is ActionKind.ISSUE:
            for one in action.keys:
                self._issue(one)
                self._breath()
        elif action.kind in (ActionKind.DEPLOY, ActionKind.ROLL_BACK, ActionKind.RENEW):
            self._deploy(action)
        elif action.kind is ActionKind.PUBLISH:
            self._publish(action.add, adding=True)
        elif action.kind is ActionKind.RETIRE:
            self._publish(action.remove, adding=False)
        elif action.kind is ActionKind.DISCARD:
            for one in action.keys:
                self._may_discard(one)
                self.held.pop(one.digest, None)
                self._breath()

    def _issue(self, key: Key) -> None:
        if self.handed_in == "late" and not self.policy.self_signed:
            return
        issuers = () if self.policy.self_signed else (self.authority,)
        wholes = tuple(b"certificate of " + one for one in issuers)
        certificate = CertificateInHand(issuers, self.now + self.lifetime, None, b"certificate %d of " % self.now + key.spki, wholes)
        self.held[key.digest] = replace(self.held[key.digest], certificate=certificate)

    def _deploy(self, action: Action) -> None:
        if self.deploys == "refused":
            return
        if action.kind is ActionKind.RENEW and self.policy.self_signed:
            for one in action.keys:
                self._issue(one)
        for place in self.deployed:
            for one in action.keys:
                self._may_serve(one)
                certificate = self.held[one.digest].certificate
                assert certificate is not None and certificate.problem is None, "a key is served without a certificate"
                place[one.algorithm] = ServedChain(
                    one, certificate.issuers, certificate.not_after, "Postfix", certificate.certificate, certificate.issuer_certificates
                )
                if self.deploys == "broken" and action.kind is ActionKind.DEPLOY:
                    self.broken.add(one.digest)
            self.judge()
            self._breath()

    def publish_late(self) -> None:
        """What was asked for while the postmaster was slow is done now, all of it in its order."""
        self.slow, self.kills = False, -1
        asked, self.asked = self.asked, []
        for adding, records in asked:
            self._publish(records, adding=adding)
            self.transfer()

    def _publish(self, records: Iterable[OwnedRecord], *, adding: bool) -> None:
        if self.slow:
            self.asked.append((adding, list(records)))
            return
        by_owner: dict[str, set[TlsaRecord]] = {}
        for one in records:
            by_owner.setdefault(one.owner, set()).add(one.record)
        for owner, changed in sorted(by_owner.items()):
            if len({server.zone.get(owner) for server in self.servers}) > 1:
                self.problems.append(("one_change", owner))
            if not adding:
                self._may_remove(owner, changed)
            self.change_zone(owner, self.zone[owner] | changed if adding else self.zone[owner] - changed)
            self.judge()
            self._breath()

    # --- invariants that are about one act ----------------------------------------------------------------------------

    def _may_serve(self, key: Key) -> None:
        """A key that begins to be served: on every server at this moment, and no sender may still have an RRset without it."""
        if any(one.key == key for one in self.ours()):
            return
        for owner in self.owners:
            for server in self.servers:
                content = server.zone.get(self.aliases.get(owner, owner), frozenset())
                parameters = {(one.usage, one.selector, one.matching_type) for one in content}
                for usage, selector, matching_type in sorted(parameters):
                    if (usage, selector) == (3, 1) and digest_record(3, matching_type, key.spki) not in content:
                        self.problems.append(("unpublished", f"{key.spki.decode()} at {server.name}"))
            for content in self.cached(owner):
                if any(one.usage == 3 for one in content) and not any(
                    digest_record(3, each, key.spki) in content for each in (1, 2)
                ):
                    self.problems.append(("unaged", f"{key.spki.decode()} at {self.now - START}"))

    def _may_remove(self, owner: str, changed: set[TlsaRecord]) -> None:
        left = self.zone[owner] - changed
        if not left:
            if self.policy.goal.value == "present":
                self.problems.append(("removed", f"all of {owner}"))
            return
        below = [name for name in self.owners if self.aliases.get(name, name) == owner]
        for chain in dict.fromkeys(one for name in below for one in self.served(name)):
            needed = {digest_record(3, each, chain.key.spki) for each in (1, 2)} & changed
            others = {one.matching_type for one in left if (one.usage, one.selector) == (3, 1)}
            if any(one.matching_type in others for one in needed) or not is_matched(left, chain):
                self.problems.append(("removed", f"{chain.key.spki.decode()} of {owner}"))

    def _may_discard(self, key: Key) -> None:
        if any(one.key == key for one in self.ours()):
            self.problems.append(("discarded", key.spki.decode()))

    def _copies_in(self, evidence: Evidence) -> set[tuple[str, Content]]:
        """Each RRset that the machine is shown in a run."""
        found = {(one.owner, frozenset(server.records)) for one in evidence.owners for server in one.servers}
        found |= {(one.owner, frozenset(one.resolver.records)) for one in evidence.owners}
        return {(owner, content) for owner, content in found if content}

    def _judge_alarms(self, found: Step, evidence: Evidence) -> None:
        """Mail that is turned away for lack of a match is told in the run that can know it, and none is told that is not."""
        shown = self._copies_in(evidence)
        for owner in self.policy.owners if self.secure and self.resolver_works else ():
            target = self.aliases.get(owner, owner)
            told = any(one.id == "no_record_matches" and one.subject == target for one in found.alarms)
            chains = self.served(owner) if evidence.outside is not None else self.ours()
            held = {content for content in self.cached(owner) if (owner, content) in self.known_copies}
            copies = {content for name, content in shown if name == owner} | held
            if not told and any(not is_matched(content, chain) for content in copies for chain in chains):
                self.problems.append(("silent", f"{owner} at {self.now - START}"))
            # When something went between two runs cannot be known.
            gap = max(self.longest_gap, self.now - self.last_run)
            possible = [content for (_name, content), until in self.cached_until.items() if until + gap >= self.now]
            if told and not any(not is_matched(content, chain) for content in possible for chain in self.served(owner)):
                self.problems.append(("false_alarm", f"{owner} at {self.now - START}"))

    def _judge_step(self, found: Step) -> None:
        if found.phase is RolloverPhase.DISABLED and any(True for owner in self.owners for _content in self.cached(owner)):
            self.problems.append(("freed", f"at {self.now - START}"))
        if found.phase is RolloverPhase.DISABLED and any(
            server.zone.get(self.aliases.get(owner, owner)) for server in self.servers for owner in self.owners
        ):
            self.problems.append(("freed", f"published at {self.now - START}"))
