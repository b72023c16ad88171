# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `mx_audit_shards`: parameters in, a list of destinations for each prober out. The edge where the event loop lives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._audit.exchange_sets import (
    ExchangeSet,
    Found,
    Listed,
    find_exchange_sets,
    known_set,
)
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import destination_key
from ansible_collections.mailops.tls.plugins.module_utils._audit.reported_exchanges import GivenTo, Reported, too_great
from ansible_collections.mailops.tls.plugins.module_utils._audit.shard_lists import ExchangeReport, ShardLists, report_lines
from ansible_collections.mailops.tls.plugins.module_utils._audit.shards import ShardBy, prober_of, probers_of
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.list_file import ListFile
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_shards.options import ShardsOptions, shards_options
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import service_port
from ansible_collections.mailops.tls.plugins.module_utils._results.digest_table import key_digest
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
    if options.exchanges_only:
        return _look_up(options, check_mode=check_mode)
    lists = ShardLists(options.dest, options.probers)
    tally = _Tally(dict.fromkeys(options.probers, 0))
    warnings: list[str] = []
    with closing(ListFile("destinations_file", options.destinations_file)) as file:
        with nullcontext() if check_mode else lists:
            add: Add = (lambda prober, text: None) if check_mode else lists.add
            if options.exchanges_file is not None:
                warnings += _share_as_reported(options, options.exchanges_file, file, tally, add)
            else:
                asyncio.run(_share_out(options, map(_listed, file), tally, add))
    shards = [{"prober": one, "src": lists.paths[one], "destinations": count} for one, count in tally.shares.items()]
    facts = {"shards": shards, "destinations": tally.destinations, "unresolved": tally.unresolved}
    return TaskResult(facts, changed=True, warnings=tuple(warnings))


def _look_up(options: ShardsOptions, *, check_mode: bool) -> TaskResult:
    """Write down the exchanges of all destinations, for another machine that shares them out; of one that is listed twice once."""
    tally, known = _Tally({}), set[bytes]()
    with closing(ListFile("destinations_file", options.destinations_file)) as file, ExchangeReport(options.dest) as report:

        def found(listed: Listed, kept_by: ExchangeSet) -> None:
            tally.destinations += 1
            tally.unresolved += kept_by.failed
            digest = key_digest(listed.text)
            if digest not in known:
                known.add(digest)
                report.add(listed.text, None if kept_by.failed else kept_by.names)

        asyncio.run(_ask(options, map(_listed, file), found))
        if not check_mode:
            report.keep()
    return TaskResult({"shards": [], "destinations": tally.destinations, "unresolved": tally.unresolved}, changed=True)


def _share_as_reported(options: ShardsOptions, path: str, file: ListFile, tally: _Tally, add: Add) -> Iterator[str]:
    """Share out by what another machine has reported, and yield what to tell of that."""

    def share(one: Reported) -> str:
        return prober_of(known_set(_listed(one.destination), one.exchanges).names, options.probers, options.seed)

    with closing(ListFile("destinations_file", options.destinations_file)) as given:
        report = GivenTo(given, report_lines(path), share)
    unsaid = 0
    for text in file:
        prober = report.prober(text)
        unsaid += prober is None
        tally.destinations += 1
        tally.unresolved += prober is None or report.failed(text)
        prober = prober or share(Reported(text, None))
        tally.shares[prober] += 1
        add(prober, text)
    if unsaid or report.strange:
        yield (
            f"What was reported of exchanges is not what was asked: {unsaid} destinations are not in it, and {report.strange} lines are "
            "not of one of the list, or of one for the second time. The former were shared out by their own names."
        )
    for prober in too_great(tuple(tally.shares.items()), tally.destinations):
        yield (
            f"{prober} is given {tally.shares[prober]} of {tally.destinations} destinations. That is right where most of them have "
            "the same exchanges. It is also what a machine would say that was taken over, and wants to be believed about all of them."
        )


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
            give(listed, ExchangeSet(frozenset((destination_key(listed.text),))))
        return
    await _ask(options, lines, give)


async def _ask(options: ShardsOptions, lines: Iterable[Listed], found: Found) -> None:
    resolver = options.dns.resolver()
    try:
        await find_exchange_sets(lines, resolver.ask, found, options.concurrency)
    finally:
        await resolver.close()


def _listed(text: str) -> Listed:
    """Return a line with what it names. One that names nothing stays in the list, where the probe tells why."""
    try:
        return Listed(text, parse_destination(text, protocol=Protocol.SMTP, service_port=service_port))
    except OptionError:
        return Listed(text, None)
