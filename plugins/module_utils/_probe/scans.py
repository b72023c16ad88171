# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scans of one run: each address, port and server name once, whoever asks, and no two at a time at one address.

A scan follows a probe that came as far as to TLS, so that a server is never scanned which has refused a plain connection before.
Each of its connections waits for its turn like those of probes. Results are kept small, and the oldest of very many
are forgotten (decision 0144).
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Callable, NamedTuple, Optional

from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbeEvidence, ProbePlan, TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.scanner import ScanLimits, Scanner
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import VERSIONS
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan import Scan
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ScanMode

HostTurn = Callable[[ProbePlan, Optional[str]], AbstractAsyncContextManager[object]]
"""What each connection to a host of this name waits for, and holds while it lasts."""
MOST_KEPT = 50_000
"""Results that are kept for who asks again, about a kB each."""


_UNWELCOME = (ErrorKind.RATE_LIMITED, ErrorKind.REJECTED)


@dataclass(frozen=True)
class ScanSettings:
    """How much to ask, and in seconds how far apart connections are and how long a scan may take."""

    mode: ScanMode
    interval: float = 0.5
    deadline: float = 300.0


class _Key(NamedTuple):
    """What makes two scans the same one."""

    target: Target
    server_name: str | None


def _version(evidence: ProbeEvidence) -> int | None:
    """Return the protocol version that a probe has had."""
    name = evidence.tls.protocol if evidence.tls is not None else None
    return next((number for number, known in VERSIONS.items() if known == name), None)


class _Alone:
    """Who is the only one at an address, and how many are or wait to be."""

    def __init__(self) -> None:
        self.lock, self.users = asyncio.Lock(), 0


class Scans:
    """All scans of a run. Make and use it inside a running event loop."""

    def __init__(self, settings: ScanSettings, limits: TimeLimits, turn: HostTurn) -> None:
        """Take the limits of each connection, and what gives it its turn."""
        self._mode, self._turn = settings.mode, turn
        self._limits = ScanLimits(settings.interval, settings.deadline, limits)
        self._kept: dict[_Key, bytes] = {}
        self._running: dict[_Key, asyncio.Task[bytes]] = {}
        self._alone: dict[str, _Alone] = {}

    async def after(
        self, evidence: ProbeEvidence | None, obstacle: Failure | None = None, host: str | None = None
    ) -> dict[str, Any] | None:
        """Return the scan of the server of a probe as facts.

        Args:
            evidence: what the probe saw.
            obstacle: why this server must not be asked any more, if so.
            host: the name of the host there, for the limit of its provider.

        Returns:
            None where the probe did not come as far as to TLS, or the server turned it away.
        """
        if evidence is None or evidence.tls is None:
            return None
        if evidence.failure is not None and evidence.failure.kind in _UNWELCOME:
            return None
        key = _Key(evidence.plan.target, evidence.plan.sni)
        if key not in self._kept and obstacle is not None:
            scan = Scan(self._mode)
            scan.stop(obstacle.text, obstacle)
            return scan.result().as_facts()
        found: dict[str, Any] = json.loads(zlib.decompress(await self._once(key, evidence, host)))
        return found

    def has_to_wait(self, evidence: ProbeEvidence | None) -> bool:
        """Whether a scan would wait for one that somebody else began, of this server or at its address."""
        if evidence is None:
            return False
        target = evidence.plan.target
        return _Key(target, evidence.plan.sni) not in self._kept and (target.unix_path or target.address) in self._alone

    async def _once(self, key: _Key, evidence: ProbeEvidence, host: str | None) -> bytes:
        if key in self._kept:
            return self._kept[key]
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.ensure_future(self._scan(key, evidence, host))
        return await asyncio.shield(task)

    async def _scan(self, key: _Key, evidence: ProbeEvidence, host: str | None) -> bytes:
        plan = evidence.plan
        try:
            async with self._only_one(plan.target.unix_path or plan.target.address):
                scanner = Scanner(self._limits, lambda one: self._turn(one, host))
                result = await scanner.scan(plan, self._mode, _version(evidence))
            kept = self._kept[key] = zlib.compress(json.dumps(result.as_facts()).encode("ascii"))
            if len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            return kept
        finally:
            del self._running[key]

    @asynccontextmanager
    async def _only_one(self, address: str) -> AsyncIterator[None]:
        """Be the only scan at an address."""
        alone = self._alone.setdefault(address, _Alone())
        alone.users += 1
        try:
            async with alone.lock:
                yield
        finally:
            alone.users -= 1
            if not alone.users:
                del self._alone[address]
