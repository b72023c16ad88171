# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules from a deployment to the end of the old keys: finish it, verify it or take it back, hold, remove records, delete keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import rollover
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import MARGIN, longest_ttl
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.decision import Decision, ask_outside, hold
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import HeldKey, Key, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.invariants import Obstacle, deploy_obstacles
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Action, ActionKind, Blocker, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import in_hand
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.roles import unfinished
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rules.publishing import retire
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.situation import (
    Situation,
    incomplete,
    key_text,
    unverified,
)


def finish_deployment(situation: Situation) -> Decision | None:
    """Go on with a deployment, or with taking it back, that ended between two instances."""
    targets = unfinished(situation.state, situation.evidence)
    if not targets:
        return None
    kind = ActionKind.DEPLOY if situation.state.rolled_back is None else ActionKind.ROLL_BACK
    return _serve(situation, kind, targets)


def settle(situation: Situation) -> Decision | None:
    """After a deployment: see it from outside, hold, and end the keys before it; None when there are none."""
    keys = situation.roles.previous
    if not keys:
        return None
    if situation.policy.abort:
        text = f"the {_names(situation.roles.current)} is deployed, it is too late to give up; set abort=false"
        return Decision(blockers=(Blocker(rollover.ABORT_TOO_LATE, text),))
    if not situation.verified:
        return _verify(situation)
    until = _hold_until(situation)
    if situation.now < until:
        return Decision(phase=RolloverPhase.VERIFIED, earliest=until)
    found = retire(situation, keys) or discard(situation, keys)
    return None if found is None else replace(found, phase=RolloverPhase.RETIRING)


def discard(situation: Situation, keys: tuple[Key, ...]) -> Decision | None:
    """Delete the files of keys that have no records anywhere; None when there are no files."""
    files = tuple(key for key in keys if key.digest in situation.held)
    return Decision(Action(ActionKind.DISCARD, keys=files)) if files else None


def _verify(situation: Situation) -> Decision:
    """Judge the deployment by the view from outside: all new and fine is told elsewhere (`Situation.verified`)."""
    if situation.outside is None:
        return ask_outside()
    bad = unverified(tuple(one for one in situation.outside if one.ours and _shows_current(situation, one.chains)))
    others = [*incomplete(situation.outside, situation.policy, situation.roles), *unverified(situation.outside)]
    if not bad:
        return ask_outside(Obstacle(one) for one in others)
    targets = _predecessors(situation)
    if not targets:
        return ask_outside(Obstacle(one) for one in [*bad, *others])
    decision = _serve(situation, ActionKind.ROLL_BACK, targets)
    waits = [] if decision.action.kind is ActionKind.ROLL_BACK else [_way_back(one) for one in targets]
    return replace(decision, blockers=tuple(dict.fromkeys([*bad, *waits, *decision.blockers])))


def _way_back(held: HeldKey) -> Blocker:
    text = "the %s cannot be served again before it is certain that all caches have its record"
    return Blocker(rollover.AGING, text % key_text(held.key))


def _shows_current(situation: Situation, chains: Iterable[ServedChain]) -> bool:
    return any(one.key in situation.roles.current for one in chains)


def _predecessors(situation: Situation) -> tuple[HeldKey, ...]:
    """For each deployed key that the rollover has made: the newest key of its kind that was deployed before and is held still."""
    found = []
    for key in dict.fromkeys(one.key for one in situation.evidence.replaceable):
        if key.digest not in situation.held:
            continue
        before = [
            held
            for one in situation.roles.previous
            for held in situation.evidence.held
            if held.key == one and one.algorithm == key.algorithm and held.created < situation.held[key.digest].created
        ]
        before = [one for one in before if in_hand(one) is not None]
        if before:
            found.append(max(before, key=lambda one: (one.created, one.key.digest)))
    return tuple(dict.fromkeys(found))


def _serve(situation: Situation, kind: ActionKind, targets: tuple[HeldKey, ...]) -> Decision:
    chains = [chain for chain in map(in_hand, targets) if chain is not None]
    missing = [
        Obstacle(Blocker(rollover.CERTIFICATE_MISSING, f"there is no usable certificate for the {key_text(one.key)}"))
        for one in targets
        if in_hand(one) is None
    ]
    obstacles = missing + deploy_obstacles(situation, chains)
    if obstacles:
        return replace(hold(obstacles), phase=RolloverPhase.DEPLOYED)
    return Decision(Action(kind, keys=tuple(one.key for one in targets)), phase=RolloverPhase.DEPLOYED)


def _hold_until(situation: Situation) -> int:
    """Two TTLs after the new keys were seen; none in an emergency, where the old key must go."""
    verified = situation.state.verified_since or situation.now
    if situation.policy.emergency:
        return verified
    ttl = longest_ttl(situation.state.owners[one.owner] for one in situation.rrsets)
    return verified + MARGIN * (situation.policy.unknown_ttl if ttl is None else ttl)


def _names(keys: tuple[Key, ...]) -> str:
    return " and the ".join(key_text(one) for one in keys)
