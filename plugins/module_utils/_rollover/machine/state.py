# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rollover remembers between two runs: times, and what cannot be seen again. Nothing here permits anything by itself.

All that can be seen is looked at anew in each run. When the state is lost, every clock starts at the next run; that delays
and never skips (docs/rollover-invariants.md, invariant 10). Written down it is JSON with a version number; times are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import ClockReading, Key

VERSION = 1
"""Of the format. A later format that an older program must not read has a higher one."""


class StateUnreadable(ValueError):
    """What was saved makes no sense, or comes from a newer version; the text says what. Nothing must be done by it."""


@dataclass(frozen=True)
class RecordClock:
    """What is remembered of one record of one owner.

    Args:
        old_ttl: the largest TTL seen of the owner's RRset without this record (or of its absence), seconds.
        visible_since: the first run, of those without interruption up to now, in which every server and the resolver had it.
        old_signature_end: the latest end of a signature over the RRset without it.
        gone_since: the first run, of those without interruption up to now, in which certainly no server had it.
        ttl: the largest TTL seen of the RRset with it: so long caches may have it after it is gone.
        seen: whether any server ever had it.
        there_since: the first run, of those up to now in which no server was seen without it, in which every server had it.
            Runs in which nobody could tell do not end it, so nothing new is permitted by it.
        leaving: its removal was asked for, and it was not seen gone since. Whoever removes it may do so at any time, so it is no
            reason to serve anything.
        asked: its addition was asked for, and it was not seen everywhere since. It may come at any time.
            """

    old_ttl: int
    visible_since: int | None = None
    old_signature_end: int | None = None
    gone_since: int | None = None
    ttl: int = 0
    seen: bool = False
    there_since: int | None = None
    leaving: bool = False
    asked: bool = False


@dataclass(frozen=True)
class Copy:
    """What is remembered of one RRset as a whole: its largest TTL, and the first run that saw it nowhere (None: it is there)."""

    ttl: int
    gone_since: int | None = None


@dataclass(frozen=True)
class OwnerClock:
    """What is remembered of one owner.

    Args:
        records: a clock for each record that was seen, or is to be published.
        ttls: each TTL that the RRset had, with the first run that saw it no longer (None: it still has it). One that was
            lowered a short while ago still rules the caches.
        absent_since: the first run, of those without interruption up to now, in which certainly no server had any record.
        servers: the addresses of the name servers, in the last run in which it was certain that they were all.
        names: the owners that led there, the aliases among them.
        copies: each RRset that a server or the resolver gave, which others may have in their caches.
            """

    records: Mapping[TlsaRecord, RecordClock] = field(default_factory=dict)
    ttls: Mapping[int, int | None] = field(default_factory=dict)
    absent_since: int | None = None
    servers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    copies: Mapping[frozenset[TlsaRecord], Copy] = field(default_factory=dict)


@dataclass(frozen=True)
class KeyHistory:
    """What is remembered of a key.

    Args:
        created: when it was made; None for one that the rollover did not make.
        deployed_since: the first run that saw it deployed; None: it never was, as far as is known.
        last_deployed: the last run that saw it deployed, or was about to deploy it.
        issuers: the issuers it was served with (SubjectPublicKeyInfo).
            """

    key: Key
    created: int | None = None
    deployed_since: int | None = None
    last_deployed: int | None = None
    issuers: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class RolledBack:
    """A deployment that was taken back; no other is tried until somebody asks for it."""

    time: int
    reason: str


@dataclass(frozen=True)
class State:
    """What is remembered.

    Args:
        reading: the clock in the last run.
        owners: by owner.
        keys: by digest; deployed keys, held keys, and those that records may be left of.
        verified_since: the run in which the deployed keys were first seen from outside everywhere, and nothing else.
        verified_keys: the digests of the keys that `verified_since` is about.
        changed_at: when what is served was last changed (or was about to be); looks from before are worth nothing.
        roll_requested: when a roll was asked for; keys deployed before are due until they are replaced.
        roll_was_set: whether the policy's `roll` was set in the last run, so that setting it in each run is one request.
        emergency_was_set: the same for `emergency`.
        uniform: for each kind of key the last one that a run saw in all instances, and no other.
        faults: since when each error has been found, in runs without interruption, by `DatedFinding.fault_key`.
            """

    reading: ClockReading
    owners: Mapping[str, OwnerClock] = field(default_factory=dict)
    keys: Mapping[str, KeyHistory] = field(default_factory=dict)
    verified_since: int | None = None
    verified_keys: tuple[str, ...] = ()
    rolled_back: RolledBack | None = None
    changed_at: int | None = None
    roll_requested: int | None = None
    roll_was_set: bool = False
    emergency_was_set: bool = False
    uniform: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, int] = field(default_factory=dict)


def as_dict(state: State) -> dict[str, Any]:
    """Return the state as JSON knows it, the same text for equal states."""
    return {
        "version": VERSION,
        "reading": {"wall": state.reading.wall, "boot_id": state.reading.boot_id, "uptime": state.reading.uptime},
        "owners": {owner: _owner_as_dict(clock) for owner, clock in sorted(state.owners.items())},
        "keys": {digest: _key_as_dict(history) for digest, history in sorted(state.keys.items())},
        "verified": None if state.verified_since is None else {"since": state.verified_since, "keys": list(state.verified_keys)},
        "rolled_back": None if state.rolled_back is None else {"time": state.rolled_back.time, "reason": state.rolled_back.reason},
        "changed_at": state.changed_at,
        "roll": {"requested": state.roll_requested, "was_set": state.roll_was_set, "emergency_was_set": state.emergency_was_set},
        "uniform": dict(sorted(state.uniform.items())),
        "faults": dict(sorted(state.faults.items())),
    }


def from_dict(content: object) -> State:
    """Return the state that `as_dict` wrote, or raise `StateUnreadable`. Unknown members are passed over."""
    top = _mapping(content, "the state")
    version = top.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise StateUnreadable("the state has no version")
    if version > VERSION:
        raise StateUnreadable(f"the state is of version {version}; this program knows {VERSION}")
    try:
        return _state(top)
    except (KeyError, TypeError, ValueError) as problem:
        raise StateUnreadable(f"the state cannot be understood: {problem if str(problem) else type(problem).__name__}") from problem


def _owner_as_dict(clock: OwnerClock) -> dict[str, Any]:
    return {
        "records": {str(record): _record_as_dict(one) for record, one in sorted(clock.records.items())},
        "ttls": [[ttl, until] for ttl, until in sorted(clock.ttls.items())],
        "absent_since": clock.absent_since,
        "servers": list(clock.servers),
        "names": list(clock.names),
        "copies": [
            {"records": [str(one) for one in sorted(records)], "ttl": one.ttl, "gone_since": one.gone_since}
            for records, one in sorted(clock.copies.items(), key=lambda item: sorted(item[0]))
        ],
    }


def _record_as_dict(clock: RecordClock) -> dict[str, Any]:
    return {
        "visible_since": clock.visible_since,
        "old_ttl": clock.old_ttl,
        "old_signature_end": clock.old_signature_end,
        "gone_since": clock.gone_since,
        "ttl": clock.ttl,
        "seen": clock.seen,
        "there_since": clock.there_since,
        "leaving": clock.leaving,
        "asked": clock.asked,
    }


def _key_as_dict(history: KeyHistory) -> dict[str, Any]:
    return {
        "algorithm": history.key.algorithm,
        "spki": history.key.spki.hex(),
        "created": history.created,
        "deployed_since": history.deployed_since,
        "last_deployed": history.last_deployed,
        "issuers": [one.hex() for one in history.issuers],
    }


def _state(top: Mapping[str, Any]) -> State:
    reading, verified, roll = _mapping(top["reading"], "reading"), top["verified"], _mapping(top["roll"], "roll")
    rolled_back = top["rolled_back"]
    histories = [_history(_mapping(one, "a key")) for one in _mapping(top["keys"], "keys").values()]
    return State(
        reading=ClockReading(_integer(reading["wall"]), _text(reading["boot_id"]), _integer(reading["uptime"])),
        owners={owner: _owner(_mapping(one, owner)) for owner, one in _mapping(top["owners"], "owners").items()},
        keys={history.key.digest: history for history in histories},
        verified_since=None if verified is None else _integer(verified["since"]),
        verified_keys=() if verified is None else tuple(_text(one) for one in verified["keys"]),
        rolled_back=None if rolled_back is None else RolledBack(_integer(rolled_back["time"]), _text(rolled_back["reason"])),
        changed_at=_time(top["changed_at"]),
        roll_requested=_time(roll["requested"]),
        roll_was_set=_boolean(roll["was_set"]),
        emergency_was_set=_boolean(roll["emergency_was_set"]),
        uniform={_text(kind): _text(digest) for kind, digest in _mapping(top.get("uniform", {}), "uniform").items()},
        faults={_text(name): _integer(since) for name, since in _mapping(top.get("faults", {}), "faults").items()},
    )


def _owner(content: Mapping[str, Any]) -> OwnerClock:
    records = _mapping(content["records"], "records")
    return OwnerClock(
        records={_record(text): _clock(_mapping(one, text)) for text, one in records.items()},
        ttls={_integer(ttl): _time(until) for ttl, until in content["ttls"]},
        absent_since=_time(content["absent_since"]),
        servers=tuple(_text(one) for one in content.get("servers", ())),
        names=tuple(_text(one) for one in content.get("names", ())),
        copies=dict(_copy(_mapping(one, "a copy")) for one in content.get("copies", ())),
    )


def _copy(content: Mapping[str, Any]) -> tuple[frozenset[TlsaRecord], Copy]:
    records = frozenset(_record(_text(one)) for one in content["records"])
    return records, Copy(_integer(content["ttl"]), _time(content["gone_since"]))


def _clock(content: Mapping[str, Any]) -> RecordClock:
    return RecordClock(
        old_ttl=_integer(content["old_ttl"]),
        visible_since=_time(content["visible_since"]),
        old_signature_end=_time(content["old_signature_end"]),
        gone_since=_time(content["gone_since"]),
        ttl=_integer(content["ttl"]),
        seen=_boolean(content["seen"]),
        there_since=_time(content.get("there_since")),
        leaving=_boolean(content.get("leaving", False)),
        asked=_boolean(content.get("asked", False)),
    )


def _history(content: Mapping[str, Any]) -> KeyHistory:
    return KeyHistory(
        key=Key(_text(content["algorithm"]), bytes.fromhex(content["spki"])),
        created=_time(content["created"]),
        deployed_since=_time(content["deployed_since"]),
        last_deployed=_time(content["last_deployed"]),
        issuers=tuple(bytes.fromhex(one) for one in content["issuers"]),
    )


def _record(text: str) -> TlsaRecord:
    usage, selector, matching_type, data = (text.split(" ") + [""])[:4]
    return TlsaRecord(int(usage), int(selector), int(matching_type), bytes.fromhex(data))


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise StateUnreadable(f"the state cannot be understood: {what} is not a mapping")
    return value


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is not a whole number")
    return value


def _time(value: object) -> int | None:
    return None if value is None else _integer(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value
