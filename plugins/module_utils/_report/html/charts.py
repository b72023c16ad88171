# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The charts of a page: what is counted, and how long each bar is. Pure; the frame draws them.

Each bar leads to the domains that it counts: its link is the state of the table that shows just those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from ansible_collections.mailops.tls.plugins.module_utils._report.sight import PROTOCOLS, SEVERITIES, STATUSES
from ansible_collections.mailops.tls.plugins.module_utils._report.subject import EXPIRY_CLASSES, Subject

MOST_BARS = 10
_WEAK = frozenset(("SSLv2", "SSLv3", "TLSv1", "TLSv1.1"))
_TONES = {
    "failed": "bad", "plaintext": "bad", "anonymous": "bad", "untrusted": "poor", "trusted": "fair", "verified": "good",
    "ended": "bad", "7 days": "bad", "14 days": "poor", "30 days": "poor",
    "error": "bad", "warning": "poor", "notice": "fair",
    "good": "good", "sufficient": "fair", "phase_out": "poor", "insufficient": "bad", "not_tested": "plain",
}  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """One bar: what it counts, how many, its length in percent, its tone, and the state of the table that shows those."""

    label: str
    count: int
    share: float
    tone: str
    link: str


@dataclass(frozen=True)
class Chart:
    """A chart; `more` is how many domains are in bars that are left out. `upright` is how it is drawn."""

    title: str
    field: str
    bars: tuple[Bar, ...]
    more: int = 0
    upright: bool = False


def charts(subjects: Sequence[Subject]) -> list[Chart]:
    """Return the charts that say something about these domains."""
    found = [
        _ordered("Verdicts", "status", (one.status for one in subjects), STATUSES[::-1]),
        _ordered("Certificates end within", "expiry", (one.expiry for one in subjects), EXPIRY_CLASSES, upright=True),
        _ordered("Weakest protocol", "protocol", (one.protocol for one in subjects), PROTOCOLS[::-1]),
        _frequent("Grades", "grade", (one.grade for one in subjects)),
        _frequent("Keys", "key", (key for one in subjects for key in one.keys)),
        _frequent("Issuers", "issuer", (issuer for one in subjects for issuer in one.issuers)),
        _ordered("Worst finding", "worst", (one.worst for one in subjects), SEVERITIES),
        _frequent("Findings", "finding", (kind for one in subjects for kind in one.findings)),
        _frequent("Errors", "error", (one.error for one in subjects)),
    ]
    return [one for one in found if one.bars]


def link(field: str, value: str) -> str:
    """Return the state of the table that shows the domains with a value."""
    return f"#{field}={quote(value, safe='')}"


def _ordered(title: str, field: str, values: Iterable[str], order: Sequence[str], upright: bool = False) -> Chart:
    counts = Counter(one for one in values if one)
    return Chart(title, field, _bars(field, [(one, counts[one]) for one in order if counts[one] or upright and counts], counts), 0, upright)


def _frequent(title: str, field: str, values: Iterable[str]) -> Chart:
    counts = Counter(one for one in values if one)
    most = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return Chart(title, field, _bars(field, most[:MOST_BARS], counts), sum(count for _value, count in most[MOST_BARS:]))


def _bars(field: str, pairs: Sequence[tuple[str, int]], counts: Counter[str]) -> tuple[Bar, ...]:
    longest = max(counts.values(), default=1)
    return tuple(
        Bar(_label(field, value), count, round(100 * count / longest, 2), _tone(value), link(field, value)) for value, count in pairs
    )


def _label(field: str, value: str) -> str:
    """Return a value as people write it; those of other fields are words to look for in the documentation."""
    return value.replace("_", " ") if field == "grade" else value


def _tone(value: str) -> str:
    return "poor" if value in _WEAK else _TONES.get(value, "plain")
