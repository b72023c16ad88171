# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One item of a policy beside what was seen at all endpoints of a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._grade.certificate_subjects import CERTIFICATE_SUBJECTS
from ansible_collections.mailops.tls.plugins.module_utils._grade.endpoint_view import EndpointView, Gap, Observation, Observed, together
from ansible_collections.mailops.tls.plugins.module_utils._grade.levels import Level, concluded, worst
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import Policy, PolicyItem
from ansible_collections.mailops.tls.plugins.module_utils._grade.subjects import TLS_SUBJECTS
from ansible_collections.mailops.tls.plugins.module_utils._grade.suite_order import cipher_order

MOST_EVIDENCE = 50
_SHOWN_VALUES, _SHOWN_GAPS = 8, 2
_SPOKEN = {
    "not_offered": "not offered",
    "nothing_to_phase_out": "there is no suite to phase out beside better ones",
    "client_order": "the client decides, also for suites to phase out",
    "not_validated": "records without DNSSEC",
    "other_name": "another name",
    "valid": "they match",
    "failed": "none matches",
    "prepared": "there are some",
    "single": "there are none",
}
"""Values that are words of our own, as people say them."""
_RANKS = {level: rank for rank, level in enumerate((Level.INSUFFICIENT, Level.PHASE_OUT, Level.SUFFICIENT, Level.GOOD, Level.NOT_TESTED))}
_WORDS = {Level.INSUFFICIENT: "Insufficient", Level.PHASE_OUT: "To phase out", Level.SUFFICIENT: "Sufficient", Level.GOOD: "Good"}


class Judged(NamedTuple):
    """A value that was seen, with its level."""

    observation: Observation
    level: Level


@dataclass(frozen=True)
class ItemGrade:
    """How good one item is, and why."""

    item: PolicyItem
    level: Level
    judged: tuple[Judged, ...]
    gaps: tuple[Gap, ...]
    fixable_by: str

    @cached_property
    def complete(self) -> bool:
        """True when nothing more is to be found."""
        return not self.gaps and all(one.level.tested for one in self.judged)

    @cached_property
    def tested_level(self) -> Level | None:
        """The worst of what was seen."""
        return worst(one.level for one in self.judged)

    def text(self) -> str:
        """Return what was seen, in short sentences."""
        by_level = self._by_level()
        found = [f"{_WORDS[level]}: {_listed(values)}." for level, values in by_level if level.tested]
        unknown = [value for level, values in by_level if not level.tested for value in values]
        if unknown:
            found.append(f"Not listed: {_listed(unknown)}.")
        whys = list(dict.fromkeys(gap.why for gap in self.gaps))
        if whys:
            rest = f", and {len(whys) - _SHOWN_GAPS} reasons more" if len(whys) > _SHOWN_GAPS else ""
            found.append(f"{'More was not tested' if found else 'Not tested'}: {'; '.join(whys[:_SHOWN_GAPS])}{rest}.")
        return " ".join(found) or "There is nothing of it."

    def _by_level(self) -> list[tuple[Level, list[str]]]:
        if len(self.judged) == 1:
            return [(self.judged[0].level, [self.judged[0].observation.value])]
        values: dict[Level, dict[str, None]] = {}
        for one in self.judged:
            values.setdefault(one.level, {}).setdefault(one.observation.value)
        return [(level, sorted(found)) for level, found in sorted(values.items(), key=lambda pair: _RANKS[pair[0]])]

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `checks`."""
        evidence = sorted(self.judged, key=_place) if len(self.judged) > 1 else self.judged
        places = {one.observation.endpoint for one in self.judged} | {gap.endpoint for gap in self.gaps}
        return {
            "id": self.item.id,
            "title": self.item.title,
            "level": self.level.value,
            "tested_level": self.tested_level.value if self.tested_level is not None else None,
            "complete": self.complete,
            "text": self.text(),
            "observed": list(dict.fromkeys(one.observation.value for one in evidence))[:MOST_EVIDENCE],
            "evidence": [
                {
                    "value": one.observation.value,
                    "level": one.level.value,
                    "endpoint": one.observation.endpoint,
                    "field": one.observation.field,
                }
                for one in evidence[:MOST_EVIDENCE]
            ],
            "not_tested": [{"endpoint": gap.endpoint, "why": gap.why} for gap in sorted(self.gaps, key=str)[:MOST_EVIDENCE]],
            "connections": sorted(places)[:MOST_EVIDENCE],
            "mandatory": self.item.mandatory,
            "fixable_by": self.fixable_by,
            "ref": self.item.reference,
        }


def _listed(values: Sequence[str]) -> str:
    values = [_SPOKEN.get(value, value) for value in values]
    rest = f" and {len(values) - _SHOWN_VALUES} more" if len(values) > _SHOWN_VALUES else ""
    return ", ".join(values[:_SHOWN_VALUES]) + rest


def _place(one: Judged) -> tuple[int, str, str, str]:
    """The worst first, then by where it was seen."""
    return _RANKS[one.level], one.observation.endpoint, one.observation.field, one.observation.value


def judge(policy: Policy, endpoints: Sequence[EndpointView], nothing: str, *, provider: bool) -> list[ItemGrade]:
    """Return the grade of each item of a policy.

    Args:
        policy: what is asked for.
        endpoints: what was seen.
        nothing: why there is no endpoint, where there is none.
        provider: whether the servers are somebody else's, who has to fix what their operator can.
    """
    found = []
    for item in policy.items:
        observed = _observed(policy, item, endpoints) if endpoints else Observed(gaps=(Gap("", nothing),))
        judged = tuple([Judged(one, item.level_of(one.value)) for one in dict.fromkeys(observed.seen)])
        level = concluded([one.level for one in judged], not observed.gaps)
        fixable = "provider" if provider and item.fixable_by == "operator" else item.fixable_by
        found.append(ItemGrade(item, level, judged, tuple(dict.fromkeys(observed.gaps)), fixable))
    return found


def _observed(policy: Policy, item: PolicyItem, endpoints: Sequence[EndpointView]) -> Observed:
    if item.applies == "cipher_order":
        suites = next(one for one in policy.items if one.applies == "cipher_suite")
        found = [cipher_order(endpoint, suites) for endpoint in endpoints]
    else:
        subject = TLS_SUBJECTS.get(item.applies) or CERTIFICATE_SUBJECTS[item.applies]
        found = [endpoint.look(subject) for endpoint in endpoints]
    return found[0] if len(found) == 1 else together(found)
