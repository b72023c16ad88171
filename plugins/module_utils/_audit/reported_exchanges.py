# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exchanges of many destinations, as one machine looks them up and another one reads them: a JSON object a line. Pure.

    {"destination": "example.org", "exchanges": ["mx.example.org"]}

`exchanges` is null where they could not be asked for. Who shares destinations out does not believe the machine that asked: what it says
counts for destinations of the list, each once, and for nothing but who probes them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Callable, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._results.digest_table import key_digest
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import read_mapping

LONGEST_LINE = 64 * 1024
MOST, LONGEST = 100, 255
"""Most exchanges of a destination, and most characters of one."""
_SIZE = 12


class Reported(NamedTuple):
    """What was said of one destination."""

    destination: str
    exchanges: tuple[str, ...] | None


def reported_line(destination: str, exchanges: Iterable[str] | None) -> str:
    """Return the line about a destination."""
    return json.dumps({"destination": destination, "exchanges": None if exchanges is None else sorted(exchanges)[:MOST]})


def read_reported(line: bytes) -> Reported | None:
    """Return what a line says; None when it is no such line."""
    found = read_mapping(line) if len(line) <= LONGEST_LINE else None
    if found is None or not isinstance(found.get("destination"), str):
        return None
    names = found.get("exchanges")
    if names is None:
        return Reported(found["destination"], None)
    sound = isinstance(names, list) and len(names) <= MOST and all(map(_is_name, names))
    return Reported(found["destination"], tuple(names)) if sound else None


def _is_name(found: object) -> bool:
    return isinstance(found, str) and len(found) <= LONGEST and found.isascii()


class GivenTo:
    """Who was given what, by what one machine has reported; some bytes for each destination."""

    def __init__(self, given: Iterable[str], lines: Iterable[bytes], share: Callable[[Reported], str]) -> None:
        """Read a report.

        Args:
            given: the destinations of the list.
            lines: the report.
            share: says who is to have a destination.
        """
        wanted = {_digest(one) for one in given}
        self.strange = 0
        self._given: dict[bytes, str] = {}
        self._failed: set[bytes] = set()
        for line in lines:
            found = read_reported(line)
            digest = _digest(found.destination) if found is not None else b""
            if found is None or digest not in wanted or digest in self._given:
                self.strange += 1
                continue
            self._given[digest] = share(found)
            if found.exchanges is None:
                self._failed.add(digest)

    def prober(self, destination: str) -> str | None:
        """Return who was given a destination; None when nothing was said of it."""
        return self._given.get(_digest(destination))

    def failed(self, destination: str) -> bool:
        """Tell whether its exchanges were asked for in vain."""
        return _digest(destination) in self._failed


def too_great(shares: Collection[tuple[str, int]], total: int) -> Iterator[str]:
    """Yield who has more than halfway from a fair share to everything, of a list that is long enough for that to mean something."""
    fair = total / max(len(shares), 1)
    for prober, count in shares:
        if total >= MOST and len(shares) > 1 and count > (fair + total) / 2:
            yield prober


def _digest(destination: str) -> bytes:
    return key_digest(destination, _SIZE)
