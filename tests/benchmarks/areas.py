# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which part of the prober uses the CPU: the running stack is looked at every few milliseconds of CPU time.

A timer that counts CPU time (SIGPROF) distorts less than a profiler that hooks every call, and needs no library. What C code does
counts for the Python function that called it.
"""

from __future__ import annotations

import signal
from collections import Counter
from types import FrameType

INTERVAL = 0.001
"""CPU seconds between two looks; the kernel may make it longer, never shorter."""

AREAS = (
    ("TLS in OpenSSL", ("/OpenSSL/", "/_tls/handshake.py", "/_tls/contexts.py")),
    ("the handshake's secrets and certificates off the wire", ("/_tls/reader.py", "/_tls/record_opener.py")),
    ("DNS messages", ("/dns/", "/_dns/wire.py", "/_dns/tlsa.py", "/_dns/hostname.py", "/_dns/nameserver.py")),
    ("event loop, tasks and sockets", ("/asyncio/", "/selectors.py", "/socket.py", "/_probe/link.py", "/_dns/transport.py")),
    ("dialogues", ("/_dialogue/", "/_probe/connection.py")),
    ("certificates, DANE and the verdict",
     ("/_x509/", "/_dane/", "/_probe/verdict.py", "/_probe/judgement.py", "/_smtp/criteria.py", "/_probe/policy.py")),
    ("results, findings and report",
     ("/_smtp/result.py", "/_smtp/lint.py", "/_mailbox/result.py", "/_mailbox/offers.py", "/_mailbox/lint.py", "/_finding.py",
      "/_results/", "/_module/")),
    ("routes, questions and the fleet", ("/_probe/", "/_smtp/", "/_mailbox/", "/_dns/")),
)
"""Name of each area and parts of the paths of its files; the first that fits counts."""


def area_of(frame: FrameType | None) -> str:
    """The area of the innermost function on a stack that belongs to any."""
    while frame is not None:
        path = frame.f_code.co_filename
        for name, parts in AREAS:
            if any(part in path for part in parts):
                return name
        frame = frame.f_back
    return "the rest"


class Sampler:
    """Counts looks by area while it is entered: `with Sampler() as sampler`, then `areas`."""

    def __init__(self) -> None:
        self.areas: Counter[str] = Counter()

    def __enter__(self) -> Sampler:
        signal.signal(signal.SIGPROF, self._look)
        signal.siginterrupt(signal.SIGPROF, False)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        self.areas[area_of(frame)] += 1
