# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that was found about one name, joined: results of several modules, and of several machines that looked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import Change, ChangeKind
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import FactKey
from ansible_collections.mailops.tls.plugins.module_utils._report.sight import PROTOCOLS, SEVERITIES, STATUSES, Sight
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import mapping, word

EXPIRY_CLASSES = ("ended", "7 days", "14 days", "30 days", "60 days", "90 days", "180 days", "later")
_DAYS = (0, 7, 14, 30, 60, 90, 180)
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_GOOD = len(STATUSES)


class ChangeGrade(IntEnum):
    """What a change is worth: one that does not count, such as a renewal; one that does; one for the worse."""

    NONE = 0
    QUIET = 1
    COUNTS = 2
    WORSE = 3


@dataclass(frozen=True)
class Subject:
    """One domain or host of a report. Of what several results say, the worst counts."""

    name: str
    kinds: tuple[str, ...]
    status: str
    satisfied: bool | None
    error: str
    reason: str
    protocol: str
    keys: tuple[str, ...]
    issuers: tuple[str, ...]
    not_after: str
    days_left: int | None
    expiry: str
    grade: str
    worst: str
    findings: tuple[str, ...]
    hosts: tuple[str, ...]
    changes: tuple[str, ...]
    changed: ChangeGrade

    @property
    def badness(self) -> tuple[int, int, int, int]:
        """What the worst come first by: no delivery, then findings, then the verdict, then the end of the certificate."""
        satisfied = {False: 0, None: 1, True: 2}[self.satisfied]
        severity = SEVERITIES.index(self.worst) if self.worst else len(SEVERITIES)
        status = STATUSES.index(self.status) if self.status else _GOOD
        return satisfied, severity, status, 99_999 if self.days_left is None else self.days_left


def joined(name: str, sights: Sequence[Sight], moment: str, changes: Sequence[Mapping[str, Any]] = ()) -> Subject:
    """Return what is said about a name by all results at a moment."""
    not_after = min((one.not_after for one in sights if one.not_after), default="")
    days = days_between(moment, not_after)
    bad_first = sorted(sights, key=lambda one: (one.satisfied is not False, one.worst != "error"))
    findings = {(severity, kind) for one in sights for severity, kind in one.findings}
    return Subject(
        name=name,
        kinds=tuple(dict.fromkeys(one.kind.value for one in sights)),
        status=_first(STATUSES, (one.status for one in sights)),
        satisfied=_all(one.satisfied for one in sights),
        error=next((one.error for one in bad_first if one.error), ""),
        reason=next((one.reason for one in bad_first if one.reason), ""),
        protocol=_first(PROTOCOLS, (one.protocol for one in sights)),
        keys=tuple(sorted({key for one in sights for key in one.keys})[:4]),
        issuers=tuple(sorted({issuer for one in sights for issuer in one.issuers})[:4]),
        not_after=not_after,
        days_left=days,
        expiry=expiry_class(days),
        grade=next((one.grade for one in sights if one.grade), ""),
        worst=_first(SEVERITIES, (one.worst for one in sights)),
        findings=tuple(kind for _severity, kind in sorted(findings, key=lambda one: (SEVERITIES.index(one[0]), one[1]))),
        hosts=tuple(sorted({host for one in sights for host in one.hosts})),
        changes=tuple(dict.fromkeys(word(one.get("kind")) for one in changes)),
        changed=max(map(change_grade, changes), default=ChangeGrade.NONE),
    )


def days_between(moment: str, end: str) -> int | None:
    """Return the days from a moment to an end, both UTC as text, rounded down; None where one is not known."""
    try:
        return (datetime.strptime(end, _TIME) - datetime.strptime(moment, _TIME)).days
    except ValueError:
        return None


def expiry_class(days: int | None) -> str:
    """Return within which time a certificate ends; nothing where that is not known."""
    if days is None:
        return ""
    return next((name for name, limit in zip(EXPIRY_CLASSES, _DAYS) if days < limit), EXPIRY_CLASSES[-1])


def changed_name(change: Mapping[str, Any]) -> str:
    """Return the name that a change is about."""
    key = change.get("key")
    for place in (change, mapping(key)):
        for name in ("destination", "target", "domain"):
            if isinstance(place.get(name), str):
                return word(place[name])
    if isinstance(key, (list, tuple)) and key:
        return word(key[0])
    return word(key)


def change_grade(change: Mapping[str, Any]) -> ChangeGrade:
    """Return what a change is worth."""
    if change.get("counts") is False:
        return ChangeGrade.QUIET
    try:
        kind = ChangeKind(change.get("kind"))
    except ValueError:
        return ChangeGrade.COUNTS
    before, after = (one if isinstance(one, str) else None for one in (change.get("before"), change.get("after")))
    found = Change(kind, FactKey(""), before, after)
    return ChangeGrade.WORSE if found.is_worse else ChangeGrade.COUNTS if found.counts else ChangeGrade.QUIET


def counting(changes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the changes that count: no renewal, and nothing that was only not looked at."""
    return [one for one in changes if change_grade(one) is not ChangeGrade.QUIET]


def _first(order: Sequence[str], found: Iterable[str]) -> str:
    there = set(found)
    return next((one for one in order if one in there), "")


def _all(flags: Iterable[bool | None]) -> bool | None:
    """False where one is, true where all that are known are."""
    known = {one for one in flags if one is not None}
    return None if not known else False not in known
