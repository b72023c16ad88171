# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for the goal ABSENT: remove every record, wait until everybody has forgotten them, only then keys are free.

Invariant 3 (docs/rollover-invariants.md) says what is not asked then.
"""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dns
from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import Sight
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import absence_ends
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.decision import Decision, owned
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.left_out import binding_records, left_out_blocker
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Action, ActionKind, Blocker, RolloverPhase
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import absence_not_validated, disagreement
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.situation import Situation, asked_for


def disable(situation: Situation) -> Decision:
    """Return the next step to no DANE. The evidence is certain.

    Records go RRset by RRset, each whole: of a part of them some would not match, and all of them, whoever they belong to,
    are about a server that is to be free. With them those that were asked for and are not out yet: alone they would match nothing.
    """
    remove = tuple(each for one in situation.rrsets if one.agreed for each in owned(one, one.agreed | asked_for(situation, one)))
    behind = tuple(blocker for one in situation.rrsets for blocker in disagreement(one))
    if remove:
        return Decision(Action(ActionKind.RETIRE, remove=remove), behind, phase=RolloverPhase.DISABLING)
    cached = [
        Blocker(dns.RESOLVER_CACHE, f"the resolver still has the old RRset of {one.owner} in its cache")
        for one in situation.rrsets
        for resolver in one.resolvers
        if resolver.outcome is not Sight.ABSENT
    ]
    cached += [blocker for one in situation.rrsets for blocker in absence_not_validated(one)]
    left_out = list(binding_records(situation, situation.deployed))
    cached += [left_out_blocker(owner, record) for owner, record, until in left_out if until is None]
    ends = [absence_ends(situation.state.owners[one.owner], situation.policy) for one in situation.rrsets]
    ends += [until for _owner, _record, until in left_out]
    known = [one for one in ends if one is not None]
    if behind or cached or len(known) < len(ends):
        return Decision(blockers=(*behind, *cached), phase=RolloverPhase.DISABLING)
    until = max(known)
    if situation.now < until:
        return Decision(earliest=until, phase=RolloverPhase.DISABLING)
    return Decision(phase=RolloverPhase.DISABLED)
