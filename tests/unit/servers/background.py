# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers in an event loop of their own, in a thread: for tests of what runs a loop itself, or in another process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 600.0
"""Seconds after which a server that neither starts nor stops is stuck, on a machine however slow."""


@contextmanager
def running(*servers: Any) -> Iterator[None]:
    """Enter async context managers in a loop that runs in the background, and leave them at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait_for(work: Awaitable[Any]) -> None:
        async def waited() -> None:
            await work

        asyncio.run_coroutine_threadsafe(waited(), loop).result(PATIENCE)

    try:
        for server in servers:
            wait_for(server.__aenter__())
        yield
    finally:
        for server in servers:
            wait_for(server.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()
