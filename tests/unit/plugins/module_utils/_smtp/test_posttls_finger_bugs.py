# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bugs of posttls-finger 3.12 that users of it know, each shown to be none here.

They are numbered in docs/postfix-semantics.md, section 10.
B2 (sockets) is in test_fleet_lmtp.py, B3 (SRV) in test_fleet_srv.py, B4, B6 and B7 (names) in test_rfc_reading.py, B9 (resumption) in
test_reconnect.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import MxRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.options import smtp_options
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import AddressFamily
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult, EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import Exchanges
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Hierarchy, hierarchy
from ansible_collections.mailops.tls.tests.unit.servers.background import running
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf, server_for
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import (
    key_record,
    mail_server,
    mx_zone,
    probe,
    probe_one,
    serve,
    server_with,
)

FINGERPRINT = SecurityLevel.FINGERPRINT


def parameters(**changes: Any) -> dict[str, Any]:
    """Return the parameters of a task, all others as the argument specification leaves them."""
    defaults = {name: spec.get("default") for name, spec in smtp_arguments().items()}
    return {**defaults, "destinations": ["[127.0.0.1]"], **changes}


def healthy(chain: Hierarchy) -> Script:
    return mail_server(MemoryServer(chain.served_pem, chain.leaf.key.pem))


# --- B1: fingerprint without (good) fingerprints verifies everything below a CA -------------------------------------------


@pytest.mark.parametrize("match", [None, [], ["zz"], ["AB:CD"], ["ab" * 31], [":" + "ab" * 32], ["ab" * 32, "x"]])
def test_b1_fingerprints_that_are_missing_or_malformed_are_a_mistake(match: list[str] | None, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(hierarchy().root.pem)
    with pytest.raises(OptionError) as caught:
        smtp_options(parameters(security_level="fingerprint", match=match, ca_file=str(tmp_path / "ca.pem")))
    assert caught.value.option == "match"


@pytest.mark.parametrize("fingerprints", [(), (b"x" * 32,)])
def test_b1_a_trusted_chain_is_no_matching_fingerprint(fingerprints: Sequence[bytes], tmp_path: Path) -> None:
    chain = hierarchy()
    (tmp_path / "ca.pem").write_bytes(chain.root.pem)

    async def run(server: ScriptedServer) -> EndpointResult:
        return await probe_one(
            FakeDns(), f"[127.0.0.1]:{server.port}", security_level=FINGERPRINT, fingerprints=tuple(fingerprints),
            tls=TlsParameters(ca_file=str(tmp_path / "ca.pem")),
        )  # fmt: skip

    endpoint = serve(run, ScriptedServer(healthy(chain)))
    assert (endpoint.status.value, endpoint.satisfied) == ("untrusted", False)
    assert endpoint.evidence is not None and endpoint.evidence.tls is not None and not endpoint.evidence.tls.errors


# --- B5: names of a candidate that could not be connected are used for the next one -----------------------------------------


@pytest.mark.parametrize(
    ("match", "verified"),
    [((), True), (("mail.example.org",), False), (("hostname",), False), (("example.com",), True)],
)
def test_b5_each_candidate_is_compared_with_names_of_its_own(match: tuple[str, ...], verified: bool, tmp_path: Path) -> None:
    """The first exchange has TLSA records and takes no connection; the second has none and is judged as at secure."""
    chain = hierarchy(["example.com", "dead.example.com"])
    (tmp_path / "ca.pem").write_bytes(chain.root.pem)

    async def run(server: ScriptedServer) -> DestinationResult:
        dns = FakeDns().found("example.com", "MX", [MxRecord(10, "dead.example.com"), MxRecord(20, "mx.example.com")])
        dns.found("dead.example.com", "A", ["127.0.0.77"]).found("mx.example.com", "A", ["127.0.0.1"])
        dns.found(f"_{server.port}._tcp.dead.example.com", "TLSA", [key_record(leaf("rsa"))])
        (result,) = await probe(
            dns, f"example.com:{server.port}", match=match, exchanges=Exchanges.FIRST,
            tls=TlsParameters(ca_file=str(tmp_path / "ca.pem")),
        )  # fmt: skip
        return result

    dead, second = serve(run, ScriptedServer(healthy(chain))).endpoints
    assert dead.failure is not None and dead.failure.kind is ErrorKind.CONNECT_REFUSED
    assert dead.policy is not None and dead.policy.session is SecurityLevel.DANE
    assert second.policy is not None and second.policy.session is SecurityLevel.SECURE
    assert second.status.value == ("verified" if verified else "trusted")
    assert second.evidence is not None and second.evidence.tls is not None and second.evidence.tls.sni is None


# --- B8: what the TLS library cannot be set up with leads to plaintext ---------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("ca_file", "/nonexistent/ca.pem"),
        ("ca_file", "/dev/null"),
        ("ca_path", "/nonexistent"),
        ("client_certificate", "/nonexistent/client.pem"),
        ("client_certificate", "/dev/null"),
        ("client_chain_files", ["/dev/null"]),
        ("trust_anchor_files", ["/dev/null"]),
        ("trust_anchor_files", ["/nonexistent/anchor.pem"]),
        ("fingerprint_digest", "sha257"),
        ("dane_digests", ["sha257"]),
        ("tls_protocols", "TLSv9"),
        ("tls_protocols", ">=1.2"),
        ("ciphers", "NO-SUCH-CIPHER"),
        ("match", ["."]),
        ("sni", "x" * 300),
    ],
)
def test_b8_nothing_is_probed_when_tls_cannot_be_set_up_as_asked(option: str, value: Any) -> None:
    server = ScriptedServer(server_with(leaf("ecdsa")))
    with running(server):
        given = {"destinations": [f"[127.0.0.1]:{server.port}"], "security_level": "secure", option: value}
        with pytest.raises(OptionError) as caught:
            run_smtp_probe(parameters(**given))
    assert caught.value.option == option
    assert server.peers == []


# --- B10: STARTTLS behind 2 kB of capabilities is missed ------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2048, 5000, 20000])
def test_b10_starttls_is_found_wherever_it_stands(size: int) -> None:
    extensions = b"".join(b"250-XTENSION%d %s\r\n" % (at, b"x" * 500) for at in range(size // 500))

    async def talkative(peer: Peer) -> None:
        await peer.offer_tls(b"250-mx.example.com\r\n" + extensions + b"250 STARTTLS\r\n")
        await peer.start_tls(server_for(leaf("ecdsa")))
        await peer.finish()

    async def run(server: ScriptedServer) -> EndpointResult:
        dns = mx_zone(server.port, [key_record(leaf("ecdsa"))])
        return await probe_one(dns, f"example.com:{server.port}")

    endpoint = serve(run, ScriptedServer(talkative))
    assert (endpoint.status.value, endpoint.satisfied) == ("verified", True)


# --- B11: the manual page promises inet: for SMTP, and families at random -------------------------------------------------------


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("form", ["%s", "[%s]", "[%s]:2525", "%s:2525"])
def test_b11_inet_means_the_same_with_either_protocol(protocol: Protocol, form: str) -> None:
    text = form % "mx.example.com"
    plain, prefixed = (
        parse_destination(one, protocol=protocol, service_port=lambda name: None) for one in (text, "inet:" + text)
    )
    assert (prefixed.nexthop, prefixed.port, prefixed.bracketed) == (plain.nexthop, plain.port, plain.bracketed)
    assert prefixed.nexthop == "mx.example.com"


def test_b11_inet_is_probed_by_smtp() -> None:
    async def run(server: ScriptedServer) -> EndpointResult:
        dns = mx_zone(server.port, [key_record(leaf("ecdsa"))])
        return await probe_one(dns, f"inet:example.com:{server.port}")

    endpoint = serve(run, ScriptedServer(server_with(leaf("ecdsa"))))
    assert (endpoint.host, endpoint.status.value) == ("mx.example.com", "verified")


@pytest.mark.parametrize(
    ("family", "order"),
    [(AddressFamily.IPV4, ["192.0.2.1", "2001:db8::1"]), (AddressFamily.IPV6, ["2001:db8::1", "192.0.2.1"])],
)
def test_b11_both_families_are_probed_the_preferred_one_first(family: AddressFamily, order: list[str]) -> None:
    dns = FakeDns().found("example.com", "MX", [MxRecord(10, "mx.example.com")])
    dns.found("mx.example.com", "A", ["192.0.2.1"]).found("mx.example.com", "AAAA", ["2001:db8::1"])
    dns.error("_25._tcp.mx.example.com", "TLSA")  # so that nothing is connected to

    async def run() -> DestinationResult:
        (result,) = await probe(dns, "example.com", address_family=family)
        return result

    addresses = [one.candidate.address for one in serve(run).endpoints if one.candidate is not None]
    assert addresses == order
