# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs at DANE levels by nameservers that validate nothing, some, or everything: "not validated" is no "not there"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult
from ansible_collections.mailops.tls.plugins.module_utils._results.table import table
from ansible_collections.mailops.tls.tests.unit.servers.background import running
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf, server_for
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import key_record, mail_server

NOT_LOOKED_UP = "not looked up: the answers were not validated"
ROOT_NAMES = tuple((name, "NS") for name in ("", "@", "."))


def zone(domain: str, port: int, *, ad: bool, tlsa: bool = True) -> dict[tuple[str, str], Scripted]:
    """Return what a nameserver says about a domain whose exchange is at 127.0.0.1, with a TLSA record or without."""
    owner = f"_{port}._tcp.mx.{domain}"
    record = f"{owner}. 60 IN TLSA {key_record(leaf('ecdsa'))}"
    return {
        (domain, "MX"): Scripted((f"{domain}. 60 IN MX 10 mx.{domain}.",), ad=ad),
        ("mx." + domain, "A"): Scripted((f"mx.{domain}. 60 IN A 127.0.0.1",), ad=ad),
        ("mx." + domain, "AAAA"): Scripted(ad=ad),
        (owner, "TLSA"): Scripted((record,), ad=ad) if tlsa else Scripted(ad=ad),
    }


def root(scripted: Scripted) -> dict[tuple[str, str], Scripted]:
    return dict.fromkeys(ROOT_NAMES, scripted)


SIGNED_ROOT = root(Scripted((". 60 IN NS a.root.",), ad=True))
UNSIGNED_ROOT = root(Scripted((". 60 IN NS a.root.",)))


async def plain(peer: Peer) -> None:
    """A server that knows no TLS."""
    await peer.greet()
    await peer.send(b"250-mx.example.com\r\n250 SIZE\r\n")
    await peer.hear()


class Network:
    """A mail server, and nameservers to script."""

    def __init__(self, port: int, responders: Sequence[Responder]) -> None:
        self.port, self.responders = port, responders

    def probe(self, *domains: str, **given: Any) -> TaskResult:
        defaults = {name: spec.get("default") for name, spec in smtp_arguments().items()}
        own = {
            "destinations": [f"{domain}:{self.port}" for domain in domains],
            "nameservers": [f"127.0.0.1@{one.port}" for one in self.responders],
            "security_level": "dane",
        }
        return run_smtp_probe({**defaults, **own, **given})

    def asked_root(self) -> list[int]:
        """How often each nameserver was asked for the root."""
        return [sum(1 for question in one.asked() if question in ROOT_NAMES) for one in self.responders]


@contextmanager
def network(nameservers: int = 1, script: Any | None = None) -> Iterator[Network]:
    with ExitStack() as stack:
        server = ScriptedServer(script or mail_server(server_for(leaf("ecdsa"))))
        responders = [Responder({}) for _number in range(nameservers)]
        stack.enter_context(running(server, *responders))
        yield Network(server.port, responders)


def endpoint_of(run: TaskResult) -> dict[str, Any]:
    (result,) = run.facts["results"]
    (endpoint,) = result["endpoints"]
    assert isinstance(endpoint, dict)
    return endpoint


def is_unvalidated(run: TaskResult) -> bool:
    """Whether the run says in every place that nothing was validated, or in none."""
    (result,) = run.facts["results"]
    endpoint = endpoint_of(run)
    said = [
        (endpoint["error"] or {}).get("kind") == "dnssec_unavailable",
        NOT_LOOKED_UP in (endpoint["tlsa"]["error"] or ""),
        NOT_LOOKED_UP in (endpoint["verification"]["reason"] or ""),
        any(NOT_LOOKED_UP in line for line in run.facts["report"]),
        NOT_LOOKED_UP in " ".join(" ".join(table(run.facts["results"])).split()),
        any(NOT_LOOKED_UP in warning for warning in run.warnings),
        endpoint["verification"]["delivery_level"] is None,
        not endpoint["satisfied"],
        not result["satisfied"],  # what the README asserts
    ]
    assert len(set(said)) == 1, said
    return said[0]


@pytest.mark.parametrize("tlsa", [True, False])
@pytest.mark.parametrize("root_answer", [UNSIGNED_ROOT, root(Scripted(rcode="SERVFAIL")), root(Scripted(rcode="NXDOMAIN")), {}])
def test_a_resolver_that_validates_nothing_satisfies_nobody(root_answer: Any, tlsa: bool) -> None:
    with network() as net:
        net.responders[0].script = {**zone("example.com", net.port, ad=False, tlsa=tlsa), **root_answer}
        run = net.probe("example.com")
        assert is_unvalidated(run)
        assert net.asked_root() == [1]
    text = " ".join([*run.facts["report"], *table(run.facts["results"])])
    assert "no TLSA records found" not in text
    endpoint = endpoint_of(run)
    assert endpoint["status"] == "untrusted"  # posttls-finger's word is what it was
    assert endpoint["tlsa"]["lookup"] == "skipped" and not endpoint["rfc"]["satisfied"]
    assert "tlsa_zone_insecure" not in str(run.facts["results"])
    (warning,) = run.warnings
    for word in ("127.0.0.1@", "loopback", "nameservers", "trust_ad", "security_level"):
        assert word in warning


def test_a_resolver_that_is_not_believed_is_told_as_such() -> None:
    with network() as net:
        net.responders[0].script = {**zone("example.com", net.port, ad=True), **SIGNED_ROOT}
        run = net.probe("example.com", trust_ad="never")
        assert is_unvalidated(run)
        assert net.asked_root() == [0]  # its answer could not change anything
    assert "not believed" in run.warnings[0]


def test_an_unsigned_zone_behind_a_resolver_that_validates_is_insecure_as_for_smtp() -> None:
    with network() as net:
        net.responders[0].script = {**zone("example.com", net.port, ad=False), **SIGNED_ROOT}
        run = net.probe("example.com")
        assert not is_unvalidated(run)
        assert net.asked_root() == [1]
    assert endpoint_of(run)["satisfied"] and not run.warnings


def test_what_another_domain_of_the_run_shows_counts_whichever_comes_first() -> None:
    with network() as net:
        signed = zone("signed.example", net.port, ad=True)
        net.responders[0].script = {**zone("example.com", net.port, ad=False), **signed, **UNSIGNED_ROOT}
        for domains in (("example.com", "signed.example"), ("signed.example", "example.com")):
            run = net.probe(*domains, concurrency=1)
            assert [one["satisfied"] for one in run.facts["results"]] == [True, True] and not run.warnings
            assert [one["destination"].split(":")[0] for one in run.facts["results"]] == list(domains)


def test_many_domains_cost_one_question_for_the_root_and_one_warning() -> None:
    names = [f"d{number}.example" for number in range(12)]
    with network() as net:
        for name in names:
            net.responders[0].script.update(zone(name, net.port, ad=False))
        run = net.probe(*names)
        assert net.asked_root() == [1]
    assert not any(one["satisfied"] for one in run.facts["results"]) and len(run.warnings) == 1
    assert run.facts["summary"]["satisfied"] == 0


def test_a_second_nameserver_that_validates_nothing_vouches_for_no_absence() -> None:
    """The first one, which validates, fails for the exchange; the second one is asked in its place."""
    with network(nameservers=2) as net:
        good = {**zone("example.com", net.port, ad=True), **SIGNED_ROOT}
        for rdtype in ("A", "AAAA"):
            good["mx.example.com", rdtype] = Scripted(rcode="SERVFAIL")
        net.responders[0].script = good
        net.responders[1].script = {**zone("example.com", net.port, ad=False), **UNSIGNED_ROOT}
        run = net.probe("example.com")
        assert is_unvalidated(run)
        assert net.asked_root() == [0, 1]
    assert f"127.0.0.1@{net.responders[1].port}" in run.warnings[0]


def test_validated_tlsa_records_need_no_other_validation() -> None:
    """The MX records came from the second nameserver: half-dane, as for Postfix, since the certificate is matched all the same."""
    with network(nameservers=2) as net:
        good = {**zone("example.com", net.port, ad=True), **SIGNED_ROOT, ("example.com", "MX"): Scripted(rcode="SERVFAIL")}
        net.responders[0].script = good
        net.responders[1].script = {**zone("example.com", net.port, ad=False), **UNSIGNED_ROOT}
        found = endpoint_of(net.probe("example.com"))
        assert found["satisfied"] and found["verification"]["effective_level"] == "half-dane"
        for policy in ("encrypt", "may"):
            found = endpoint_of(net.probe("example.com", insecure_mx_policy=policy))
            assert not found["satisfied"] and found["error"]["kind"] == "dnssec_unavailable"


@pytest.mark.parametrize(("level", "kind"), [("dane", "dnssec_unavailable"), ("dane-only", "starttls_not_offered")])
def test_plaintext_is_not_good_enough_either(level: str, kind: str) -> None:
    """At dane smtp(8) would deliver in plaintext, and what keeps it from that here is DNS. What was seen stays in lint."""
    with network(script=plain) as net:
        net.responders[0].script = {**zone("example.com", net.port, ad=False), **UNSIGNED_ROOT}
        run = net.probe("example.com", security_level=level)
    endpoint, (result,) = endpoint_of(run), run.facts["results"]
    assert (endpoint["status"], endpoint["satisfied"], endpoint["error"]["kind"]) == ("plaintext", False, kind)
    assert [one["id"] for one in result["lint"]] == ["starttls_not_offered"]
    assert run.warnings


def test_each_kind_of_key_is_unsatisfied_and_an_expectation_is_not_met() -> None:
    with network() as net:
        net.responders[0].script = zone("example.com", net.port, ad=False)
        run = net.probe("example.com", key_algorithms=["any", "ecdsa"])
        assert [one["satisfied"] for one in endpoint_of(run)["key_algorithms"]] == [False, False]
        unmet = net.probe("example.com", expect={"satisfied": True})
    assert unmet.failure is not None and NOT_LOOKED_UP in unmet.failure


@pytest.mark.parametrize("level", ["may", "encrypt"])
def test_levels_without_dane_do_not_care(level: str) -> None:
    with network() as net:
        net.responders[0].script = {**zone("example.com", net.port, ad=False), **UNSIGNED_ROOT}
        run = net.probe("example.com", security_level=level)
        assert endpoint_of(run)["satisfied"] and not run.warnings and net.asked_root() == [0]


def test_an_address_has_no_tlsa_records_whatever_the_resolver_is() -> None:
    with network() as net:
        run = net.probe("[127.0.0.1]")
        assert endpoint_of(run)["satisfied"] and not run.warnings and net.responders[0].questions == []
