# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every server of a zone, against servers on loopback that lag, are lame, dead, hostile or too many."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import OwnerSight, Sight
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative import Observer
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_servers import MAX_ADDRESSES, MAX_NAMES
from ansible_collections.mailops.tls.tests.unit.servers.dns_authority import Authorities, Authority, TableResolver
from ansible_collections.mailops.tls.tests.unit.worlds.zone_world import (
    NS1,
    NS2,
    ONE,
    OWNER,
    PARENT,
    PARENT_ZONE,
    SIGNED,
    TABLE,
    TWO,
    errors,
    look,
    world,
    zone,
)


def test_all_servers_say_the_same() -> None:
    servers = world(Authority({"example.org.": zone(ONE, more=SIGNED)}))
    view = look(servers, owner="_25._TCP.mx.example.org.")
    sight = view.sight()
    assert (sight.owner, sight.canonical_owner, sight.zone, sight.error) == (OWNER, OWNER, "example.org", None)
    first, second = sight.servers
    assert (first.server, first.address, first.outcome, first.records) == ("ns1.example.org", NS1, Sight.FOUND, (ONE,))
    assert (first.authoritative, first.ttl, first.serial, first.negative_ttl) == (True, 300, 7, None)
    assert (first.signature_inception, first.signature_expiration) == (1795219200, 1796428800)
    assert (second.outcome, second.signature_expiration) == (Sight.FOUND, None)
    assert (sight.resolver.outcome, sight.resolver.secure, sight.resolver.records) == (Sight.FOUND, True, (ONE,))
    assert (view.servers_agree, view.agreed, view.inconsistencies) == (True, True, ())
    assert not any(server.recursion_desired for server in servers.values())


V6 = "2001:db8::53"


def _has_route(address: str) -> bool:
    return ":" not in address


def test_an_address_without_a_route_is_an_error_unless_told_otherwise() -> None:
    table = {**TABLE, ("ns2.example.org", "AAAA"): (V6,)}
    view = look(world(), table, has_route=_has_route)
    assert errors(view)[V6] == f"not asked: this machine has no route to {V6}"
    assert not view.servers_agree and not view.not_tried
    view = look(world(), table, has_route=_has_route, routed_only=True)
    assert view.agreed and set(errors(view)) == {NS1, NS2}
    assert [(one.server, one.address) for one in view.not_tried] == [("ns2.example.org", V6)]
    assert view.sight().error is None and len(view.sight().servers) == 2


def test_a_server_that_did_not_answer_at_another_address_holds() -> None:
    only = {**TABLE, ("ns2.example.org", "A"): (), ("ns2.example.org", "AAAA"): (V6,)}
    parent = PARENT_ZONE.replace("ns2.example.org. 60 IN A 127.0.9.3", "ns2.example.org. 60 IN AAAA 2001:db8::53")
    for network, table in (
        (world(parent=parent), only),
        (world(None, Authority({"example.org.": zone(ONE)}, silent=True)), {**TABLE, ("ns2.example.org", "AAAA"): (V6,)}),
        (world(None, Authority({})), {**TABLE, ("ns2.example.org", "AAAA"): (V6,)}),
    ):
        view = look(network, table, has_route=_has_route, routed_only=True)
        assert V6 in errors(view) and not view.servers_agree and not view.not_tried


def test_aliases_are_asked_for_where_there_is_a_route() -> None:
    alias = f"{OWNER}. 60 IN CNAME tlsa201._dane.example.org."
    text = zone(more=alias) + f"tlsa201._dane.example.org. 60 IN TLSA {ONE}\n"
    target = "tlsa201._dane.example.org"
    table = {
        **TABLE, (OWNER, "TLSA"): (), (OWNER, "CNAME"): (target,), (target, "TLSA"): (ONE,), ("ns2.example.org", "AAAA"): (V6,),
    }  # fmt: skip
    network = {PARENT: Authority({"org.": PARENT_ZONE}), NS1: Authority({"example.org.": text}), NS2: Authority({"example.org.": text})}
    assert any(V6 in one for one in look(network, table, has_route=_has_route).alias_errors)
    view = look(network, table, has_route=_has_route, routed_only=True)
    assert view.canonical_owner == target and view.alias_errors == () and view.servers_agree


def test_absence_comes_with_the_negative_ttl() -> None:
    view = look(world(Authority({"example.org.": zone()}), Authority({"example.org.": zone(ONE)})), {**TABLE, (OWNER, "TLSA"): ()})
    first, second = view.sight().servers
    assert (first.outcome, first.negative_ttl, first.records, first.serial) == (Sight.ABSENT, 120, (), 7)
    assert second.outcome is Sight.FOUND
    assert not view.servers_agree


def test_a_lagging_server() -> None:
    second = Authority({"example.org.": zone(ONE, serial=6)})
    view = look(world(Authority({"example.org.": zone(ONE, TWO)}), second), {**TABLE, (OWNER, "TLSA"): (ONE, TWO)})
    assert not view.servers_agree and not view.agreed
    assert [one.soa.serial for one in view.servers if one.soa] == [7, 6]
    assert [set(one.records) for one in view.servers] == [{ONE, TWO}, {ONE}]


def test_a_resolver_with_an_old_answer() -> None:
    view = look(world(), {**TABLE, (OWNER, "TLSA"): (TWO,)})
    assert (view.servers_agree, view.agreed) == (True, False)


FOREIGN = {"example.org.": zone(), "mx.example.org.": "mx.example.org. 9 IN SOA x. x. 1 1 1 1 1\nmx.example.org. 9 IN NS x.\n"}


@pytest.mark.parametrize(
    ("server", "error"),
    [
        (Authority(silent=True), "no reply from 127.0.9.3@"),
        (Authority({"example.org.": zone(ONE)}, lame=True), "not authoritative (lame)"),
        (Authority({"org.": PARENT_ZONE}), "not authoritative (lame), it refers to example.org"),
        (Authority(rcode="SERVFAIL"), "SERVFAIL"),
        (Authority(), "REFUSED"),
        (Authority({"example.org.": zone(more=OWNER + ". 60 IN CNAME x.example.org.")}), "it has an alias to x.example.org"),
        (Authority(FOREIGN), "it answers from the zone mx.example.org, not from example.org"),
        (Authority({"example.org.": zone(*(TlsaRecord(3, 1, 1, bytes([n]) * 32) for n in range(120)))}), "more than 100 records"),
        (Authority({"example.org.": zone(ONE)}, alter=lambda wire: [b"\0\0" + wire[2:]] * 99), "99 packets|no valid reply|64 packets"),
        (Authority({"example.org.": zone(ONE)}, alter=lambda wire: [wire[:-9]]), "malformed reply"),
        (Authority({"example.org.": zone(ONE)}, truncated=True, drip=True), "no reply from 127.0.9.3@"),
        (Authority({"example.org.": zone(ONE)}, alter=lambda wire: [wire[:2]]), "no valid reply from 127.0.9.3@"),
    ],
    ids=["dead", "no-aa", "referral", "servfail", "refused", "alias", "other-zone", "many", "other-id", "cut", "slow-drip", "two-octets"],
)  # fmt: skip
def test_a_bad_server_is_unknown_and_says_why(server: Authority, error: str) -> None:
    view = look(world(second=server))
    first, second = view.sight().servers
    assert first.outcome is Sight.FOUND
    assert (second.outcome, second.records) == (Sight.UNKNOWN, ())
    assert second.error is not None and any(part in second.error for part in error.split("|"))
    assert not view.servers_agree


def test_truncated_replies_are_asked_again_by_tcp() -> None:
    second = Authority({"example.org.": zone(ONE)}, truncated=True)
    assert look(world(second=second)).agreed
    assert (OWNER, "TLSA", "tcp") in second.questions


def test_a_huge_reply_is_read_by_tcp() -> None:
    big = tuple(TlsaRecord(3, 0, 0, bytes([number]) * 600) for number in range(90))
    second = Authority({"example.org.": zone(*big)}, truncated=True)
    view = look(world(second=second))
    assert len(view.servers[1].records) == 90


def test_a_silent_server_is_not_asked_again_and_again() -> None:
    silent = Authority(silent=True)

    async def scene() -> None:
        async with Authorities(world(second=silent)) as listening:
            observer = Observer(TableResolver(TABLE), timeout=0.5, port=listening.port)
            views = await asyncio.gather(*(observer.look(f"_{port}._tcp.mx.example.org") for port in range(1, 60)))
            assert all(view.servers[1].error for view in views)
            await observer.close()

    asyncio.run(scene())
    assert 0 < silent.ignored < 59


def test_servers_named_only_by_the_delegation_or_by_a_server_are_asked() -> None:
    parent = PARENT_ZONE.replace("ns2.example.org. 60 IN A", "ns0.example.org. 60 IN A").replace("NS ns2", "NS ns0")
    first = Authority({"example.org.": zone(ONE, name_servers=("ns1", "ns3"))})
    servers = {**world(first, parent=parent), "127.0.9.4": Authority({"example.org.": zone(TWO)})}
    table = {**TABLE, ("example.org", "NS"): ("ns1.example.org",), ("ns3.example.org", "A"): ("127.0.9.4",)}
    view = look(servers, table)
    assert {one.server: set(one.records) for one in view.servers} == {
        "ns1.example.org": {ONE}, "ns0.example.org": {ONE}, "ns3.example.org": {TWO},
    }  # fmt: skip
    texts = [one.text for one in view.inconsistencies if one.id == "ns_set_mismatch"]
    assert any("is delegated to ns0.example.org, ns1.example.org" in text for text in texts)
    assert any("neither the resolver nor the parent knows: ns2.example.org, ns3.example.org" in text for text in texts)


def test_glue_that_is_not_the_address() -> None:
    servers = {**world(), "127.0.9.4": Authority({"example.org.": zone(TWO)})}
    view = look(servers, {**TABLE, ("ns2.example.org", "A"): ("127.0.9.4",)})
    assert {one.address: set(one.records) for one in view.servers} == {NS1: {ONE}, NS2: {ONE}, "127.0.9.4": {TWO}}
    assert [one.id for one in view.inconsistencies] == ["glue_mismatch"]


def test_a_server_without_address_is_unknown() -> None:
    parent = PARENT_ZONE.replace("ns2.example.org. 60 IN A 127.0.9.3\n", "")
    view = look(world(parent=parent), {**TABLE, ("ns2.example.org", "A"): ()})
    assert [(one.server, one.address, one.error) for one in view.servers][1] == ("ns2.example.org", "", "it has no address")
    assert view.sight().servers[1].outcome is Sight.UNKNOWN


def failed(name: str, rdtype: str) -> Answer:
    return Answer(name, rdtype, Outcome.ERROR, error="SERVFAIL from 192.0.2.53")


@pytest.mark.parametrize(
    "question",
    [(OWNER, "CNAME"), ("mx.example.org", "SOA"), ("example.org", "NS"), ("ns2.example.org", "AAAA"), ("org", "SOA")],
    ids="-".join,
)
def test_what_the_resolver_cannot_tell_is_an_error(question: tuple[str, str]) -> None:
    sight = look(world(), {**TABLE, question: failed(*question)}).sight()
    assert sight.error is not None and "SERVFAIL" in sight.error


def test_a_resolver_that_fails_is_unknown() -> None:
    view = look(world(), {**TABLE, (OWNER, "TLSA"): failed(OWNER, "TLSA")})
    sight = view.sight()
    assert (sight.resolver.outcome, sight.resolver.error) == (Sight.UNKNOWN, "SERVFAIL from 192.0.2.53")
    assert (view.servers_agree, view.agreed) == (True, False)


def test_a_parent_that_does_not_tell_the_delegation_is_an_error() -> None:
    servers = {**world(), PARENT: Authority(silent=True)}
    sight = look(servers).sight()
    assert sight.error is not None and "delegation of example.org by org: no reply" in sight.error
    assert [one.outcome for one in sight.servers] == [Sight.FOUND, Sight.FOUND]


def test_servers_of_parent_and_zone_may_be_the_same() -> None:
    both = {"org.": PARENT_ZONE.replace("a.org. 60 IN A 127.0.9.1", "a.org. 60 IN A 127.0.9.2"), "example.org.": zone(ONE)}
    view = look(world(Authority(both)), {**TABLE, ("a.org", "A"): (NS1,)})
    assert (view.errors, view.agreed) == ((), True)


def test_more_servers_than_anyone_has_are_bounded() -> None:
    names = [f"ns{number}.example.org" for number in range(MAX_NAMES + 8)]
    table = {**TABLE, ("example.org", "NS"): tuple(names)}
    for number, name in enumerate(names):
        table[name, "A"] = tuple(f"127.0.8.{10 * (number % 20) + each}" for each in range(8))
    servers = {**world(), "127.0.8.1": Authority({"example.org.": zone(ONE)})}
    view = look(servers, table, timeout=0.3)
    assert len(view.servers) == MAX_ADDRESSES
    assert any(f"more than {MAX_NAMES} name servers" in text for text in view.errors)
    assert any(f"more than {MAX_ADDRESSES} addresses" in text for text in view.errors)


def test_a_deadline_ends_everything() -> None:
    view = look({address: Authority(silent=True) for address in (PARENT, NS1, NS2)}, timeout=600, deadline=0.4)
    assert view.sight().error == "not everything was learnt within 0.4 s"
    assert view.sight().resolver.outcome is Sight.UNKNOWN


def test_a_denied_nonterminal_is_seen() -> None:
    second = Authority({"example.org.": zone(ONE)}, denies=("_tcp.mx.example.org",))
    assert [one.nonterminal_denied for one in look(world(second=second)).servers] == [False, True]


def test_given_servers_in_place_of_those_of_the_zone() -> None:
    view = look({NS2: Authority({"example.org.": zone(ONE)})}, servers=[NS2])
    assert [(one.address, one.outcome) for one in view.servers] == [(NS2, Outcome.FOUND)]
    assert view.sight().error is None


def test_given_servers_besides_those_of_the_zone() -> None:
    servers = {**world(), "127.0.9.4": Authority({"example.org.": zone(TWO)})}
    view = look(servers, more_servers=["127.0.9.4", NS1])
    assert [one.address for one in view.servers] == [NS1, NS2, "127.0.9.4"]
    assert not view.servers_agree


def test_only_addresses_of_the_families_wanted_are_asked() -> None:
    view = look(world(), {**TABLE, ("ns2.example.org", "AAAA"): ("2001:db8::1",)}, families=("ipv4",))
    assert [one.address for one in view.servers] == [NS1, NS2]
    assert view.errors == ()


@pytest.mark.parametrize("address", ["0.0.0.0", "255.255.255.255", "224.0.0.1", "::"])
def test_addresses_of_no_host_are_not_asked(address: str) -> None:
    view = look(world(), {**TABLE, ("ns2.example.org", "A"): (NS2, address)})
    assert errors(view)[address] == f"{address} is not the address of one host"


@pytest.mark.parametrize(("secure", "available", "validating"), [(False, True, True), (False, False, False), (True, True, None)])
def test_whether_the_resolver_validates_is_asked_when_it_matters(secure: bool, available: bool, validating: bool | None) -> None:
    view = look(world(), resolver=TableResolver(TABLE, secure=secure, available=available))
    assert view.validating is validating


def test_two_owners_of_a_zone_share_what_they_can() -> None:
    servers = world()

    async def scene() -> list[OwnerSight]:
        async with Authorities(servers) as listening:
            observer = Observer(TableResolver(TABLE), timeout=0.5, port=listening.port)
            return list(await asyncio.gather(observer.observe(OWNER), observer.observe(OWNER.replace("_25", "_465"))))

    sights = asyncio.run(scene())
    assert [one.servers[0].outcome for one in sights] == [Sight.FOUND, Sight.ABSENT]
    asked = [question[:2] for question in servers[NS1].questions]
    assert asked.count(("example.org", "NS")) == 1
    assert len(servers[PARENT].questions) == 1
