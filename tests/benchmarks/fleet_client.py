# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet without a module around it: destinations made one by one, results dropped, one line of JSON about the run.

A process of its own, so that its CPU time and memory are those of the engine alone. Standard input has `kinds`, of which the
destinations are in turn, `count`, `nameserver`, `port`, and settings of the prober. `profile` as an argument says where the time goes.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.plugins.module_utils._probe.collector import seldom_collecting
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.descriptors import reserve_descriptors
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import service_port
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination, Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.fleet import Fleet
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import ProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters


def destinations(given: dict[str, Any]) -> Iterator[Destination]:
    """Make the destinations, whatever their number."""
    kinds = given["kinds"]
    for number in range(given["count"]):
        text = f"d{number}.{kinds[number % len(kinds)]}.fleet.test:{given['port']}"
        yield parse_destination(text, protocol=Protocol.SMTP, service_port=service_port)


async def probe(given: dict[str, Any]) -> dict[str, Any]:
    """Run the fleet; say how each kind of destination ended, and when its last one did."""
    statuses: Counter[str] = Counter()
    last: dict[str, float] = {}
    began, most_parked = time.monotonic(), 0
    turns = ProberSettings(TimeLimits(given.pop("connect", 30.0), 30.0, 120.0), **given.pop("turns", {}))
    resolver = Resolver([Nameserver(given["nameserver"], 53)])
    settings = ProbeSettings(dialogue=SmtpSettings("probe.test", transcript=False))
    fleet = Fleet(settings, resolver.ask, Prober(TlsContexts(TlsParameters()), turns))

    def finish(result: DestinationResult) -> None:
        nonlocal most_parked
        kind = result.destination.nexthop.split(".")[1]
        statuses[f"{kind} {result.status.value}"] += 1
        last[kind] = time.monotonic() - began
        most_parked = max(most_parked, fleet.progress.parked)

    reserve_descriptors(turns.concurrency)
    await fleet.run(destinations(given), finish)
    await resolver.close()
    return {"statuses": statuses, "last": last, "parked": most_parked}


def cpu() -> float:
    """CPU seconds of this process so far, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Read what to do, do it, and tell."""
    given = json.load(sys.stdin)
    before = cpu()
    with seldom_collecting():
        if "profile" in sys.argv[1:]:
            import cProfile
            import pstats

            with cProfile.Profile() as profile:
                said = asyncio.run(probe(given))
            pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(60)
        else:
            said = asyncio.run(probe(given))
    print(json.dumps({**said, "cpu": cpu() - before, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
