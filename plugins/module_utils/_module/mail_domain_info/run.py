# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `mail_domain_info`: parameters in, the task's result out. The edge where the event loop lives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative import DEFAULT_CONCURRENCY
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_exchange import AuthoritativeExchange
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import DEFAULT_TIMEOUT, Resolver
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced import ProbeAnnounced
from ansible_collections.mailops.tls.plugins.module_utils._domain.domain_result import JudgedDomain, summarize
from ansible_collections.mailops.tls.plugins.module_utils._domain.domain_view import DomainView
from ansible_collections.mailops.tls.plugins.module_utils._domain.invalid import invalid_domain_facts
from ansible_collections.mailops.tls.plugins.module_utils._domain.look import DomainLook, LookTools
from ansible_collections.mailops.tls.plugins.module_utils._domain.public_suffix import PublicSuffixes
from ansible_collections.mailops.tls.plugins.module_utils._domain.sender_views import SenderViews
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import DmarcDiscovery, MailDomain
from ansible_collections.mailops.tls.plugins.module_utils._domain.web import WebFetcher, WebSettings
from ansible_collections.mailops.tls.plugins.module_utils._domain.zone_look import ZoneLook
from ansible_collections.mailops.tls.plugins.module_utils._module.deciding_options import deciding_values
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.arguments import domain_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.domains import domain_key, read_domain
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.options import DomainOptions, domain_options
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed import Streamed
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_run import Written, looked_after, streamed_run
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_subjects import subjects_of
from ansible_collections.mailops.tls.plugins.module_utils._module.suffix_list import installed_suffixes
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.descriptors import reserve_descriptors
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._results.domain_expect import unmet_of_domain, unmet_of_keys
from ansible_collections.mailops.tls.plugins.module_utils._results.domain_report import domain_report
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import Unmet
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import DOMAINS
from ansible_collections.mailops.tls.plugins.module_utils._results.tally import Telling
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts

TARGETS = ("domains", "domains_file")
"""The options that name what is looked at: a result is of one."""


def run_domain_look(params: Mapping[str, Any], *, check_mode: bool = False) -> TaskResult:
    """Look at the domains in *params*.

    Args:
        params: the parameters of `mail_domain_info`, as its argument specification leaves them.
        check_mode: look, but write no file.

    Raises:
        OptionError: an option cannot be used; nothing was asked.
    """
    options = domain_options(params)
    contexts = TlsContexts(options.tls)
    contexts.check(must_match=True, need_not_match=True)
    reserve_descriptors(options.turns.concurrency)
    nameservers = options.dns.asked()
    with subjects_of(options.texts, options.domains_file, "domains", domain_key) as subjects:
        written = _written(params, options, nameservers)
        with streamed_run(subjects, DOMAINS, _telling(options), options.stream, written, check_mode=check_mode) as run:
            asyncio.run(_look(options, contexts, nameservers, run))
        return run.result(resume=options.resume, warnings=contexts.warnings)


def _telling(options: DomainOptions) -> Telling:
    def unmet(results: Sequence[Mapping[str, Any]]) -> list[Unmet]:
        found = [one for result in results for one in unmet_of_keys(result)]
        if options.expect is not None:
            found += [one for result in results for one in unmet_of_domain(options.expect, result)]
        return found

    return Telling(summarize, domain_report, unmet, lambda result: str(result["worst"]), lambda result: result["worst"] == "ok")


def _written(params: Mapping[str, Any], options: DomainOptions, nameservers: Sequence[Nameserver]) -> Written | None:
    if options.results_file is None:
        return None
    name = options.settings.smtp.dialogue.ehlo_name
    deciding = deciding_values(params, domain_arguments(), TARGETS, ehlo_name=name, nameservers=nameservers)
    return Written(options.results_file, options.resume, {**deciding, "module": "mail_domain_info"})


async def _look(options: DomainOptions, contexts: TlsContexts, nameservers: Sequence[Nameserver], run: Streamed) -> None:
    """Look at what is not done yet."""
    now = datetime.now(timezone.utc)

    def left() -> Iterator[MailDomain]:
        for text in run.left():
            read = read_domain(text)
            if isinstance(read, MailDomain):
                yield read
            else:
                run.take(invalid_domain_facts(read.text, read.failure))

    def finish(view: DomainView) -> None:
        run.take(JudgedDomain(view, options.settings, options.detail, now).as_facts())

    resolver = Resolver(nameservers, options.dns.trust_ad)
    others = {str(one): Resolver((one,), options.dns.trust_ad) for one in options.settings.compared}
    look = DomainLook(options.settings, _tools(options, contexts, resolver, others, now))
    try:
        async with looked_after(run, lambda: (look.active, 0)):
            await look.run(left(), finish)
    finally:
        await asyncio.gather(*(one.close() for one in (resolver, *others.values())))


def _tools(
    options: DomainOptions, contexts: TlsContexts, resolver: Resolver, others: Mapping[str, Resolver], now: datetime
) -> LookTools:
    settings, ask, detail = options.settings, resolver.ask, options.detail
    prober = Prober(contexts, options.turns)
    smtp = settings.smtp
    web = WebSettings(settings.http_seconds, settings.document_limit, settings.private_allowed, detail=detail)
    allowed = settings.private_allowed
    return LookTools(
        ask=ask,
        fetch=WebFetcher(web, ask, Prober(contexts, _for_documents(options)), now).fetch,
        views=SenderViews(smtp, ask, prober, resolver.validates, private_allowed=allowed),
        zones=ZoneLook(ask, AuthoritativeExchange(DEFAULT_TIMEOUT, DEFAULT_CONCURRENCY)),
        announced=_announced(options, resolver, prober, now) if settings.probes_announced else None,
        others={name: one.ask for name, one in others.items()},
        suffixes=_suffixes(settings.dmarc_discovery),
    )


def _announced(options: DomainOptions, resolver: Resolver, prober: Prober, now: datetime) -> ProbeAnnounced:
    # Not on top: it brings the dialogues of mail clients, which a look at records alone does without.
    from ansible_collections.mailops.tls.plugins.module_utils._domain.announced_probe import AnnouncedProbe
    from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings

    settings = options.settings
    mailboxes = MailboxProbeSettings(ehlo_name=settings.smtp.dialogue.ehlo_name, address_family=settings.smtp.address_family)
    return AnnouncedProbe(
        mailboxes, resolver.ask, prober, now, options.detail, private_allowed=settings.private_allowed, validates=resolver.validates
    ).probe


def _for_documents(options: DomainOptions) -> ProberSettings:
    """A document has one time limit for everything."""
    seconds = options.settings.http_seconds
    return replace(options.turns, limits=TimeLimits(seconds, seconds, seconds))


def _suffixes(discovery: DmarcDiscovery) -> PublicSuffixes | None:
    """The list of public suffixes, where this machine has one and it is wanted."""
    return None if discovery is DmarcDiscovery.TREE_WALK else installed_suffixes()
