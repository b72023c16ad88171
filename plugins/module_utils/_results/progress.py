# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a long run is: counted, told to files and to people (pure; times come from the caller, by a clock that never jumps)."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._text import clean

SUFFIX = ".progress"
"""Behind the name of a file of results, where nothing else was said."""
LARGEST = 16 * 1024
"""Most bytes of such a file that are read."""
_LOOKS = 60
"""The rate is that of so many looks."""
_MOST_STATUSES = 12


class Progress:
    """Counts what is done. `kept` are results of an interrupted run, which say nothing about the rate of this one."""

    def __init__(self, run: str, total: int, now: float) -> None:
        self.run, self.total, self.done = run, total, 0
        self._by_status: Counter[str] = Counter()
        self._looks: deque[tuple[float, int]] = deque([(now, 0)], maxlen=_LOOKS)

    def count(self, status: str) -> None:
        """Note one result."""
        self.done += 1
        self._by_status[status] += 1

    def begin(self, now: float) -> None:
        """Begin to measure: what is counted until now was there before."""
        self._looks.clear()
        self._looks.append((now, self.done))

    def look(self, now: float, *, active: int = 0, parked: int = 0, ended: bool = False) -> dict[str, Any]:
        """Return how far it is now.

        Args:
            now: seconds of a monotonic clock.
            active: how many are looked at.
            parked: how many wait for their turn at a server.
            ended: whether the run is over.
        """
        began, before = self._looks[0]
        seconds = now - began
        rate = (self.done - before) / seconds if seconds > 0 else 0.0
        self._looks.append((now, self.done))
        left = max(0, self.total - self.done)
        return {
            "run": self.run,
            "done": self.done,
            "total": self.total,
            "rate": round(rate, 1),
            "seconds_left": 0 if ended or not left else round(left / rate) if rate > 0 else None,
            "by_status": dict(self._by_status),
            "active": 0 if ended else active,
            "parked": 0 if ended else parked,
            "ended": ended,
        }


def read_progress(content: bytes) -> dict[str, Any] | None:
    """Return what a file of progress says, cleaned; None when it is none. It can come from a machine that nobody here trusts."""
    try:
        found = json.loads(content[:LARGEST])
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(_is_number(found.get(name)) for name in ("done", "total", "rate", "parked")):
        return None
    statuses = found.get("by_status")
    left = found.get("seconds_left")
    counted = statuses.items() if isinstance(statuses, dict) else ()
    return {
        **{name: found[name] for name in ("done", "total", "rate", "parked")},
        "seconds_left": left if _is_number(left) else None,
        "by_status": {clean(name, 40): count for name, count in list(counted)[:_MOST_STATUSES] if _is_number(count)},
        "ended": found.get("ended") is True,
    }


def progress_text(found: Mapping[str, Any]) -> str:
    """Return a line for people: `12,400 of 100,000 (12 %), 310/s, 4 min left, 82 verified 3 failed, 41 hosts waiting`."""
    done, total = int(found["done"]), int(found["total"])
    parts = [f"{done:,} of {total:,}" + (f" ({100 * done // total} %)" if total else "")]
    if found["rate"]:
        parts.append(f"{found['rate']:,.0f}/s" if found["rate"] >= 10 else f"{found['rate']:.1f}/s")
    if found["seconds_left"] and done < total:
        parts.append(f"{_duration(int(found['seconds_left']))} left")
    counted = sorted(found["by_status"].items(), key=lambda one: -one[1])
    if counted:
        parts.append(" ".join(f"{count:,} {status}" for status, count in counted))
    if found["parked"]:
        parts.append(f"{int(found['parked']):,} {'host' if found['parked'] == 1 else 'hosts'} waiting")
    return ", ".join(parts)


def _duration(seconds: int) -> str:
    if seconds < 100:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e12
