# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet as a process of its own, so that its CPU time and memory are those of the prober alone; one line of JSON about the run.

`python fleet_client.py module|engine`, with what to do as JSON on standard input: `kinds`, of which the destinations are in turn,
`count`, `ports` by kind, `nameserver`, and `options`. `module` is `smtp_tls_probe` without Ansible around it: a file of destinations, a
file of results. `engine` is the fleet alone, with `options` of the prober: destinations made one by one, results dropped; it ends when
all destinations of the kind `until` are done.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def destinations(given: dict[str, Any]) -> Iterator[str]:
    """Make the destinations, whatever their number."""
    kinds, ports = given["kinds"], given["ports"]
    for number in range(given["count"]):
        kind = kinds[number % len(kinds)]
        yield f"d{number}.{kind}.fleet.test:{ports.get(kind, ports['own'])}"


def module(given: dict[str, Any]) -> dict[str, Any]:
    """Run the module with files."""
    from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
    from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe

    with tempfile.TemporaryDirectory() as folder:
        listed, results = Path(folder, "list"), Path(folder, "results.jsonl")
        with listed.open("w", encoding="ascii") as file:
            file.writelines(f"{one}\n" for one in destinations(given))
        params = {name: option.get("default") for name, option in smtp_arguments().items()}
        own = {"destinations_file": str(listed), "results_file": str(results), "return": "summary", "ehlo_name": "probe.test"}
        before = cpu()
        run = run_smtp_probe({**params, **own, "nameservers": [given["nameserver"]], **given.get("options", {})})
        return {"statuses": run.facts["summary"]["by_status"], "cpu": cpu() - before, "bytes": results.stat().st_size}


async def engine(given: dict[str, Any]) -> dict[str, Any]:
    """Run the fleet; say how each kind of destination ended, and when its last one did."""
    from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
    from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
    from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
    from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
    from ansible_collections.mailops.tls.plugins.module_utils._probe.descriptors import reserve_descriptors
    from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
    from ansible_collections.mailops.tls.plugins.module_utils._probe.services import service_port
    from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol, parse_destination
    from ansible_collections.mailops.tls.plugins.module_utils._smtp.fleet import Fleet
    from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult
    from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import ProbeSettings
    from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters

    done: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    last: dict[str, float] = {}
    most_parked, wanted = 0, Counter(one.split(".")[1] for one in destinations(given))
    turns = ProberSettings(TimeLimits(given.get("connect", 30.0), 30.0, 120.0), **given.get("options", {}))
    resolver = Resolver([Nameserver(given["nameserver"], 53)])
    settings = ProbeSettings(dialogue=SmtpSettings("probe.test", transcript=False))
    fleet = Fleet(settings, resolver.ask, Prober(TlsContexts(TlsParameters()), turns))
    began, before, until = time.monotonic(), cpu(), given.get("until")

    def finish(result: DestinationResult) -> None:
        nonlocal most_parked
        kind = result.destination.nexthop.split(".")[1]
        done[kind] += 1
        statuses[f"{kind} {result.status.value}"] += 1
        last[kind] = time.monotonic() - began
        most_parked = max(most_parked, fleet.progress.parked)
        if kind == until and done[kind] == wanted[kind]:
            running.cancel()

    reserve_descriptors(turns.concurrency)
    parsed = (parse_destination(one, protocol=Protocol.SMTP, service_port=service_port) for one in destinations(given))
    running = asyncio.ensure_future(fleet.run(parsed, finish))
    await asyncio.wait([running])
    if not running.cancelled():
        running.result()
    await resolver.close()
    return {"statuses": statuses, "last": last, "parked": most_parked, "cpu": cpu() - before}


def cpu() -> float:
    """CPU seconds of this process and of those that it has waited for, user and system."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Read what to do, do it, and tell."""
    given = json.load(sys.stdin)
    print(json.dumps(module(given) if sys.argv[1] == "module" else asyncio.run(engine(given))))


if __name__ == "__main__":
    main()
