# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule of the machine decides, and the questions that several rules ask: what is due, and what the next keys wait for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane, dns, rollover
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import ready_at
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Key, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.invariants import Obstacle
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import (
    Action,
    ActionKind,
    Blocker,
    OwnedRecord,
    RolloverPhase,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import (
    combinations,
    in_hand,
    key_records,
    parameters_text,
    uncovered,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import RRsetSight, not_visible
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.situation import Situation, key_text

_NOTHING = Action()


@dataclass(frozen=True)
class Decision:
    """What is to be done now, or why nothing is. `phase`: None for the one that follows of the evidence.

    `look`: a look from outside is waited for besides the action.
    """

    action: Action = _NOTHING
    blockers: tuple[Blocker, ...] = ()
    earliest: int | None = None
    phase: RolloverPhase | None = None
    look: bool = False


def hold(obstacles: Iterable[Obstacle], action: Action = _NOTHING) -> Decision:
    """Return the decision to wait until the obstacles are gone; those that only take time are no blockers."""
    found = list(obstacles)
    untils = [one.until for one in found]
    known = [one for one in untils if one is not None]
    earliest = max(known) if known and len(known) == len(untils) else None
    return Decision(action, tuple(dict.fromkeys(one.blocker for one in found if one.until is None)), earliest)


def ask_outside(obstacles: Iterable[Obstacle] = ()) -> Decision:
    """Return the decision to have everything looked at from outside."""
    return hold(obstacles, Action(ActionKind.VERIFY))


def owned(rrset: RRsetSight, records: Iterable[TlsaRecord]) -> list[OwnedRecord]:
    """Return records of an RRset, with its TTL."""
    return [OwnedRecord(rrset.owner, one, rrset.ttl) for one in sorted(records)]


def may_be_served(situation: Situation, keys: Iterable[Key]) -> list[ServedChain]:
    """Return the chains in hand of held keys; of those without a certificate, the bare key."""
    found = []
    for key in keys:
        held = situation.held.get(key.digest)
        chain = None if held is None else in_hand(held)
        found.append(chain or ServedChain(key, (), 0, "held"))
    return found


def due_times(situation: Situation) -> Mapping[str, int | None]:
    """Return, for each algorithm that is rolled, when its key is to be replaced; None for never.

    An algorithm of which no key is deployed is due at once. So are keys deployed before a roll was asked for.
    """
    state, policy, found = situation.state, situation.policy, {}
    for algorithm in policy.algorithms:
        since = [
            state.keys[one.key.digest].deployed_since or situation.now
            for one in situation.evidence.replaceable
            if one.key.algorithm == algorithm
        ]
        due = None
        if not since:
            due = situation.now
        elif state.roll_requested is not None and min(since) <= state.roll_requested:
            due = min(state.roll_requested, situation.now)
        elif policy.key_max_age > 0:
            due = min(since) + policy.key_max_age
        found[algorithm] = due
    return found


def due_algorithms(situation: Situation) -> tuple[str, ...]:
    """Return the algorithms that are to be replaced now; none after a deployment that was taken back."""
    if situation.state.rolled_back is not None:
        return ()
    return tuple(name for name, due in due_times(situation).items() if due is not None and due <= situation.now)


def waits(situation: Situation, keys: Iterable[Key]) -> list[Obstacle]:
    """Return what the records `3 1 x` of keys that are to be deployed still wait for; empty when they have aged everywhere."""
    found = []
    for rrset in situation.rrsets:
        for key in keys:
            for record in sorted(key_records(key, combinations(rrset.anywhere))):
                obstacle = _wait(situation, rrset, key, record)
                found += [] if obstacle is None else [obstacle]
    return found


def _wait(situation: Situation, rrset: RRsetSight, key: Key, record: TlsaRecord) -> Obstacle | None:
    clock = situation.state.owners[rrset.owner].records.get(record)
    ready = ready_at(clock, situation.policy, situation.policy.emergency)
    if ready is None:
        why = not_visible(rrset, record) or not_covered(situation, rrset)
        return Obstacle(why[0] if why else Blocker(dns.NOT_PUBLISHED, f"{rrset.owner}: {record} is not visible yet"))
    if ready > situation.now:
        return Obstacle(Blocker(rollover.AGING, f"{rrset.owner}: the record of the {key_text(key)} is not old enough"), ready)
    return None


def not_covered(situation: Situation, rrset: RRsetSight) -> list[Blocker]:
    """Return which published combinations match nothing that is served here: leftovers, or a server that fell back."""
    text = "%s: %s: a record %s is published, and none matches the %s that is served"
    return [
        Blocker(dane.NO_RECORD_MATCHES, text % (one.name, rrset.owner, parameters_text(parameters), key_text(chain.key)))
        for one in rrset.servers
        for chain in situation.deployed
        for parameters in uncovered(one.records, chain)
    ]


def phase_of(situation: Situation) -> RolloverPhase:
    """Return where the rollover is, by what is published, held and deployed."""
    if situation.policy.goal is Goal.ABSENT:
        return RolloverPhase.DISABLING
    if not any(combinations(one.anywhere) for one in situation.rrsets):
        return RolloverPhase.ABSENT
    if situation.roles.previous:
        if not situation.verified:
            return RolloverPhase.DEPLOYED
        everywhere = all(_has_all(situation, one, situation.roles.previous) for one in situation.rrsets)
        return RolloverPhase.VERIFIED if everywhere else RolloverPhase.RETIRING
    if not situation.roles.next:
        return RolloverPhase.STEADY
    return _phase_of_next(situation, situation.roles.next)


def _phase_of_next(situation: Situation, keys: Sequence[Key]) -> RolloverPhase:
    due = due_algorithms(situation)
    keys = [one for one in keys if one.algorithm in due] or keys
    if not any(key_records(key, combinations(one.anywhere)) & one.anywhere for one in situation.rrsets for key in keys):
        return RolloverPhase.STAGED
    waiting = waits(situation, keys)
    if waiting:
        return RolloverPhase.AGING if all(one.until is not None for one in waiting) else RolloverPhase.PUBLISHED
    if not any(one.algorithm in due for one in keys):
        return RolloverPhase.STEADY
    ready = all(one.digest in situation.held and in_hand(situation.held[one.digest]) is not None for one in keys)
    return RolloverPhase.ISSUED if ready else RolloverPhase.READY


def _has_all(situation: Situation, rrset: RRsetSight, keys: Iterable[Key]) -> bool:
    wanted = combinations(rrset.anywhere)
    return all(rrset.is_on_every_server(record) for key in keys for record in key_records(key, wanted))
