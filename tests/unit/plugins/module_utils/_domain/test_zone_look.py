# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone asked of each of its servers: those that lag behind, are lame or silent, and what they agree on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_exchange import AuthoritativeExchange
from ansible_collections.mailops.tls.plugins.module_utils._domain.nameservers import ZoneView, judge_zone
from ansible_collections.mailops.tls.plugins.module_utils._domain.zone_look import ZoneLook
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.tests.unit.servers.dns_authority import Authorities, Authority, TableResolver

SOA = "example.org. 60 IN SOA ns1.example.org. hostmaster.example.org. {serial} 3600 900 604800 300\n"
ZONE = SOA + (
    "example.org. 60 IN NS ns1.example.org.\nexample.org. 60 IN NS ns2.example.org.\n"
    "ns1.example.org. 60 IN A 127.0.61.1\nns2.example.org. 60 IN A 127.0.61.2\n"
    'example.org. 60 IN MX 10 mx.example.org.\nexample.org. 60 IN TXT "v=spf1" " -all"\n'
    "_dmarc.example.org. 60 IN CNAME dmarc.example.net.\n"
)
PARENT = (
    "org. 60 IN SOA ns.org. hostmaster.org. 1 1 1 1 1\norg. 60 IN NS ns.org.\nns.org. 60 IN A 127.0.61.3\n"
    "example.org. 60 IN NS ns1.example.org.\nexample.org. 60 IN NS ns2.example.org.\n"
    "ns1.example.org. 60 IN A 127.0.61.1\nns2.example.org. 60 IN A 127.0.61.2\n"
)
TABLE: Mapping[tuple[str, str], object] = {
    ("org", "SOA"): ["ns.org. hostmaster.org. 1 1 1 1 1"],
    ("org", "NS"): ["ns.org"],
    ("ns.org", "A"): ["127.0.61.3"],
    ("example.org", "SOA"): ["ns1.example.org. hostmaster.example.org. 7 3600 900 604800 300"],
    ("example.org", "NS"): ["ns1.example.org", "NS2.example.org"],
    ("ns1.example.org", "A"): ["127.0.61.1"],
    ("ns2.example.org", "A"): ["127.0.61.2"],
}
QUESTIONS = (("example.org", "MX"), ("example.org", "TXT"), ("_dmarc.example.org", "TXT"), ("elsewhere.net", "MX"))


def authority(serial: int = 7, zone: str = ZONE) -> Authority:
    """Return a healthy server of the zone."""
    return Authority({"example.org": zone.format(serial=serial)})


def look(
    first: Authority, second: Authority, table: Mapping[tuple[str, str], object] | None = None, *, parent: str = PARENT
) -> tuple[ZoneView, tuple[Finding, ...]]:
    """Return the zone as these two servers have it. IPv6 has no route."""

    async def run() -> tuple[ZoneView, tuple[Finding, ...]]:
        servers = {"127.0.61.1": first, "127.0.61.2": second, "127.0.61.3": Authority({"org": parent})}
        async with Authorities(servers) as running:
            resolver = TableResolver(TABLE if table is None else table)
            zones = ZoneLook(resolver.ask, AuthoritativeExchange(2, 10, lambda address: ":" not in address), running.port)
            return await zones.look("example.org", QUESTIONS)

    return asyncio.run(run())


def ids(view: ZoneView) -> list[str]:
    """Return the findings on a zone."""
    return [one.id for one in judge_zone("example.org", view)]


def test_servers_that_agree() -> None:
    view, odd = look(authority(), authority())
    assert view.agreed is True and view.apex == "example.org" and view.error is None and odd == ()
    assert view.soa is not None and (view.soa.serial, view.soa.mname, view.soa.minimum) == (7, "ns1.example.org", 300)
    assert [(one.name, one.serial, one.authoritative) for one in view.servers] == [
        ("ns1.example.org (127.0.61.1)", 7, True), ("ns2.example.org (127.0.61.2)", 7, True),
    ]  # fmt: skip
    assert view.servers[0].answers == {
        ("example.org", "MX"): frozenset(["10 mx.example.org"]), ("example.org", "TXT"): frozenset(["v=spf1 -all"]),
    }  # fmt: skip
    assert ids(view) == []


def test_a_server_that_lags_behind() -> None:
    view, _odd = look(authority(), authority(6, ZONE.replace("10 mx", "20 mx")))
    assert view.agreed is False
    assert ids(view) == ["ns_serial_differs", "ns_answers_differ"]


def test_a_lame_server_and_one_that_refuses() -> None:
    view, _odd = look(Authority(lame=True), Authority(rcode="REFUSED"))
    assert [one.authoritative for one in view.servers] == [False, False] and view.agreed is None
    assert ids(view) == ["ns_not_authoritative"]


def test_a_server_that_fails_is_not_one_that_answers_otherwise() -> None:
    view, _odd = look(authority(), Authority(rcode="SERVFAIL"))
    assert [one.authoritative for one in view.servers] == [True, None] and view.agreed is False
    assert view.servers[1].error == "SERVFAIL" and ids(view) == ["server_failure_on_some_ns"]


def test_a_server_without_address() -> None:
    table = {**TABLE, ("example.org", "NS"): ["ns1.example.org", "ns3.example.org"]}
    view, _odd = look(authority(), authority(), table)
    assert [(one.server, one.error) for one in view.servers if not one.address] == [("ns3.example.org", "it has no address")]


def test_the_delegation_beside_the_zone() -> None:
    view, odd = look(authority(), authority(), parent=PARENT.replace("example.org. 60 IN NS ns2.example.org.\n", ""))
    assert view.delegated_to == frozenset(("ns1.example.org",))
    assert view.own_servers == frozenset(("ns1.example.org", "ns2.example.org"))
    assert ids(view) == ["ns_set_mismatch"] and odd == ()


def test_an_address_without_a_route_is_not_missed_where_its_server_answers() -> None:
    both = {**TABLE, ("ns2.example.org", "AAAA"): ["2001:db8::53"]}
    view, _odd = look(authority(), authority(), both)
    assert [one.tried for one in view.servers] == [True, True, False] and view.agreed is True
    alone = {**TABLE, ("ns2.example.org", "A"): [], ("ns2.example.org", "AAAA"): ["2001:db8::53"]}
    view, _odd = look(authority(), authority(), alone, parent=PARENT.replace("ns2.example.org. 60 IN A 127.0.61.2\n", ""))
    assert view.agreed is False and ids(view) == ["server_not_tried"]


def test_a_zone_that_cannot_be_learnt() -> None:
    failed = Answer("example.org", "SOA", Outcome.ERROR, error="SERVFAIL from 127.0.0.1")
    view, odd = look(authority(), authority(), {("example.org", "SOA"): failed})
    assert view.apex is None and view.agreed is None and odd == ()
    assert view.error == "zone of example.org: SERVFAIL from 127.0.0.1"
