# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes at a primary server, zone by zone: read, plan, update, read again; once more when somebody else was faster.

When it is not clear whether an update was done (no reply, or none that can be believed), reading again tells. All updates of a
zone go in one message, so that a zone never has some of them only.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.domain_name import is_below
from ansible_collections.mailops.tls.plugins.module_utils._dns.update import PrimaryServer, PublishedRRset
from ansible_collections.mailops.tls.plugins.module_utils._dns.update_failure import REPEATABLE, UpdateFailed, UpdateFailureKind
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.plan import Change, Order, plan
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import Wanted

ATTEMPTS = 5
"""How often a zone is read and updated, at most."""
_LOOKS = 10
"""How often the server is asked for what it has accepted, before it counts as not done: nine seconds in all, for busy ones."""
_PAUSE = 0.2

Sleep = Callable[[float], None]


@dataclass(frozen=True)
class ZoneChange:
    """What was done, or in check mode would be, to a zone: the changes of all owners asked for, and the serial number afterwards."""

    zone: str
    changes: tuple[Change, ...]
    serial: int | None = None


class PublishFailed(Exception):
    """A zone could not be brought to where it should be. `done`: what had been done before, to this and to other zones."""

    def __init__(self, error: UpdateFailed, done: tuple[ZoneChange, ...]) -> None:
        super().__init__(str(error))
        self.error = error
        self.done = done


def by_zone(server: PrimaryServer, wanted: Sequence[Wanted], zone: str | None = None) -> dict[str, tuple[Wanted, ...]]:
    """Return what is wanted in each zone.

    Raises:
        UpdateFailed: when the server does not do it, or no valid reply comes.
        OptionError: for an owner that is not in *zone*.
    """
    found: dict[str, tuple[Wanted, ...]] = {}
    for one in wanted:
        if zone is not None and not is_below(one.owner, zone):
            raise OptionError("zone", zone, f"does not have {one.owner} in it")
        its_zone = server.zone_of(one.owner) if zone is None else zone
        found[its_zone] = (*found.get(its_zone, ()), one)
    return found


def publish_at_server(
    server: PrimaryServer,
    order: Order,
    zones: dict[str, tuple[Wanted, ...]],
    *,
    check_mode: bool = False,
    sleep: Sleep = time.sleep,
) -> tuple[ZoneChange, ...]:
    """Make all zones hold what is wanted. Nothing is changed when one of the zones cannot be read, or would lose a last record.

    Raises:
        PublishFailed: when it was not done; the text says why.
        OptionError: as `plan` does.
    """
    done: list[ZoneChange] = []
    try:
        foreseen = [ZoneChange(zone, _planned(server, order, wanted)) for zone, wanted in zones.items()]
        for one in foreseen:
            if check_mode or not any(change.is_change for change in one.changes):
                done.append(ZoneChange(one.zone, one.changes, server.serial(one.zone)))
            else:
                done.append(_publish(server, order, one, zones[one.zone], done, sleep))
    except UpdateFailed as error:
        raise PublishFailed(error, tuple(done)) from error
    return tuple(done)


def _planned(server: PrimaryServer, order: Order, wanted: Sequence[Wanted]) -> tuple[Change, ...]:
    return tuple(plan(order, one, server.read(one.owner)) for one in wanted)


def _publish(
    server: PrimaryServer, order: Order, planned: ZoneChange, wanted: Sequence[Wanted], done: list[ZoneChange], sleep: Sleep
) -> ZoneChange:
    """Update one zone until it is as wanted; a failure later than the update notes what was done in *done*."""
    zone, changes = planned.zone, planned.changes
    unclear = False
    for attempt in range(1, ATTEMPTS + 1):
        try:
            server.update(zone, [change.as_update() for change in changes if change.is_change])
            break
        except UpdateFailed as error:
            unclear = unclear or not error.certain
            now = _after_failure(server, order, wanted, error)
            if not any(change.is_change for change in now):
                if not unclear:  # somebody else has done it
                    return ZoneChange(zone, now, server.serial(zone))
                break
            if error.kind not in REPEATABLE or attempt == ATTEMPTS:
                raise _final(error, attempt, changes == now) from error
            changes = now
            sleep(_PAUSE * attempt)
    done.append(ZoneChange(zone, changes))
    _require_shown(server, changes, sleep)
    serial = server.serial(zone)
    done.pop()
    return ZoneChange(zone, changes, serial)


def _after_failure(server: PrimaryServer, order: Order, wanted: Sequence[Wanted], error: UpdateFailed) -> tuple[Change, ...]:
    """Look what has become of an update that failed."""
    try:
        return _planned(server, order, wanted)
    except UpdateFailed as second:
        if error.certain:
            raise second from error
        text = f"{error}; it cannot be seen whether the update was done ({second})"
        raise UpdateFailed(error.kind, text) from second
    except OptionError as refusal:
        text = f"{error}; meanwhile others have changed the records: {refusal}"
        raise UpdateFailed(UpdateFailureKind.CONFLICT, text, error.certain) from refusal


def _final(error: UpdateFailed, attempts: int, same: bool) -> UpdateFailed:
    text = str(error)
    if error.kind is UpdateFailureKind.CONFLICT and same:
        text += f"; the server answers with the same records as before, {attempts} times: are they made of a wildcard?"
    elif error.kind is UpdateFailureKind.CONFLICT:
        text += f"; somebody else has changed the records each time, {attempts} times"
    elif not error.certain:
        text += "; the update was not done, as reading again shows"
    return UpdateFailed(error.kind, text, error.certain)


def _require_shown(server: PrimaryServer, changes: Sequence[Change], sleep: Sleep) -> None:
    """Raise NOT_SHOWN unless the server has what it accepted: some silently leave out what does not fit (RFC 2136 section 3.4.2.2)."""
    missing: list[str] = []
    for look in range(_LOOKS):
        sleep(_PAUSE * look)
        missing = [one.owner for one in changes if one.is_change and not _is_shown(one, server.read(one.owner))]
        if not missing:
            return
    text = f"the server has accepted the update, and does not show it: {', '.join(missing)}"
    raise UpdateFailed(UpdateFailureKind.NOT_SHOWN, text, True)


def _is_shown(change: Change, now: PublishedRRset) -> bool:
    same_ttl = change.before.ttl == change.after.ttl or change.after.ttl == now.ttl
    return same_ttl and set(change.added) <= set(now.records) and not set(change.removed) & set(now.records)
