# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SRV records by the fleet: TLSA records at each record's own port, and judged by the host that the record names."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import SrvRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import Lookup
from ansible_collections.mailops.tls.tests.unit.makers.certificates import hierarchy
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import key_record, mail_server, probe, serve, server_with

QUESTION = "_submission._tcp.example.com"


def zone(*records: SrvRecord, secure: bool = True) -> FakeDns:
    dns = FakeDns().found(QUESTION, "SRV", records, secure=secure)
    for record in records:
        dns.found(record.target, "A", ["127.0.0.1"])
    return dns


def tlsa(dns: FakeDns, port: int, host: str, records: Sequence[TlsaRecord]) -> None:
    dns.found(f"_{port}._tcp.{host}", "TLSA", records)


async def by_srv(dns: FakeDns, level: SecurityLevel = SecurityLevel.DANE) -> DestinationResult:
    (result,) = await probe(dns, "example.com:submission", lookup=Lookup.SRV, security_level=level)
    return result


def test_b3_tlsa_is_looked_up_at_the_record_s_own_port() -> None:
    """posttls-finger asks at the service's port, or that of the candidate before."""
    ecdsa, rsa = leaf("ecdsa"), leaf("rsa")

    async def run(first: ScriptedServer, second: ScriptedServer) -> tuple[FakeDns, DestinationResult]:
        dns = zone(SrvRecord(10, 0, first.port, "mx1.example.com"), SrvRecord(20, 0, second.port, "mx2.example.com"))
        tlsa(dns, first.port, "mx1.example.com", [key_record(ecdsa)])
        tlsa(dns, second.port, "mx2.example.com", [key_record(rsa)])
        tlsa(dns, 587, "mx1.example.com", [key_record(rsa)])  # of another service of that host
        return dns, await by_srv(dns)

    first, second = ScriptedServer(server_with(ecdsa)), ScriptedServer(server_with(rsa))
    dns, result = serve(run, first, second)
    assert [one.status.value for one in result.endpoints] == ["verified", "verified"] and result.satisfied
    owners = [one.lookup.owner for one in result.endpoints]
    assert owners == [f"_{first.port}._tcp.mx1.example.com", f"_{second.port}._tcp.mx2.example.com"]
    assert sorted(dns.names("TLSA")) == sorted(str(owner) for owner in owners)
    assert [one.preference for one in result.endpoints] == [10, 20]


def test_two_ports_of_one_host_are_two_endpoints_with_their_own_records() -> None:
    async def run(first: ScriptedServer, second: ScriptedServer) -> DestinationResult:
        dns = zone(SrvRecord(10, 0, first.port, "mx.example.com"), SrvRecord(20, 0, second.port, "mx.example.com"))
        tlsa(dns, first.port, "mx.example.com", [key_record(leaf("ecdsa"))])
        return await by_srv(dns)

    servers = [ScriptedServer(server_with(leaf("ecdsa"))) for _each in range(2)]
    result = serve(run, *servers)
    assert [one.status.value for one in result.endpoints] == ["verified", "untrusted"]
    assert [one.policy.session.value if one.policy else None for one in result.endpoints] == ["dane", "secure"]


@pytest.mark.parametrize(
    ("name", "status", "satisfied"),
    [("mx.example.com", "verified", True), ("example.com", "trusted", False), ("other.example", "trusted", False)],
)
def test_below_a_trust_anchor_the_host_is_the_only_name(name: str, status: str, satisfied: bool) -> None:
    """Postfix adds the owner of the SRV RRset as it adds that of an MX RRset, and not the domain."""
    chain = hierarchy([name])
    record = TlsaRecord(2, 0, 1, hashlib.sha256(chain.intermediate.der).digest())

    async def run(server: ScriptedServer) -> DestinationResult:
        dns = zone(SrvRecord(10, 0, server.port, "mx.example.com"))
        tlsa(dns, server.port, "mx.example.com", [record])
        return await by_srv(dns)

    script = mail_server(MemoryServer(chain.served_pem, chain.leaf.key.pem))
    result = serve(run, ScriptedServer(script))
    assert (result.status.value, result.satisfied) == (status, satisfied)


def test_behind_an_insecure_srv_rrset_a_match_is_trusted_only() -> None:
    async def run(server: ScriptedServer) -> DestinationResult:
        dns = zone(SrvRecord(10, 0, server.port, "mx.example.com"), secure=False)
        tlsa(dns, server.port, "mx.example.com", [key_record(leaf("ecdsa"))])
        return await by_srv(dns)

    result = serve(run, ScriptedServer(server_with(leaf("ecdsa"))))
    assert (result.status.value, result.satisfied) == ("trusted", True)


def test_an_error_at_the_record_s_port_is_no_downgrade() -> None:
    async def run(server: ScriptedServer) -> DestinationResult:
        dns = zone(SrvRecord(10, 0, server.port, "mx.example.com"))
        dns.error(f"_{server.port}._tcp.mx.example.com", "TLSA")
        return await by_srv(dns)

    server = ScriptedServer(server_with(leaf("ecdsa")))
    result = serve(run, server)
    (endpoint,) = result.endpoints
    assert endpoint.failure is not None and endpoint.failure.kind is ErrorKind.TLSA_LOOKUP_FAILED
    assert not result.satisfied and server.peers == []


def test_without_srv_records_there_is_no_other_way() -> None:
    dns = FakeDns().found("example.com", "A", ["127.0.0.1"])

    async def run() -> DestinationResult:
        return await by_srv(dns)

    result = serve(run)
    assert result.route.failure is not None and result.route.failure.kind is ErrorKind.DNS_NOT_FOUND
    assert result.endpoints == () and not result.satisfied and dns.names("MX") == []
