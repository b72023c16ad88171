# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE of a domain's exchanges as far as DNS tells it: the TLSA records of each, without a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record_lint import record_mistakes
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import TlsaLookup, TlsaOutcome, find_tlsa
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._probe.host_addresses import HostLookup, host_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses

SMTP_PORT = 25


@dataclass(frozen=True)
class ExchangeTlsa:
    """The TLSA records of one exchange. Of its addresses the best validated one decides whether there is a question at all."""

    exchange: str
    lookup: TlsaLookup
    port: int = SMTP_PORT

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `dane`."""
        return {
            "exchange": self.exchange,
            "port": self.port,
            "lookup": self.lookup.outcome.value,
            "owner": self.lookup.owner,
            "secure": self.lookup.secure,
            "records": [
                {"usage": one.usage, "selector": one.selector, "matching_type": one.matching_type, "data": one.data.hex()}
                for one in self.lookup.records
            ],
            "error": self.lookup.error,
        }


async def look_up_dane(exchanges: Sequence[str], ask: Ask, port: int = SMTP_PORT) -> tuple[ExchangeTlsa, ...]:
    """Return the TLSA records of each exchange, in their order."""
    return tuple(await asyncio.gather(*(_of_exchange(exchange, ask, port) for exchange in exchanges)))


async def _of_exchange(exchange: str, ask: Ask, port: int) -> ExchangeTlsa:
    found = await host_addresses(exchange, ask, (HostLookup.DNS,), native_addresses)
    if found.failure is not None:
        if found.failure.kind is ErrorKind.DNS_NOT_FOUND:
            return ExchangeTlsa(exchange, TlsaLookup(TlsaOutcome.SKIPPED), port)  # no address, so nobody asks
        return ExchangeTlsa(exchange, TlsaLookup(TlsaOutcome.ERROR, error=found.failure.text), port)
    best = max(found.addresses, key=lambda one: one.secure)
    lookup = await find_tlsa(ask, host=exchange, canonical_name=best.canonical_name, address_secure=best.secure, port=port)
    return ExchangeTlsa(exchange, lookup, port)


def judge_dane(found: Sequence[ExchangeTlsa]) -> tuple[Finding, ...]:
    """Return what is wrong with the records by themselves; what a server shows with them is a probe's to tell."""
    mistakes = [
        finding
        for one in found
        if one.lookup.owner
        for screened in screen(one.lookup.records)
        for finding in record_mistakes(one.lookup.owner, screened.record, None if screened.usable else screened.reason)
    ]
    return tuple(dict.fromkeys(mistakes))
