# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A live server as source: the probe's engine asks every address for the certificates it shows, one handshake for each kind of key.

Nothing of it is verified, neither name nor issuer nor DNSSEC: the records say what the one who answered has shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.key_material import KeyMaterial, of_served
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, OptionError, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.options import ProbeOptions, smtp_options
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.destination import Destination, Protocol
from ansible_collections.mailops.tls.plugins.module_utils._probe.fleet import Fleet
from ansible_collections.mailops.tls.plugins.module_utils._probe.host_addresses import HostLookup, host_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.result import DestinationResult, EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_host
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

OPTION = "probe"

_NO_CERTIFICATE = Failure(ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE, "the server shows no certificate")


@dataclass(frozen=True)
class LiveServer:
    """The server to ask: host name in ASCII (also sent as server name), port, and the addresses, by default those of the system."""

    host: str
    port: int
    addresses: tuple[str, ...]
    options: ProbeOptions


def live_server(values: Mapping[str, Any]) -> LiveServer:
    """Return the server of the option `probe`. Raises `OptionError`."""
    host = parse_host(values["host"], OPTION)
    if not 0 < values["port"] < 65536:
        raise OptionError(OPTION, values["port"], "is not a port")
    addresses = []
    for text in values["addresses"] or ():
        address = normalized_address(text)
        if address is None:
            raise OptionError(OPTION, text, "is not an IP address")
        addresses.append(address)
    others = {name: spec.get("default") for name, spec in smtp_arguments().items()}
    options = smtp_options({
        **others,
        "destinations": [f"[{host}]"],
        "security_level": "verify",  # at which no handshake without certificate is offered; the verdict is not used
        "sni": host,
        "tls_mode": values["tls_mode"],
        "key_algorithms": values["key_algorithms"],
        "deadline": values["deadline"],
    })  # fmt: skip
    return LiveServer(host, values["port"], tuple(dict.fromkeys(addresses)), options)


def served_materials(server: LiveServer) -> tuple[tuple[KeyMaterial, ...], tuple[str, ...]]:
    """Return what each address of a server shows, and warnings of the handshakes.

    Raises `ProbeError` when there is no address, or when one of them leaves open which keys it has: records without a key that is
    served would keep mail away.
    """
    contexts = TlsContexts(server.options.tls)
    contexts.check(must_match=True, need_not_match=False)
    result = asyncio.run(_probe(server, contexts))
    if result.route.failure is not None:
        raise _error(result.route.failure)
    materials = tuple(one for endpoint in result.endpoints for one in _materials(endpoint))
    return materials, contexts.warnings


async def _probe(server: LiveServer, contexts: TlsContexts) -> DestinationResult:
    async def route_of(destination: Destination) -> Route:
        return await _route(server)

    fleet = Fleet(server.options, _ask_nobody, contexts, route_of=route_of)
    text = f"[{server.host}]:{server.port}"
    destination = Destination(
        text, Protocol.SMTP, nexthop=server.host, port=server.port, service=str(server.port), bracketed=True
    )
    (result,) = await fleet.run([destination], lambda one: one)
    return result


async def _route(server: LiveServer) -> Route:
    """The addresses given, or those the system has, hosts(5) included."""
    addresses: Sequence[str] = server.addresses
    if not addresses:
        found = await host_addresses(server.host, _ask_nobody, (HostLookup.NATIVE,), native_addresses)
        if found.failure is not None:
            return Route("address", failure=found.failure)
        addresses = [one.address for one in found.addresses]
    return Route("address", candidates=tuple(Candidate(server.host, server.host, one, server.port) for one in addresses))


def _materials(endpoint: EndpointResult) -> list[KeyMaterial]:
    """What one address shows; a kind of key that it says it does not have is no failure."""
    chains: dict[tuple[Certificate, ...], None] = {}
    failure = endpoint.failure
    for session in endpoint.sessions:
        tls = session.evidence.tls
        if tls is not None and tls.established and session.chain:
            chains[session.chain] = None
        elif session.offered is not False:
            raise _error(session.failure or _NO_CERTIFICATE, endpoint.name + ": ")
    if not chains:
        raise _error(failure or _NO_CERTIFICATE, endpoint.name + ": ")
    return [of_served(chain, OPTION, endpoint.name) for chain in chains]


def _error(failure: Failure, name: str = "") -> ProbeError:
    return ProbeError(failure.kind, failure.phase, name + failure.text)


async def _ask_nobody(name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
    """Stand for DNS, which is not asked: the system knows the addresses."""
    return Answer(name, rdtype, Outcome.ERROR, error="DNS is not asked for a live server")
