# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the frame of a page shows, made in one walk over the results. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import QUIET
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import destination_key
from ansible_collections.mailops.tls.plugins.module_utils._report.html.answer import Answer, answer
from ansible_collections.mailops.tls.plugins.module_utils._report.html.bounded import bounded
from ansible_collections.mailops.tls.plugins.module_utils._report.html.charts import Chart, charts, link
from ansible_collections.mailops.tls.plugins.module_utils._report.html.packs import Packs, Spot, packed
from ansible_collections.mailops.tls.plugins.module_utils._report.html.part import part_of
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material, ReportedRun
from ansible_collections.mailops.tls.plugins.module_utils._report.sight import Sight, sight_of
from ansible_collections.mailops.tls.plugins.module_utils._report.subject import ChangeGrade, Subject, changed_name, counting, joined
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import word

MOST_WORST = 200
"""Domains that are there without scripts."""
MOST_CHANGES = 100
"""Changes that stand in the page as text; all are in the data."""
_DICTIONARIES = ("status", "error", "protocol", "expiry", "grade", "worst")
"""Columns whose words are few: the column has numbers, the words are told once."""
_LISTS = {"key": "keys", "issuer": "issuers"}
"""The same, of which a domain can have several words."""
_RUN = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})[0-9]{2}Z-")
MOST_LINES, FEW_LINES = 10, 3
"""Lines of one kind of change, and of one that is as it should be."""
QUIET_CHANGES = frozenset(kind.value for kind in QUIET)
KINDS_OF_CHANGES = {
    "delivery": "Delivery",
    "verdict": "Verdict",
    "error": "Error",
    "key": "Key",
    "issuer": "Issuer",
    "tlsa": "TLSA records",
    "dnssec": "DNSSEC",
    "protocol": "TLS protocol",
    "expiry": "End of a certificate",
    "mx": "Exchanges",
    "missing": "Not looked at this time",
    "gone": "Not in the list any more",
    "new": "New in the list",
    "unconfirmed": "To be confirmed by another look",
    "renewed": "Renewed as it should be",
    "address": "Addresses",
}
"""Kinds of changes, those first that want somebody's eye."""


@dataclass(frozen=True)
class ShownChange:
    """One change as a line: whose, at which server, what it was, what it is."""

    name: str
    place: str
    link: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangeGroup:
    """All changes of one kind; `lines` are the first of them."""

    kind: str
    title: str
    count: int
    link: str
    lines: tuple[ShownChange, ...]


@dataclass(frozen=True)
class PageFacts:
    """Everything that the frame needs."""

    title: str
    moment: str
    runs: tuple[dict[str, str], ...]
    previous: str | None
    compared: bool
    groups: tuple[ChangeGroup, ...]
    calm: bool
    answer: Answer
    counts: Mapping[str, int]
    charts: Sequence[Chart]
    worst: Sequence[Subject]
    rows: str
    packs: Sequence[str]


def page_facts(material: Material) -> PageFacts:
    """Return what the page of a report shows."""
    by_name = _changes_by_name(material.changes or ())
    names: dict[str, str] = {}
    sights: dict[str, list[Sight]] = {}
    spots: dict[str, list[Spot]] = {}
    packs = Packs()
    for one in material.results():
        name = one.name
        key = destination_key(name)
        names.setdefault(key, name)
        sights.setdefault(key, []).append(sight_of(one))
        spots.setdefault(key, []).append(packs.add(part_of(one)))
    subjects = {
        key: joined(names[key], sights.pop(key), material.moment, by_name.get(key, ()))
        for key in names
    }
    order = sorted(subjects, key=lambda key: (subjects[key].badness, key))
    ordered = [subjects[key] for key in order]
    counts = _counts(ordered)
    changes = {names.get(key, key).lower(): [bounded(one) for one in found] for key, found in by_name.items()}
    return PageFacts(
        title=word(material.title),
        moment=word(material.moment),
        runs=tuple(_run(one) for one in material.runs),
        previous=None if material.previous is None else run_text(word(material.previous)),
        compared=material.changes is not None,
        groups=tuple(_groups(material.changes or ())),
        calm=not counting(material.changes or ()),
        answer=answer(ordered, counts, material),
        counts=counts,
        charts=charts(ordered),
        worst=[one for one in ordered if one.satisfied is not True or one.worst][:MOST_WORST] or ordered[:MOST_WORST],
        rows=packed(_columns(ordered, [spots[key] for key in order], material, changes)),
        packs=packs.finished(),
    )


def run_text(name: str) -> str:
    """Return a run as people speak of it: by when it was. The name of an audit's run says so."""
    found = _RUN.match(name)
    return "{}-{}-{} {}:{} UTC".format(*found.groups()) if found else name


def _run(run: ReportedRun) -> dict[str, str]:
    return {"run": word(run.run), "vantage": word(run.vantage), "level": word(run.options.get("security_level"))}


def _columns(
    subjects: Sequence[Subject], spots: Sequence[Sequence[Spot]], material: Material, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the table of all domains, the worst first, column by column."""
    words: dict[str, list[str]] = {}
    columns: dict[str, list[Any]] = {
        "name": [one.name for one in subjects],
        "satisfied": [one.satisfied for one in subjects],
        "days": [one.days_left for one in subjects],
        "ends": [one.not_after[:10] for one in subjects],
        "reason": [one.reason for one in subjects],
        "hosts": [" ".join(one.hosts[:20]) for one in subjects],
        "findings": [list(one.findings) for one in subjects],
        "changes": [list(one.changes) for one in subjects],
        "changed": [int(one.changed) for one in subjects],
        "spots": [[list(one) for one in found] for found in spots],
    }
    for name in _DICTIONARIES:
        values = [getattr(one, name) for one in subjects]
        number = {value: at for at, value in enumerate(dict.fromkeys(values))}
        words[name], columns[name] = list(number), [number[value] for value in values]
    for name, field in _LISTS.items():
        several: list[tuple[str, ...]] = [getattr(one, field) for one in subjects]
        number = {value: at for at, value in enumerate(dict.fromkeys(value for one in several for value in one))}
        words[name], columns[name] = list(number), [[number[value] for value in one] for one in several]
    return {
        "count": len(subjects), "moment": material.moment, "words": words, "columns": columns, "changes": changes,
        "kinds": KINDS_OF_CHANGES,
    }  # fmt: skip


def _counts(subjects: Sequence[Subject]) -> dict[str, int]:
    satisfied = Counter(one.satisfied for one in subjects)
    return {
        "all": len(subjects),
        "good": satisfied[True],
        "bad": satisfied[False],
        "unknown": satisfied[None],
        "ended": sum(1 for one in subjects if one.expiry == "ended"),
        "soon": sum(1 for one in subjects if one.days_left is not None and 0 <= one.days_left < 14),
        "errors": sum(1 for one in subjects if one.worst == "error"),
        "changed": sum(1 for one in subjects if one.changed >= ChangeGrade.COUNTS),
        "renewed": sum(1 for one in subjects if one.changed is ChangeGrade.QUIET and "renewed" in one.changes),
        "worse": sum(1 for one in subjects if one.changed is ChangeGrade.WORSE),
    }


def _changes_by_name(changes: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in changes:
        found.setdefault(destination_key(changed_name(one)), []).append(one)
    return found


def _groups(changes: Iterable[Mapping[str, Any]]) -> Iterable[ChangeGroup]:
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for one in changes:
        by_kind.setdefault(word(one.get("kind"))[:40], []).append(one)
    order = list(KINDS_OF_CHANGES)
    room = MOST_CHANGES
    for kind in sorted(by_kind, key=lambda one: (order.index(one) if one in order else len(order), one)):
        found = by_kind[kind]
        lines = [_shown(one) for one in found[: min(FEW_LINES if kind in QUIET_CHANGES else MOST_LINES, room)]]
        room -= len(lines)
        yield ChangeGroup(kind, KINDS_OF_CHANGES.get(kind, kind), len(found), link("change", kind), tuple(lines))


def _shown(change: Mapping[str, Any]) -> ShownChange:
    name, host, address = changed_name(change), word(change.get("host")), word(change.get("address"))
    place = f"{host}[{address}]" if address else host
    return ShownChange(name, place, link("page", name), value_text(change.get("before")), value_text(change.get("after")))


def value_text(value: Any) -> str:
    """Return what a change says it was, or is, as one short text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{word(name)} {value_text(one)}" for name, one in list(value.items())[:6] if one is not None)[:160]
    if isinstance(value, (list, tuple)):
        return ", ".join(value_text(one) for one in value[:6])[:160]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return word(value)[:160]
