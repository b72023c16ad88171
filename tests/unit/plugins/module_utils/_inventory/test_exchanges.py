# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From facts about domains to hosts, groups and variables."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._inventory.exchanges import (
    ExchangeHost,
    MxInventory,
    build_inventory,
)

ERROR = {"kind": "dns_error", "phase": "dns", "text": "SERVFAIL from 127.0.0.1"}


def exchange(name: str, preference: int = 10, *addresses: str, **more: Any) -> dict[str, Any]:
    return {
        "preference": preference, "exchange": name, "canonical_name": name, "secure": True,
        "addresses": list(addresses) or ["192.0.2.1"], "error": None, **more,
    }  # fmt: skip


def endpoint(host: str, status: str = "verified", satisfied: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "host": host, "address": "192.0.2.1", "port": 25, "preference": 10, "status": status, "satisfied": satisfied,
        "error": None, "timings": {"dns": 0.1}, **more,
    }  # fmt: skip


def domain(name: str, *exchanges: dict[str, Any], endpoints: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "domain": name, "lookup": "mx", "secure": True, "null_mx": False, "ad_untrusted": False, "error": None,
        "warnings": [], "exchanges": list(exchanges), "endpoints": endpoints, **more,
    }  # fmt: skip


def hosts(inventory: MxInventory) -> dict[str, ExchangeHost]:
    return {host.name: host for host in inventory.hosts}


def test_one_domain_with_one_exchange() -> None:
    inventory = build_inventory([domain("example.org", exchange("MX.Mail.Example.ORG", 10, "2001:db8::1", "192.0.2.10", "192.0.2.9"))])
    (host,) = inventory.hosts
    assert host.name == "mx.mail.example.org"
    assert host.groups == ["domain_example.org", "preference_10", "operator_example.org"]
    assert host.variables == {
        "mx_exchange": "MX.Mail.Example.ORG",
        "mx_canonical_name": "MX.Mail.Example.ORG",
        "mx_addresses": ["192.0.2.9", "192.0.2.10", "2001:db8::1"],
        "mx_secure": True,
        "mx_error": None,
        "mx_operator": "example.org",
        "mx_domains": {"example.org": {"preference": 10, "secure": True, "implicit": False}},
    }
    assert inventory.domain_groups == {"domain_example.org": {}}
    assert not inventory.problems and not inventory.warnings


def test_an_exchange_of_many_domains_is_one_host() -> None:
    inventory = build_inventory([
        domain("b.example", exchange("mx.example.net", 20, secure=False), exchange("backup.example.net", 30)),
        domain("a.example", exchange("MX.example.net", 10), exchange("mx.Example.net", 5), secure=False),
    ])  # fmt: skip
    found = hosts(inventory)
    assert list(found) == ["mx.example.net", "backup.example.net"]
    host = found["mx.example.net"]
    assert host.variables["mx_domains"] == {
        "a.example": {"preference": 5, "secure": False, "implicit": False},
        "b.example": {"preference": 20, "secure": True, "implicit": False},
    }
    assert host.variables["mx_secure"]
    assert sorted(host.groups) == [
        "domain_a.example", "domain_b.example", "operator_example.net", "preference_20", "preference_5",
    ]  # fmt: skip


def test_a_domain_without_mx_records_is_its_own_exchange() -> None:
    inventory = build_inventory([domain("example.org", exchange("example.org", 0), lookup="address", secure=None)])
    (host,) = inventory.hosts
    assert host.variables["mx_domains"]["example.org"] == {"preference": 0, "secure": None, "implicit": True}
    assert [(one["kind"], one["exchange"]) for one in inventory.problems] == [("no_mx", None)]
    assert inventory.warnings == ["example.org: there is no MX record, so the domain itself is the exchange"]


def test_domains_without_exchanges_have_a_group_that_tells_why() -> None:
    null = {"kind": "null_mx", "phase": "dns", "text": "does not accept mail"}
    inventory = build_inventory([domain("null.example", error=null, null_mx=True), domain("broken.example", error=ERROR)])
    assert inventory.hosts == []
    assert inventory.domain_groups == {
        "domain_null.example": {"mx_domain": "null.example", "mx_null_mx": True, "mx_error": null},
        "domain_broken.example": {"mx_domain": "broken.example", "mx_null_mx": False, "mx_error": ERROR},
    }
    assert inventory.problems == [
        {"domain": "null.example", "exchange": None, "kind": "null_mx", "text": "does not accept mail"},
        {"domain": "broken.example", "exchange": None, "kind": "dns_error", "text": ERROR["text"]},
    ]
    assert inventory.warnings == ["null.example: does not accept mail", "broken.example: SERVFAIL from 127.0.0.1"]


def test_an_exchange_without_addresses_is_a_host_with_its_error() -> None:
    broken = exchange("mx.example.org", error=ERROR, canonical_name="", secure=False)
    broken["addresses"] = []
    inventory = build_inventory([domain("example.org", broken, error=ERROR, warnings=["something odd"])])
    (host,) = inventory.hosts
    assert "ansible_host" not in host.variables
    assert host.variables["mx_error"] == ERROR and host.variables["mx_addresses"] == []
    assert host.variables["mx_canonical_name"] is None
    assert inventory.domain_groups == {"domain_example.org": {}}
    assert inventory.problems == [
        {"domain": "example.org", "exchange": "mx.example.org", "kind": "dns_error", "text": ERROR["text"]}
    ]
    assert inventory.warnings == [
        "example.org: exchange mx.example.org: SERVFAIL from 127.0.0.1", "example.org: something odd",
    ]  # fmt: skip


def test_an_address_as_exchange_has_no_operator() -> None:
    (host,) = build_inventory([domain("example.org", exchange("192.0.2.1"))]).hosts
    assert host.name == "192.0.2.1" and host.variables["mx_operator"] is None
    assert host.groups == ["domain_example.org", "preference_10"]


def test_a_resolver_that_is_not_believed_is_mentioned_once() -> None:
    domains = [domain(name, exchange("mx." + name), ad_untrusted=True) for name in ("a.example", "b.example")]
    (warning,) = build_inventory(domains).warnings
    assert "trust_ad" in warning


def test_verdicts_of_a_probe() -> None:
    found = hosts(build_inventory([
        domain(
            "a.example",
            exchange("mx.example.net"),
            exchange("plain.example.net", 20),
            exchange("unseen.example.net", 30),
            endpoints=[
                endpoint("MX.example.net", address="192.0.2.1"),
                endpoint("mx.example.net", "trusted", address="192.0.2.2"),
                endpoint("plain.example.net", "plaintext", False),
            ],
        )
    ]))  # fmt: skip
    host = found["mx.example.net"]
    assert (host.variables["mx_status"], host.variables["mx_satisfied"]) == ("trusted", True)
    assert host.variables["mx_domains"]["a.example"]["status"] == "trusted"
    assert host.groups[-2:] == ["status_trusted", "satisfied"]
    assert [one["address"] for one in host.variables["mx_endpoints"]] == ["192.0.2.1", "192.0.2.2"]
    assert found["plain.example.net"].groups[-2:] == ["status_plaintext", "unsatisfied"]
    unseen = found["unseen.example.net"]
    assert "mx_status" not in unseen.variables and not {"satisfied", "unsatisfied"} & set(unseen.groups)


def test_endpoints_judged_alike_for_many_domains_are_there_once() -> None:
    domains = [
        domain(name, exchange("mx.example.net", preference), endpoints=[endpoint("mx.example.net", status, satisfied, **more)])
        for name, preference, status, satisfied, more in (
            ("a.example", 10, "verified", True, {"preference": 10}),
            ("b.example", 20, "verified", True, {"preference": 20, "timings": {"dns": 3.0}}),
            ("c.example", 10, "untrusted", False, {}),
        )
    ]
    (host,) = build_inventory(domains).hosts
    assert [(one["domains"], one["status"]) for one in host.variables["mx_endpoints"]] == [
        (["a.example", "b.example"], "verified"), (["c.example"], "untrusted"),
    ]  # fmt: skip
    assert not {"host", "preference", "timings"} & set(host.variables["mx_endpoints"][0])
    assert (host.variables["mx_status"], host.variables["mx_satisfied"]) == ("untrusted", False)
    assert host.variables["mx_domains"]["b.example"]["satisfied"]
    assert host.groups[-2:] == ["status_untrusted", "unsatisfied"]


def test_ansible_host_is_set_on_request_only() -> None:
    domains = [domain("example.org", exchange("mx.example.org", 10, "2001:db8::1", "192.0.2.9"))]
    (host,) = build_inventory(domains).hosts
    assert "ansible_host" not in host.variables
    (host,) = build_inventory(domains, ansible_host=True).hosts
    assert host.variables["ansible_host"] == "192.0.2.9"


def test_a_refused_name_is_a_problem_and_no_host() -> None:
    names = ("production", "MX.example.net", "production")
    inventory = build_inventory([domain("stranger.example", *map(exchange, names)), domain("alone.example", exchange("all"))])
    assert list(hosts(inventory)) == ["mx.example.net"]
    assert [(one["domain"], one["exchange"], one["kind"]) for one in inventory.problems] == [
        ("stranger.example", "production", "name_refused"), ("alone.example", "all", "name_refused"),
    ]  # fmt: skip
    assert any("exchange production: it becomes no host" in one for one in inventory.warnings)
    assert inventory.domain_groups["domain_stranger.example"] == {}
    assert inventory.domain_groups["domain_alone.example"]["mx_error"]["kind"] == "name_refused"


def test_whoever_calls_knows_more_names_to_refuse() -> None:
    taken = {"mx1.example.org": "another has it"}
    inventory = build_inventory(
        [domain("example.org", exchange("MX1.example.org"), exchange("mx2.example.org"))], name_problem=taken.get
    )
    assert list(hosts(inventory)) == ["mx2.example.org"]
