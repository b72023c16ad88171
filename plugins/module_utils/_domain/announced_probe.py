# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that a domain announces, looked at by the engine of mailboxes: is each what was said of it?

The owner of the domain chooses the names. So a host is connected to only where all its addresses are everybody's, unless that is allowed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_address
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced import AnnouncedServer, ProbedServer, ServerKey, server_key
from ansible_collections.mailops.tls.plugins.module_utils._domain.public_address import is_public
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.conductor import MailboxRun, Validates
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import MailboxResult, PortState
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail

MOST_SERVERS = 30
"""Most announced servers of one domain that are connected to: a document can name 10,000."""
MOST_ADDRESSES = 2
"""Most addresses of each family that a server is connected to at: a name can have a hundred of each, and its owner chooses them."""
FAMILIES = ("A", "AAAA")
NOT_PUBLIC = "it has addresses that are not global, so it was not connected to; the option allow_private_addresses allows it"


class AnnouncedProbe:
    """Probes announced servers. Make and use it inside a running event loop."""

    def __init__(
        self,
        settings: MailboxProbeSettings,
        ask: Ask,
        prober: Prober,
        now: datetime,
        detail: Detail,
        *,
        private_allowed: bool = False,
        validates: Validates | None = None,
    ) -> None:
        """Take what a run over mailboxes takes; its services are those that are announced."""
        self._ask, self._private_allowed, self._detail = ask, private_allowed, detail
        self._runs = {
            service: MailboxRun(replace(settings, services=(service,)), self._ask_few, prober, now, validates) for service in MailService
        }

    async def probe(self, servers: Iterable[AnnouncedServer]) -> Mapping[ServerKey, ProbedServer]:
        """Return what came of probing each server once. Those beyond `MOST_SERVERS`, and those without TLS, are missing."""
        keys = list(dict.fromkeys(key for key in map(server_key, servers) if key is not None))[:MOST_SERVERS]
        return dict(zip(keys, await asyncio.gather(*(self._one(key) for key in keys))))

    async def _one(self, key: ServerKey) -> ProbedServer:
        answers = [] if is_address(key.host) else await asyncio.gather(*(self._ask(key.host, rdtype, True) for rdtype in FAMILIES))
        addresses = [record for answer in answers for record in answer.records if isinstance(record, str)] or [key.host]
        if not self._private_allowed and not all(is_public(one) for one in addresses if is_address(one)):
            return ProbedServer(None, NOT_PUBLIC)
        target = MailTarget(f"{key.host}:{key.port}", key.host, key.port)
        result = await self._runs[key.service].result_of(target)
        left_out = sum(max(0, len(answer.records) - MOST_ADDRESSES) for answer in answers)
        return replace(_probed(result, self._detail), left_out=left_out)

    async def _ask_few(self, name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
        """Ask, and pass over more addresses than are connected to."""
        answer = await self._ask(name, rdtype, want_dnssec)
        return replace(answer, records=answer.records[:MOST_ADDRESSES]) if rdtype in FAMILIES else answer


def _probed(result: MailboxResult, detail: Detail) -> ProbedServer:
    """The worst endpoint stands for the server: clients of both address families come."""
    worst = max(result.endpoints, key=lambda one: (not one.satisfied, one.status.severity), default=None)
    if worst is None:
        failure = result.failure
        return ProbedServer(None if failure is None else False, failure.text if failure is not None else "")
    text = worst.failure.text if worst.failure is not None else _why(result)
    known = worst.state is not PortState.ERROR or worst.satisfied
    return ProbedServer(worst.satisfied if known else None, "" if worst.satisfied else text, worst.as_facts(detail))


def _why(result: MailboxResult) -> str:
    errors = [one.verification.error.text for one in result.endpoints if one.verification is not None and one.verification.error]
    return errors[0] if errors else result.status.value
