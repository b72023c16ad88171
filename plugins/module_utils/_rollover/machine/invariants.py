# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold whatever the machine has chosen to do, checked once more before it is done: invariants 1 to 5.

They are numbered in docs/rollover-invariants.md.

Nothing here asks why a step was chosen. Each function takes the evidence of this run and the clocks, and returns what
speaks against the step. RFC 7671 section 8 is the measure: whatever RRset a sender may hold, of each combination of
parameters in it one record at least has to match the chain that the sender is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane, dns, rollover, smtp
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import shown_host
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import forgotten_at, ready_at
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import HeldKey, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.left_out import binding_records, left_out_blocker
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Action, ActionKind, Blocker
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import (
    Combination,
    combination,
    combinations,
    in_hand,
    is_about_issuer,
    is_about_key,
    is_about_known,
    matches,
    parameters_text,
    uncovered,
    usable,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import (
    RRsetSight,
    disagreement,
    not_validated,
    not_visible,
    uncertainties,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.situation import (
    Situation,
    asked_for,
    incomplete,
    key_text,
    place,
    unverified,
)


@dataclass(frozen=True)
class Obstacle:
    """What speaks against a step; `until`: it is only a matter of time, and ends then."""

    blocker: Blocker
    until: int | None = None


def violations(situation: Situation, action: Action) -> list[Obstacle]:
    """Return what speaks against an action; empty when it may be done."""
    if action.kind in (ActionKind.DEPLOY, ActionKind.ROLL_BACK, ActionKind.RENEW):
        targets = [target_chain(situation, situation.held[one.digest]) for one in action.keys]
        missing = [key for key, chain in zip(action.keys, targets) if chain is None]
        text = "there is no usable certificate for the %s"
        found = [Obstacle(Blocker(rollover.CERTIFICATE_MISSING, text % key_text(one))) for one in missing]
        return found + deploy_obstacles(situation, [one for one in targets if one is not None])
    if action.kind is ActionKind.PUBLISH:
        return addition_obstacles(situation, action)
    if action.kind is ActionKind.RETIRE:
        return removal_obstacles(situation, action)
    return discard_obstacles(situation, action) if action.kind is ActionKind.DISCARD else []


def target_chain(situation: Situation, held: HeldKey) -> ServedChain | None:
    """Return the chain that would be served if the held key were deployed, or renewed, in this step.

    The rollover makes a new certificate when it renews a self-signed one: nothing but its key is known before.
    """
    if situation.policy.self_signed and held.key in situation.roles.current and all(
        one.key != held.key or not one.issuers for one in situation.evidence.replaceable
    ):
        return ServedChain(held.key, (), 0, "to be made")
    return in_hand(held)


def deploy_obstacles(situation: Situation, targets: Sequence[ServedChain]) -> list[Obstacle]:
    """Return what speaks against serving the chains in the place of the deployed ones of the same algorithms."""
    found: list[Obstacle] = []
    for rrset in situation.rrsets:
        found += [Obstacle(one) for one in [*uncertainties(rrset), *not_validated(rrset)]]
    if situation.evidence.deployed_error is not None:
        found.append(Obstacle(Blocker(rollover.POSTFIX_UNCERTAIN, situation.evidence.deployed_error)))
    for chain in targets:
        replaced = [one for one in situation.evidence.replaceable if one.key.algorithm == chain.key.algorithm]
        for rrset in situation.rrsets:
            for parameters in sorted(combinations(rrset.anywhere)):
                obstacle = _not_matched(situation, rrset, parameters, chain, replaced)
                found += [] if obstacle is None else [obstacle]
            found += _in_caches(situation, rrset, chain, replaced)
        # A kind of key that is new replaces nothing, and is shown in the place of others wherever these are.
        for owner, record, until in binding_records(situation, replaced or situation.deployed, chain):
            found.append(Obstacle(left_out_blocker(owner, record), until))
    return list(dict.fromkeys(found))


def _not_matched(
    situation: Situation, rrset: RRsetSight, parameters: Combination, chain: ServedChain, replaced: Sequence[ServedChain]
) -> Obstacle | None:
    """What keeps a published combination from matching the chain, in every copy of the RRset that anybody may have."""
    fitting = [one for one in sorted(usable(rrset.anywhere)) if combination(one) == parameters and matches(one, chain)]
    if not fitting:
        text = f"{rrset.owner}: a record {parameters_text(parameters)} is published, and none matches the {key_text(chain.key)}"
        return Obstacle(Blocker(dane.NO_RECORD_MATCHES, text))
    waits: list[Obstacle] = []
    for record in fitting:
        same = replaced and all(matches(record, one) for one in replaced)
        if same and rrset.is_on_every_server(record) and not _was_matched_otherwise(situation, rrset, parameters, chain, replaced):
            return None  # It matches what is served now: for no copy of the RRset is the new chain worse than the old one.
        clock = situation.state.owners[rrset.owner].records.get(record)
        ready = ready_at(clock, situation.policy, situation.policy.emergency) if rrset.is_visible(record) else None
        if ready is not None and _was_served_by_it(situation, rrset, record, chain):
            return None
        if ready is not None and ready <= situation.now:
            return None
        waits.append(_wait(rrset, record, chain, ready))
    return waits[0]


def _was_matched_otherwise(
    situation: Situation, rrset: RRsetSight, parameters: Combination, chain: ServedChain, replaced: Sequence[ServedChain]
) -> bool:
    """Whether what is served is matched by another record of the combination, which a copy of the RRset may have alone."""
    known = {record for record, one in situation.state.owners[rrset.owner].records.items() if one.seen} | rrset.anywhere
    of_them = [one for one in usable(known) if combination(one) == parameters and not matches(one, chain)]
    return any(matches(record, one) for record in of_them for one in replaced)


def _was_served_by_it(situation: Situation, rrset: RRsetSight, record: TlsaRecord, chain: ServedChain) -> bool:
    """Whether the record was on all servers since before the chain was deployed for the last time: the way back to it is open at once."""
    history = situation.state.keys.get(chain.key.digest)
    clock = situation.state.owners[rrset.owner].records.get(record)
    if history is None or history.last_deployed is None or clock is None or clock.there_since is None:
        return False
    # A renewal is no way back: the key is served now, by whatever issuer.
    renewal = all(one.key == chain.key for one in situation.evidence.replaceable if one.key.algorithm == chain.key.algorithm)
    issuers = () if renewal else history.issuers
    about = is_about_key(record, chain.key.spki) or any(is_about_issuer(record, issuer) for issuer in issuers)
    return about and clock.there_since < history.last_deployed


def _wait(rrset: RRsetSight, record: TlsaRecord, chain: ServedChain, ready: int | None) -> Obstacle:
    if ready is None:
        why = not_visible(rrset, record) or [Blocker(dns.NOT_PUBLISHED, f"{rrset.owner}: {record} is not everywhere")]
        return Obstacle(why[0])
    return Obstacle(Blocker(rollover.AGING, f"{rrset.owner}: the record of the {key_text(chain.key)} is not old enough"), ready)


def _in_caches(situation: Situation, rrset: RRsetSight, chain: ServedChain, replaced: Sequence[ServedChain]) -> list[Obstacle]:
    """Records that are gone from the servers, but maybe not from caches, in combinations that no published record has."""
    found = []
    now_there = combinations(rrset.anywhere)
    for record, clock in sorted(situation.state.owners[rrset.owner].records.items()):
        if not clock.seen or record in rrset.anywhere or not usable([record]) or combination(record) in now_there:
            continue
        if replaced and all(matches(record, one) for one in [chain, *replaced]):
            continue
        until = forgotten_at(clock, situation.policy)
        if until is None or situation.now < until:
            text = f"{rrset.owner}: {record} was removed a short while ago; caches may still have it"
            found.append(Obstacle(Blocker(rollover.REMOVED_RECORD_IN_CACHES, text), until))
    return found


def addition_obstacles(situation: Situation, action: Action) -> list[Obstacle]:
    """Return what speaks against adding records: an RRset that is in motion, or a served key that a new combination would not match."""
    found: list[Obstacle] = []
    for rrset in situation.rrsets:
        added = {one.record for one in action.add if one.owner == rrset.owner}
        if not added:
            continue
        found += _of_wildcard(rrset)
        if rrset.agreed is None:
            found += _in_motion(rrset)
            continue
        new = combinations(added) - combinations(rrset.agreed)
        if not new:
            continue
        found += [Obstacle(one) for one in _needs_outside(situation)]
        found += _of_strangers(situation, rrset, rrset.agreed)
        seen = [(place(one), chain) for one in situation.endpoints(rrset) for chain in one.chains]
        for where, chain in [*((one.place, one) for one in situation.deployed), *seen]:
            for parameters in set(uncovered(rrset.agreed | added, chain)) & new:
                text = f"{where} serves the {key_text(chain.key)}, which no {parameters_text(parameters)} record would match"
                found.append(Obstacle(Blocker(dane.EXCHANGE_WITHOUT_TLSA, f"{rrset.owner}: {text}")))
    return found


def _of_strangers(situation: Situation, rrset: RRsetSight, agreed: frozenset[TlsaRecord]) -> list[Obstacle]:
    """Records of keys that nobody here has ever seen: whoever serves them below another name of the RRset would be bound too."""
    chains = [*situation.deployed, *situation.evidence.neighbours, *(one for each in situation.endpoints(rrset) for one in each.chains)]
    chains += [chain for chain in map(in_hand, situation.evidence.held) if chain is not None]
    text = "%s: %s is of no key that is known here. A server with that key would not match a new kind of record, so none is added. %s"
    way_out = "Have that server in the same play, or remove the record if nobody serves it"
    return [
        Obstacle(Blocker(dane.STALE_RECORD, text % (rrset.owner, one, way_out)))
        for one in sorted(usable(agreed))
        if not is_about_known(one, situation.state.keys.values()) and not any(matches(one, chain) for chain in chains)
    ]


def removal_obstacles(situation: Situation, action: Action) -> list[Obstacle]:
    """Return what speaks against removing records: a key that is served anywhere and would no longer be matched, or uncertainty."""
    disabling = situation.policy.goal is Goal.ABSENT
    found: list[Obstacle] = [] if disabling else [Obstacle(one) for one in _verified_outside(situation)]
    for rrset in situation.rrsets:
        removed = frozenset(one.record for one in action.remove if one.owner == rrset.owner)
        if not removed:
            continue
        found += _of_wildcard(rrset)
        if rrset.agreed is None or not removed <= rrset.agreed | asked_for(situation, rrset):
            found += _in_motion(rrset)
            continue
        left = rrset.agreed - removed
        if disabling:
            if left:
                found.append(Obstacle(Blocker(rollover.NOT_ALL_RECORDS, f"{rrset.owner}: not all records would be removed")))
            continue
        found += _unknown(situation, rrset, removed)
        seen = [(place(one), chain) for one in situation.endpoints(rrset) for chain in one.chains]
        for where, chain in [*((one.place, one) for one in situation.deployed), *seen]:
            found += _loses(rrset, removed, left, where, chain)
    return found


def _loses(
    rrset: RRsetSight, removed: frozenset[TlsaRecord], left: frozenset[TlsaRecord], where: str, chain: ServedChain
) -> list[Obstacle]:
    """What a served chain would lose: the match of a combination that stays, or its last match."""
    before = {combination(one) for one in usable(left | removed) if matches(one, chain)}
    after = {combination(one) for one in usable(left) if matches(one, chain)}
    lost = before - after if not after else (before - after) & combinations(left)
    text = "%s: %s serves the %s, whose last %s record would be gone"
    return [
        Obstacle(Blocker(rollover.STILL_SERVED, text % (rrset.owner, where, key_text(chain.key), parameters_text(one))))
        for one in sorted(lost)
    ]


def _unknown(situation: Situation, rrset: RRsetSight, removed: Iterable[TlsaRecord]) -> list[Obstacle]:
    """Records of which nobody here knows whose they are; another server below the same owner may need them."""
    found = []
    for record in sorted(removed):
        known = is_about_known(record, situation.state.keys.values())
        if not known and not any(matches(record, one) for one in situation.deployed):
            found.append(Obstacle(Blocker(dane.STALE_RECORD, f"{rrset.owner}: {record} is of no key that is known here")))
    return found


def discard_obstacles(situation: Situation, action: Action) -> list[Obstacle]:
    """Return what speaks against deleting keys: one that is deployed, or has records anywhere, or might."""
    found = [Obstacle(one) for rrset in situation.rrsets for one in uncertainties(rrset)]
    for key in action.keys:
        if situation.evidence.deployed_error is not None or key in situation.roles.current:
            found.append(Obstacle(Blocker(rollover.STILL_SERVED, f"the {key_text(key)} is deployed")))
        for rrset in situation.rrsets:
            if any(is_about_key(record, key.spki) for record in rrset.anywhere):
                found.append(Obstacle(Blocker(rollover.STILL_PUBLISHED, f"{rrset.owner}: the {key_text(key)} has records")))
    return found


def _needs_outside(situation: Situation) -> list[Blocker]:
    if situation.outside is None:
        return [Blocker(smtp.NOT_REACHED, "nobody has looked from outside")]
    return incomplete(situation.outside, situation.policy, situation.roles)


def _verified_outside(situation: Situation) -> list[Blocker]:
    return [*_needs_outside(situation), *unverified(tuple(one for one in situation.outside or () if one.ours))]


def _of_wildcard(rrset: RRsetSight) -> list[Obstacle]:
    """A record added at the owner itself would hide all those of the wildcard; and there is none that could be removed."""
    if not any(one.wildcard for one in rrset.servers):
        return []
    text = "%s: the records are those of a wildcard, which a change at the name itself would hide; publish all of them at the name first"
    return [Obstacle(Blocker(dns.WILDCARD_TLSA, text % rrset.owner))]


def _in_motion(rrset: RRsetSight) -> list[Obstacle]:
    why = [*uncertainties(rrset), *disagreement(rrset)]
    why = why or [Blocker(dns.SECONDARY_LAG, f"{shown_host(rrset.owner)}: the records have changed in the meantime")]
    return [Obstacle(one) for one in why]
