# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long what is seen has been so: the clocks of records, of absences and of keys, brought up to date once in each run.

A record is visible in a run when every server and the resolver have it and no server has an RRset that fails to cover what
is served. Its age counts from the first of uninterrupted such runs. Any run in which it is not so, or in which
nobody can tell, ends the age.

What caches may still hold is the RRset without the record, for its TTL. That TTL is remembered as a maximum while the record is not
visible; a TTL that was lowered shortly before counts until it has run out. When a clock begins (in the first run, or the state
was lost), nobody knows which TTL there was just before, and the policy's guess counts. It counts too when a name server is taken
out of the zone: for as long as caches have the old NS records, they ask it, and nobody here can see what it says. And it counts when
a name leads to another RRset than before (an alias came, or was changed).

Time is what the machine's clock and its uptime agree on. A clock that was set starts all ages anew. Over a reboot only
the time since the boot is counted, since nothing vouches for the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Callable, Optional

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import rollover
from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import Sight
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import ClockReading, Evidence, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import DatedFinding
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Policy
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.records import (
    chain_records,
    combinations,
    in_hand,
    is_about_known,
    matches,
    uncovered,
    usable,
    wanted_combinations,
)
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.rrsets import RRsetSight, rrset_sights
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import Copy, OwnerClock, RecordClock, State

CLOCK_TOLERANCE = 60
"""Seconds by which clock and uptime may differ between two runs; more means that somebody set the clock."""
NO_TTL = 60
"""What a TTL of 0 counts as, in seconds: a sender that looks records up before it connects goes by them for a while, whatever their TTL."""
_Change = Callable[[Optional[int]], Optional[int]]

MARGIN = 2
"""How many TTLs to wait: one for the caches, one for caches behind caches and servers that are slow (RFC 7671 section 8.1)."""


def observe(state: State | None, evidence: Evidence, now: int, policy: Policy) -> tuple[State, tuple[DatedFinding, ...]]:
    """Return the state with the clocks of DNS brought up to *now*, by what was seen in this run, and what is to be said of them."""
    if state is None:
        state = State(evidence.reading)
    state, findings = _vouched_for(state, evidence.reading, now)
    seen = {one.owner: one for one in rrset_sights(evidence.owners)}
    chains = _chains(evidence)
    owners: dict[str, OwnerClock] = {}
    # Whatever was there before anybody looked (another TTL, or an RRset that is gone) may be in caches: not where DANE is new.
    unseen = OwnerClock() if _is_new(state, evidence, seen.values(), policy) else OwnerClock(ttls={policy.unknown_ttl: now})
    for owner, rrset in seen.items():
        clock = _asked(_named(state.owners.get(owner, unseen), rrset, state.owners, now, policy), rrset, now, policy)
        clock = _owner(clock, rrset, chains, evidence.deployed, now, policy)
        if set(rrset.owners) & set(policy.owners) or _has_ours(clock, state, chains, now, policy):
            owners[owner] = clock
    looked_at = {name for rrset in seen.values() for name in rrset.owners}
    for owner, clock in state.owners.items():
        # Its aliases could not be followed this time, or nobody looked: what is known of its RRset stays, but not its age.
        unseen_names = set(names_left_out(owner, clock, policy.owners)) - looked_at
        unclear = any(rrset.errors for rrset in seen.values()) or (unseen_names and _has_ours(clock, state, chains, now, policy))
        if owner not in seen and unclear:
            owners[owner] = _uncertain(clock)
    return replace(state, owners=owners, reading=evidence.reading), findings


def names_left_out(owner: str, clock: OwnerClock, owners: Collection[str]) -> tuple[str, ...]:
    """Return the names that led to the RRset of *owner* and are not among *owners* any more."""
    return tuple(name for name in clock.names or (owner,) if name not in owners)


def ready_at(clock: RecordClock | None, policy: Policy, emergency: bool) -> int | None:
    """Return from when on a key may be served because of this record; None while it is not visible.

    In an emergency the policy's additional waits do not count; that of two TTLs always does.
    """
    if clock is None or clock.visible_since is None:
        return None
    wait = MARGIN * clock.old_ttl
    if emergency:
        return clock.visible_since + wait
    ready = clock.visible_since + max(wait, policy.min_wait)
    if policy.wait_for_signature and clock.old_signature_end is not None:
        ready = max(ready, clock.old_signature_end)
    return ready


def forgotten_at(clock: RecordClock, policy: Policy) -> int | None:
    """Return from when on no cache has the record any more; None while any server may have it."""
    return None if clock.gone_since is None else clock.gone_since + MARGIN * (clock.ttl or policy.unknown_ttl)


def may_be_held(clock: RecordClock, now: int, policy: Policy) -> bool:
    """Tell whether any server, or any cache, may have the record."""
    forgotten = forgotten_at(clock, policy)
    return clock.seen and (forgotten is None or now < forgotten)


def absence_ends(clock: OwnerClock, policy: Policy) -> int | None:
    """Return from when on no cache has any record of the owner; None while there may be records."""
    if clock.absent_since is None:
        return None
    return clock.absent_since + MARGIN * max(clock.ttls, default=policy.unknown_ttl)


def copy_ends(copy: Copy) -> int | None:
    """Return until when caches may have an RRset as it was; None while a server has it."""
    return None if copy.gone_since is None else copy.gone_since + copy.ttl


def longest_ttl(owners: Iterable[OwnerClock]) -> int | None:
    """Return the largest TTL that any RRset has or had a short while ago."""
    return max((ttl for one in owners for ttl in one.ttls), default=None)


def _vouched_for(state: State, reading: ClockReading, now: int) -> tuple[State, tuple[DatedFinding, ...]]:
    """The state with all ages shortened by the time that is not certain to have passed since the last run."""
    last = state.reading
    passed = now - last.wall
    if reading.boot_id == last.boot_id:
        certain = reading.uptime - last.uptime
        honest = passed >= 0 and certain >= 0 and abs(passed - certain) <= CLOCK_TOLERANCE
    else:
        certain = min(passed, reading.uptime)
        honest = passed >= 0
    if not honest:
        text = "the clock was set: %d seconds by the clock since the last run, %d by the uptime; all waits begin anew"
        return _restarted(state, now), (DatedFinding(rollover.CLOCK_CHANGED, "", text % (passed, certain)),)
    if passed - certain > CLOCK_TOLERANCE:
        return _shifted(state, passed - certain), ()
    return state, ()


def _restarted(state: State, now: int) -> State:
    """All ages begin now; what only orders events keeps to the past."""

    def anew(time: int | None) -> int | None:
        return None if time is None else now

    before = _before(_past_times(state), now)
    return _with_times(state, anew, lambda time: None if time is None else before.get(time, time))


def _past_times(state: State) -> set[int]:
    """All times that only order events."""
    times = [state.changed_at, state.roll_requested, *state.faults.values()]
    times += [one.there_since for clock in state.owners.values() for one in clock.records.values()]
    times += [time for one in state.keys.values() for time in (one.deployed_since, one.last_deployed)]
    return {one for one in times if one is not None}


def _before(times: Collection[int], now: int) -> dict[int, int]:
    """For those times that are in the future now: others that are not, in the same order as far as there is room; never in another."""
    future = sorted(one for one in times if one > now)
    latest = max((one for one in times if one <= now), default=0)
    return {one: max(latest, now - number) for number, one in enumerate(reversed(future))}


def _shifted(state: State, seconds: int) -> State:
    return _with_times(state, lambda time: None if time is None else time + seconds, lambda time: time)


def _with_times(state: State, age: _Change, past: _Change) -> State:
    def record(clock: RecordClock) -> RecordClock:
        there_since = past(clock.there_since)
        return replace(clock, visible_since=age(clock.visible_since), gone_since=age(clock.gone_since), there_since=there_since)

    owners = {
        owner: replace(
            clock,
            records={rdata: record(one) for rdata, one in clock.records.items()},
            ttls={ttl: age(until) for ttl, until in clock.ttls.items()},
            absent_since=age(clock.absent_since),
            copies={records: replace(one, gone_since=age(one.gone_since)) for records, one in clock.copies.items()},
        )
        for owner, clock in state.owners.items()
    }
    keys = {
        digest: replace(one, deployed_since=past(one.deployed_since), last_deployed=past(one.last_deployed))
        for digest, one in state.keys.items()
    }
    return replace(
        state,
        owners=owners,
        keys=keys,
        verified_since=age(state.verified_since),
        changed_at=past(state.changed_at),
        faults={name: past(since) or 0 for name, since in state.faults.items()},
        roll_requested=past(state.roll_requested),
    )


def _has_ours(clock: OwnerClock, state: State, chains: Sequence[ServedChain], now: int, policy: Policy) -> bool:
    """Whether records of keys that are known here may be in the RRset, or in caches."""
    for record, one in clock.records.items():
        known = is_about_known(record, state.keys.values()) or any(matches(record, chain) for chain in chains)
        if known and (one.asked or may_be_held(one, now, policy)):
            return True
    return False


def _is_new(state: State, evidence: Evidence, rrsets: Iterable[RRsetSight], policy: Policy) -> bool:
    """Nothing is published, nothing is remembered, and no key is held that a rollover before this one could have published."""
    held = any(one.key.algorithm in policy.algorithms for one in evidence.held)
    return not held and not state.owners and all(one.agreed == frozenset() for one in rrsets)


def _named(clock: OwnerClock, rrset: RRsetSight, known: Mapping[str, OwnerClock], now: int, policy: Policy) -> OwnerClock:
    """The clock of an RRset to which other names may lead now: caches have what such a name led to before, and the alias or its absence."""
    former = [known[one] for one in sorted(known) if one != rrset.owner and set(known[one].names) & (set(rrset.owners) - set(clock.names))]
    names = tuple(sorted({*rrset.owners, *(() if rrset.certain else clock.names)}))
    if not former and (not clock.names or set(rrset.owners) <= set(clock.names)):
        return replace(clock, names=names)
    ttls = {policy.unknown_ttl: now, **{ttl: now for one in former for ttl in one.ttls}}
    clock = _begun_anew(clock, ttls, now)
    left = [(record, one) for each in former for record, one in each.records.items() if one.seen]
    copies = {records: replace(copy, gone_since=now) for each in former for records, copy in each.copies.items()}
    moved = {record: replace(one, visible_since=None, there_since=None, gone_since=None) for record, one in left}
    return replace(clock, names=names, records={**moved, **clock.records}, copies={**copies, **clock.copies})


def _asked(clock: OwnerClock, rrset: RRsetSight, now: int, policy: Policy) -> OwnerClock:
    """The clock of an owner whose name servers may be others now.

    Caches that do not know yet go on asking those that were taken out, as long as the NS records live, and keep what they get. A new
    one may have had an older zone until a moment ago.
    """
    here = tuple(sorted({one.address for one in rrset.servers}))
    if not rrset.certain:
        return replace(clock, servers=tuple(sorted({*clock.servers, *here})))
    others = bool(clock.servers) and set(clock.servers) != set(here)
    # Not the sum from the last time, which is no TTL that any RRset had.
    ttl = policy.unknown_ttl + max((ttl for ttl, until in clock.ttls.items() if until is None or ttl <= policy.unknown_ttl), default=0)
    return replace(_begun_anew(clock, {ttl: now}, now) if others else clock, servers=here)


def _begun_anew(clock: OwnerClock, ttls: Mapping[int, int | None], now: int) -> OwnerClock:
    """All ages begin now, after something whose TTLs counted until now."""
    longest = max(ttls)

    def record(one: RecordClock) -> RecordClock:
        gone_since = None if one.gone_since is None else now
        one = replace(one, old_ttl=max(one.old_ttl, longest), ttl=max(one.ttl, longest))
        return replace(one, visible_since=None, there_since=None, gone_since=gone_since)

    return replace(
        clock,
        records={rdata: record(one) for rdata, one in clock.records.items()},
        ttls={**ttls, **{ttl: until for ttl, until in clock.ttls.items() if ttl not in ttls or until is None}},
        absent_since=None if clock.absent_since is None else now,
    )


def _chains(evidence: Evidence) -> tuple[ServedChain, ...]:
    """What is or may be served: the clocks of its records begin before they are published, to see what is there without them."""
    ready = (in_hand(one) for one in evidence.held)
    bare = (ServedChain(one.key, (), 0, "held") for one in evidence.held)
    return (*evidence.deployed, *(one for one in ready if one is not None), *bare)


def _owner(
    clock: OwnerClock,
    rrset: RRsetSight,
    chains: Sequence[ServedChain],
    deployed: tuple[ServedChain, ...],
    now: int,
    policy: Policy,
) -> OwnerClock:
    ttls = _ttls(clock, rrset, now)
    before = ttls if clock.ttls else {}
    wanted = wanted_combinations(policy) | combinations(rrset.anywhere)
    tracked = {record for chain in chains for record in chain_records(chain, wanted)}
    intact = all(not uncovered(one.records, chain) for one in rrset.servers for chain in deployed)
    records = {}
    for record in sorted(usable(rrset.anywhere) | tracked | set(clock.records)):
        updated = _record(clock.records.get(record), record, rrset, intact, ttls, now, policy)
        if updated.visible_since == now:
            # A TTL that was raised since the last look: servers may have had the old RRset with it too.
            updated = replace(updated, old_ttl=max([updated.old_ttl, *before]))
        if updated.gone_since == now:
            updated = replace(updated, ttl=max([updated.ttl, *before]))
        if record in tracked or updated.asked or may_be_held(updated, now, policy):
            records[record] = updated
    gone = rrset.agreed == frozenset()
    absent_since = (now if clock.absent_since is None else clock.absent_since) if gone else None
    return replace(clock, records=records, ttls=ttls, absent_since=absent_since, copies=_copies(clock, rrset, now))


def _copies(clock: OwnerClock, rrset: RRsetSight, now: int) -> dict[frozenset[TlsaRecord], Copy]:
    """The RRsets that are to be had, and those that were until a TTL ago."""
    found: dict[frozenset[TlsaRecord], Copy] = {}
    for records, one in clock.copies.items():
        gone = replace(one, gone_since=now) if one.gone_since is None and rrset.certain else one
        ends = copy_ends(gone)
        if ends is None or now <= ends:
            found[records] = gone
    for sight in rrset.servers:
        if sight.outcome is Sight.FOUND:
            there = frozenset(sight.records)
            found[there] = Copy(max(sight.ttl or 0, found[there].ttl if there in found else 0))
    for resolver in rrset.resolvers:
        there = frozenset(resolver.records)
        if resolver.outcome is Sight.FOUND and there not in found:
            found[there] = Copy(resolver.ttl or 0, now)  # others had it from a server before, and not for longer
    return found


def _ttls(clock: OwnerClock, rrset: RRsetSight, now: int) -> dict[int, int | None]:
    """The TTLs of the RRset that caches may go by: those it has, and those it had until a while ago.

    While there is no RRset none is forgotten, so that a run after the end of its absence still knows how long that took.
    """
    found: dict[int, int | None] = {}
    for ttl, until in clock.ttls.items():
        until = now if until is None else until
        if rrset.agreed == frozenset() or now < until + MARGIN * ttl:
            found[ttl] = until
    for one in rrset.servers:
        if one.outcome is Sight.FOUND and one.ttl is not None:
            found[one.ttl or NO_TTL] = None
    return found


def _record(
    clock: RecordClock | None,
    record: TlsaRecord,
    rrset: RRsetSight,
    intact: bool,
    ttls: Mapping[int, int | None],
    now: int,
    policy: Policy,
) -> RecordClock:
    having = [one for one in rrset.servers if record in one.records]
    new = clock is None
    if clock is None:
        clock = RecordClock(0)
    if new and (having or not rrset.certain):
        # It may have come before anybody looked: how long caches have what was there then is a guess.
        clock = replace(clock, old_ttl=max([policy.unknown_ttl, *ttls]), old_signature_end=_signature_end(rrset, None))
    visible = rrset.is_visible(record) and intact and not clock.leaving
    gone = rrset.certain and not having
    if not visible:
        clock = replace(
            clock,
            # As long as it is nowhere, what is there now counts, and the TTLs that are not over yet.
            old_ttl=max([0 if gone else clock.old_ttl, *_ttls_without(rrset, record, policy), *ttls]),
            old_signature_end=max(
                (end for end in (clock.old_signature_end, _signature_end(rrset, record)) if end is not None), default=None
            ),
        )
    return replace(
        clock,
        visible_since=(now if clock.visible_since is None else clock.visible_since) if visible else None,
        gone_since=(now if clock.gone_since is None else clock.gone_since) if gone and (clock.seen or having) else None,
        ttl=max([clock.ttl, *(one.ttl or NO_TTL if one.ttl is not None else policy.unknown_ttl for one in having)]),
        seen=clock.seen or bool(having),
        there_since=None if clock.leaving else _there_since(clock, record, rrset, now),
        leaving=clock.leaving and not gone,
        asked=clock.asked and not rrset.is_on_every_server(record),
    )


def _there_since(clock: RecordClock, record: TlsaRecord, rrset: RRsetSight, now: int) -> int | None:
    if any(one.outcome is not Sight.UNKNOWN and record not in one.records for one in rrset.servers):
        return None
    return now if clock.there_since is None and rrset.is_on_every_server(record) else clock.there_since


def _ttls_without(rrset: RRsetSight, record: TlsaRecord, policy: Policy) -> list[int]:
    found = []
    for one in rrset.servers:
        if one.outcome is not Sight.UNKNOWN and record not in one.records:
            ttl = one.ttl if one.outcome is Sight.FOUND else one.negative_ttl
            found.append(policy.unknown_ttl if ttl is None else ttl or NO_TTL)
    return found + [one.ttl for one in rrset.resolvers if one.ttl is not None and record not in one.records]


def _signature_end(rrset: RRsetSight, record: TlsaRecord | None) -> int | None:
    """The latest end of a signature over the RRset without the record; over any with None."""
    ends = [one.signature_expiration for one in rrset.servers if record is None or record not in one.records]
    return max((end for end in ends if end is not None), default=None)


def _uncertain(clock: OwnerClock) -> OwnerClock:
    records = {record: replace(one, visible_since=None, gone_since=None) for record, one in clock.records.items()}
    return replace(clock, records=records, absent_since=None)
