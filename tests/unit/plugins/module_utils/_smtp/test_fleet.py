# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet: what destinations share is asked and probed once, addresses are spared, and nothing is held up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import fields, replace
from typing import Any, Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, MxRecord, Outcome, RecordData
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Status
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.fleet import Fleet
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import Exchanges, ProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import all_results

GREETING = b"220 mx.test ESMTP\r\n"


class Zone:
    """A resolver with a few records, all of them validated; it counts every question."""

    def __init__(self, records: dict[tuple[str, str], tuple[RecordData, ...]], errors: tuple[str, ...] = ()) -> None:
        self.records, self.errors = records, errors
        self.asked: list[tuple[str, str]] = []
        self.silent: set[str] = set()

    async def ask(self, name: str, rdtype: str, want_dnssec: bool) -> Answer:
        self.asked.append((name, rdtype))
        if name in self.silent:
            await asyncio.Event().wait()
        if name in self.errors:
            return Answer(name, rdtype, Outcome.ERROR, canonical_name=name, error="SERVFAIL from 127.0.0.1")
        found = self.records.get((name, rdtype), ())
        outcome = Outcome.FOUND if found else Outcome.NXDOMAIN
        return Answer(name, rdtype, outcome, found, canonical_name=name, secure=True)


class Server:
    """A mail server without TLS that notes how many connections it has and had at a time."""

    def __init__(self, greetings: list[bytes] | None = None, pause: float = 0.0) -> None:
        self.greetings, self.pause = greetings or [], pause
        self.connections = self.open = self.most_open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await asyncio.sleep(self.pause)
            writer.write(self.greetings.pop(0) if self.greetings else GREETING)
            while True:
                line = await reader.readline()
                if not line:
                    break
                writer.write(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 mx.test\r\n")
                if line.startswith(b"QUIT"):
                    break
        except ConnectionError:
            pass  # the prober closes without waiting for the reply to QUIT
        finally:
            self.open -= 1
            writer.close()


Test = Callable[[int], Awaitable[Any]]


def with_servers(servers: dict[str, Server], test: Test) -> Any:
    """Run a test while the servers listen on one port at their addresses."""

    async def run() -> Any:
        port, listening = 0, []
        for address, server in servers.items():
            started = await asyncio.start_server(server.serve, address, port)
            port = started.sockets[0].getsockname()[1]
            listening.append(started)
        try:
            return await test(port)
        finally:
            for started in listening:
                started.close()

    return asyncio.run(run())


SETTINGS = ProbeSettings(SecurityLevel.MAY, dialogue=SmtpSettings("client.test"))
LIMITS = TimeLimits(600, 600, 600)
_TURNS = frozenset(one.name for one in fields(ProberSettings))


async def probe(zone: Zone, texts: list[str], **changes: Any) -> list[DestinationResult]:
    destinations = [parse_destination(text, protocol=Protocol.SMTP, service_port=lambda name: None) for text in texts]
    turns = {"limits": LIMITS, **{name: changes.pop(name) for name in _TURNS & set(changes)}}
    prober = Prober(TlsContexts(TlsParameters()), ProberSettings(**turns))
    fleet = Fleet(replace(SETTINGS, **changes), zone.ask, prober)
    return await all_results(fleet, destinations)


def domains(count: int, exchange: str = "mx.test") -> dict[tuple[str, str], tuple[RecordData, ...]]:
    return {(f"d{number}.test", "MX"): (MxRecord(10, exchange),) for number in range(count)}


def test_domains_with_one_exchange_share_one_connection_and_its_address_question() -> None:
    zone = Zone({**domains(30), ("mx.test", "A"): ("127.0.0.31",)})
    server = Server()

    async def run(port: int) -> list[DestinationResult]:
        return await probe(zone, [f"d{number}.test:{port}" for number in range(30)])

    results = with_servers({"127.0.0.31": server}, run)
    assert server.connections == 1
    assert [result.status for result in results] == [Status.PLAINTEXT] * 30
    assert [result.destination.nexthop for result in results] == [f"d{number}.test" for number in range(30)]


def test_no_more_connections_to_an_address_than_allowed() -> None:
    records: dict[tuple[str, str], tuple[RecordData, ...]] = {}
    for number in range(12):
        records[f"d{number}.test", "MX"] = (MxRecord(10, f"mx{number}.test"),)
        records[f"mx{number}.test", "A"] = ("127.0.0.32",)
    zone, server = Zone(records), Server(pause=0.02)

    async def run(port: int) -> list[DestinationResult]:
        # One connection each needs different handshakes: the name sent differs, the address does not.
        texts = [f"d{number}.test:{port}" for number in range(12)]
        return await probe(zone, texts, per_address_limit=3, sni="hostname")

    results = with_servers({"127.0.0.32": server}, run)
    assert server.connections == 12
    assert server.most_open <= 3
    assert all(result.satisfied for result in results)


def test_too_many_connections_is_asked_again_and_not_a_verdict() -> None:
    server = Server([b"421 4.7.0 mx.test Error: too many connections from 127.0.0.1\r\n"])
    zone = Zone({("mx.test", "A"): ("127.0.0.33",)})

    async def run(port: int) -> list[DestinationResult]:
        return await probe(zone, [f"[mx.test]:{port}"])

    (result,) = with_servers({"127.0.0.33": server}, run)
    assert server.connections == 2
    assert result.status is Status.PLAINTEXT


@tries_again
def test_too_many_connections_until_the_deadline_is_rate_limited() -> None:
    server = Server([b"421 4.7.0 too many connections\r\n"] * 9)
    zone = Zone({("mx.test", "A"): ("127.0.0.33",)})

    async def run(port: int) -> list[DestinationResult]:
        return await probe(zone, [f"[mx.test]:{port}"], limits=TimeLimits(600, 600, patient(1.5)))

    (result,) = with_servers({"127.0.0.33": server}, run)
    assert result.endpoints[0].failure is not None
    assert result.endpoints[0].failure.kind is ErrorKind.RATE_LIMITED
    assert not result.satisfied


def test_first_stops_at_the_first_connection_and_all_goes_on() -> None:
    zone = Zone({
        ("d.test", "MX"): (MxRecord(10, "dead.test"), MxRecord(20, "mx.test"), MxRecord(30, "other.test")),
        ("dead.test", "A"): ("127.0.0.34",), ("mx.test", "A"): ("127.0.0.35",), ("other.test", "A"): ("127.0.0.36",),
    })  # fmt: skip
    servers = {"127.0.0.35": Server(), "127.0.0.36": Server()}

    async def run(port: int) -> tuple[list[DestinationResult], list[DestinationResult]]:
        first = await probe(zone, [f"d.test:{port}"], exchanges=Exchanges.FIRST)
        return first, await probe(zone, [f"d.test:{port}"])

    (first,), (everything,) = with_servers(servers, run)
    assert [endpoint.connected for endpoint in first.endpoints] == [False, True]
    assert [endpoint.connected for endpoint in everything.endpoints] == [False, True, True]
    assert everything.status is Status.FAILED  # the worst endpoint
    assert everything.satisfied  # and yet mail is delivered


def test_an_exchange_without_address_is_an_endpoint_with_its_error() -> None:
    zone = Zone({
        ("d.test", "MX"): (MxRecord(10, "gone.test"), MxRecord(20, "broken.test"), MxRecord(30, "mx.test")),
        ("mx.test", "A"): ("127.0.0.35",),
    }, errors=("broken.test",))  # fmt: skip

    async def run(port: int) -> list[DestinationResult]:
        return await probe(zone, [f"d.test:{port}"])

    (result,) = with_servers({"127.0.0.35": Server()}, run)
    kinds = [endpoint.failure.kind if endpoint.failure else None for endpoint in result.endpoints]
    assert kinds == [ErrorKind.STARTTLS_NOT_OFFERED, ErrorKind.DNS_NOT_FOUND, ErrorKind.DNS_ERROR]


def test_a_failed_tlsa_lookup_is_never_a_downgrade() -> None:
    zone = Zone({("mx.test", "A"): ("127.0.0.35",)}, errors=("_%d._tcp.mx.test",))
    server = Server()

    async def run(port: int) -> list[DestinationResult]:
        zone.errors = (f"_{port}._tcp.mx.test",)
        return await probe(zone, [f"[mx.test]:{port}"], security_level=SecurityLevel.DANE)

    (result,) = with_servers({"127.0.0.35": server}, run)
    assert server.connections == 0
    assert result.endpoints[0].failure is not None
    assert result.endpoints[0].failure.kind is ErrorKind.TLSA_LOOKUP_FAILED
    assert (result.status, result.satisfied) == (Status.FAILED, False)


@pytest.mark.parametrize("silent", ["d.test", "mx.test", "tlsa"])
@tries_again
def test_a_silent_resolver_ends_at_the_deadline_for_that_destination_only(silent: str) -> None:
    zone = Zone({
        ("d.test", "MX"): (MxRecord(10, "mx.test"),), ("mx.test", "A"): ("127.0.0.35",),
        ("other.test", "A"): ("127.0.0.35",),
    })  # fmt: skip

    async def run(port: int) -> list[DestinationResult]:
        zone.silent = {silent if silent != "tlsa" else f"_{port}._tcp.mx.test"}
        limits = TimeLimits(600, 600, patient(0.4))
        texts = [f"d.test:{port}", f"[other.test]:{port}"]
        return await probe(zone, texts, security_level=SecurityLevel.DANE, limits=limits)

    held, other = with_servers({"127.0.0.35": Server()}, run)
    assert (held.status, held.satisfied) == (Status.FAILED, False)
    assert other.satisfied


def test_equal_tlsa_questions_of_many_domains_end_in_one_probe_each_judged_for_itself() -> None:
    record = TlsaRecord(3, 1, 1, bytes(32))
    zone = Zone({**domains(5), ("mx.test", "A"): ("127.0.0.31",)})
    server = Server()

    async def run(port: int) -> list[DestinationResult]:
        zone.records[f"_{port}._tcp.mx.test", "TLSA"] = (record,)
        texts = [f"d{number}.test:{port}" for number in range(5)]
        return await probe(zone, texts, security_level=SecurityLevel.DANE)

    results = with_servers({"127.0.0.31": server}, run)
    assert server.connections == 1
    kinds = {result.endpoints[0].failure.kind if result.endpoints[0].failure else None for result in results}
    assert kinds == {ErrorKind.STARTTLS_NOT_OFFERED}
    assert not any(result.satisfied for result in results)
