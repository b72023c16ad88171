# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `smtp_tls_facts`: parameters in, facts out. The edge where the event loop lives.

The engine is the probe's; only the way to the endpoints is another. The addresses are the machine's own and not those of DNS,
which is asked at DANE levels alone: whether the host's address records are validated decides if its TLSA records count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import ask_nobody
from ansible_collections.mailops.tls.plugins.module_utils._dns.deadline import within
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.conductor import MailboxRun, WayOf
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.own_listeners import own_listeners
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.own_services import OwnHost, OwnServices, own_host, probe_own
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.recognition import Ears
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.fact import ServiceResult, smtp_tls_fact
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.options import FactsOptions, FindListeners, facts_options
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.selection import FACT, is_wanted
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.services import MODES
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination, Protocol
from ansible_collections.mailops.tls.plugins.module_utils._smtp.fleet import Fleet
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult
from ansible_collections.mailops.tls.plugins.module_utils._sockets.reading import listening_here
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tls.session_files import SessionFiles
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace

GREETING = 3.0
"""Seconds to wait for a greeting where it is not known that there will be one."""
GREETING_IN_TLS = 10.0
"""The same where a handshake comes first."""


def needed_libraries(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the libraries a run needs: at levels without DANE nothing is asked of DNS."""
    dns = ("dnspython",) if SecurityLevel(params["security_level"]).uses_dane else ()
    return (*dns, "pyOpenSSL", "cryptography")


def run_smtp_facts(params: Mapping[str, Any], *, check_mode: bool = False) -> TaskResult:
    """Probe the services of this machine that *params* name.

    Args:
        params: the parameters of `smtp_tls_facts`, as its argument specification leaves them.
        check_mode: probe, but write no file.

    Raises:
        OptionError: an option cannot be used; nothing was probed.
    """
    if not is_wanted(params["gather_subset"], params["filter"]):
        return TaskResult({"ansible_facts": {}})
    options = facts_options(params)
    level = options.settings.security_level
    contexts = TlsContexts(options.tls)
    contexts.check(must_match=level.must_match, need_not_match=level.need_not_match)
    written = (None, None) if check_mode else (options.keylog_file, options.trace_file)
    now = datetime.now(timezone.utc)
    with SessionFiles(*written) as files:
        if files.on_secret is not None:
            contexts.log_secrets(files.on_secret)
        found = asyncio.run(_probe(options, contexts, now, files.on_trace))
    results = found.results if options.all_addresses else [one.only_listening() for one in found.results]
    fact = smtp_tls_fact(options.host, level, results, found.own, options.detail, now)
    warnings = options.warnings + contexts.warnings + files.warnings + found.warnings
    return TaskResult({"ansible_facts": {FACT: fact}}, warnings=warnings)


@dataclass(frozen=True)
class _Found:
    """What was found of the services that the user names, and of those that listen."""

    results: list[ServiceResult]
    own: OwnServices
    warnings: tuple[str, ...]


async def _probe(options: FactsOptions, contexts: TlsContexts, now: datetime, on_trace: OnTrace | None = None) -> _Found:
    """Probe everything at the same time, each endpoint once."""
    resolver = options.dns.resolver() if options.settings.security_level.uses_dane else None
    prober = Prober(contexts, options.turns, on_trace)  # one for all, so that the limits count for all services together
    try:
        host = await within(options.turns.limits.deadline, own_host(options.host, resolver.ask if resolver else None))
        host = host or OwnHost.not_found(options.host)
        (results, warnings), own = await asyncio.gather(
            _named(options, host, prober, resolver), _listening(options, host, prober, contexts, resolver, now)
        )
    finally:
        if resolver is not None:
            await resolver.close()
    return _Found(results, own, warnings)


async def _named(
    options: FactsOptions, host: OwnHost, prober: Prober, resolver: Resolver | None
) -> tuple[list[ServiceResult], tuple[str, ...]]:
    """Probe the services that the user names; what was found, in their order, and warnings."""
    warnings: dict[str, None] = {}

    async def route_of(destination: Destination) -> Route:
        return _own_route(options, host, destination.port)

    async def probe_all(mode: TlsMode) -> list[ServiceResult]:
        chosen = [service for service in options.services if service.tls_mode is mode]
        settings = replace(options.settings, tls_mode=mode)
        fleet = Fleet(settings, resolver.ask if resolver else ask_nobody, prober, route_of, resolver.validates if resolver else None)
        results: dict[int, DestinationResult] = {}
        ports = dict.fromkeys(service.port for service in chosen)
        await fleet.run([_destination(options.host, port) for port in ports], lambda one: results.update({one.destination.port: one}))
        warnings.update(dict.fromkeys(fleet.warnings))
        return [ServiceResult(service, results[service.port]) for service in chosen]

    found = await asyncio.gather(*(probe_all(mode) for mode in MODES))
    in_order = sorted((one for part in found for one in part), key=lambda one: options.services.index(one.service))
    return in_order, tuple(warnings)


async def _listening(
    options: FactsOptions, host: OwnHost, prober: Prober, contexts: TlsContexts, resolver: Resolver | None, now: datetime
) -> OwnServices:
    """Find what listens, and probe it if the user wants that."""
    if options.find_listeners is FindListeners.NONE:
        return OwnServices()
    listening = listening_here()
    if options.find_listeners is FindListeners.LIST:
        return OwnServices(listening, own_listeners(listening))
    ears = Ears(*(Prober(contexts, ProberSettings(_at_most(options.turns.limits, seconds))) for seconds in (GREETING, GREETING_IN_TLS)))
    ask, validates = (resolver.ask, resolver.validates) if resolver else (ask_nobody, None)

    def run_on(way_of: WayOf) -> MailboxRun:
        return MailboxRun(options.mailboxes, ask, prober, now, validates, way_of)

    return await probe_own(listening, host, run_on, ears, options.mailboxes.ehlo_name)


def _at_most(limits: TimeLimits, seconds: float) -> TimeLimits:
    return TimeLimits(min(limits.connect, seconds), min(limits.command, seconds), limits.deadline)


def _destination(host: str, port: int) -> Destination:
    text = f"[{host}]:{port}"
    return Destination(text, Protocol.SMTP, nexthop=host, port=port, service=str(port), bracketed=True)


def _own_route(options: FactsOptions, host: OwnHost, port: int) -> Route:
    """The machine's own addresses as candidates, with what DNS says of its name."""
    if host.failure is not None:
        return Route("address", failure=host.failure, warnings=host.warnings, ad_untrusted=host.ad_untrusted)
    candidates = tuple(
        Candidate(host.name, host.canonical_name, address, port, secure=host.secure) for address in options.addresses
    )
    return Route("address", candidates=candidates, ad_untrusted=host.ad_untrusted, without_ad=host.without_ad)
