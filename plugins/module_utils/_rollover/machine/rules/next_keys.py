# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the next keys: make them, wait for their records, get certificates, deploy; and give them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import rollover
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import MARGIN, longest_ttl
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.decision import (
    Decision,
    due_algorithms,
    due_times,
    hold,
    waits,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Key
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.invariants import Obstacle, deploy_obstacles
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Action, ActionKind, Blocker, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Scheme
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import in_hand
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.roles import different_keys
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rules.publishing import retire
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rules.settling import discard
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.situation import Situation, key_text


def give_up(situation: Situation) -> Decision | None:
    """Remove the records of keys that are not deployed yet, then the keys."""
    if not situation.policy.abort:
        return None
    keys = situation.roles.next
    found = (retire(situation, keys) or discard(situation, keys)) if keys else None
    return found or Decision(blockers=(Blocker(rollover.ABORTED, "no next key is made while abort=true"),))


def warn_of_exposure(situation: Situation) -> Decision | None:
    """In an emergency whose next keys cannot be served at once: have the postmaster choose, before anything is done."""
    if not situation.policy.emergency or situation.policy.accept_exposure:
        return None
    due = due_algorithms(situation)
    keys = [one for one in situation.roles.next if one.algorithm in due]
    waiting = waits(situation, keys)
    if {one.algorithm for one in keys} == set(due) and not waiting:
        return None
    untils = [one.until for one in waiting]
    known = [one for one in untils if one is not None]
    aged = bool(known) and len(known) == len(untils) and {one.algorithm for one in keys} == set(due)
    ttl = longest_ttl(situation.state.owners[one.owner] for one in situation.rrsets)
    least = MARGIN * (situation.policy.unknown_ttl if ttl is None else ttl)
    until = max(known) if aged else situation.now + least
    text = (
        "no next key can be served before %s: the compromised key would stay until then%s. Choose accept_exposure=true to go on so, "
        "or state=absent to end DANE and then replace the key freely"
    )
    blocker = Blocker(rollover.EXPOSURE, text % (_moment(until), "" if aged else " at least"))
    return Decision(blockers=(blocker,), earliest=until if aged else None)


def stage(situation: Situation) -> Decision | None:
    """Make the next keys that are missing: always with the scheme next, else when they are due."""
    have = {one.algorithm for one in situation.roles.next}
    due = due_algorithms(situation)
    wanted = situation.policy.algorithms if situation.policy.scheme is Scheme.NEXT else due
    missing = tuple(one for one in wanted if one not in have)
    return Decision(Action(ActionKind.STAGE, algorithms=missing)) if missing else None


def wait_for_records(situation: Situation) -> Decision | None:
    """Wait until the records of the next keys (of those that are due, if any is) are everywhere and have aged."""
    due = due_algorithms(situation)
    keys = [one for one in situation.roles.next if one.algorithm in due] or list(situation.roles.next)
    obstacles = waits(situation, keys)
    return hold(obstacles) if obstacles else None


def wait_until_due(situation: Situation) -> Decision | None:
    """Wait until a key is to be replaced; for ever after a deployment that was taken back."""
    rolled_back = situation.state.rolled_back
    if rolled_back is not None:
        text = "%s: %s. Mend it, then run with roll=true%s; or with abort=true, which makes a new key"
        again = " (once without it before, since it was set already)" if situation.policy.roll else ""
        return Decision(blockers=(Blocker(rollover.ROLLED_BACK, text % (_moment(rolled_back.time), rolled_back.reason, again)),))
    if due_algorithms(situation):
        return None
    times = [one for one in due_times(situation).values() if one is not None]
    return Decision(earliest=min(times, default=None))


def issue(situation: Situation) -> Decision | None:
    """Get certificates for the keys that are due; what was handed in and cannot be used is told, and waited for another."""
    keys = _due_keys(situation)
    lacking = [one for one in keys if in_hand(situation.held[one.digest]) is None]
    if not lacking:
        return None
    blockers = () if situation.policy.self_signed else certificate_blockers(situation, lacking)
    return Decision(Action(ActionKind.ISSUE, keys=tuple(lacking)), blockers)


def certificate_blockers(situation: Situation, keys: Sequence[Key]) -> tuple[Blocker, ...]:
    """Return what is wrong with the certificates in hand, or that there is none."""
    found = []
    for key in keys:
        certificate = situation.held[key.digest].certificate
        if certificate is None or certificate.problem is None:
            found.append(Blocker(rollover.CERTIFICATE_MISSING, f"waiting for a certificate for the {key_text(key)}; its request is ready"))
        else:
            text = f"the certificate handed in for the {key_text(key)} cannot be used: {certificate.problem}"
            found.append(Blocker(rollover.CERTIFICATE_MISMATCH, text))
    return tuple(found)


def deploy(situation: Situation) -> Decision | None:
    """Serve the keys that are due."""
    keys = _due_keys(situation)
    if not keys:
        return None
    if not situation.policy.may_deploy:
        text = f"the {' and the '.join(map(key_text, keys))} could be deployed; another server has its turn"
        return Decision(blockers=(Blocker(rollover.NOT_ITS_TURN, text),))
    kinds = [one.algorithm for one in keys]
    different = tuple(Blocker(rollover.DIFFERENT_KEYS, text) for text in different_keys(situation.evidence, kinds))
    if different:
        return Decision(blockers=different, phase=RolloverPhase.ISSUED)
    chains = [chain for chain in (in_hand(situation.held[one.digest]) for one in keys) if chain is not None]
    obstacles: list[Obstacle] = deploy_obstacles(situation, chains)
    if obstacles:
        return replace(hold(obstacles), phase=RolloverPhase.ISSUED)
    return Decision(Action(ActionKind.DEPLOY, keys=keys), phase=RolloverPhase.ISSUED)


def _due_keys(situation: Situation) -> tuple[Key, ...]:
    due = due_algorithms(situation)
    return tuple(one for one in situation.roles.next if one.algorithm in due)


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
