# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `mx_audit_shards`: parameters in, a list of destinations for each prober out. The edge where the event loop lives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._audit.exchange_sets import ExchangeSet, Listed, find_exchange_sets
from ansible_collections.mailops.tls.plugins.module_utils._audit.shard_lists import ShardLists
from ansible_collections.mailops.tls.plugins.module_utils._audit.shards import ShardBy, probers_of
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.list_file import ListFile
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_shards.options import ShardsOptions, shards_options
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import service_port
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol, parse_destination

Add = Callable[[str, str], None]
"""Adds a destination to the list of a prober."""


def run_mx_audit_shards(params: Mapping[str, Any], *, check_mode: bool = False) -> TaskResult:
    """Share the destinations of a file out among probers.

    Args:
        params: the parameters of `mx_audit_shards`, as its argument specification leaves them.
        check_mode: ask DNS, and write nothing.

    Raises:
        OptionError: an option cannot be used, or a file cannot be read or written. No list has its name then.
    """
    options = shards_options(params)
    lists = ShardLists(options.dest, options.probers)
    tally = _Tally(dict.fromkeys(options.probers, 0))
    with closing(ListFile("destinations_file", options.destinations_file)) as file:
        lines = (_listed(text) for text in file)
        if check_mode:
            asyncio.run(_share_out(options, lines, tally, lambda prober, text: None))
        else:
            with lists:
                asyncio.run(_share_out(options, lines, tally, lists.add))
    shards = [{"prober": one, "src": lists.paths[one], "destinations": count} for one, count in tally.shares.items()]
    facts = {"shards": shards, "destinations": tally.destinations, "unresolved": tally.unresolved}
    return TaskResult(facts, changed=True)


@dataclass
class _Tally:
    """How many destinations there are, whose exchanges could not be asked for, and who has how many."""

    shares: dict[str, int]
    destinations: int = 0
    unresolved: int = 0


async def _share_out(options: ShardsOptions, lines: Iterable[Listed], tally: _Tally, add: Add) -> None:
    def give(listed: Listed, kept_by: ExchangeSet) -> None:
        tally.destinations += 1
        tally.unresolved += kept_by.failed
        for prober in probers_of(kept_by.names, options.probers, options.shard_by, options.seed):
            tally.shares[prober] += 1
            add(prober, listed.text)

    if options.shard_by is not ShardBy.EXCHANGE or len(options.probers) == 1:
        for listed in lines:
            give(listed, ExchangeSet(frozenset((listed.text.lower(),))))
        return
    resolver = options.dns.resolver()
    try:
        await find_exchange_sets(lines, resolver.ask, give, options.concurrency)
    finally:
        await resolver.close()


def _listed(text: str) -> Listed:
    """Return a line with what it names. One that names nothing stays in the list, where the probe tells why."""
    try:
        return Listed(text, parse_destination(text, protocol=Protocol.SMTP, service_port=service_port))
    except OptionError:
        return Listed(text, None)
