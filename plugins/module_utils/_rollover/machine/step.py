# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rollover of a mail server's DANE keys: one safe step from evidence (RFC 7671 section 8, RFC 7672).

A machine without memory of where it is: in each run it looks at what is published, held, deployed and seen from outside, and
takes the first of these rules that has something to do. Whatever is uncertain means hold, and the key that is served stays. What
3, 6 and 7 would do and cannot is told, and does not keep the others from going on.

 1. Evidence that is not certain (a name server without answer, a resolver without AD, an unreadable Postfix): hold.
 2. Goal ABSENT: remove all records, wait for two TTLs of absence, disabled.
 3. What is served must be published: add its records. A combination of parameters that is new to an RRset binds all that is
    served below the owner, so it waits for a complete view from outside.
 4. A deployment that stopped between two instances: go on with it.
 5. Keys that were deployed before: verify the new ones from outside, or take the deployment back; hold for two TTLs; remove
    the old records when no address serves the old key any more; delete the old keys when no server has their records.
 6. Records that the policy does not want, of keys that it knows: remove them when the others cover all that is served.
 7. A certificate that ends soon: renew it with the same key.
 8. Abort: remove the records of the next keys, then the keys.
 9. Emergency, and the next keys are not ready: ask what to do.
10. Next keys: make them, publish them, wait until every server and the resolver have them and for two TTLs more, wait until a
    key is due, get certificates, deploy.

Owners that were taken out of the policy keep the keys that their records match (left_out.py).
Whatever a rule has chosen is checked by the invariants once more (docs/rollover-invariants.md), which know nothing of the rules.
If they object, nothing is done.
The state (state.py) holds only times and what cannot be seen again, and each loss of it only delays.
Pure: no clock, no files, no network, no randomness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Callable, Optional

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dns, rollover, smtp
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.alarms import alarms, dated, errors, remembered
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import observe
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.decision import Decision, hold, phase_of
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Evidence
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.invariants import violations
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.lint import lint
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Action, ActionKind, Blocker, DatedFinding, Step
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal, Policy
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.roles import remember_keys, returned_to_older, roles
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import not_validated, rrset_sights, uncertainties
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rules.disabling import disable
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rules.next_keys import (
    deploy,
    give_up,
    issue,
    stage,
    wait_for_records,
    wait_until_due,
    warn_of_exposure,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rules.publishing import (
    drop_unwanted,
    publish_next,
    publish_served,
    without_issuer,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rules.renewal import ask_for_certificates, renew
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rules.settling import finish_deployment, settle
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.situation import (
    Situation,
    current_digests,
    fresh_outside,
    incomplete,
    key_text,
    unverified,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import RecordClock, RolledBack, State

_Rule = Callable[[Situation], Optional[Decision]]
_NEXT_KEYS: tuple[_Rule, ...] = (
    give_up,
    warn_of_exposure,
    stage,
    publish_next,
    wait_for_records,
    wait_until_due,
    issue,
    deploy,
)


def step(state: State | None, evidence: Evidence, now: int, policy: Policy) -> Step:
    """Return what one run comes to: the state to save before anything is done, the phase, and at most one action.

    Args:
        state: what the last run returned; None when there is none. It is never needed for safety, only for progress.
        evidence: all that was seen in this run.
        now: seconds since 1970, the wall clock of `evidence.reading`.
        policy: what the postmaster wants.
            """
    situation, noticed = _situation(state, evidence, now, policy)
    findings = dated((*noticed, *errors(situation), *lint(situation)), situation.state.faults, now)
    looked = situation.outside is not None and all(one.looked for one in situation.outside)
    faults = remembered(findings, situation.state.faults, looked)
    situation = replace(situation, state=replace(situation.state, faults=faults))
    blockers = _uncertain(situation)
    decision = Decision(blockers=tuple(blockers)) if blockers else _checked(situation, _decide(situation))
    return Step(
        state=_remember(situation, decision),
        phase=decision.phase or phase_of(situation),
        action=decision.action,
        earliest=decision.earliest,
        blockers=tuple(dict.fromkeys(decision.blockers)),
        findings=findings,
        keys=situation.roles,
        alarms=alarms(findings, now, policy),
        look_wanted=decision.look or decision.action.kind is ActionKind.VERIFY,
    )


def _situation(state: State | None, evidence: Evidence, now: int, policy: Policy) -> tuple[Situation, tuple[DatedFinding, ...]]:
    sights = rrset_sights(evidence.owners)
    updated, findings = observe(state, evidence, now, policy)
    rrsets = tuple(one for one in sights if set(one.owners) & set(policy.owners))
    updated = _requests(remember_keys(updated, evidence, rrsets, now, state is None), evidence, policy, now)
    found = roles(updated, evidence, policy)
    returned = returned_to_older(updated, found.next, now)
    if returned is not None and updated.rolled_back is None:
        updated = replace(updated, rolled_back=returned)
    situation = Situation(updated, evidence, now, policy, rrsets, found, fresh_outside(updated, evidence))
    return replace(situation, state=_seen_outside(situation)), findings


def _requests(state: State, evidence: Evidence, policy: Policy, now: int) -> State:
    """Take note of a request to roll when it is made, and of its end when all keys are newer than it."""
    asked = (policy.roll and not state.roll_was_set) or (policy.emergency and not state.emergency_was_set)
    if asked:
        state = replace(state, roll_requested=now, rolled_back=None)
    state = replace(state, roll_was_set=policy.roll, emergency_was_set=policy.emergency)
    deployed = [state.keys[one.key.digest].deployed_since for one in evidence.replaceable if one.key.algorithm in policy.algorithms]
    requested = state.roll_requested
    if requested is not None and deployed and all(one is not None and one > requested for one in deployed):
        state = replace(state, roll_requested=None)
    return state


def _seen_outside(situation: Situation) -> State:
    """The state with what the view from outside says of the deployed keys; an address that was not reached says nothing new."""
    state = situation.state
    if situation.outside is None:
        return state
    problems = [*incomplete(situation.outside, situation.policy, situation.roles), *unverified(situation.outside)]
    if problems and all(one.kind is smtp.NOT_REACHED for one in problems):
        return state
    if problems:
        return replace(state, verified_since=None, verified_keys=())
    since = state.verified_since if situation.verified else situation.now
    return replace(state, verified_since=since, verified_keys=current_digests(situation.roles))


def _uncertain(situation: Situation) -> list[Blocker]:
    """Why nothing can be decided in this run."""
    present = situation.policy.goal is Goal.PRESENT
    covered = {owner for one in situation.rrsets for owner in one.owners}
    found = [
        Blocker(dns.DNS_UNCERTAIN, f"{owner}: nobody asked for its records") for owner in situation.policy.owners if owner not in covered
    ]
    for rrset in situation.rrsets:
        found += [*uncertainties(rrset), *(not_validated(rrset) if present else ())]
    if situation.evidence.deployed_error is not None:
        found.append(Blocker(rollover.POSTFIX_UNCERTAIN, situation.evidence.deployed_error))
    elif present and not situation.deployed:
        found.append(Blocker(rollover.NOTHING_DEPLOYED, "Postfix on this server names no key; turn on TLS in its server first"))
    return found


def _decide(situation: Situation) -> Decision:
    if situation.policy.goal is Goal.ABSENT:
        return disable(situation)
    found, said = publish_served(situation)
    remarks = [*without_issuer(situation), *said]
    found = found or finish_deployment(situation) or _renewed_meanwhile(situation, settle(situation))
    for optional in (drop_unwanted, renew):
        if found is None:
            found, said = optional(situation)
            remarks += said
    found = found or _first(_NEXT_KEYS, situation) or Decision()
    if found.action.kind is ActionKind.NONE and not found.blockers:
        asked, said = ask_for_certificates(situation)
        remarks += said
        found = found if asked is None else replace(asked, phase=found.phase, earliest=found.earliest)
    return replace(found, blockers=tuple(dict.fromkeys([*found.blockers, *remarks])))


def _renewed_meanwhile(situation: Situation, found: Decision | None) -> Decision | None:
    """What settling comes to, or while it only waits, maybe for somebody else's server, a renewal: certificates end all the same."""
    if found is None or found.action.kind not in (ActionKind.NONE, ActionKind.VERIFY):
        return found
    instead, said = renew(situation)
    if instead is None:
        instead, asked = ask_for_certificates(situation)
        said = (*said, *asked)
    look = found.action.kind is ActionKind.VERIFY
    chosen = found if instead is None else replace(instead, phase=found.phase, earliest=found.earliest, look=look)
    return replace(chosen, blockers=tuple(dict.fromkeys([*found.blockers, *chosen.blockers, *said])))


def _first(rules: Sequence[_Rule], situation: Situation) -> Decision | None:
    return next((found for found in (rule(situation) for rule in rules) if found is not None), None)


def _checked(situation: Situation, decision: Decision) -> Decision:
    """The decision, unless an invariant speaks against its action; then to hold."""
    obstacles = violations(situation, decision.action)
    if not obstacles:
        return decision
    held = hold(obstacles)
    return replace(held, blockers=(*held.blockers, *decision.blockers), phase=decision.phase)


def _asked_for(state: State, action: Action) -> State:
    """The state with what others were asked to publish or remove, which may happen at any time from now on."""
    owners = dict(state.owners)
    for each, leaving in [*((one, False) for one in action.add), *((one, True) for one in action.remove)]:
        clock = owners[each.owner]
        known = clock.records.get(each.record, RecordClock(0))
        changed = replace(known, leaving=leaving, asked=not leaving)
        if known.leaving != leaving:
            changed = replace(changed, visible_since=None, there_since=None)
        owners[each.owner] = replace(clock, records={**clock.records, each.record: changed})
    return replace(state, owners=owners)


def _remember(situation: Situation, decision: Decision) -> State:
    """The state with what is about to be done, so that an interrupted run is understood by the next one."""
    state, action, now = _asked_for(situation.state, decision.action), decision.action, situation.now
    keys = dict(state.keys)
    if action.kind in (ActionKind.DEPLOY, ActionKind.ROLL_BACK, ActionKind.RENEW):
        for key in action.keys:
            known = keys[key.digest]
            # A key that is deployed once more is as young as this deployment, when the next run sees it.
            since = None if action.kind is ActionKind.DEPLOY else known.deployed_since
            keys[key.digest] = replace(known, last_deployed=now, deployed_since=since)
        state = replace(state, keys=keys, changed_at=now, verified_since=None, verified_keys=())
    if action.kind is ActionKind.ROLL_BACK and state.rolled_back is None:
        names = " and the ".join(key_text(one) for one in situation.roles.current if one not in action.keys)
        reasons = "; ".join(one.text for one in decision.blockers) or "it was not verified"
        state = replace(state, rolled_back=RolledBack(now, f"the deployment of the {names} was taken back: {reasons}"))
    if action.kind is ActionKind.DISCARD and situation.policy.abort:
        state = replace(state, rolled_back=None, roll_requested=None)
    return state
