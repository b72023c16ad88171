# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One domain after the other: asks DNS, fetches documents and connects to servers, for all parts that are wanted. The conductor.

What does not depend on another part is asked at the same time. First come the records, then the documents and exchanges that they lead
to, then the servers that those announce.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask, Outcome, SrvRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_address
from ansible_collections.mailops.tls.plugins.module_utils._dns.known import one_judgement
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced import AnnouncedServer, ProbeAnnounced
from ansible_collections.mailops.tls.plugins.module_utils._domain.autoconfig import look_up_autoconfig
from ansible_collections.mailops.tls.plugins.module_utils._domain.autodiscover import Autodiscover, look_up_autodiscover, request_body
from ansible_collections.mailops.tls.plugins.module_utils._domain.bimi import look_up_bimi
from ansible_collections.mailops.tls.plugins.module_utils._domain.caa import look_up_caa
from ansible_collections.mailops.tls.plugins.module_utils._domain.dane import look_up_dane
from ansible_collections.mailops.tls.plugins.module_utils._domain.dkim import dkim_owner, lint_old_policies, look_up_dkim
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc import look_up_dmarc
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_walk import dmarc_owner
from ansible_collections.mailops.tls.plugins.module_utils._domain.dnsbl import ask_lists
from ansible_collections.mailops.tls.plugins.module_utils._domain.domain_view import DomainView
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import Fetch, autoconfig_requests, autodiscover_requests
from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts import look_up_mta_sts, mta_sts_owner
from ansible_collections.mailops.tls.plugins.module_utils._domain.mx import MxView, look_up_mx
from ansible_collections.mailops.tls.plugins.module_utils._domain.nameservers import DnsQuestion, compare_nameservers
from ansible_collections.mailops.tls.plugins.module_utils._domain.public_suffix import PublicSuffixes
from ansible_collections.mailops.tls.plugins.module_utils._domain.reverse_names import ReverseNames, lint_greeting, look_up_reverse
from ansible_collections.mailops.tls.plugins.module_utils._domain.sender_views import SenderViews
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import Check, DmarcDiscovery, DomainSettings, MailDomain
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf import look_up_spf
from ansible_collections.mailops.tls.plugins.module_utils._domain.srv import SERVICES, announced_by_srv, look_up_srv
from ansible_collections.mailops.tls.plugins.module_utils._domain.tlsrpt import look_up_tlsrpt, tlsrpt_owner
from ansible_collections.mailops.tls.plugins.module_utils._domain.unanswered import noting_unanswered, watched
from ansible_collections.mailops.tls.plugins.module_utils._domain.zone_look import ZoneLook
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult

AT_A_TIME = 20
"""Most domains that are looked at at the same time; each has some dozens of questions on their way."""


@dataclass(frozen=True)
class LookTools:
    """Whom a look asks.

    Attributes:
        ask: the resolver.
        fetch: fetches documents.
        views: connects to exchanges.
        zones: asks name servers.
        announced: connects to announced servers; None where none is wanted.
        others: name servers to compare with, by the user's text.
        suffixes: a public suffix list, where there is one.
    """

    ask: Ask
    fetch: Fetch
    views: SenderViews
    zones: ZoneLook
    announced: ProbeAnnounced | None = None
    others: Mapping[str, Ask] = field(default_factory=dict)
    suffixes: PublicSuffixes | None = None


class DomainLook:
    """Looks at domains, within a running event loop."""

    def __init__(self, settings: DomainSettings, tools: LookTools) -> None:
        """Take what is wanted, and whom to ask. `active` counts the domains that are looked at just now."""
        self._settings, self._tools, self._ask = settings, tools, watched(tools.ask)
        self.active = 0

    async def run(self, domains: Iterable[MailDomain], finish: Callable[[DomainView], None]) -> None:
        """Look at all domains, taken one by one, and hand each over as soon as it is seen; nothing of it is kept."""
        queue = iter(domains)

        async def work() -> None:
            for domain in queue:
                self.active += 1
                finish(await self.look(domain))
                self.active -= 1

        await asyncio.gather(*(work() for _worker in range(AT_A_TIME)))

    async def look(self, domain: MailDomain) -> DomainView:
        """Return everything about one domain, of one moment. Nothing is raised for what DNS and servers do."""
        with one_judgement(), noting_unanswered() as unanswered:
            view = await self._look(domain)
            return replace(view, unanswered=tuple(unanswered))

    async def _look(self, domain: MailDomain) -> DomainView:
        name = domain.name
        settings = self._settings
        mx = await look_up_mx(name, self._ask, settings.expected_down, reverse=settings.wants(Check.MX))
        view = DomainView(domain, mx, await self._failure(name), await self._reverse(mx))
        found = await _together(*(part(view) for part in self._parts()))
        view = replace(view, **{name: value for part in found for name, value in part.items()})
        if self._tools.announced is not None:
            view = replace(view, probes=await self._tools.announced(_announced(view)))
        return view

    def _parts(self) -> Iterator[Callable[[DomainView], Awaitable[dict[str, Any]]]]:
        """What is wanted, each looked at while the others are."""
        wants = self._settings.wants
        if wants(Check.SPF, Check.DKIM, Check.DMARC):
            yield self._records
        if wants(Check.MTA_STS, Check.SENDERS, Check.TLSRPT, Check.DANE, Check.CAA, Check.BIMI):
            yield self._mail_policies
        if wants(Check.SRV, Check.AUTOCONFIG, Check.AUTODISCOVER):
            yield self._clients
        if wants(Check.SENDERS):
            yield self._exchanges
        if wants(Check.NS) or self._tools.others:
            yield self._zone
        if wants(Check.DNSBL):
            yield self._lists

    async def _reverse(self, mx: MxView) -> tuple[ReverseNames, ...]:
        """The names of the addresses that send; where none are given, of those that take mail."""
        if self._settings.sending_addresses and self._settings.wants(Check.MX):
            return tuple(await asyncio.gather(*(look_up_reverse(one, self._ask) for one in self._settings.sending_addresses)))
        return tuple(address for one in mx.exchanges for address in one.addresses)

    async def _failure(self, name: str) -> Failure | None:
        """Why there is nothing to see: no such domain, or nobody who tells."""
        answer = await self._ask(name, "MX", True)
        if answer.outcome is Outcome.NXDOMAIN:
            return Failure(ErrorKind.DNS_NOT_FOUND, CommonPhase.DNS, f"{name}: there is no such domain")
        if answer.outcome is Outcome.ERROR:
            return Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, f"MX records of {name}: {answer.error}")
        return None

    async def _records(self, view: DomainView) -> dict[str, Any]:
        """The records about who sends for the domain."""
        name, settings, exists = view.domain.name, self._settings, view.failure is None
        selectors = settings.selectors_of(name) if settings.wants(Check.DKIM) else ()
        keys = [look_up_dkim(name, one, self._ask, settings.expected_key(one, name)) for one in selectors]
        discovery = settings.dmarc_discovery
        suffixes = None if discovery is DmarcDiscovery.TREE_WALK else self._tools.suffixes
        spf, old, dmarc, *dkim = await _together(
            self._wanted(Check.SPF, lambda: look_up_spf(name, self._ask, settings.sending_addresses)),
            self._wanted(Check.DKIM, lambda: lint_old_policies(name, self._ask)),
            self._wanted(Check.DMARC, lambda: look_up_dmarc(name, self._ask, suffixes, discovery, exists=exists)),
            *keys,
        )
        return {"spf": spf, "dkim": tuple(dkim), "old_policies": old or (), "dmarc": dmarc}

    async def _mail_policies(self, view: DomainView) -> dict[str, Any]:
        """What senders go by."""
        name, tools = view.domain.name, self._tools
        sts_wanted = self._settings.wants(Check.MTA_STS, Check.SENDERS)
        sts, tlsrpt, dane, caa, bimi = await _together(
            look_up_mta_sts(name, self._ask, tools.fetch) if sts_wanted else None,
            self._wanted(Check.TLSRPT, lambda: look_up_tlsrpt(name, self._ask)),
            self._wanted(Check.DANE, lambda: look_up_dane(_hosts(view.mx), tools.ask)),
            self._wanted(Check.CAA, lambda: look_up_caa(name, self._ask)),
            self._wanted(Check.BIMI, lambda: look_up_bimi(name, self._ask)),
        )
        return {"sts": sts, "tlsrpt": tlsrpt, "dane": dane or (), "caa": caa, "bimi": bimi}

    async def _clients(self, view: DomainView) -> dict[str, Any]:
        """What mail clients are told."""
        name, fetch = view.domain.name, self._tools.fetch
        mailbox = self._settings.mailbox or f"postmaster@{name}"
        exchange = next(iter(_hosts(view.mx)), None)
        base = self._tools.suffixes.organizational_domain(exchange) if self._tools.suffixes is not None and exchange else None
        places = autoconfig_requests(name, mailbox, exchange, base)
        srv, autoconfig, autodiscover = await _together(
            self._wanted(Check.SRV, lambda: look_up_srv(name, self._ask)),
            self._wanted(Check.AUTOCONFIG, lambda: look_up_autoconfig(name, mailbox, places, fetch)),
            self._wanted(Check.AUTODISCOVER, lambda: self._autodiscover(name, mailbox)),
        )
        return {"srv": srv, "autoconfig": autoconfig, "autodiscover": autodiscover}

    async def _autodiscover(self, name: str, mailbox: str) -> Autodiscover:
        answer = await self._ask(f"_autodiscover._tcp.{name}", "SRV", True)
        hosts = [one.target for one in answer.records if isinstance(one, SrvRecord) and one.target]
        posts = autodiscover_requests(name, request_body(mailbox), hosts)
        return await look_up_autodiscover(name, mailbox, posts, self._tools.fetch)

    async def _exchanges(self, view: DomainView) -> dict[str, Any]:
        """What the exchanges show to each kind of sender."""
        if view.failure is not None:
            return {}
        hosts = _hosts(view.mx) if self._settings.wants(Check.CAA) else ()
        levels, sets = await asyncio.gather(
            self._tools.views.look(view.domain.name), asyncio.gather(*(look_up_caa(host, self._ask) for host in hosts))
        )
        return {"levels": levels, "host_caa": dict(zip(hosts, sets)), "greetings": await self._greetings(view.mx, levels)}

    async def _greetings(self, mx: MxView, levels: Mapping[SecurityLevel, DestinationResult]) -> tuple[Finding, ...]:
        """What is wrong with the names that exchanges give themselves."""
        if not self._settings.wants(Check.MX):
            return ()
        known = {address.address: address for one in mx.exchanges for address in one.addresses}
        named = [(one.candidate, one.evidence) for one in levels[SecurityLevel.NONE].endpoints]
        asked = [
            lint_greeting(known[candidate.address], evidence.log.server_name, self._ask)
            for candidate, evidence in named
            if candidate is not None and evidence is not None and evidence.log.server_name and candidate.address in known
        ]
        return tuple(finding for found in await asyncio.gather(*asked) for finding in found)

    async def _zone(self, view: DomainView) -> dict[str, Any]:
        """The zone, and how far name servers agree."""
        name = view.domain.name
        questions = self._questions(name)
        zone, propagation = await _together(
            self._wanted(Check.NS, lambda: self._tools.zones.look(name, questions)),
            compare_nameservers(questions, self._ask, self._tools.others) if self._tools.others else None,
        )
        return {"zone": zone, "propagation": propagation or ()}

    async def _lists(self, view: DomainView) -> dict[str, Any]:
        """Block lists, about the addresses that send, else those of the exchanges."""
        settings = self._settings
        subjects = settings.sending_addresses or tuple(address.address for one in view.mx.exchanges for address in one.addresses)
        return {"lists": await ask_lists(settings.blocklists, subjects, self._tools.ask)}

    def _questions(self, name: str) -> tuple[DnsQuestion, ...]:
        """What every name server is asked: the records that the wanted parts are made of."""
        settings = self._settings
        found: list[tuple[Check, DnsQuestion]] = [
            (Check.MX, (name, "MX")),
            (Check.SPF, (name, "TXT")),
            (Check.DMARC, (dmarc_owner(name), "TXT")),
            (Check.MTA_STS, (mta_sts_owner(name), "TXT")),
            (Check.TLSRPT, (tlsrpt_owner(name), "TXT")),
            (Check.CAA, (name, "CAA")),
            *((Check.DKIM, (dkim_owner(name, one), "TXT")) for one in settings.selectors_of(name)),
            *((Check.SRV, (f"_{service}._tcp.{name}", "SRV")) for service in SERVICES),
        ]
        return tuple(question for check, question in found if settings.wants(check))

    def _wanted(self, check: Check, look: Callable[[], Awaitable[Any]]) -> Awaitable[Any] | None:
        return look() if self._settings.wants(check) else None


async def _together(*parts: Awaitable[Any] | None) -> list[Any]:
    """Wait for all that are there at the same time; what is not wanted is None, and costs no task."""
    there = [part for part in parts if part is not None]
    found = iter(await asyncio.gather(*there) if len(there) > 1 else [await part for part in there])
    return [None if part is None else next(found) for part in parts]


def _hosts(mx: MxView) -> tuple[str, ...]:
    """The exchanges by name, each once, the most preferred first."""
    return tuple(dict.fromkeys(one.name.lower() for one in mx.exchanges if not is_address(one.name)))


def _announced(view: DomainView) -> list[AnnouncedServer]:
    servers = list(announced_by_srv(view.srv or ()))
    for document in (view.autoconfig, view.autodiscover):
        servers += document.servers if document is not None else ()
    return servers
