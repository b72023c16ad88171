# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which key is what: current, next, previous; told by what is deployed and held, and by when keys were made and first deployed.

Deployed keys are current. Of the held keys that were never deployed, the newest of each algorithm is next; so is one that
was deployed and had to make way again for an older key. All others that are held, or were deployed and may have records, are
previous. When there is no history (the state was lost) a held key older than the deployed one counts as deployed before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Evidence, HeldKey, Key
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import KeyRoles
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Policy
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import is_about_key
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import RRsetSight
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import KeyHistory, RolledBack, State


def remember_keys(state: State, evidence: Evidence, rrsets: Iterable[RRsetSight], now: int, fresh: bool) -> State:
    """Return the state with what is deployed and held now; keys of which nothing is left anywhere are forgotten.

    *fresh*: there was no state. What happened before is then told by the age of the held keys, and only then: a clock that
    was set later must not make a next key older than the current one.
    """
    keys = dict(state.keys)
    for held in evidence.held:
        before = fresh and any(held.created < one.created for one in _deployed_ones(evidence, held.key.algorithm))
        known = keys.get(held.key.digest, KeyHistory(held.key, deployed_since=held.created if before else None))
        keys[held.key.digest] = replace(known, created=held.created)
    for chain in evidence.deployed:
        known = keys.get(chain.key.digest, KeyHistory(chain.key))
        issuers = tuple(dict.fromkeys([*known.issuers, *chain.issuers]))
        since = now if known.deployed_since is None else known.deployed_since
        keys[chain.key.digest] = replace(known, deployed_since=since, last_deployed=now, issuers=issuers)
    here = {one.key.digest for one in evidence.held} | {one.key.digest for one in evidence.deployed}
    sights = list(rrsets)
    if evidence.deployed_error is None and all(one.certain for one in sights):
        keys = {digest: one for digest, one in keys.items() if digest in here or _has_records(one.key, sights)}
    return replace(state, keys=keys, uniform={**state.uniform, **_uniform(evidence)})


def _uniform(evidence: Evidence) -> dict[str, str]:
    """The kinds of keys of which all instances have the same one."""
    found: dict[str, set[str]] = {}
    for chain in evidence.replaceable if evidence.deployed_error is None else ():
        found.setdefault(chain.key.algorithm, set()).add(chain.key.digest)
    return {algorithm: next(iter(digests)) for algorithm, digests in found.items() if len(digests) == 1}


def roles(state: State, evidence: Evidence, policy: Policy) -> KeyRoles:
    """Return which key is what. *state* is up to date."""
    current = tuple(dict.fromkeys(one.key for one in evidence.deployed))
    nexts = []
    for algorithm in sorted({one.key.algorithm for one in evidence.held} & set(policy.algorithms)):
        candidates = [one for one in evidence.held if one.key.algorithm == algorithm and _may_be_next(one, evidence, state)]
        if candidates:
            nexts.append(max(candidates, key=lambda one: (one.created, one.key.digest)).key)
    known = [one.key for one in state.keys.values()]
    previous = tuple(key for key in known if key not in current and key not in nexts)
    return KeyRoles(current, tuple(nexts), tuple(sorted(previous, key=lambda key: key.digest)))


def returned_to_older(state: State, next_keys: Iterable[Key], now: int) -> RolledBack | None:
    """Return that a deployment was taken back, when a next key has been deployed before; None when no next key has.

    Whoever did it had a reason; the key is not deployed again by itself, but by a roll that was asked for since.
    """
    again = []
    for one in next_keys:
        history = state.keys[one.digest]
        asked = state.roll_requested is not None and state.roll_requested >= (history.last_deployed or 0)
        if history.deployed_since is not None and not asked:
            again.append(one)
    if not again:
        return None
    names = ", ".join(f"{one.algorithm} key {one.digest[:16]}..." for one in again)
    return RolledBack(now, f"the {names} was deployed, and an older key is deployed now")


def unfinished(state: State, evidence: Evidence) -> tuple[HeldKey, ...]:
    """Return the held keys that a deployment left beside others of their kind, as when it was interrupted between two instances.

    Keys that cannot be replaced are none of these others. A key that all instances had is not put back where somebody has put another.
    Where the newest key was deployed and made way again in all instances, each has what it had, and nothing is left to do.

    Of each algorithm that is the newest; with a deployment that was taken back, the oldest that is held.
    """
    found = []
    held = {one.key.digest: one for one in evidence.held}
    for algorithm in sorted({one.key.algorithm for one in evidence.replaceable}):
        deployed = {one.key.digest: one.key for one in evidence.replaceable if one.key.algorithm == algorithm}
        ours = sorted((held[one] for one in deployed if one in held), key=lambda one: (one.created, one.key.digest))
        if _made_way(state, evidence, algorithm):
            continue
        if len(deployed) < 2 or len(ours) < (1 if state.rolled_back is None else 2):
            continue
        target = ours[-1] if state.rolled_back is None else ours[0]
        if state.uniform.get(algorithm) != target.key.digest:  # else all had it: somebody has put another into one of them by hand
            found.append(target)
    return tuple(found)


def different_keys(evidence: Evidence, algorithms: Iterable[str]) -> tuple[str, ...]:
    """Return what to say of each kind of which instances have keys of their own: one key in the place of them would be more than a roll."""
    found = []
    for algorithm in algorithms:
        places = {one.key: one.place for one in evidence.replaceable if one.key.algorithm == algorithm}
        if len(places) > 1:
            ordered = sorted(places.items(), key=lambda one: one[0].digest)
            texts = [f"{place} has the {algorithm} key {key.digest[:16]}..." for key, place in ordered]
            text = "instances have different %s keys: %s; roll each by a rollover of its own, or let them have the same key first"
            found.append(text % (algorithm, ", ".join(texts)))
    return tuple(found)


def _made_way(state: State, evidence: Evidence, algorithm: str) -> bool:
    """Whether the newest key of a kind was deployed before and is not now."""
    held = [one for one in evidence.held if one.key.algorithm == algorithm]
    newest = max(held, key=lambda one: (one.created, one.key.digest), default=None)
    if newest is None or any(one.key == newest.key for one in evidence.replaceable):
        return False
    history = state.keys.get(newest.key.digest)
    return history is not None and history.last_deployed is not None


def _deployed_ones(evidence: Evidence, algorithm: str) -> list[HeldKey]:
    deployed = [one.key for one in evidence.deployed]
    return [one for one in evidence.held if one.key in deployed and one.key.algorithm == algorithm]


def _may_be_next(held: HeldKey, evidence: Evidence, state: State) -> bool:
    if any(one.key == held.key for one in evidence.deployed):
        return False
    rivals = [state.keys[one.key.digest] for one in evidence.replaceable if one.key.algorithm == held.key.algorithm]
    history = state.keys[held.key.digest]
    if history.deployed_since is None:
        return True
    return bool(rivals) and all(_age(one) < _age(history) for one in rivals)


def _age(history: KeyHistory) -> int:
    """By what keys are put in order: when it was made, or first seen deployed."""
    return min((one for one in (history.created, history.deployed_since) if one is not None), default=0)


def _has_records(key: Key, rrsets: Iterable[RRsetSight]) -> bool:
    return any(is_about_key(record, key.spki) for one in rrsets for record in one.anywhere)
