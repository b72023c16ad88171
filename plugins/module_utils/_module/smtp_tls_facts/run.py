# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `smtp_tls_facts`: parameters in, facts out. The edge where the event loop lives.

The engine is the probe's; only the way to the endpoints is another. The addresses are the machine's own and not those of DNS,
which is asked at DANE levels alone: whether the host's address records are validated decides if its TLSA records count.
"""

from __future__ import annotations

import asyncio
import platform
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome, noting
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.fact import ServiceResult, smtp_tls_fact
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.selection import FACT, is_wanted
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.services import (
    LOOPBACK,
    Service,
    TlsMode,
    parse_addresses,
    parse_host,
    parse_services,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.options import ProbeOptions, smtp_options
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.destination import Destination, Protocol
from ansible_collections.mailops.tls.plugins.module_utils._probe.fleet import Fleet
from ansible_collections.mailops.tls.plugins.module_utils._probe.host_addresses import HostLookup, host_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tls.session_files import SessionFiles
from ansible_collections.mailops.tls.plugins.module_utils._tls.trace import OnTrace


@dataclass(frozen=True)
class FactsRun:
    """What a run gives back: the new `ansible_facts`, and warnings for the user."""

    facts: dict[str, Any]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Host:
    """The host as it is to be probed: its name in certificates and DNS, and its addresses on this machine."""

    name: str
    addresses: tuple[str, ...]


def needed_libraries(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the libraries a run needs: at levels without DANE nothing is asked of DNS."""
    dns = ("dnspython",) if SecurityLevel(params["security_level"]).uses_dane else ()
    return (*dns, "pyOpenSSL", "cryptography")


def run_smtp_facts(params: Mapping[str, Any], *, check_mode: bool = False) -> FactsRun:
    """Probe the services of this machine that *params* name.

    Args:
        params: the parameters of `smtp_tls_facts`, as its argument specification leaves them.
        check_mode: probe, but write no file.
            Raises `OptionError` for an option that cannot be used, before anything is probed.
            """
    if not is_wanted(params["gather_subset"], params["filter"]):
        return FactsRun({})
    named = parse_addresses(params["addresses"])
    services = parse_services(params["services"])
    host = _Host(parse_host(params["host"]) if params["host"] is not None else own_name(), named or LOOPBACK)
    options = _options(params, host.name)
    contexts = TlsContexts(options.tls)
    level = options.security_level
    contexts.check(must_match=level.must_match, need_not_match=level.need_not_match)
    written = (None, None) if check_mode else (options.keylog_file, options.trace_file)
    with SessionFiles(*written) as files:
        if files.on_secret is not None:
            contexts.log_secrets(files.on_secret)
        results, warnings = asyncio.run(_probe(options, contexts, host, services, files.on_trace))
    if named is None:
        results = [one.only_listening() for one in results]
    detail = Detail(options.include_pem, options.transcript, options.fingerprint_digest)
    fact = smtp_tls_fact(host.name, options.security_level, results, detail, datetime.now(timezone.utc))
    return FactsRun({FACT: fact}, options.warnings + contexts.warnings + files.warnings + warnings)


def own_name() -> str:
    """Return this machine's fully qualified name, `localhost` when it has no usable one."""
    node = platform.node()
    name = node if "." in node else socket.getfqdn(node)
    if name.startswith("localhost"):  # hosts(5) often has the machine's name there
        name = node
    return name if is_hostname(name) else "localhost"


def _options(params: Mapping[str, Any], host: str) -> ProbeOptions:
    """The options of a probe; what this module does not have is as by default."""
    timeout = params["gather_timeout"]
    if timeout is not None and timeout <= 0:
        raise OptionError("gather_timeout", timeout, "is not a number of seconds above 0")
    deadline = params["deadline"]
    others = {name: spec.get("default") for name, spec in smtp_arguments().items()}
    return smtp_options({
        **others,
        **params,
        "destinations": [f"[{host}]"],
        "deadline": deadline if timeout is None else min(deadline, timeout),
    })  # fmt: skip


async def _probe(
    options: ProbeOptions,
    contexts: TlsContexts,
    host: _Host,
    services: Sequence[Service],
    on_trace: OnTrace | None = None,
) -> tuple[list[ServiceResult], tuple[str, ...]]:
    """Probe all services; what was found, in their order, and warnings."""
    resolver = None
    if options.security_level.uses_dane:
        resolver = DnsSettings(options.nameservers, options.trust_ad).resolver()
    ask = resolver.ask if resolver is not None else _ask_nobody
    validates = resolver.validates if resolver is not None else None

    async def route_of(destination: Destination) -> Route:
        return await _own_route(host, destination.port, ask if resolver is not None else None)

    warnings: dict[str, None] = {}

    async def probe_all(mode: TlsMode) -> list[ServiceResult]:
        """A fleet speaks in one way, so there is one for each mode."""
        chosen = [service for service in services if service.tls_mode is mode]
        dialogue = replace(options.dialogue, implicit=mode is TlsMode.IMPLICIT)
        fleet = Fleet(replace(options, dialogue=dialogue), ask, contexts, route_of, on_trace, validates)
        results = await fleet.run([_destination(host.name, service.port) for service in chosen], lambda result: result)
        warnings.update(dict.fromkeys(fleet.warnings))
        return [ServiceResult(service, result) for service, result in zip(chosen, results)]

    try:
        found = await asyncio.gather(*(probe_all(mode) for mode in TlsMode))
    finally:
        if resolver is not None:
            await resolver.close()
    return sorted((one for part in found for one in part), key=lambda one: services.index(one.service)), tuple(warnings)


def _destination(host: str, port: int) -> Destination:
    text = f"[{host}]:{port}"
    return Destination(text, Protocol.SMTP, nexthop=host, port=port, service=str(port), bracketed=True)


async def _own_route(host: _Host, port: int, ask: Ask | None) -> Route:
    """The machine's own addresses as candidates, with the DNSSEC status and aliases of the host's address records if there is *ask*.

    A failed lookup ends the route: going on without TLSA records would be a weaker check than asked for.
    """
    canonical_name, secure, ad_untrusted = host.name, False, False
    without_ad: set[str] = set()
    if ask is not None:
        found = await host_addresses(host.name, noting(ask, without_ad), (HostLookup.DNS,), native_addresses)
        ad_untrusted = found.ad_untrusted
        if found.failure is not None and found.failure.kind is not ErrorKind.DNS_NOT_FOUND:
            return Route("address", failure=found.failure, warnings=found.warnings, ad_untrusted=ad_untrusted)
        if found.addresses:
            canonical_name = found.addresses[0].canonical_name
            secure = all(one.secure for one in found.addresses)
    candidates = tuple(Candidate(host.name, canonical_name, address, port, secure=secure) for address in host.addresses)
    return Route("address", candidates=candidates, ad_untrusted=ad_untrusted, without_ad=frozenset(without_ad))


async def _ask_nobody(name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
    """Stand for DNS where the security level needs none."""
    return Answer(name, rdtype, Outcome.ERROR, error="DNS is not asked at this security level")
