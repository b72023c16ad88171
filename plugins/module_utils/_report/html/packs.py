# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data in a page: JSON, compressed and in base64, so that nothing in it can be taken for markup. Pure.

Details are many. They are in packs of some hundred domains, so that opening one domain does not unpack all of them.
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any, NamedTuple

PACK_SIZE = 1_000_000
"""Characters of JSON in one pack; more than the window of the compression, so that larger packs would be no smaller."""
_LEVEL = 6


class Spot(NamedTuple):
    """Where something is: the pack, and its number there."""

    pack: int
    number: int


def packed(value: Any) -> str:
    """Return a value as compressed JSON; the same value always gives the same text."""
    return _compressed(json.dumps(value, separators=(",", ":")))


class Packs:
    """Packs that are filled one after the other."""

    def __init__(self, size: int = PACK_SIZE) -> None:
        """Begin; a pack is closed when it has *size* characters."""
        self._size, self._done, self._open, self._length = size, [], [], 0  # type: int, list[str], list[str], int

    def add(self, value: Any) -> Spot:
        """Keep a value of JSON and say where it is."""
        text = json.dumps(value, separators=(",", ":"))
        spot = Spot(len(self._done), len(self._open))
        self._open.append(text)
        self._length += len(text)
        if self._length >= self._size:
            self._close()
        return spot

    def finished(self) -> list[str]:
        """Return all packs."""
        if self._open:
            self._close()
        return self._done

    def _close(self) -> None:
        self._done.append(_compressed("[" + ",".join(self._open) + "]"))
        self._open, self._length = [], 0


def _compressed(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode("ascii"), _LEVEL, mtime=0)).decode("ascii")
