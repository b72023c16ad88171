# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs of a store compared, and what came of it counted. The index says which destinations to look at; `changes.py` decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import OF_THE_LIST, Change, ChangeKind, compare_destination
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import Fact, FactKey
from ansible_collections.mailops.tls.plugins.module_utils._audit.ignoring import Ignore
from ansible_collections.mailops.tls.plugins.module_utils._audit.index import AuditIndex, IndexedRun
from ansible_collections.mailops.tls.plugins.module_utils._audit.views import SplitView, compare_views


def compare_runs(index: AuditIndex, before: IndexedRun, after: IndexedRun) -> Iterator[Change]:
    """Yield what is different in a run, in order.

    Each destination is compared with the last run up to *before* that learnt something of it. What the last whole one does not have, nor
    any after it, was not in the list. Runs that nobody was told of are left out, so that what had changed in them is told now.
    """
    last = (before.sequence, before.name)
    former = [one for one in index.runs() if (one.sequence, one.name) <= last and (one.told or one.name == before.name)][::-1]

    def earlier(name: str) -> Iterator[Sequence[Fact]]:
        for run in former:
            rows = index.rows(run.id, name)
            if rows:
                yield rows
            elif run.whole:
                return

    found = index.differing(after.id, former)
    for name in sorted(found.names.union(found.new, found.lost)):
        if name in found.new:
            yield Change(ChangeKind.NEW, FactKey(name), None, found.new[name])
        elif name in found.lost:
            yield Change(ChangeKind.GONE if after.whole else ChangeKind.MISSING, FactKey(name), found.lost[name], None)
        else:
            yield from compare_destination(name, (), index.rows(after.id, name), before_whole=False, earlier=earlier)


def split_views(index: AuditIndex, run: IndexedRun) -> Iterator[SplitView]:
    """Yield what several probers saw differently in one run, in order."""
    for name in index.seen_from_several(run.id):
        yield from compare_views(index.rows(run.id, name))


class ChangeTally:
    """Counts changes as they come, and keeps the first of them to show.

    Attributes:
        first: the first changes that are not ignored, those that count before others only by their place in the order.
        names: the first destinations with a change that counts.
        regressed: the first destinations with a change for the worse.
    """

    def __init__(self, most: int, most_names: int, ignore: Ignore) -> None:
        self.first: list[Change] = []
        self.names: list[str] = []
        self.regressed: list[str] = []
        self._most, self._most_names, self._ignore = most, most_names, ignore
        self._kinds: Counter[ChangeKind] = Counter()
        self._by_destination: Counter[str] = Counter()
        self._last: dict[str, str] = {}
        self._ignored = 0

    def add(self, change: Change) -> bool:
        """Count a change; changes come in the order of their destinations. Return whether it was ignored."""
        if self._ignore(change):
            self._ignored += 1
            return True
        self._kinds[change.kind] += 1
        group = change.kind.value if change.kind in OF_THE_LIST or not change.counts else "changed"
        name = change.key.destination
        if self._last.get(group) != name:
            self._last[group] = name
            self._by_destination[group] += 1
        if change.counts:
            if len(self.first) < self._most:
                self.first.append(change)
            if len(self.names) < self._most_names and self.names[-1:] != [name]:
                self.names.append(name)
            if change.is_worse and len(self.regressed) < self._most_names and self.regressed[-1:] != [name]:
                self.regressed.append(name)
        return False

    @property
    def changed(self) -> bool:
        """Whether something changed."""
        return any(self._by_destination[group] for group in ("new", "gone", "changed"))

    def as_facts(self) -> dict[str, Any]:
        """Return how many destinations are new, gone, changed and so on, and how many changes of each kind there are."""
        groups = ("new", "gone", "changed", "renewed", "missing", "unconfirmed")
        kinds = {kind.value: count for kind, count in sorted(self._kinds.items(), key=lambda item: item[0].value)}
        return {**{group: self._by_destination[group] for group in groups}, "ignored": self._ignored, "by_kind": kinds}
