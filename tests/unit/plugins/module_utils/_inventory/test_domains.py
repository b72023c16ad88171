# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gathering from a DNS server and mail servers on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._inventory.arguments import probe_arguments
from ansible_collections.mailops.tls.plugins.module_utils._inventory.domains import (
    gather_domains,
    inventory_options,
    is_complete,
    parse_domains,
    refused_domains,
)
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import KNOWN_PORTS
from ansible_collections.mailops.tls.tests.unit.servers.background import running
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer

NONE = Scripted(ad=True)
FAILS = Scripted(rcode="SERVFAIL")
ZONE = {
    ("example.org", "MX"): Scripted(
        ("example.org. 300 IN MX 20 backup.example.net.", "example.org. 300 IN MX 10 Mx.example.org."), ad=True
    ),
    ("mx.example.org", "A"): Scripted(("mx.example.org. 300 IN A 127.0.0.1",), ad=True),
    ("mx.example.org", "AAAA"): NONE,
    ("backup.example.net", "A"): Scripted(("backup.example.net. 300 IN A 127.0.0.2",)),
    ("backup.example.net", "AAAA"): Scripted(("backup.example.net. 300 IN AAAA ::1",)),
    ("bare.example", "MX"): NONE,
    ("bare.example", "A"): Scripted(("bare.example. 300 IN A 192.0.2.3",), ad=True),
    ("bare.example", "AAAA"): NONE,
    ("null.example", "MX"): Scripted(("null.example. 300 IN MX 0 .",), ad=True),
    ("broken.example", "MX"): FAILS,
    ("half.example", "MX"): Scripted(
        ("half.example. 300 IN MX 10 mx.example.org.", "half.example. 300 IN MX 20 mx.half.example."), ad=True
    ),
    ("mx.half.example", "A"): FAILS,
    ("mx.half.example", "AAAA"): FAILS,
}


@contextmanager
def resolver(**more: Scripted) -> Iterator[Responder]:
    """Run a resolver that knows the zone."""
    absent = {(name, kind): Scripted(rcode="NXDOMAIN", ad=True) for name in ("absent.example",) for kind in ("MX", "A", "AAAA")}
    with running(responder := Responder({**ZONE, **absent})):
        yield responder


def probe_options(**given: Any) -> dict[str, Any]:
    """Return what the option `probe` is after Ansible filled it in."""
    return {**{name: spec.get("default") for name, spec in probe_arguments().items()}, **given}


def gather(responder: Responder, *names: str, probe: dict[str, Any] | None = None, trust_ad: str = "auto") -> list[dict[str, Any]]:
    options = inventory_options(names, [f"127.0.0.1@{responder.port}"], trust_ad, probe)
    return gather_domains(options).domains


def test_exchanges_and_their_addresses() -> None:
    with resolver() as responder:
        (found,) = gather(responder, "example.org")
    assert {name: found[name] for name in ("domain", "lookup", "secure", "null_mx", "error", "endpoints", "ad_untrusted")} == {
        "domain": "example.org", "lookup": "mx", "secure": True, "null_mx": False, "error": None, "endpoints": None,
        "ad_untrusted": False,
    }  # fmt: skip
    assert [(one["exchange"].lower(), one["preference"], one["secure"], sorted(one["addresses"])) for one in found["exchanges"]] == [
        ("mx.example.org", 10, True, ["127.0.0.1"]),
        ("backup.example.net", 20, False, ["127.0.0.2", "::1"]),
    ]
    assert is_complete(found)


def test_without_mx_records_the_domain_is_the_exchange() -> None:
    with resolver() as responder:
        (found,) = gather(responder, "bare.example")
    (one,) = found["exchanges"]
    assert found["lookup"] == "address" and found["secure"] is None
    assert (one["exchange"], one["preference"], one["addresses"], one["secure"]) == ("bare.example", 0, ["192.0.2.3"], True)


@pytest.mark.parametrize(
    ("name", "kind", "complete"),
    [("null.example", "null_mx", True), ("absent.example", "dns_not_found", True), ("broken.example", "dns_error", False)],
)
def test_domains_without_exchanges(name: str, kind: str, complete: bool) -> None:
    with resolver() as responder:
        (found,) = gather(responder, name)
    assert found["error"]["kind"] == kind and found["exchanges"] == []
    assert found["null_mx"] is (kind == "null_mx")
    assert is_complete(found) is complete


def test_an_exchange_that_cannot_be_looked_up_is_not_one_without_address() -> None:
    with resolver() as responder:
        (found,) = gather(responder, "half.example")
    assert [one["error"] and one["error"]["kind"] for one in found["exchanges"]] == [None, "dns_error"]
    assert found["error"] is None and not is_complete(found)


def test_questions_are_asked_once_for_all_domains() -> None:
    with resolver() as responder:
        found = gather(responder, "example.org", "half.example", "null.example")
        assert responder.asked().count(("mx.example.org", "A")) == 1
    assert [one["domain"] for one in found] == ["example.org", "half.example", "null.example"]


def test_a_resolver_that_is_not_believed() -> None:
    with resolver() as responder:
        (found,) = gather(responder, "example.org", trust_ad="never")
    assert found["ad_untrusted"] and not found["secure"]


def test_a_resolver_that_is_silent_is_a_failure_within_the_deadline() -> None:
    silent = Scripted(silent=True)
    with running(responder := Responder({("example.org", "MX"): silent})):
        options = inventory_options(["example.org"], [f"127.0.0.1@{responder.port}"], "auto", probe_options(deadline=0.5))
        (found,) = gather_domains(replace(options, tls=None)).domains
    assert found["error"]["kind"] == "dns_error" and not is_complete(found)


async def plain(peer: Peer) -> None:
    """A server that knows no TLS."""
    await peer.greet()
    await peer.send(b"250-mx.example.com\r\n250 SIZE\r\n")
    await peer.hear()


def test_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    with resolver() as responder, running(server := ScriptedServer(plain)):
        monkeypatch.setitem(KNOWN_PORTS, "smtp", server.port)
        half, null = gather(responder, "half.example", "null.example", probe=probe_options(security_level="may"))
    assert [(one["host"], one["status"], one["satisfied"]) for one in half["endpoints"]] == [
        ("mx.example.org", "plaintext", True), ("mx.half.example", "failed", False),
    ]  # fmt: skip
    assert half["endpoints"][0]["greeting"] == "220 mx.example.com ESMTP"
    assert null["endpoints"] == []


def test_options_without_effect_are_warned_about() -> None:
    with resolver() as responder:
        nameservers = [f"127.0.0.1@{responder.port}"]
        options = inventory_options(["null.example"], nameservers, "auto", probe_options(security_level="may", match=["mx.example.org"]))
        assert "no effect" in " ".join(gather_domains(options).warnings)


def test_failed_tlsa_lookups_are_not_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KNOWN_PORTS, "smtp", 1)
    with resolver() as responder:
        responder.script["_1._tcp.mx.example.org", "TLSA"] = FAILS
        (found,) = gather(responder, "example.org", probe=probe_options(connect_timeout=0.1, deadline=600.0))
    kinds = {one["host"].lower(): one["error"]["kind"] for one in found["endpoints"]}
    assert kinds["mx.example.org"] == "tlsa_lookup_failed" and kinds["backup.example.net"] != "tlsa_lookup_failed"
    assert not is_complete(found)


def test_a_resolver_that_validates_nothing_is_told_and_nothing_of_it_is_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    async def plain(peer: Peer) -> None:
        await peer.greet()
        await peer.send(b"250 mx.example.org\r\n")
        await peer.hear()

    unsigned = {key: replace(value, ad=False) for key, value in ZONE.items()}
    with running(responder := Responder(unsigned), server := ScriptedServer(plain)):
        monkeypatch.setitem(KNOWN_PORTS, "smtp", server.port)
        options = inventory_options(
            ("example.org",), [f"127.0.0.1@{responder.port}"], "auto", probe_options(security_level="dane")
        )
        gathered = gather_domains(options)
    (found,) = gathered.domains
    endpoint = next(one for one in found["endpoints"] if one["address"] == "127.0.0.1")
    assert (endpoint["status"], endpoint["satisfied"], endpoint["error"]["kind"]) == ("plaintext", False, "dnssec_unavailable")
    assert not is_complete(found)
    assert any("not validated" in warning for warning in gathered.warnings)


def test_domain_names() -> None:
    assert parse_domains(["Example.ORG", "example.net", "example.org"]) == ("example.org", "example.net")


def test_internationalised_domain_names() -> None:
    pytest.importorskip("idna")
    assert parse_domains(["b\u00fccher.example"]) == ("xn--bcher-kva.example",)


@pytest.mark.parametrize(
    "names",
    [[], ["[mx.example.org]"], ["example.org:25"], ["192.0.2.1"], ["unix:/socket"], ["inet:example.org"], ["a b"], ["example.org."]],
)
def test_what_is_no_domain_name(names: list[str]) -> None:
    with pytest.raises(OptionError) as caught:
        parse_domains(names)
    assert caught.value.option == "domains"


def test_one_of_several_that_is_no_domain_is_a_problem_of_its_own() -> None:
    values = ["https://example.org", "Example.ORG", None, 5, "", "\x1b[31m", "x" * 10_000, "example.org", "user@example.net"]
    assert parse_domains(values) == ("example.org",)
    problems = refused_domains(values)
    assert len(problems) == 7
    assert problems[0] == {
        "domain": "https://example.org", "exchange": None, "kind": "invalid_destination",
        "text": "is a URL: write example.org in place of it",
    }  # fmt: skip
    assert [one["text"] for one in problems[1:3]] == ["is not a domain name"] * 2
    assert all(one["domain"].isprintable() and len(one["domain"]) < 200 for one in problems)
    assert refused_domains(["example.org"]) == []


@pytest.mark.parametrize(
    ("probe", "option"), [({"ca_file": "/nonexistent"}, "ca_file"), ({"security_level": "fingerprint"}, "match")]
)
def test_probe_options_that_cannot_be_used(probe: dict[str, Any], option: str) -> None:
    with running(responder := Responder({})):
        with pytest.raises(OptionError) as caught:
            gather(responder, "example.org", probe=probe_options(**probe))
        assert responder.asked() == []
    assert caught.value.option == option


def test_options_of_other_places_are_not_those_of_the_probe() -> None:
    known = probe_arguments()
    assert {"security_level", "match", "ca_file", "deadline", "concurrency", "transcript"} <= set(known)
    assert not {"destinations", "nameservers", "results_file", "expect", "keylog_file", "trace_file", "tls_mode"} & set(known)
