# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy is: data with a source, and the level that it gives each value.

A value is a name as in results, a cipher suite by its name at IANA. A pattern `RSA>=3072` stands for every value `RSA-N` with an
N of at least that, `days<=366` for `days-N` up to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._grade.levels import Level
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy_iana import IANA_RECOMMENDED
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy_mozilla import MOZILLA_INTERMEDIATE, MOZILLA_MODERN
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy_ncsc import NCSC_2025

RULES_ONLY = "rules"
"""The policy without items of its own, for who has rules and nothing else."""
_LISTED = (Level.GOOD, Level.SUFFICIENT, Level.PHASE_OUT, Level.INSUFFICIENT)
_PATTERN = re.compile(r"(.+)(>=|<=)(\d+)")
_NUMBERED = re.compile(r"(.+)-(\d{1,9})")


@dataclass(frozen=True)
class PolicyItem:
    """One thing that a policy is about.

    Attributes:
        id: by which results know it.
        title: what it is, in a few words.
        applies: what it is compared with, a name of `subjects.py` and its like.
        listed: the levels of values by name; patterns in `bounds`.
        otherwise: the level of every other value.
        mandatory: whether it counts for the level of the grade.
        fixable_by: who can change it.
        reference: the section that says so.
    """

    id: str
    title: str
    applies: str
    listed: Mapping[str, Level]
    bounds: tuple[tuple[str, str, int, Level], ...]
    otherwise: Level
    mandatory: bool
    fixable_by: str
    reference: str

    def level_of(self, value: str) -> Level:
        """Return the level of one value."""
        known = self.listed.get(value)
        if known is not None:
            return known
        numbered = _NUMBERED.fullmatch(value)
        if numbered is not None:
            name, number = numbered[1], int(numbered[2])
            for bound_name, sign, bound, level in self.bounds:
                if name == bound_name and (number >= bound if sign == ">=" else number <= bound):
                    return level
        return self.otherwise


@dataclass(frozen=True)
class Policy:
    """A whole policy, and where it is from."""

    id: str
    title: str
    version: str
    date: str
    source: str
    licence: str
    items: tuple[PolicyItem, ...]


def policy_of(data: Mapping[str, Any]) -> Policy:
    """Return a policy of its data."""
    return Policy(
        **{name: data[name] for name in ("id", "title", "version", "date", "source", "licence")},
        items=tuple(_item(one) for one in data["items"]),
    )


def _item(data: Mapping[str, Any]) -> PolicyItem:
    listed: dict[str, Level] = {}
    bounds: list[tuple[str, str, int, Level]] = []
    for level in _LISTED:
        for value in data.get(level.value, ()):
            pattern = _PATTERN.fullmatch(value)
            if pattern is None:
                listed[value] = level
            else:
                bounds.append((pattern[1], pattern[2], int(pattern[3]), level))
    return PolicyItem(
        data["id"], data["title"], data["applies"], listed, tuple(bounds), Level(data["else"]), data["mandatory"], data["fixable_by"],
        data["ref"],
    )  # fmt: skip


_NO_ITEMS = {
    "id": RULES_ONLY, "title": "Rules of the user", "version": "", "date": "", "source": "the option rules", "licence": "", "items": (),
}  # fmt: skip
POLICIES: Mapping[str, Policy] = {
    one.id: one for one in map(policy_of, (NCSC_2025, MOZILLA_INTERMEDIATE, MOZILLA_MODERN, IANA_RECOMMENDED, _NO_ITEMS))
}
"""All policies by id, in the order of the documentation."""
