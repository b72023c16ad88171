# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about what is published: records of served keys, records of next keys, and records that are wanted no more.

Added is always all that an RRset lacks, in one change, and only while all its servers agree. A new combination of parameters
binds every key that is served below the owner from the first moment, so it needs a complete view from outside.
"""

from __future__ import annotations

from collections.abc import Collection

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import rollover
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import TRUST_ANCHOR
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import ready_at
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.decision import (
    Decision,
    ask_outside,
    hold,
    may_be_served,
    owned,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Key, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.invariants import (
    Obstacle,
    addition_obstacles,
    removal_obstacles,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Action, ActionKind, Blocker, OwnedRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Scheme
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import (
    Combination,
    chain_records,
    combination,
    combinations,
    in_hand,
    is_about_issuer,
    is_about_key,
    is_about_known,
    matches,
    uncovered,
    usable,
    wanted_combinations,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import RRsetSight, disagreement
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.situation import Situation, asked_for, key_text


def without_issuer(situation: Situation) -> list[Blocker]:
    """Return which deployed chains have no issuer that a wanted `2 1 x` record could be about, or that none will have one."""
    if situation.policy.scheme is Scheme.ISSUER and situation.policy.self_signed:
        text = "scheme=issuer needs certificates of an authority, and the policy makes self-signed ones: no 2 1 x records are published"
        return [Blocker(rollover.ISSUER_MISSING, text)]
    if not any(one[0] == TRUST_ANCHOR for one in wanted_combinations(situation.policy)):
        return []
    text = "%s: the certificate of the %s has no issuer in its chain, so there can be no 2 1 x record; deploy one of an authority"
    return [Blocker(rollover.ISSUER_MISSING, text % (one.place, key_text(one.key))) for one in situation.deployed if not one.issuers]


def publish_served(situation: Situation) -> tuple[Decision | None, tuple[Blocker, ...]]:
    """Add the records of what is served: in combinations that are published at once, in new ones after a look from outside.

    As long as nothing is published anywhere, nothing else is done. Later, what keeps a new combination or a new exchange
    from being published is returned as blockers, and must not keep anything else.
    """
    now: list[OwnedRecord] = []
    gated: list[OwnedRecord] = []
    for rrset in situation.rrsets:
        if rrset.agreed is None:
            continue
        missing, new = _lacking(situation, rrset, rrset.agreed)
        now += owned(rrset, (one for one in missing if combination(one) not in new))
        gated += owned(rrset, (one for one in missing if combination(one) in new))
    if not now and not gated:
        return None, ()
    everything = Action(ActionKind.PUBLISH, add=tuple([*now, *gated]))
    obstacles = addition_obstacles(situation, everything) if gated else []
    said = tuple(one.blocker for one in obstacles) if situation.outside is not None else ()
    if not obstacles:
        return Decision(everything), ()
    if now:
        return Decision(Action(ActionKind.PUBLISH, add=tuple(now))), said
    if situation.outside is None or not any(combinations(one.anywhere) for one in situation.rrsets):
        return ask_outside(), said
    return None, said


def _lacking(
    situation: Situation, rrset: RRsetSight, agreed: frozenset[TlsaRecord]
) -> tuple[frozenset[TlsaRecord], frozenset[Combination]]:
    """The records that the RRset lacks for what is served, and the combinations that are new to it.

    A new combination comes with the records of all keys that may be served later too. While an old key is being
    retired there are no new ones: it may be served somewhere, or have to be again.
    """
    wanted = wanted_combinations(situation.policy) if not situation.roles.previous else frozenset()
    if without_issuer(situation):
        wanted = frozenset(one for one in wanted if one[0] != TRUST_ANCHOR)
    agreed = staying(situation, rrset, agreed)
    there = combinations(agreed)
    missing = _records(situation.deployed, there | wanted) - agreed
    new = combinations(missing) - there
    if new:
        later = () if situation.policy.abort else situation.roles.next
        others = [*may_be_served(situation, later), *renewals(situation), *situation.evidence.neighbours]
        missing |= _records(others, new) - agreed
    return missing, new


def staying(situation: Situation, rrset: RRsetSight, records: frozenset[TlsaRecord]) -> frozenset[TlsaRecord]:
    """Without those whose removal was asked for."""
    clocks = situation.state.owners[rrset.owner].records
    return frozenset(one for one in records if one not in clocks or not clocks[one].leaving)


def publish_next(situation: Situation) -> Decision | None:
    """Add the records of next keys, and of issuers of certificates in hand, where the RRset has others of their kind."""
    if situation.policy.abort:
        return None
    chains = [*may_be_served(situation, situation.roles.next), *renewals(situation)]
    add: list[OwnedRecord] = []
    behind: list[Blocker] = []
    for rrset in situation.rrsets:
        here = staying(situation, rrset, rrset.anywhere)
        missing = [one for one in _records(chains, combinations(rrset.anywhere)) if one not in here or not rrset.is_on_every_server(one)]
        if missing and rrset.agreed is None:
            behind += disagreement(rrset)
        elif missing:
            add += owned(rrset, missing)
    if add:
        return Decision(Action(ActionKind.PUBLISH, keys=situation.roles.next, add=tuple(add)), tuple(behind))
    return hold([Obstacle(one) for one in behind]) if behind else None


def drop_unwanted(situation: Situation) -> tuple[Decision | None, tuple[Blocker, ...]]:
    """Remove records of ours in combinations that the policy does not want, and of issuers that are in no chain any more.

    Only while nothing else is going on, and when what stays has aged and covers all that is served. What is in the way is
    returned as blockers and stops nothing else.
    """
    if situation.roles.previous or situation.policy.abort:
        return None, ()
    remove: list[OwnedRecord] = []
    said: list[Blocker] = []
    for rrset in situation.rrsets:
        if rrset.agreed is None or asked_for(situation, rrset):
            continue  # what was asked for may come afterwards, and be without what it needs beside it
        unwanted = _unwanted(situation, rrset, rrset.agreed)
        going = unwanted
        if not _may_go(situation, rrset, rrset.agreed - going):
            said += _in_the_way(situation, rrset, unwanted, rrset.agreed - unwanted) if unwanted else []
            going = frozenset(one for one in unwanted if combination(one) not in _bare(situation, rrset.agreed - unwanted))
        if _may_go(situation, rrset, rrset.agreed - going):
            remove += owned(rrset, going)
    if not remove:
        return None, tuple(said)
    if situation.outside is None:
        return ask_outside(), tuple(said)
    action = Action(ActionKind.RETIRE, remove=tuple(remove))
    obstacles = removal_obstacles(situation, action)
    return None if obstacles else Decision(action), (*said, *(one.blocker for one in obstacles))


def _unwanted(situation: Situation, rrset: RRsetSight, agreed: frozenset[TlsaRecord]) -> frozenset[TlsaRecord]:
    wanted = wanted_combinations(situation.policy)
    chains = [*situation.deployed, *may_be_served(situation, situation.roles.next), *renewals(situation)]
    ours = {one for one in agreed if _is_ours(situation, one, chains)}
    keep = _records(chains, wanted)
    if situation.policy.emergency:
        # Nothing is tidied up then but what keeps the next keys from being served.
        waiting = may_be_served(situation, situation.roles.next)
        ours = {one for one in ours if any(combination(one) in uncovered(agreed, chain) for chain in waiting)}
    return frozenset(
        one
        for one in ours
        if one not in keep and not (combination(one) in wanted and any(matches(one, chain) for chain in chains))
    )


def _may_go(situation: Situation, rrset: RRsetSight, left: frozenset[TlsaRecord]) -> bool:
    """Whether what would be left has aged and covers all that is served here."""
    aged = frozenset(one for one in usable(left) if _has_aged(situation, rrset, one))
    holds = all(set(combinations(left)) == set(combinations(aged)) and not uncovered(aged, one) for one in situation.deployed)
    return holds and bool(aged)


def _bare(situation: Situation, left: Collection[TlsaRecord]) -> set[Combination]:
    """The combinations of which nothing would be left that matches some key that is served here."""
    return {parameters for chain in situation.deployed for parameters in uncovered(left, chain)}


def _in_the_way(
    situation: Situation, rrset: RRsetSight, unwanted: Collection[TlsaRecord], left: frozenset[TlsaRecord]
) -> list[Blocker]:
    """The records that stay and would bind us without a match of ours; none when it is only a matter of time."""
    bare = _bare(situation, left)
    text = "%s: %s is in the way: as long as it is there, %s has to stay too"
    stay = ", ".join(map(str, sorted(one for one in unwanted if combination(one) in bare)))
    others = [one for one in sorted(usable(left)) if combination(one) in bare and stay]
    return [Blocker(rollover.STILL_PUBLISHED, text % (rrset.owner, one, stay)) for one in others]


def _is_ours(situation: Situation, record: TlsaRecord, chains: Collection[ServedChain]) -> bool:
    return any(matches(record, one) for one in chains) or is_about_known(record, situation.state.keys.values())


def _has_aged(situation: Situation, rrset: RRsetSight, record: TlsaRecord) -> bool:
    ready = ready_at(situation.state.owners[rrset.owner].records.get(record), situation.policy, False)
    return ready is not None and ready <= situation.now


def renewals(situation: Situation) -> list[ServedChain]:
    """Return the chains in hand, for deployed keys, that are not the deployed ones and end later."""
    found = []
    for held in situation.evidence.held:
        chain = in_hand(held)
        here = [one for one in situation.evidence.replaceable if one.key == held.key]
        if chain is None or not here or situation.policy.self_signed:
            continue
        if any(chain.not_after > one.not_after and _is_other(chain, one) for one in here):
            found.append(chain)
    return found


def _is_other(chain: ServedChain, other: ServedChain) -> bool:
    return (chain.certificate, chain.not_after, chain.issuers) != (other.certificate, other.not_after, other.issuers)


def retire(situation: Situation, keys: Collection[Key]) -> Decision | None:
    """Remove the records of keys that are not deployed, and of issuers that only they had; None when no server has any of the keys'.

    Those that were asked for are among them, though no server has them yet.
    """
    behind: list[Obstacle] = []
    of_keys: list[OwnedRecord] = []
    of_issuers: list[OwnedRecord] = []
    for rrset in situation.rrsets:
        # What somebody was asked to add may come later, when nobody knows any more whose it is: asked to remove it too, they do that after.
        there = rrset.anywhere | asked_for(situation, rrset)
        found = [one for one in there if any(is_about_key(one, key.spki) for key in keys)]
        if found and rrset.agreed is None:
            behind += [Obstacle(one) for one in disagreement(rrset)]
        elif found:
            of_keys += owned(rrset, found)
            of_issuers += owned(rrset, _issuers_left(situation, rrset, keys))
    if not of_keys:
        return hold(behind) if behind else None
    if situation.outside is None:
        return ask_outside()
    obstacles: list[Obstacle] = []
    # Another server may need the record of an issuer still; that must not keep the record of an old key.
    for remove in ([*of_keys, *of_issuers], of_keys):
        action = Action(ActionKind.RETIRE, keys=tuple(keys), remove=tuple(remove))
        obstacles = removal_obstacles(situation, action)
        if not obstacles:
            return Decision(action, tuple(one.blocker for one in behind))
    return ask_outside(obstacles)


def _issuers_left(situation: Situation, rrset: RRsetSight, keys: Collection[Key]) -> list[TlsaRecord]:
    chains = [*situation.deployed, *may_be_served(situation, situation.roles.next), *renewals(situation)]
    known = [issuer for key in keys for issuer in situation.state.keys[key.digest].issuers]
    return [
        one
        for one in rrset.anywhere
        if any(is_about_issuer(one, issuer) for issuer in known) and not any(matches(one, chain) for chain in chains)
    ]


def _records(chains: Collection[ServedChain], wanted: Collection[Combination]) -> frozenset[TlsaRecord]:
    return frozenset(record for chain in chains for record in chain_records(chain, wanted))
