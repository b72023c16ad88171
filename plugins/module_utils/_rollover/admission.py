# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""May a key or chain go live now? Its match with what is published, and the age of the records that match. Pure.

Of every combination of usage, selector and matching type one record has to match (RFC 7671 section 8.1), be on all servers and known to
the resolver, and have aged, unless it matches what is served already: then nobody fares worse than before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dns, rollover
from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import Sight
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import END_ENTITY, PUBLIC_KEY, TRUST_ANCHOR
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.clocks import absence_ends, forgotten_at, ready_at
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Blocker
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Policy
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import (
    combination,
    combinations,
    matches,
    parameters_text,
    usable,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import (
    RRsetSight,
    disagreement,
    not_validated,
    not_visible,
    uncertainties,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import OwnerClock, RecordClock

_SHOWN = 22
Clocks = Sequence[Mapping[str, OwnerClock]]
"""What several observers remember, each by owner. Who has watched longest knows since when a record has been there; how long caches
have what was there before it, nobody may have seen alone."""


@dataclass(frozen=True)
class Newcomer:
    """What is to go live: the SHA-256 of its public key in hexadecimal; and the key or chain, as far as they were given.

    `problem` is why a chain must not be served where records are about its issuers.
    """

    digest: str
    chain: ServedChain | None = None
    problem: str | None = None

    def matched_by(self, record: TlsaRecord) -> bool:
        """Return whether a record is about it."""
        if self.chain is not None:
            return matches(record, self.chain)
        return record.usage == END_ENTITY and record.selector == PUBLIC_KEY and record.data.hex() == self.digest


@dataclass(frozen=True)
class Admission:
    """The answer. `earliest`: when it will be allowed by the time alone, None when it is or something else is needed."""

    blockers: tuple[Blocker, ...] = ()
    notes: tuple[str, ...] = ()
    earliest: int | None = None

    @property
    def allowed(self) -> bool:
        """Whether it may go live now."""
        return not self.blockers


@dataclass(frozen=True)
class _Context:
    """What is served now, what is remembered of the owner, the time, and how long to wait."""

    served: Sequence[ServedChain]
    clocks: Sequence[OwnerClock]
    now: int
    policy: Policy


_Obstacle = tuple[Blocker, Optional[int]]
"""What is in the way, and until when if it goes away by itself."""


def admit(
    newcomer: Newcomer, rrsets: Sequence[RRsetSight], served: Sequence[ServedChain], clocks: Clocks, now: int, policy: Policy
) -> Admission:
    """Return whether it may go live below all of the owners.

    Args:
        served: what is deployed on this machine now.
        clocks: brought up to *now*.
            """
    obstacles: list[_Obstacle] = []
    notes: list[str] = []
    for rrset in rrsets:
        context = _Context(served, [each[rrset.owner] for each in clocks if rrset.owner in each], now, policy)
        unsure = uncertainties(rrset) + not_validated(rrset) + disagreement(rrset)
        if unsure:
            obstacles += [(one, None) for one in unsure]
            continue
        found, note = _without_records(rrset, context) if rrset.agreed == frozenset() else _with_records(newcomer, rrset, context)
        obstacles += found
        notes += [] if note is None else [note]
    times = [until for _blocker, until in obstacles]
    known = [one for one in times if one is not None]
    earliest = max(known) if known and len(known) == len(times) else None
    return Admission(tuple(dict.fromkeys(blocker for blocker, _until in obstacles)), tuple(notes), earliest)


def _without_records(rrset: RRsetSight, context: _Context) -> tuple[list[_Obstacle], str | None]:
    """No server has records. Caches may, if there were some a short while ago."""
    obstacles: list[_Obstacle] = []
    cached = [one.ttl or 0 for one in rrset.resolvers if one.outcome is Sight.FOUND]
    if cached:
        text = f"{rrset.owner}: the resolver still has TLSA records in its cache, for {max(cached)} seconds more"
        obstacles.append((Blocker(dns.RESOLVER_CACHE, text), context.now + max(cached)))
    ends = [absence_ends(one, context.policy) for one in context.clocks if one.ttls]
    later = [end for end in ends if end is not None and end > context.now]
    if later:
        text = f"{rrset.owner}: TLSA records were removed a short while ago and may be in caches"
        obstacles.append((Blocker(rollover.AGING, text), max(later)))
    return obstacles, None if obstacles else f"{rrset.owner} has no TLSA records: no DANE"


def _with_records(newcomer: Newcomer, rrset: RRsetSight, context: _Context) -> tuple[list[_Obstacle], str | None]:
    cached = frozenset(record for one in rrset.resolvers for record in one.records)
    records = usable(rrset.anywhere | cached)
    obstacles: list[_Obstacle] = []
    for parameters in sorted(combinations(records)):
        if parameters[0] == TRUST_ANCHOR and newcomer.problem is not None:
            obstacles.append((Blocker(rollover.CHAIN, f"{rrset.owner}: {parameters_text(parameters)}: {newcomer.problem}"), None))
        matching = [one for one in sorted(records) if combination(one) == parameters and newcomer.matched_by(one)]
        if not matching:
            text = f"{rrset.owner}: no record {parameters_text(parameters)} matches it"
            obstacles.append((Blocker(rollover.NO_MATCH, text + ("" if newcomer.chain else ", as far as a digest tells")), None))
            continue
        each = [_of_record(one, rrset, context) for one in matching]
        if all(each):  # one that does is enough
            obstacles += min(each, key=lambda found: max((float("inf") if until is None else until) for _blocker, until in found))
    obstacles += _in_caches(newcomer, rrset, context)
    return obstacles, None if records else f"{rrset.owner} has TLSA records, of which none can be used"


def _in_caches(newcomer: Newcomer, rrset: RRsetSight, context: _Context) -> list[_Obstacle]:
    """Records that were removed a short while ago, in combinations that no record has any more, and that do not match."""
    obstacles: list[_Obstacle] = []
    there = combinations(rrset.anywhere)
    for clock in context.clocks:
        for record in sorted(usable(clock.records) - rrset.anywhere):
            one = clock.records[record]
            if not one.seen or combination(record) in there or newcomer.matched_by(record):
                continue
            until = forgotten_at(one, context.policy)
            if until is None or until > context.now:
                text = f"{rrset.owner}: {str(record)[:_SHOWN]}... was removed a short while ago and may be in caches"
                obstacles.append((Blocker(rollover.AGING, text), until))
    return obstacles


def _of_record(record: TlsaRecord, rrset: RRsetSight, context: _Context) -> list[_Obstacle]:
    """Why a record that matches does not do yet; empty when it does."""
    invisible = not_visible(rrset, record)
    if invisible:
        return [(one, None) for one in invisible]
    if any(matches(record, chain) for chain in context.served):
        return []
    ready = ready_at(_together([one.records[record] for one in context.clocks if record in one.records]), context.policy, False)
    if ready is not None and ready <= context.now:
        return []
    text = f"{rrset.owner}: {str(record)[:_SHOWN]}... has not been published long enough"
    return [(Blocker(rollover.AGING, text), ready)]


def _together(clocks: Sequence[RecordClock]) -> RecordClock | None:
    """What all know of a record: the earliest time since when it has been visible, and the longest life of what was there before."""
    seen = [one.visible_since for one in clocks if one.visible_since is not None]
    ends = [one.old_signature_end for one in clocks if one.old_signature_end is not None]
    if not seen:
        return None
    return RecordClock(max(one.old_ttl for one in clocks), min(seen), max(ends, default=None))
