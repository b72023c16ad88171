# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the choice of a step depends on, put together once in each run; and what is wrong with the view from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane, rollover, smtp
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import shown_host
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import (
    EndpointSight,
    Evidence,
    HeldKey,
    Key,
    ServedChain,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Blocker, KeyRoles
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Policy
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import RRsetSight
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import State


@dataclass(frozen=True)
class Situation:
    """State (up to date), evidence and policy of this run, and what follows of them.

    Args:
        outside: the view from outside, unless it is from before the last change of what is served; None: there is none.
            """

    state: State
    evidence: Evidence
    now: int
    policy: Policy
    rrsets: tuple[RRsetSight, ...]
    roles: KeyRoles
    outside: tuple[EndpointSight, ...] | None

    @property
    def held(self) -> Mapping[str, HeldKey]:
        """The held keys by digest."""
        return {one.key.digest: one for one in self.evidence.held}

    @property
    def deployed(self) -> tuple[ServedChain, ...]:
        """The chains that Postfix names."""
        return self.evidence.deployed

    @property
    def verified(self) -> bool:
        """Whether the keys that are deployed now were seen from outside, everywhere, and nothing else of ours."""
        return self.state.verified_since is not None and self.state.verified_keys == current_digests(self.roles)

    def endpoints(self, rrset: RRsetSight) -> tuple[EndpointSight, ...]:
        """What was seen from outside below this RRset."""
        return tuple(one for one in self.outside or () if one.owner in rrset.owners)


def asked_for(situation: Situation, rrset: RRsetSight) -> frozenset[TlsaRecord]:
    """Return the records that somebody was asked to add and that are not everywhere yet."""
    return frozenset(record for record, one in situation.state.owners[rrset.owner].records.items() if one.asked)


def current_digests(roles: KeyRoles) -> tuple[str, ...]:
    """Return the digests of the deployed keys, in order."""
    return tuple(sorted(one.digest for one in roles.current))


def fresh_outside(state: State | None, evidence: Evidence) -> tuple[EndpointSight, ...] | None:
    """Return the view from outside, unless it began before what is served was changed the last time."""
    if state is not None and None not in (evidence.outside_at, state.changed_at):
        if (evidence.outside_at or 0) < (state.changed_at or 0):
            return None
    return evidence.outside


def incomplete(endpoints: tuple[EndpointSight, ...], policy: Policy, roles: KeyRoles) -> list[Blocker]:
    """Return why the view is not one of everything that this server is: each owner, each address, and only deployed keys at ours."""
    found = []
    for owner in policy.owners:
        if not any(one.owner == owner for one in endpoints):
            found.append(Blocker(smtp.NOT_REACHED, f"{shown_host(owner)}: nobody looked from outside"))
    for one in endpoints:
        if not one.reached or not one.chains:
            where = place(one) if one.looked else shown_host(one.owner)
            found.append(Blocker(smtp.NOT_REACHED, f"{where}: {one.problem or 'no certificate was seen'}"))
            continue
        for chain in one.chains if one.ours else ():
            if chain.key not in roles.current:
                found.append(_other_key(one, chain.key, roles))
    if endpoints and not any(one.ours for one in endpoints):
        found.append(Blocker(dane.ADDRESS_MISMATCH, "none of the addresses that were looked at is this server's"))
    return found


def unverified(endpoints: tuple[EndpointSight, ...]) -> list[Blocker]:
    """Return a blocker for each endpoint that a sender at level dane would refuse."""
    return [
        Blocker(dane.NOT_VERIFIED, f"{place(one)}: {one.problem or 'the TLSA records do not match what it serves'}")
        for one in endpoints
        if one.reached and not one.verified
    ]


def place(endpoint: EndpointSight) -> str:
    """Return what to call an endpoint in texts: `mx.example.org [192.0.2.1]`."""
    return f"{shown_host(endpoint.owner)} [{endpoint.address}]"


def key_text(key: Key) -> str:
    """Return what to call a key in texts: kind and the beginning of its digest."""
    return f"{key.algorithm} key {key.digest[:16]}..."


def _other_key(endpoint: EndpointSight, key: Key, roles: KeyRoles) -> Blocker:
    if key in roles.previous or key in roles.next:
        return Blocker(rollover.OLD_KEY_SERVED, f"{place(endpoint)} serves the {key_text(key)}, which is not the deployed one")
    return Blocker(rollover.UNKNOWN_KEY_SERVED, f"{place(endpoint)} serves the {key_text(key)}, which Postfix on this server does not name")
