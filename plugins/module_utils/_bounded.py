# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table that holds so many bytes at most: what nobody has asked for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Bounded(Generic[_Key, _Value]):
    """Values by key, each with its size in bytes; together they never have more than *most*."""

    def __init__(self, most: int) -> None:
        """Take how many bytes all values may have together. What is larger by itself is not kept."""
        self._most = most
        self._kept: OrderedDict[_Key, tuple[_Value, int]] = OrderedDict()
        self._bytes = 0

    def get(self, key: _Key) -> _Value | None:
        """Return a value, which is now the last to go; None when it is not there."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: _Key, value: _Value, size: int) -> None:
        """Keep a value of so many bytes, in the place of an older one, and let go what there is no room for."""
        self.drop(key)
        if size > self._most:
            return
        self._kept[key] = (value, size)
        self._bytes += size
        while self._bytes > self._most:
            self._bytes -= self._kept.popitem(last=False)[1][1]

    def drop(self, key: _Key) -> None:
        """Let go of one value, if it is there."""
        found = self._kept.pop(key, None)
        if found is not None:
            self._bytes -= found[1]

    @property
    def size(self) -> int:
        """The bytes of all values together."""
        return self._bytes

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._kept)
