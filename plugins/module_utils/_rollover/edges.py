# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs of the rollover and its guard touch beside their own files: programs, listeners, DNS, and the clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._deploy.deployment import Edges
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative import Observer
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Run
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import ClockReading
from ansible_collections.mailops.tls.plugins.module_utils._rollover.order import DnsOrder
from ansible_collections.mailops.tls.plugins.module_utils._rollover.outside import AddressesFound

BOOT_ID = "/proc/sys/kernel/random/boot_id"

LookUp = Callable[[Sequence[str]], Sequence[OwnerView]]
"""(owners) -> what all name servers and the resolver say about each, in this order."""
AddressLookUp = Callable[[Sequence[str]], Mapping[str, AddressesFound]]
"""(hosts) -> the addresses of each, by its name."""


def look_up(dns: DnsOrder) -> LookUp:
    """Return how DNS is asked for records."""

    def look(owners: Sequence[str]) -> Sequence[OwnerView]:
        return asyncio.run(_look(dns, owners))

    return look


def address_look_up(dns: DnsOrder) -> AddressLookUp:
    """Return how the addresses of hosts are asked for, of both families."""

    def look(hosts: Sequence[str]) -> Mapping[str, AddressesFound]:
        return asyncio.run(_addresses(dns.settings.resolver(), hosts))

    return look


async def _addresses(resolver: Resolver, hosts: Sequence[str]) -> dict[str, AddressesFound]:
    try:
        answers = await asyncio.gather(*(resolver.ask(host, rdtype) for host in hosts for rdtype in ("A", "AAAA")))
    finally:
        await resolver.close()
    return {host: host_addresses(answers[2 * number : 2 * number + 2]) for number, host in enumerate(hosts)}


def host_addresses(answers: Sequence[Answer]) -> AddressesFound:
    """Return what the answers for A and AAAA say. Neither tells anything of the other, so each has to be certain."""
    errors = [f"{one.rdtype}: {one.error}" for one in answers if one.outcome is Outcome.ERROR]
    errors += [f"{one.rdtype}: {one.warning}" for one in answers if one.warning is not None]
    found = [normalized_address(text) for one in answers for text in one.records if isinstance(text, str)]
    return AddressesFound(tuple(dict.fromkeys(one for one in found if one is not None)), "; ".join(errors) or None)


async def _look(dns: DnsOrder, owners: Sequence[str]) -> list[OwnerView]:
    resolver = dns.settings.resolver()
    observer = Observer(resolver, more_servers=dns.more_servers, families=dns.families, routed_only=dns.routed_only)
    try:
        return list(await asyncio.gather(*(observer.look(one) for one in owners)))
    finally:
        await observer.close()
        await resolver.close()


def clock_reading() -> ClockReading:
    """Read the clock. Time since the boot goes on while the machine sleeps, where there is a clock that does."""
    try:
        with open(BOOT_ID, encoding="ascii") as stream:
            boot_id = stream.read(64).strip()
    except (OSError, ValueError):
        boot_id = ""
    uptime = time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
    return ClockReading(int(time.time()), boot_id, int(uptime))


@dataclass(frozen=True)
class RolloverEdges:
    """Programs, listeners and who watches the steps (`deploy`), DNS (`look`, `addresses`), and the clock.

    `guard`: before a deployment the resolver is asked once more (`_deploy.tlsa_guard`).
    """

    deploy: Edges
    look: LookUp
    addresses: AddressLookUp
    clock: Callable[[], ClockReading] = clock_reading
    guard: bool = True


def system_edges(dns: DnsOrder, run: Run) -> RolloverEdges:
    """Return the edges of this machine."""
    return RolloverEdges(Edges(run), look_up(dns), address_look_up(dns))
