# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run as several probers saw it: DNS that answers each of them differently, unlike machines behind one address. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import Change, ChangeKind, compare_destination
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import Fact, FactKey

_OF_TIME = frozenset((ChangeKind.RENEWED, ChangeKind.EXPIRY, ChangeKind.KEY, ChangeKind.UNCONFIRMED))
"""Kinds that mean something else between two moments than between two places."""


@dataclass(frozen=True)
class SplitView:
    """One difference: `change.before` is how `reference` saw it, `change.after` how the prober of its key did."""

    reference: str
    change: Change

    def as_facts(self) -> dict[str, Any]:
        """Return it as a task returns it."""
        return {**self.change.as_facts(), "reference": self.reference}


def compare_views(rows: Sequence[Fact]) -> list[SplitView]:
    """Return how probers saw one destination differently. Each is compared with the first of them that learnt most about it."""
    views: dict[str, list[Fact]] = {}
    for fact in rows:
        views.setdefault(fact.vantage, []).append(fact._replace(vantage=""))
    if len(views) < 2:
        return []
    reference = min(views, key=lambda name: (*_unknown(views[name]), name))
    found = []
    for name in sorted(views.keys() - {reference}):
        told = [one for one in compare_destination(rows[0].destination, views[reference], views[name]) if one.kind not in _OF_TIME]
        told += _other_keys(views[reference], views[name])
        for one in sorted(told, key=lambda change: change.order):
            found.append(SplitView(reference, replace(one, key=one.key._replace(vantage=name))))
    return found


def _unknown(rows: Sequence[Fact]) -> tuple[int, int]:
    return sum(not one.is_settled for one in rows), -sum(one.certificate is not None for one in rows)


def _other_keys(here: Sequence[Fact], there: Sequence[Fact]) -> Iterator[Change]:
    """Yield keys that differ at one address: behind it are several machines, or somebody is in between."""
    keys: dict[FactKey, bytes] = {one.key: one.spki for one in here if one.spki is not None}
    for one in there:
        if one.spki is not None and keys.get(one.key, one.spki) != one.spki:
            yield Change(ChangeKind.KEY, one.key, keys[one.key].hex(), one.spki.hex())
