# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of one run: who counts logins there may lock an account, so one login at a time, and not too many together.

How many there were is remembered to the end of the run, in a few bytes a host. A host where nobody has logged in is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._results.digest_table import DigestTable, key_digest

_TOO_MANY = 1 << 40
"""Added to the number of logins where the server has said that there were too many."""


class Host:
    """What was done at a host so far: logins that were begun, and whether it has said that there were too many."""

    __slots__ = ("attempts", "here", "too_many", "turn")

    def __init__(self, attempts: int = 0, *, too_many: bool = False) -> None:
        """Take what is known. `here` counts who has its turn or waits for it."""
        self.attempts, self.too_many, self.here = attempts, too_many, 0
        self.turn = asyncio.Lock()


class Hosts:
    """All hosts. Make and use it inside a running event loop."""

    def __init__(self) -> None:
        self._busy: dict[str, Host] = {}
        self._known = DigestTable()

    @asynccontextmanager
    async def alone_at(self, name: str, aside: Callable[[], AbstractContextManager[None]]) -> AsyncIterator[Host]:
        """Be the only one at a host; the wait for that is in *aside*."""
        key = name.lower()
        host = self._busy.get(key)
        if host is None:
            host = self._busy[key] = self._remembered(key)
        host.here += 1
        try:
            with aside():
                await host.turn.acquire()
            try:
                yield host
            finally:
                host.turn.release()
        finally:
            host.here -= 1
            if not host.here:
                del self._busy[key]
                self._remember(key, host)

    def _remembered(self, key: str) -> Host:
        number = self._known.get(key_digest(key))
        return Host(number % _TOO_MANY, too_many=number >= _TOO_MANY)

    def _remember(self, key: str, host: Host) -> None:
        number = host.attempts + _TOO_MANY * host.too_many
        if number:
            self._known.put(key_digest(key), number)
