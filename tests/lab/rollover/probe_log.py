# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sender's log: one line for each probe, and the judgement of it: not one failed, and none was left out.

A line: time it began (UTC), seconds it took, exchange or domain, address, key algorithm, verdict, and what was matched or why not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

VERIFIED = "verified"
OPPORTUNISTIC = "opportunistic"
FAILED = "failed"

LONGEST_GAP = 15.0
"""Seconds between two probes of one target above which the sender did not look on: it begins one a second. A machine that is busy
may be away for half of the time."""


@dataclass(frozen=True)
class Probe:
    """One probe: when it began (seconds since the epoch), how long it took, of what, and what came out.

    `verdict` is verified; opportunistic, where the domain had no TLSA records and a sender at level dane would deliver all the same;
    or failed, where it would not.
    """

    began: float
    took: float
    host: str
    address: str
    algorithm: str
    verdict: str
    detail: str

    @property
    def target(self) -> str:
        """What was probed."""
        return f"{self.host} {self.address} {self.algorithm}"

    def line(self) -> str:
        """As a line of the log, without line end."""
        time = datetime.fromtimestamp(self.began, timezone.utc).isoformat(timespec="milliseconds")
        return f"{time} {self.took:.3f} {self.target} {self.verdict} {self.detail}"


def parse(line: str) -> Probe:
    """The probe of a line."""
    time, took, host, address, algorithm, verdict, detail = (line.rstrip("\n") + " ").split(" ", 6)
    return Probe(datetime.fromisoformat(time).timestamp(), float(took), host, address, algorithm, verdict, detail.strip())


def read(path: Path) -> list[Probe]:
    """All probes of a log, in the order in which they ended; a last line that is still being written is left out."""
    whole = path.read_text(encoding="utf-8") if path.exists() else ""
    return [parse(line) for line in whole.splitlines(keepends=True) if line.endswith("\n")]


@dataclass(frozen=True)
class Window:
    """A time in which probes may end otherwise: anything may happen (`verdicts` empty), or these verdicts as well."""

    start: float
    end: float
    verdicts: tuple[str, ...] = ()

    def excuses(self, probe: Probe) -> bool:
        """True when the probe was under way in this time and its verdict is one that may be."""
        overlaps = probe.began <= self.end and probe.began + probe.took >= self.start
        return overlaps and (not self.verdicts or probe.verdict in self.verdicts)


def complaints(probes: Iterable[Probe], targets: Sequence[str], start: float, end: float, excused: Sequence[Window] = ()) -> list[str]:
    """What is wrong with the probes between two times, one line each: those not verified, and targets nobody looked at for too long."""
    counted = [probe for probe in probes if start <= probe.began <= end]
    bad = [probe for probe in counted if probe.verdict != VERIFIED and not any(window.excuses(probe) for window in excused)]
    found = [probe.line() for probe in bad]
    for target in targets:
        times = [start, *sorted(probe.began for probe in counted if probe.target == target), end]
        gap, since = max((later - earlier, earlier) for earlier, later in zip(times, times[1:]))
        if gap > max(LONGEST_GAP, (end - start) / 2):
            found.append(f"{target} was not probed for {gap:.0f} seconds, {since - start:.0f} seconds after the start")
    return found
