# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owners that were taken out of the options while they had records of ours.

Taking one out says that the rollover is to change its records no more. It does not say that senders have stopped to use
them: as long as records that match what is served may be found there, no key goes that they bind senders to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import rollover
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import (
    forgotten_at,
    may_be_held,
    names_left_out,
    ready_at,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Blocker, DatedFinding
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import (
    Combination,
    combination,
    is_about_key,
    matches,
    usable,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.situation import Situation
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import OwnerClock, State

_WAY_OUT = (
    "and the name is not among those of the rollover any more; name it again, or remove all TLSA records there in one change. "
    "If its zone is gone and its name servers never answer, remove the file with the state"
)


def also_to_look_at(state: State | None, owners: Collection[str]) -> tuple[str, ...]:
    """Return the owners to look at beside those of the policy, *owners*."""
    clocks = {} if state is None else state.owners
    return tuple(sorted({name for owner, clock in clocks.items() for name in names_left_out(owner, clock, owners)}))


def binding_records(
    situation: Situation, chains: Sequence[ServedChain], target: ServedChain | None = None
) -> Iterator[tuple[str, TlsaRecord, int | None]]:
    """Yield the records at such owners that match any of *chains*, and until when caches have those that are gone; None: not gone.

    With *target*, which is to be served in their place, only those that would leave it without a match.
    """
    for owner, clock in sorted(_left_out(situation).items()):
        for record in sorted(usable(clock.records)):
            one = clock.records[record]
            bound = may_be_held(one, situation.now, situation.policy) and any(matches(record, chain) for chain in chains)
            if bound and not (target is not None and _is_matched(situation, clock, combination(record), target)):
                yield owner, record, forgotten_at(one, situation.policy)


def _is_matched(situation: Situation, clock: OwnerClock, parameters: Combination, target: ServedChain) -> bool:
    """Whether a record of the combination matches the chain in every copy of the RRset: for it is old enough, or was there before the
    chain was last deployed."""
    history = situation.state.keys.get(target.key.digest)
    last = None if history is None else history.last_deployed
    for record, one in clock.records.items():
        if combination(record) == parameters and matches(record, target):
            ready = ready_at(one, situation.policy, situation.policy.emergency)
            served = one.there_since is not None and last is not None and one.there_since < last
            if one.visible_since is not None and (served or (ready is not None and ready <= situation.now)):
                return True
    return False


def left_out_blocker(owner: str, record: TlsaRecord) -> Blocker:
    """Return why a chain that such a record matches has to stay."""
    return Blocker(rollover.OWNER_LEFT_OUT, f"{owner}: {record} matches what is served here, {_WAY_OUT}")


def left_out_findings(situation: Situation) -> Iterator[DatedFinding]:
    """Yield what is to be said long before it holds anything up."""
    for owner, record, until in binding_records(situation, situation.deployed):
        if until is None:
            text = f"{record} matches what is served here, {_WAY_OUT}. Until then the key stays"
            yield DatedFinding(rollover.OWNER_LEFT_OUT, owner, text)
    for owner, record in _of_former_keys(situation):
        text = f"{record} is of a key that is not served here any more: senders with DANE turn away, if the name leads here, {_WAY_OUT}"
        yield DatedFinding(rollover.OWNER_LEFT_OUT, owner, text)


def _of_former_keys(situation: Situation) -> Iterator[tuple[str, TlsaRecord]]:
    """Yield the records of our keys at owners of which no record matches what is served: a person has put another key in its place."""
    for owner, clock in sorted(_left_out(situation).items()):
        there = [one for one in sorted(usable(clock.records)) if clock.records[one].seen and clock.records[one].gone_since is None]
        if not any(matches(record, chain) for record in there for chain in situation.deployed):
            yield from ((owner, one) for one in there if any(is_about_key(one, each.key.spki) for each in situation.state.keys.values()))


def _left_out(situation: Situation) -> Mapping[str, OwnerClock]:
    covered = {one.owner for one in situation.rrsets}
    return {owner: clock for owner, clock in situation.state.owners.items() if owner not in covered}
