# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Destinations probed by a fleet, with a dictionary for DNS and scripted mail servers that speak TLS on loopback addresses."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from dataclasses import fields, replace
from typing import Any, Callable, TypeVar

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import MxRecord
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import service_port
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination, Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.fleet import Fleet
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult, EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import ProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, server_for
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns

SETTINGS = ProbeSettings(SecurityLevel.DANE, dialogue=SmtpSettings("probe.example.net"))
TURNS = ProberSettings(TimeLimits(600, 600, 600))
_TURNS = frozenset(one.name for one in fields(ProberSettings))

_T = TypeVar("_T")


def mail_server(tls: MemoryServer, name: str = "mx.example.com", *, implicit: bool = False) -> Script:
    """Return the script of a healthy mail server of this name; each connection is a new session of the same TLS server."""

    async def script(peer: Peer) -> None:
        session = tls.another()
        if implicit:
            await peer.shake_hands(session)
            await peer.send(b"220 %s ESMTP\r\n" % name.encode())
        else:
            await peer.offer_tls(b"250-%s\r\n250 STARTTLS\r\n" % name.encode())
            await peer.start_tls(session)
        await peer.hear()
        await peer.send(b"250-%s\r\n250 SIZE 1000\r\n" % name.encode())
        await peer.hear()

    return script


def server_with(certificate: Issued) -> Script:
    """Return the script of a healthy mail server with this certificate."""
    return mail_server(server_for(certificate))


def key_record(certificate: Issued) -> TlsaRecord:
    """Return the `3 1 1` record of a certificate's key."""
    return TlsaRecord(3, 1, 1, hashlib.sha256(certificate.key.spki).digest())


def mx_zone(port: int, records: Sequence[TlsaRecord] = (), *, secure: bool = True) -> FakeDns:
    """Return DNS for example.com: exchange mx.example.com at 127.0.0.1, with these TLSA records for the port."""
    dns = FakeDns().found("example.com", "MX", [MxRecord(10, "mx.example.com")], secure=secure)
    dns.found("mx.example.com", "A", ["127.0.0.1"])
    return dns.found(f"_{port}._tcp.mx.example.com", "TLSA", records) if records else dns


async def probe(dns: FakeDns, *texts: str, **changes: Any) -> list[DestinationResult]:
    """Probe destinations with these settings of the fleet and of its prober changed; `tls` are the parameters of handshakes."""
    tls = changes.pop("tls", TlsParameters())
    turns = replace(TURNS, **{name: changes.pop(name) for name in _TURNS & set(changes)})
    settings = replace(SETTINGS, key_algorithms=tls.key_algorithms, **changes)
    protocol = Protocol.LMTP if settings.dialogue.lmtp else Protocol.SMTP
    destinations = [parse_destination(text, protocol=protocol, service_port=service_port) for text in texts]
    fleet = Fleet(settings, dns.ask, Prober(TlsContexts(tls), turns))
    return await all_results(fleet, destinations)


async def all_results(fleet: Fleet, destinations: Sequence[Destination]) -> list[DestinationResult]:
    """Return the results of a run in the order of its destinations."""
    found: dict[Destination, DestinationResult] = {}
    await fleet.run(destinations, lambda result: found.update({result.destination: result}))
    return [found[one] for one in destinations]


async def probe_one(dns: FakeDns, text: str, **changes: Any) -> EndpointResult:
    """Probe a destination that has one endpoint."""
    (result,) = await probe(dns, text, **changes)
    (endpoint,) = result.endpoints
    return endpoint


def serve(test: Callable[..., Awaitable[_T]], *servers: ScriptedServer) -> _T:
    """Run a test with the servers as its arguments while they listen."""

    async def run() -> _T:
        async with AsyncExitStack() as stack:
            for server in servers:
                await stack.enter_async_context(server)
            return await test(*servers)

    return asyncio.run(run())


def endpoint_facts(endpoint: EndpointResult) -> dict[str, Any]:
    """Return an endpoint as facts, without the larger parts."""
    return endpoint.as_facts(Detail())
