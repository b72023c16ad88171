# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs against real sockets: what is served, what is not, and DNS where the level asks for it."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Optional

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.arguments import facts_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.run import needed_libraries, run_smtp_facts
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import own_name
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, Issued, Key, issue
from ansible_collections.mailops.tls.tests.unit.servers.background import running
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf

HOST = "mx.example.com"


def params(**given: Any) -> dict[str, Any]:
    """Return module parameters as Ansible fills them in."""
    defaults = {name: spec.get("default") for name, spec in facts_arguments().items()}
    return {**defaults, "host": HOST, "connect_timeout": 5.0, "command_timeout": 5.0, "deadline": 10.0, "find_listeners": "none", **given}


def service(port: int, tls_mode: str = "starttls") -> dict[str, Any]:
    return {"port": port, "tls_mode": tls_mode}


def smtp_fact(**given: Any) -> dict[str, Any]:
    """Run with these parameters and return the fact."""
    fact: dict[str, Any] = run_smtp_facts(params(**given)).facts["ansible_facts"]["smtp_tls"]
    return fact


def server_of(certificate: Issued) -> MemoryServer:
    return MemoryServer(certificate.pem, certificate.key.pem)


class StartTls:
    """A server that asks for STARTTLS; remembers the server names it was asked for."""

    def __init__(self, certificate: Issued) -> None:
        self.certificate, self.names = certificate, list[Optional[str]]()

    async def __call__(self, peer: Peer) -> None:
        await peer.offer_tls()
        server = server_of(self.certificate)
        server.server_names = self.names
        await peer.start_tls(server)
        await peer.finish()


async def implicit(peer: Peer) -> None:
    """A server that begins with the handshake."""
    await peer.shake_hands(server_of(leaf("ecdsa")))
    await peer.greet()
    await peer.send(b"250 mx.example.com\r\n")
    await peer.hear()


async def plain(peer: Peer) -> None:
    """A server that knows no TLS."""
    await peer.greet()
    await peer.send(b"250-mx.example.com\r\n250 SIZE\r\n")
    await peer.hear()


def closed_port() -> int:
    """Return a port where nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_services_of_every_kind_in_the_order_asked_for() -> None:
    asked = StartTls(leaf("ecdsa"))
    with running(first := ScriptedServer(asked), second := ScriptedServer(implicit), third := ScriptedServer(plain)):
        nobody = closed_port()
        services = [service(first.port), service(nobody), service(second.port, "implicit"), service(third.port)]
        fact = smtp_fact(services=services)
    assert [(one["port"], one["tls_mode"], one["listening"], one["status"]) for one in fact["services"]] == [
        (first.port, "starttls", True, "untrusted"),
        (nobody, "starttls", False, "failed"),
        (second.port, "implicit", True, "untrusted"),
        (third.port, "starttls", True, "plaintext"),
    ]
    assert [one["satisfied"] for one in fact["services"]] == [True, False, True, True]
    assert [one["error"] and one["error"]["kind"] for one in fact["services"]] == [
        None, "connect_refused", None, "starttls_not_offered",
    ]  # fmt: skip
    endpoint = fact["services"][0]["endpoints"][0]
    assert endpoint["host"] == HOST and endpoint["port"] == first.port and endpoint["tls"]["established"]
    assert asked.names == [HOST]
    assert fact["host"] == HOST and fact["security_level"] == "may" and not fact["ad_untrusted"]


def test_without_addresses_those_that_listen_are_kept_and_all_when_none_does() -> None:
    with running(server := ScriptedServer(plain)):
        nobody = closed_port()
        fact = smtp_fact(services=[service(server.port), service(nobody)])
        named = smtp_fact(addresses=["127.0.0.1", "127.0.0.2"], services=[service(server.port)])
    listens, silent = fact["services"]
    assert [one["address"] for one in listens["endpoints"]] == ["127.0.0.1"]
    assert [one["address"] for one in silent["endpoints"]] == ["127.0.0.1", "::1"]
    assert [one["address"] for one in named["services"][0]["endpoints"]] == ["127.0.0.1", "127.0.0.2"]
    assert named["services"][0]["status"] == "failed"


def test_each_certificate_is_listed_once_with_its_ports() -> None:
    now = datetime.now(timezone.utc)
    soon = issue("soon", key=Key.generate("ecdsa"), dns_names=[HOST], not_after=NOW + 10 * DAY)
    with running(
        first := ScriptedServer(StartTls(leaf("ecdsa"))),
        second := ScriptedServer(StartTls(soon)),
        third := ScriptedServer(implicit),
    ):
        ports = [first.port, second.port, third.port]
        services = [service(ports[0]), service(ports[1]), service(ports[2], "implicit")]
        fact = smtp_fact(services=services, include_pem=True, fingerprint_digest="sha512")
    assert [one["ports"] for one in fact["certificates"]] == [[ports[0], ports[2]], [ports[1]]]
    ends = fact["certificates"][1]
    assert ends["days_left"] in (9, 10) and ends["dns_names"] == [HOST]
    assert ends["fingerprints"]["certificate"] == {"sha512": hashlib.sha512(soon.der).hexdigest()}
    assert ssl.PEM_cert_to_DER_cert(ends["pem"]) == soon.der
    assert fact["expires"] == ends["not_after"] < fact["certificates"][0]["not_after"]
    gathered = datetime.fromisoformat(fact["gathered_at"].replace("Z", "+00:00"))
    assert abs((gathered - now).total_seconds()) < 60


def test_the_certificates_of_all_kinds_of_keys_are_listed() -> None:
    rsa, ecdsa = leaf("rsa"), leaf("ecdsa")

    async def dual(peer: Peer) -> None:
        await peer.offer_tls()
        await peer.start_tls(MemoryServer(rsa.pem, rsa.key.pem, second=(ecdsa.pem, ecdsa.key.pem)))
        await peer.finish()

    with running(server := ScriptedServer(dual)):
        fact = smtp_fact(services=[service(server.port)], key_algorithms=["any", "rsa", "ecdsa"])
    assert sorted(one["public_key"]["type"] for one in fact["certificates"]) == ["ecdsa", "rsa"]
    (endpoint,) = fact["services"][0]["endpoints"]
    assert [one["offered"] for one in endpoint["key_algorithms"]] == [True, True, True]


def tlsa_zone(certificate: Issued, port: int) -> dict[tuple[str, str], Scripted]:
    """A signed zone with addresses elsewhere: they must not be where the probe goes."""
    record = f"_{port}._tcp.{HOST}. 300 IN TLSA 3 1 1 {hashlib.sha256(certificate.key.spki).hexdigest()}"
    return {
        (HOST, "A"): Scripted((f"{HOST}. 300 IN A 192.0.2.25",), ad=True),
        (HOST, "AAAA"): Scripted(ad=True),
        (f"_{port}._tcp.{HOST}", "TLSA"): Scripted((record,), ad=True),
    }


@contextmanager
def dane(certificate: Issued, **changes: Scripted) -> Iterator[Callable[..., dict[str, Any]]]:
    """Give a function that gathers at level dane from a server with this certificate; *changes* replace answers by type."""
    zone = Responder({})
    with running(server := ScriptedServer(StartTls(leaf("ecdsa"))), zone):
        zone.script.update(tlsa_zone(certificate, server.port))
        zone.script.update((key, changes[key[1]]) for key in list(zone.script) if key[1] in changes)

        def gather(**given: Any) -> dict[str, Any]:
            nameservers = [f"127.0.0.1@{zone.port}"]
            return smtp_fact(
                **{"security_level": "dane", "nameservers": nameservers, "services": [service(server.port)], **given}
            )

        yield gather


def test_dane_with_the_records_of_the_host() -> None:
    with dane(leaf("ecdsa")) as gather:
        found = gather()["services"][0]
        assert (found["status"], found["satisfied"]) == ("verified", True)
        assert found["endpoints"][0]["tlsa"]["base_domain"] == HOST
        never = gather(trust_ad="never")
        assert never["services"][0]["endpoints"][0]["tlsa"]["lookup"] == "skipped" and never["ad_untrusted"]


def test_a_resolver_that_validates_nothing_vouches_for_nothing() -> None:
    zone = Responder({})
    implicit_server = ScriptedServer(implicit)
    with running(server := ScriptedServer(StartTls(leaf("ecdsa"))), implicit_server, zone):
        zone.script.update({key: replace(value, ad=False) for key, value in tlsa_zone(leaf("ecdsa"), server.port).items()})
        given = params(
            security_level="dane",
            nameservers=[f"127.0.0.1@{zone.port}"],
            services=[service(server.port), service(implicit_server.port, "implicit")],
        )
        run = run_smtp_facts(given)
        assert zone.asked().count((".", "NS")) + zone.asked().count(("@", "NS")) == 1
    for found in run.facts["ansible_facts"]["smtp_tls"]["services"]:
        assert (found["status"], found["satisfied"]) == ("untrusted", False)
        assert found["error"]["kind"] == "dnssec_unavailable"
        assert "not looked up: the answers were not validated" in found["endpoints"][0]["tlsa"]["error"]
    (warning,) = run.warnings
    assert "validating resolver" in warning


def test_dane_with_records_of_another_key() -> None:
    with dane(leaf("rsa")) as gather:
        found = gather()["services"][0]
    assert (found["status"], found["satisfied"]) == ("untrusted", False)


@pytest.mark.parametrize(("rdtype", "kind"), [("TLSA", "tlsa_lookup_failed"), ("A", "dns_error")])
def test_a_dns_failure_is_an_error_and_no_downgrade(rdtype: str, kind: str) -> None:
    nothing = Scripted(ad=True)
    answers = {"AAAA": nothing, rdtype: Scripted(rcode="SERVFAIL")}
    with dane(leaf("ecdsa"), **answers) as gather:
        found = gather()["services"][0]
    assert found["error"]["kind"] == kind
    assert (found["status"], found["satisfied"]) == ("failed", False)
    assert all(endpoint["tls"] is None for endpoint in found["endpoints"])


def test_a_name_that_dns_does_not_have_has_no_tlsa_records() -> None:
    absent = Scripted(rcode="NXDOMAIN", ad=True)
    with dane(leaf("ecdsa"), A=absent, AAAA=absent) as gather:
        found = gather()["services"][0]
        only = gather(security_level="dane-only")["services"][0]
    assert found["endpoints"][0]["tlsa"]["lookup"] == "skipped" and found["satisfied"]
    assert not only["satisfied"]


def test_levels_without_dane_ask_nothing_of_dns() -> None:
    with running(server := ScriptedServer(StartTls(leaf("ecdsa"))), zone := Responder({})):
        fact = smtp_fact(nameservers=[f"127.0.0.1@{zone.port}"], services=[service(server.port)])
        assert zone.asked() == []
    assert fact["services"][0]["status"] == "untrusted"
    assert needed_libraries(params()) == ("pyOpenSSL", "cryptography")
    assert needed_libraries(params(security_level="dane-only"))[0] == "dnspython"


def test_names_are_matched_with_the_host(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_bytes(leaf("ecdsa").pem)
    with running(server := ScriptedServer(StartTls(leaf("ecdsa")))):
        given = {"security_level": "verify", "ca_file": str(authority), "services": [service(server.port)]}
        assert smtp_fact(**given)["services"][0]["status"] == "verified"
        assert smtp_fact(**given, host="other.example.com")["services"][0]["status"] == "trusted"


def test_nothing_is_connected_to_when_the_fact_is_not_wanted() -> None:
    with running(server := ScriptedServer(plain)):
        for unwanted in ({"gather_subset": ["!all"]}, {"filter": ["ansible_mounts"]}):
            assert run_smtp_facts(params(services=[service(server.port)], **unwanted)).facts == {"ansible_facts": {}}
        assert server.peers == []
        assert "smtp_tls" in run_smtp_facts(params(services=[service(server.port)], gather_subset=["all"])).facts["ansible_facts"]


class Crowd:
    """Servers of both modes that say nothing until so many clients are there as may be, and then note how many there are."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.there = wanted, 0
        self.at_first: int | None = None
        self._full: asyncio.Event | None = None

    async def _hold(self) -> None:
        self._full = self._full or asyncio.Event()
        self.there += 1
        if self.there == self.wanted:
            self._full.set()
        await self._full.wait()
        await asyncio.sleep(0.3)  # for those that should not come
        self.at_first = self.at_first or self.there

    async def starttls(self, peer: Peer) -> None:
        await self._hold()
        await plain(peer)

    async def implicit(self, peer: Peer) -> None:
        await self._hold()
        await implicit(peer)


def test_all_services_of_an_address_share_its_limit_however_tls_begins() -> None:
    crowd = Crowd(wanted=4)  # the default of per_address_limit
    starttls = [ScriptedServer(crowd.starttls) for _number in range(4)]
    at_once = [ScriptedServer(crowd.implicit) for _number in range(4)]
    with running(*starttls, *at_once):
        services = [*(service(one.port) for one in starttls), *(service(one.port, "implicit") for one in at_once)]
        fact = smtp_fact(addresses=["127.0.0.1"], services=services, connect_timeout=60.0, command_timeout=60.0, deadline=120.0)
    assert crowd.at_first == 4 and crowd.there == 8
    assert [one["status"] for one in fact["services"]] == ["plaintext"] * 4 + ["untrusted"] * 4


async def silent(peer: Peer) -> None:
    """Says nothing."""
    await peer.hang()


def test_gather_timeout_is_a_deadline() -> None:
    with running(server := ScriptedServer(silent)):
        fact = smtp_fact(services=[service(server.port)], gather_timeout=1)
    assert fact["services"][0]["error"]["kind"] == "timeout"
    assert fact["services"][0]["endpoints"][0]["timings"]["total"] > 0.9


@pytest.mark.parametrize(
    ("given", "option"),
    [({"gather_timeout": 0}, "gather_timeout"), ({"host": "a b"}, "host"), ({"addresses": ["x"]}, "addresses"),
     ({"services": []}, "services"), ({"ca_file": "/nonexistent"}, "ca_file"), ({"security_level": "fingerprint"}, "match"),
     ({"deadline": 0.0}, "deadline"), ({"tls_protocols": "TLSv9"}, "tls_protocols")],
)  # fmt: skip
def test_options_that_cannot_be_used(given: dict[str, Any], option: str) -> None:
    with pytest.raises(OptionError) as caught:
        run_smtp_facts(params(**given))
    assert caught.value.option == option


@pytest.mark.parametrize("option", ["keylog_file", "trace_file"])
def test_key_log_and_trace_not_in_check_mode(tmp_path: Path, option: str) -> None:
    path = tmp_path / "keys"
    with running(server := ScriptedServer(StartTls(leaf("ecdsa")))):
        given = params(services=[service(server.port)], **{option: str(path)})
        run_smtp_facts(given, check_mode=True)
        assert not path.exists()
        run_smtp_facts(given)
        assert path.stat().st_mode & 0o777 == 0o600 and path.read_bytes()


@pytest.mark.parametrize(
    ("node", "qualified", "name"),
    [("mx.example.com", "", "mx.example.com"), ("mx", "mx.example.com", "mx.example.com"), ("mx", "localhost", "mx"),
     ("mx", "localhost.localdomain", "mx"), ("", "", "localhost"), ("b\u00fc", "b\u00fc", "localhost")],
)  # fmt: skip
def test_own_name(monkeypatch: pytest.MonkeyPatch, node: str, qualified: str, name: str) -> None:
    monkeypatch.setattr("platform.node", lambda: node)
    monkeypatch.setattr("socket.getfqdn", lambda _name: qualified)
    assert own_name() == name
