# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain's exchanges, seen at every level that `senders.py` judges by. A fleet a level, all with one prober and one resolver.

So each question is asked once, and an address is connected to three times: without TLS, with any certificate, and for a match.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask
from ansible_collections.mailops.tls.plugins.module_utils._domain.senders import LEVELS
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination, Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.fleet import Fleet, Validates
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import ProbeSettings

MATCH = ("hostname",)
"""A sender verifies the name of the exchange (RFC 8461 section 4.1); the domain's own name is on few certificates."""


class SenderViews:
    """Sees domains as each kind of sender does. Make and use it inside a running event loop."""

    def __init__(self, settings: ProbeSettings, ask: Ask, prober: Prober, validates: Validates | None = None) -> None:
        """Take what a fleet takes; the level, the names to match and the name for SNI are set here."""
        common = replace(settings, match=MATCH, sni="hostname")
        self._fleets = {level: Fleet(replace(common, security_level=level), ask, prober, validates=validates) for level in LEVELS}

    async def look(self, domain: str, port: int = 25) -> Mapping[SecurityLevel, DestinationResult]:
        """Return what each level finds at a mail domain, given without brackets and port.

        Raises:
            OptionError: the domain is none.
        """
        destination = parse_destination(domain, protocol=Protocol.SMTP, service_port=lambda _service: port)
        found = await asyncio.gather(*(_one(fleet, replace(destination, port=port)) for fleet in self._fleets.values()))
        return dict(zip(self._fleets, found))


async def _one(fleet: Fleet, destination: Destination) -> DestinationResult:
    (result,) = await fleet.run([destination], lambda one: one)
    return result
