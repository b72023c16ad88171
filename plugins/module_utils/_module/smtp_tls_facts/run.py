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
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask, ask_nobody, noting
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.fact import ServiceResult, smtp_tls_fact
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.options import FactsOptions, facts_options
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.selection import FACT, is_wanted
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.services import MODES
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.host_addresses import HostLookup, host_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination, Protocol
from ansible_collections.mailops.tls.plugins.module_utils._smtp.fleet import Fleet
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tls.session_files import SessionFiles
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace


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
    with SessionFiles(*written) as files:
        if files.on_secret is not None:
            contexts.log_secrets(files.on_secret)
        results, warnings = asyncio.run(_probe(options, contexts, files.on_trace))
    if not options.all_addresses:
        results = [one.only_listening() for one in results]
    fact = smtp_tls_fact(options.host, level, results, options.detail, datetime.now(timezone.utc))
    warnings = options.warnings + contexts.warnings + files.warnings + warnings
    return TaskResult({"ansible_facts": {FACT: fact}}, warnings=warnings)


async def _probe(
    options: FactsOptions, contexts: TlsContexts, on_trace: OnTrace | None = None
) -> tuple[list[ServiceResult], tuple[str, ...]]:
    """Probe all services; what was found, in their order, and warnings."""
    resolver = None
    if options.settings.security_level.uses_dane:
        resolver = options.dns.resolver()
    ask = resolver.ask if resolver is not None else ask_nobody
    validates = resolver.validates if resolver is not None else None

    async def route_of(destination: Destination) -> Route:
        return await _own_route(options, destination.port, ask if resolver is not None else None)

    warnings: dict[str, None] = {}
    prober = Prober(contexts, options.turns, on_trace)  # one for both modes, so that the limits count for all services together

    async def probe_all(mode: TlsMode) -> list[ServiceResult]:
        chosen = [service for service in options.services if service.tls_mode is mode]
        fleet = Fleet(replace(options.settings, tls_mode=mode), ask, prober, route_of, validates)
        results = await fleet.run([_destination(options.host, service.port) for service in chosen], lambda result: result)
        warnings.update(dict.fromkeys(fleet.warnings))
        return [ServiceResult(service, result) for service, result in zip(chosen, results)]

    try:
        found = await asyncio.gather(*(probe_all(mode) for mode in MODES))
    finally:
        if resolver is not None:
            await resolver.close()
    in_order = sorted((one for part in found for one in part), key=lambda one: options.services.index(one.service))
    return in_order, tuple(warnings)


def _destination(host: str, port: int) -> Destination:
    text = f"[{host}]:{port}"
    return Destination(text, Protocol.SMTP, nexthop=host, port=port, service=str(port), bracketed=True)


async def _own_route(options: FactsOptions, port: int, ask: Ask | None) -> Route:
    """The machine's own addresses as candidates, with the DNSSEC status and aliases of the host's address records if there is *ask*.

    A failed lookup ends the route: going on without TLSA records would be a weaker check than asked for.
    """
    canonical_name, secure, ad_untrusted = options.host, False, False
    without_ad: set[str] = set()
    if ask is not None:
        found = await host_addresses(options.host, noting(ask, without_ad), (HostLookup.DNS,), native_addresses)
        ad_untrusted = found.ad_untrusted
        if found.failure is not None and found.failure.kind is not ErrorKind.DNS_NOT_FOUND:
            return Route("address", failure=found.failure, warnings=found.warnings, ad_untrusted=ad_untrusted)
        if found.addresses:
            canonical_name = found.addresses[0].canonical_name
            secure = all(one.secure for one in found.addresses)
    candidates = tuple(Candidate(options.host, canonical_name, address, port, secure=secure) for address in options.addresses)
    return Route("address", candidates=candidates, ad_untrusted=ad_untrusted, without_ad=frozenset(without_ad))
