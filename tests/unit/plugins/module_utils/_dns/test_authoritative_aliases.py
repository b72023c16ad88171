# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Aliases of the name that is looked at: followed to their zone, missing, without end; against servers on loopback."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.tests.unit.servers.dns_authority import Authority
from ansible_collections.mailops.tls.tests.unit.worlds.zone_world import NS2, ONE, OWNER, PARENT, PARENT_ZONE, TABLE, look, world, zone

ALIASED = {**TABLE, (OWNER, "CNAME"): ("tlsa.example.net",), (OWNER, "TLSA"): (), ("tlsa.example.net", "TLSA"): (ONE,),
           ("example.net", "SOA"): ("soa",), ("example.net", "NS"): ("ns.example.net",), ("ns.example.net", "A"): ("127.0.9.4",),
           ("net", "SOA"): ("soa",), ("net", "NS"): ("a.org",)}  # fmt: skip
NET_ZONE = "example.net. 9 IN SOA x. x. 3 1 1 1 1\nexample.net. 9 IN NS ns.example.net.\nns.example.net. 9 IN A 127.0.9.4\n"
NET = Authority({"example.net.": f"{NET_ZONE}tlsa.example.net. 60 IN TLSA {ONE}\n"})
NET_PARENT = "net. 9 IN SOA x. x. 1 1 1 1 1\nnet. 9 IN NS a.org.\nexample.net. 9 IN NS ns.example.net.\nns.example.net. 9 IN A 127.0.9.4\n"
ALIAS = zone(more=OWNER + ". 60 IN CNAME tlsa.example.net.")


def aliased(second: str = ALIAS) -> dict[str, Authority]:
    servers = world(Authority({"example.org.": ALIAS}), Authority({"example.org.": second}))
    return {**servers, PARENT: Authority({"org.": PARENT_ZONE, "net.": NET_PARENT}), "127.0.9.4": NET}


def test_aliases_are_followed_to_their_zone() -> None:
    view = look(aliased(), ALIASED)
    assert (view.canonical_owner, view.zone) == ("tlsa.example.net", "example.net")
    assert [(one.server, one.records) for one in view.servers] == [("ns.example.net", (ONE,))]
    assert (view.agreed, view.sight().error) == (True, None)


def test_a_server_without_the_alias_is_an_error() -> None:
    view = look(aliased(zone(ONE)), ALIASED)
    assert not view.servers_agree
    error = view.sight().error
    assert error == f"alias {OWNER} at ns2.example.org ({NS2}): it leads to nothing, not to tlsa.example.net"


def test_a_resolver_whose_records_are_of_another_owner_is_an_error() -> None:
    old = Answer(OWNER, "TLSA", Outcome.FOUND, (ONE,), OWNER, secure=True, ttl=60)
    view = look(aliased(), {**ALIASED, (OWNER, "TLSA"): old})
    assert not view.servers_agree
    error = view.sight().error
    assert error is not None and f"records are those of {OWNER}, and its aliases lead to tlsa.example.net" in error


def test_given_servers_need_not_have_aliases() -> None:
    view = look(aliased(zone(ONE)), ALIASED, servers=["127.0.9.4"])
    assert [one.address for one in view.servers] == ["127.0.9.4"]
    assert view.sight().error is None
    view = look(aliased(), ALIASED, more_servers=["127.0.9.4"])
    assert view.sight().error is None


@pytest.mark.parametrize("length", [2, 30])
def test_aliases_without_end_are_an_error(length: int) -> None:
    table: dict[tuple[str, str], object] = {**TABLE, (OWNER, "TLSA"): (), (OWNER, "CNAME"): ("a0.example.org",)}
    for number in range(length):
        table[f"a{number}.example.org", "CNAME"] = (f"a{(number + 1) % length}.example.org",)
    sight = look(world(), table).sight()
    assert sight.error is not None and "more than 10 aliases, or a loop" in sight.error
    assert sight.servers == ()
