# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `tlsa_info`: parameters in, what every server says out. The edge where the event loop lives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative import Observer
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_info.options import InfoOptions, info_options
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.expectation import unmet_records
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.facts import owner_facts

OWNERS_AT_A_TIME = 32
"""Owners that are looked at together, so that the deadline of each is about its own questions."""
_NOT_VALIDATING = (
    "The resolver validates nothing with DNSSEC, or is not believed, so nothing can be said about the security of records."
    " Run a validating resolver on a loopback address, name one with nameservers, or see trust_ad."
)
_SHOWN = 5
"""Differences named in the message of a failed task; all are in `unmet`."""


def run_tlsa_info(params: Mapping[str, Any]) -> TaskResult:
    """Look at the owners that *params* name (the parameters of `tlsa_info`, as its argument specification leaves them).

    Nothing DNS does raises.

    Raises:
        OptionError: for an option that cannot be used, before anything is asked.
    """
    options = info_options(params)
    views = asyncio.run(_look(options))
    now = int(time.time())
    unmet = [] if options.expect is None else unmet_records(options.expect, views)
    facts: dict[str, Any] = {
        "results": [owner_facts(view, now) for view in views],
        "agreed": all(view.agreed for view in views),
    }
    if options.expect is not None:
        facts["expectation_met"] = not unmet
        facts["unmet"] = [one.as_facts() for one in unmet]
    return TaskResult(facts, warnings=_warnings(views), failure=_failure([str(one) for one in unmet]))


async def _look(options: InfoOptions) -> list[OwnerView]:
    resolver = options.dns.resolver()
    observer = Observer(
        resolver,
        timeout=options.timeout,
        concurrency=options.concurrency,
        deadline=options.deadline,
        families=options.families,
        routed_only=options.routed_only,
        servers=options.servers,
        more_servers=options.more_servers,
    )
    turn = asyncio.Semaphore(OWNERS_AT_A_TIME)

    async def look(owner: str) -> OwnerView:
        async with turn:
            return await observer.look(owner)

    try:
        return list(await asyncio.gather(*(look(owner) for owner in options.owners)))
    finally:
        await observer.close()
        await resolver.close()


def _failure(unmet: Sequence[str]) -> str | None:
    if not unmet:
        return None
    more = "" if len(unmet) <= _SHOWN else f" (and {len(unmet) - _SHOWN} more)"
    return f"not as expected: {'; '.join(unmet[:_SHOWN])}{more}"


def _warnings(views: Sequence[OwnerView]) -> tuple[str, ...]:
    if any(view.resolver.ad_untrusted for view in views):
        return ("a resolver that is not believed says that answers were validated; see trust_ad",)
    if any(view.validating is False for view in views):
        return (_NOT_VALIDATING,)
    return ()
