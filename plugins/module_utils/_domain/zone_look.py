# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone of a domain, asked of each of its name servers: the edge of `nameservers.py`, over the questions of `_dns/`."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dns
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_exchange import AuthoritativeExchange, NoReply, NoRoute
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_cut import NotLearnt, zone_of
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_servers import ZoneServersFinder
from ansible_collections.mailops.tls.plugins.module_utils._domain.nameservers import (
    DnsQuestion,
    ServerWord,
    ZoneView,
    ask_servers,
    read_soa,
    record_text,
)
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding


class ZoneLook:
    """Looks at zones; used inside one event loop. A server that is silent is asked once in a run."""

    def __init__(self, ask: Ask, exchange: AuthoritativeExchange, port: int = 53) -> None:
        """Take how the resolver is asked, what asks servers, and the servers' port."""
        self._ask, self._exchange, self._port = ask, exchange, port
        self._finder = ZoneServersFinder(ask, exchange, port=port)

    async def look(self, domain: str, questions: Sequence[DnsQuestion]) -> tuple[ZoneView, tuple[Finding, ...]]:
        """Return a domain's zone as each of its servers has it, and what is odd about the list of servers.

        Args:
            domain: a name in ASCII.
            questions: what every server is asked; those outside of the zone are left out.
        """
        try:
            apex = await zone_of(self._ask, domain)
        except NotLearnt as error:
            return ZoneView(None, error=str(error)), ()
        soa, servers = await self._ask(apex, "SOA", True), await self._finder.find(apex)
        named = [(one.server, one.nameserver.address) for one in servers.addresses] + [(name, "") for name in servers.without_address]
        inside = [(owner, rdtype) for owner, rdtype in questions if owner == apex or owner.endswith(f".{apex}")]
        view = ZoneView(
            apex,
            soa.secure if soa.found else None,
            read_soa(soa),
            await ask_servers(apex, named, inside, self._ask_server),
            servers.delegated_to,
            servers.own_servers,
            "; ".join(servers.errors) or None,
        )
        # What `judge_zone` says of the delegation is not said twice.
        told = None not in (view.delegated_to, view.own_servers) and view.delegated_to != view.own_servers
        return view, tuple(one for one in servers.inconsistencies if not (told and one.kind == dns.NS_SET_MISMATCH))

    async def _ask_server(self, address: str, owner: str, rdtype: str) -> ServerWord:
        try:
            reply = await self._exchange.ask(Nameserver(address, self._port), owner, rdtype)
        except NoReply as error:
            return ServerWord(None, error=str(error), tried=not isinstance(error, NoRoute))
        if reply.error is not None:
            return ServerWord(False if reply.error.startswith("REFUSED") else None, error=reply.error)
        if not reply.authoritative:
            return ServerWord(False, error="it does not serve the zone")
        if reply.alias is not None:
            return ServerWord(None)  # where an alias leads is another name's answer
        records = frozenset(record_text(one, rdtype) for one in reply.records)
        return ServerWord(True, records, reply.soa.serial if reply.soa is not None else None)
