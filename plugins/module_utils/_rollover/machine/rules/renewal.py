# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about certificates that end: renew them with the same key, which `3 1 x` records allow at any time.

This is invariant 6 (docs/rollover-invariants.md).
"""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane, rollover
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import WHOLE_CERTIFICATE
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.decision import Decision
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import Key, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.invariants import (
    deploy_obstacles,
    target_chain,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Action, ActionKind, Blocker
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import matches, parameters_text, uncovered
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rules.next_keys import certificate_blockers
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rules.publishing import renewals
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.situation import Situation, key_text


def renew(situation: Situation) -> tuple[Decision | None, tuple[Blocker, ...]]:
    """Renew what can be renewed now; what cannot is told as blockers, and stops nothing else, since the old certificate stays."""
    chains = _candidates(situation)
    blockers: list[Blocker] = []
    ready: list[Key] = []
    for chain in chains:
        obstacles = deploy_obstacles(situation, [chain])
        pinned = _pinned(situation, chain)
        if pinned is not None:
            blockers.append(pinned)
        elif obstacles:
            blockers += [one.blocker for one in obstacles]
        else:
            ready.append(chain.key)
    if ready:
        return Decision(Action(ActionKind.RENEW, keys=tuple(ready))), tuple(blockers)
    return None, tuple(blockers)


def ask_for_certificates(situation: Situation) -> tuple[Decision | None, tuple[Blocker, ...]]:
    """Have requests written for deployed keys whose certificate ends soon, when no newer one is in hand."""
    if situation.policy.self_signed:
        return None, ()
    have = [one.key for one in renewals(situation)]
    keys = [one for one in _ending(situation) if one not in have]
    if not keys:
        return None, ()
    blockers = tuple(_still_old(situation, key) or certificate_blockers(situation, [key])[0] for key in keys)
    return Decision(Action(ActionKind.ISSUE, keys=tuple(keys)), blockers), blockers


def _candidates(situation: Situation) -> list[ServedChain]:
    if not situation.policy.self_signed:
        return renewals(situation)
    chains = [target_chain(situation, situation.held[one.digest]) for one in _ending(situation)]
    return [one for one in chains if one is not None]


def _ending(situation: Situation) -> list[Key]:
    """Deployed keys of ours with a certificate that ends soon, and that can be replaced."""
    limit = situation.now + situation.policy.renew_before
    found = [one.key for one in situation.evidence.replaceable if one.key.digest in situation.held and one.not_after <= limit]
    return list(dict.fromkeys(found))


def _still_old(situation: Situation, key: Key) -> Blocker | None:
    certificate = situation.held[key.digest].certificate
    if certificate is not None and certificate.problem is not None:
        return None
    text = "the certificate of the %s ends soon: waiting for a new one; its request is ready"
    return Blocker(rollover.CERTIFICATE_MISSING, text % key_text(key))


def _pinned(situation: Situation, chain: ServedChain) -> Blocker | None:
    """A record of the whole certificate (`3 0 x`) that matches the deployed one and would not match the new one."""
    for rrset in situation.rrsets:
        for server in rrset.servers:
            for parameters in uncovered(server.records, chain):
                if parameters[1] == WHOLE_CERTIFICATE and any(
                    matches(record, one) for record in server.records for one in situation.deployed if record.selector == WHOLE_CERTIFICATE
                ):
                    return _migration(rrset.owner, parameters_text(parameters), chain.key)
    return None


def _migration(owner: str, parameters: str, key: Key) -> Blocker:
    text = (
        "%s: a record %s pins the certificate of the %s, which is to be renewed. Publish 3 1 1 of the same key, wait two TTLs, "
        "remove the %s record"
    )
    return Blocker(dane.SELECTOR0_WITH_RENEWAL, text % (owner, parameters, key_text(key), parameters))
