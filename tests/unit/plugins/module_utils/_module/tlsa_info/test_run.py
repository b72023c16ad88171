# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run against servers on loopback, and the options that cannot be used."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_info.arguments import info_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_info.options import info_options
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_info.run import run_tlsa_info
from ansible_collections.mailops.tls.tests.unit.servers.background import running
from ansible_collections.mailops.tls.tests.unit.servers.dns_authority import Authorities, Authority
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted

OWNER = "_25._tcp.mx.example.org"
ONE, TWO = ("3 1 1 " + f"{number:02x}" * 32 for number in (1, 2))
ZONE = f"example.org. 9 IN SOA x. x. 7 1 1 1 1\nexample.org. 9 IN NS x.\n{OWNER}. 300 IN TLSA {ONE}\n"


def params(**changes: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in info_arguments().items()}
    return {**defaults, "timeout": 1.0, **changes}


def expecting(**words: Any) -> dict[str, Any]:
    return {"present": None, "absent": None, "resolver": True, "secure": False, **words}


@pytest.fixture(name="network")
def network_fixture() -> Iterator[dict[str, Any]]:
    """A name server with the zone and a resolver, in a thread of their own; the options that name both."""
    script = {
        (OWNER, "TLSA"): Scripted((f"{OWNER}. 300 IN TLSA {ONE}",), ad=True),
        (OWNER, "CNAME"): Scripted(ad=True), (OWNER, "SOA"): Scripted(), ("_tcp.mx.example.org", "SOA"): Scripted(),
        ("mx.example.org", "SOA"): Scripted(), ("example.org", "SOA"): Scripted(("example.org. 9 IN SOA x. x. 7 1 1 1 1",)),
    }  # fmt: skip
    ready, ended = threading.Event(), threading.Event()
    options: dict[str, Any] = {}

    async def serve() -> None:
        async with Authorities({"127.0.9.9": Authority({"example.org.": ZONE})}) as servers, Responder(script) as resolver:
            options["authoritative_servers"] = [f"127.0.9.9@{servers.port}"]
            options["authoritative_servers_only"] = True
            options["nameservers"] = [f"127.0.0.1@{resolver.port}"]
            ready.set()
            while not ended.is_set():
                await asyncio.sleep(0.02)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(600)
    yield options
    ended.set()
    thread.join()


def test_a_run(network: dict[str, Any]) -> None:
    run = run_tlsa_info(params(hosts=["MX.example.org."], **network))
    (result,) = run.facts["results"]
    assert (run.failure, run.warnings, run.facts["agreed"]) == (None, (), True)
    assert (result["owner"], result["servers"][0]["records"]) == (OWNER + ".", [ONE])
    assert "expectation_met" not in run.facts


def test_an_expectation_that_is_met(network: dict[str, Any]) -> None:
    run = run_tlsa_info(params(expect=expecting(present=[{"owner": OWNER, "rdata": ONE}]), **network))
    assert (run.failure, run.facts["expectation_met"], run.facts["unmet"]) == (None, True, [])


def test_an_expectation_that_is_not_met(network: dict[str, Any]) -> None:
    expect = expecting(present=[{"owner": OWNER, "rdata": TWO}], absent=[{"owner": OWNER, "rdata": ONE}])
    run = run_tlsa_info(params(expect=expect, **network))
    assert run.failure is not None and run.failure.startswith(f"not as expected: {OWNER} {TWO} expected present: 127.0.9.9")
    assert run.facts["expectation_met"] is False
    assert [one["expected"] for one in run.facts["unmet"]] == ["present", "absent"] * 2


def test_a_resolver_that_is_not_believed_is_warned_of(network: dict[str, Any]) -> None:
    run = run_tlsa_info(params(hosts=["mx.example.org"], trust_ad="never", **network))
    assert run.warnings == ("a resolver that is not believed says that answers were validated; see trust_ad",)


def test_a_resolver_that_is_not_there_is_a_result(network: dict[str, Any]) -> None:
    run = run_tlsa_info(params(hosts=["mx.example.org"], **{**network, "nameservers": ["127.0.9.10@1"]}))
    assert (run.failure, run.facts["agreed"]) == (None, False)
    assert run.facts["results"][0]["resolver"]["status"] == "error"


def test_owners_come_from_everywhere_once() -> None:
    expect = expecting(absent=[{"owner": "_465._tcp.mx.example.org", "rdata": ONE}])
    options = info_options(params(hosts=["mx.example.org"], ports=[25, 587], owners=[OWNER.upper() + "."], expect=expect))
    assert options.owners == (OWNER, "_587._tcp.mx.example.org", "_465._tcp.mx.example.org")


@pytest.mark.parametrize(
    ("changes", "option"),
    [
        ({}, "owners"),
        ({"hosts": []}, "hosts"),
        ({"hosts": ["192.0.2.1"]}, "hosts"),
        ({"hosts": ["mx.example.org"], "ports": [0]}, "ports"),
        ({"owners": ["mx.example.org"]}, "owners"),
        ({"owners": [OWNER], "timeout": 0}, "timeout"),
        ({"owners": [OWNER], "deadline": -1}, "deadline"),
        ({"owners": [OWNER], "concurrency": 0}, "concurrency"),
        ({"owners": [OWNER], "nameservers": ["dns.example"]}, "nameservers"),
        ({"owners": [OWNER], "authoritative_servers": ["ns1.example.org"]}, "authoritative_servers"),
        ({"owners": [OWNER], "authoritative_servers": ["tls://192.0.2.1"]}, "authoritative_servers"),
        ({"owners": [OWNER], "authoritative_servers_only": True}, "authoritative_servers_only"),
        ({"expect": expecting()}, "expect"),
    ],
    ids=lambda value: "-".join(map(str, value)) or "nothing" if isinstance(value, dict) else value,
)
def test_options_that_cannot_be_used(changes: dict[str, Any], option: str) -> None:
    with pytest.raises(OptionError) as caught:
        run_tlsa_info(params(**changes))
    assert caught.value.option == option


def test_a_resolver_that_validates_nothing_is_warned_of(network: dict[str, Any]) -> None:
    script = {
        (OWNER, "TLSA"): Scripted((f"{OWNER}. 300 IN TLSA {ONE}",)), (OWNER, "CNAME"): Scripted(),
        (".", "NS"): Scripted((". 60 IN NS a.root.",)),
    }  # fmt: skip
    with running(resolver := Responder(script)):
        given = {**network, "nameservers": [f"127.0.0.1@{resolver.port}"]}
        run = run_tlsa_info(params(hosts=["mx.example.org"], **given))
    (warning,) = run.warnings
    assert "validates nothing" in warning and "loopback" in warning
