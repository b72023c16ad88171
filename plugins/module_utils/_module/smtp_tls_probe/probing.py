# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one process of a run probes with: a resolver, a prober, and the way to a destination with all that this run adds to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import MxRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.destinations import read_destination
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.options import ProbeOptions
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_messages import NO_SERVERS, Handed
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_worker import WorkerLink, servers_of
from ansible_collections.mailops.tls.plugins.module_utils._module.suffix_list import provider_of
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.doubted import Doubted
from ansible_collections.mailops.tls.plugins.module_utils._smtp.fleet import Fleet
from ansible_collections.mailops.tls.plugins.module_utils._smtp.lint import lint
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult, invalid_destination_facts
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import Lookup
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace

Keep = Callable[[Mapping[str, Any]], None]
_GIVEN_AWAY = Route("given away")
"""The way to a destination that another process looks at."""


def divided(turns: ProberSettings, count: int) -> ProberSettings:
    """Return one process's part of the limits, so that they hold for all together."""
    return replace(
        turns,
        concurrency=max(1, turns.concurrency // count),
        per_address_limit=max(1, turns.per_address_limit // count),
        per_network_limit=None if turns.per_network_limit is None else max(1, turns.per_network_limit // count),
        per_provider_limit=None if turns.per_provider_limit is None else max(1, turns.per_provider_limit // count),
        interval_per_address=turns.interval_per_address * count,
    )


class Probing:
    """Probes destinations and hands each result on as facts. Make and use it inside a running event loop."""

    def __init__(
        self,
        options: ProbeOptions,
        contexts: TlsContexts,
        nameservers: Sequence[Nameserver],
        keep: Keep,
        on_trace: OnTrace | None = None,
        link: WorkerLink | None = None,
    ) -> None:
        """Take what to probe with.

        Args:
            options: those of the task.
            contexts: for handshakes.
            nameservers: whom to ask.
            keep: takes each result.
            on_trace: takes each TLS session.
            link: to the other processes, if there are any.
        """
        self._options, self._keep, self._link = options, keep, link
        turns = options.turns if link is None else divided(options.turns, link.count)
        self._most = turns.concurrency
        self._resolver = Resolver(nameservers, options.dns.trust_ad)
        self._prober = Prober(contexts, turns, on_trace, provider_of(turns))
        self._doubted = Doubted(turns.concurrency if options.results_file is not None else None)
        self._at_work: list[Fleet] = []
        self._warnings: dict[str, None] = {}

    async def probe(self, texts: Iterable[str | None]) -> None:
        """Probe destinations; None says that there are none now. Several calls at a time share all limits."""
        settings = self._options.settings
        ask, validates = self._resolver.ask, self._resolver.validates
        fleet = Fleet(settings, ask, self._prober, lambda one: self._route(fleet, one), validates, self._doubted)
        self._at_work.append(fleet)
        try:
            await fleet.run(self._read(texts), self._finish)
        finally:
            self._at_work.remove(fleet)
            self._warnings.update(dict.fromkeys(fleet.warnings))

    def go_on(self) -> None:
        """Look for destinations again, where there were none."""
        for fleet in self._at_work:
            fleet.go_on()

    def look(self) -> tuple[int, int]:
        """Tell how many destinations are looked at, and how many wait for their turn."""
        now = [one.progress for one in self._at_work]
        return sum(one.active for one in now), sum(one.parked for one in now)

    async def close(self) -> tuple[str, ...]:
        """Close the sockets, and return what users have to be told."""
        await self._resolver.close()
        return tuple(self._warnings)

    def _read(self, texts: Iterable[str | None]) -> Iterator[Destination | None]:
        for text in texts:
            if text is None:
                yield None
                continue
            read = read_destination(text, self._options.protocol)
            if isinstance(read, Destination):
                yield read
            else:
                self._keep(invalid_destination_facts(read, self._options.settings.lookup.value))

    def _finish(self, result: DestinationResult) -> None:
        if result.route is not _GIVEN_AWAY:
            self._keep({**result.as_facts(self._options.detail), "lint": [finding.as_facts() for finding in lint(result)]})

    async def _route(self, fleet: Fleet, destination: Destination) -> Route:
        opt_out, lookup = self._options.opt_out, self._options.settings.lookup
        out = opt_out.of(destination, lookup.value) if opt_out is not None else None
        if out is not None:
            return out
        if self._link is not None:
            if lookup is Lookup.MX and await self._given_away(self._link, destination):
                return _GIVEN_AWAY
            await self._link.room(self._most, lambda: self.look()[0])
        route = await fleet.route(destination)
        return opt_out.without(route) if opt_out is not None else route

    async def _given_away(self, link: WorkerLink, destination: Destination) -> bool:
        """Give a destination to the process that looks at its exchanges, unless that is this one."""
        given, servers = link.given(destination.text), NO_SERVERS
        if given is not None:
            self._resolver.know_mx(given.known)
            servers = given.servers
        if servers == NO_SERVERS:
            servers = servers_of(await self._exchanges(destination))
        owner = link.owner(servers, given=given is not None)
        if owner != link.index:
            link.give_away(Handed(owner, destination.text, servers, self._resolver.mx_to_hand_on(destination.nexthop)))
        return owner != link.index

    async def _exchanges(self, destination: Destination) -> list[str]:
        """Return the names of a domain's exchanges; none of what has no MX records, or nobody knows of now."""
        if destination.address_only or destination.address is not None:
            return []
        answer = await self._resolver.ask(destination.nexthop, "MX", True)
        return [one.exchange for one in answer.records if isinstance(one, MxRecord)]
