# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of results, and differences in words."""

from __future__ import annotations

import json

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_cut import AliasHop
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.differences import differences
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.facts import owner_facts
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import parse_wanted
from ansible_collections.mailops.tls.tests.unit.makers.tlsa_views import NOW, ONE, OWNER, TWO, dead, resolved, server, view


def test_a_lagging_server_in_all_places() -> None:
    facts = owner_facts(view(server(1, ONE, TWO, serial=8), server(2, ONE, serial=7), dead(3), resolver=resolved(ONE)), NOW)
    assert (facts["owner"], facts["zone"], facts["agreed"], facts["servers_agree"]) == (OWNER + ".", "example.org.", False, False)
    assert [one["rdata"] for one in facts["records"]] == [str(ONE), str(TWO)]
    assert [(one["status"], one["serial"], one["serial_behind"]) for one in facts["servers"]] == [
        ("found", 8, 0), ("found", 7, 1), ("error", None, None),
    ]  # fmt: skip
    assert [one["lacks"] for one in facts["servers"]] == [[], [str(TWO)], []]
    assert facts["differences"] == [
        f"ns2.example.org (192.0.2.2) lacks {TWO}",
        "ns3.example.org (192.0.2.3): no reply",
        f"the resolver lacks {TWO}",
    ]
    assert [one["id"] for one in facts["lint"]] == ["secondary_lag", "server_failure_on_some_ns"]
    json.dumps(facts)


def test_signatures_and_absence() -> None:
    found, absent = owner_facts(view(server(1, ONE), server(2)), NOW)["servers"]
    assert found["signatures"] == [
        {"algorithm": 13, "key_tag": 4711, "signer": "example.org.", "original_ttl": 300,
         "inception": "2027-01-14T08:00:00Z", "expiration": "2027-01-29T08:00:00Z"},
    ]  # fmt: skip
    assert (found["ttl"], found["negative_ttl"], absent["ttl"], absent["negative_ttl"]) == (300, None, None, 120)


def test_records_can_be_given_to_the_module_that_publishes() -> None:
    facts = owner_facts(view(server(1, ONE, TWO)), NOW)
    (wanted,) = parse_wanted(facts["records"])
    assert (wanted.owner, wanted.ttl, wanted.records) == (OWNER, 300, (ONE, TWO))


def test_aliases() -> None:
    hops = (AliasHop(OWNER, "tlsa.example.net", True, False),)
    facts = owner_facts(view(server(1, ONE), canonical_owner="tlsa.example.net", hops=hops), NOW)
    assert facts["aliases"] == [{"owner": OWNER + ".", "target": "tlsa.example.net.", "secure": True}]
    assert (facts["canonical_owner"], facts["records"][0]["owner"]) == ("tlsa.example.net.", "tlsa.example.net.")


def test_what_could_not_be_learnt() -> None:
    facts = owner_facts(view(zone=None, errors=("zone of x: SERVFAIL",), resolver=resolved(outcome=Outcome.ERROR, error="y")), NOW)
    assert (facts["zone"], facts["error"], facts["agreed"], facts["servers"]) == (None, "zone of x: SERVFAIL", False, [])
    assert facts["differences"] == ["zone of x: SERVFAIL", "the resolver: y"]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (view(server(1, ONE), server(2, ONE)), True),
        (view(server(1), server(2)), True),
        (view(server(1, ONE), server(2, TWO)), False),
        (view(server(1, ONE), resolver=resolved(TWO)), False),
        (view(server(1, ONE), dead(2)), False),
        (view(server(1), resolver=resolved(ONE)), False),
        (view(server(1), errors=("x",)), False),
        (view(), False),
    ],
    ids=["same", "none", "other", "resolver", "dead", "resolver-old", "not-learnt", "no-server"],
)
def test_agreed_exactly_when_there_are_no_differences(seen: OwnerView, expected: bool) -> None:
    assert seen.agreed is expected
    if seen.servers:
        assert (differences(seen) == []) is expected
