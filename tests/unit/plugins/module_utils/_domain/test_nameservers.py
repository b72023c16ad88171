# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name servers of a zone beside each other, and resolvers beside each other."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import MxRecord, SrvRecord, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.nameservers import (
    AskedServer,
    ServerWord,
    SoaValues,
    ZoneView,
    ask_servers,
    compare_nameservers,
    judge_zone,
    read_soa,
    record_text,
)
from ansible_collections.mailops.tls.tests.unit.makers.small_dns import SmallDns, absent, failed, found
from hypothesis import given
from hypothesis import strategies as st

MX = ("example.org", "MX")
NAMES = frozenset(("ns1.example.net", "ns2.example.net"))
ONE = AskedServer("ns1.example.net", "192.0.2.1", True, 5, None, {MX: frozenset(("10 mx.example.org",))})
TWO = replace(ONE, server="ns2.example.net", address="192.0.2.2")
GOOD = ZoneView("example.org", True, None, (ONE, TWO), NAMES, NAMES)


def ids(view: ZoneView) -> list[str]:
    return [one.id for one in judge_zone("example.org", view)]


def test_all_agree() -> None:
    assert ids(GOOD) == [] and GOOD.agreed is True
    assert GOOD.as_facts() == {
        "secure": True, "apex": "example.org", "soa": None, "agreed": True, "error": None,
        "servers": [
            {"server": one.server, "address": one.address, "status": "ok", "serial": 5, "authoritative": True, "error": None}
            for one in (ONE, TWO)
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("second", "expected", "agreed"),
    [
        (replace(TWO, authoritative=False, error="REFUSED"), ["ns_not_authoritative"], False),
        (replace(TWO, authoritative=None, serial=None, error="no reply"), ["server_failure_on_some_ns"], False),
        (replace(TWO, serial=4), ["ns_serial_differs"], False),
        (replace(TWO, answers={MX: frozenset()}), ["ns_answers_differ"], False),
        (replace(TWO, answers={}), [], True),
        (replace(TWO, address="192.0.2.1"), ["ns_single"], True),
    ],
)
def test_what_one_of_them_does(second: AskedServer, expected: list[str], agreed: bool) -> None:
    view = replace(GOOD, servers=(ONE, second))
    assert (ids(view), view.agreed) == (expected, agreed)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (replace(GOOD, delegated_to=frozenset(("ns1.example.net", "ns3.example.net"))), ["ns_set_mismatch"]),
        (replace(GOOD, delegated_to=None), []),
        (replace(GOOD, servers=(ONE,), delegated_to=frozenset(("a",)), own_servers=frozenset(("a",))), ["ns_single"]),
        (replace(GOOD, secure=False), ["zone_insecure"]),
        (replace(GOOD, secure=None), []),
        (ZoneView(None, error="zone of example.org: SERVFAIL"), ["resolver_failure"]),
    ],
)
def test_what_the_zone_is(view: ZoneView, expected: list[str]) -> None:
    assert ids(view) == expected


def test_nobody_answered() -> None:
    view = ZoneView("example.org", servers=(AskedServer("ns1", "192.0.2.1", error="no reply"),))
    assert (view.agreed, ids(view), view.as_facts()["servers"][0]["status"]) == (None, ["server_not_tried"], "error")


def test_a_soa_record() -> None:
    answer = found("example.org", "SOA", "ns1.example.net. hostmaster.example.org. 5 7200 3600 1209600 300")
    soa = SoaValues("ns1.example.net", "hostmaster.example.org", 5, 7200, 3600, 1209600, 300)
    assert read_soa(answer) == soa and list(soa.as_facts()) == ["mname", "rname", "serial", "refresh", "retry", "expire", "minimum"]
    assert read_soa(found("example.org", "SOA", "ns1. x")) is None and read_soa(absent("example.org", "SOA")) is None


def test_equal_records_are_equal_texts() -> None:
    assert record_text(MxRecord(10, "MX.Example.org."), "MX") == record_text(MxRecord(10, "mx.example.org"), "MX") == "10 mx.example.org"
    assert record_text(MxRecord(0, ""), "MX") == "0 ." and record_text("NS1.A.", "NS") == "ns1.a"
    assert record_text(SrvRecord(0, 1, 993, "A."), "SRV") == "0 1 993 a" and record_text("192.0.2.1", "A") == "192.0.2.1"
    assert record_text(TlsaRecord(3, 1, 1, b"\xab"), "TLSA") == "3 1 1 ab"
    assert record_text(TxtRecord((b"A ", b"b")), "TXT") == "A b"


def test_other_resolvers_are_compared() -> None:
    questions = [("example.org", "MX"), ("_dmarc.example.org", "TXT"), ("example.org", "CAA")]
    policy = found("_dmarc.example.org", "TXT", "v=DMARC1")
    mine = SmallDns([found(*MX, MxRecord(10, "mx.example.org")), policy, failed("example.org", "CAA")])
    same = SmallDns([found(*MX, MxRecord(10, "MX.example.org")), policy])
    other = SmallDns([found(*MX, MxRecord(20, "mx.example.org"))])
    silent = SmallDns([failed(*question) for question in questions])
    others = {"192.0.2.1": same.ask, "192.0.2.2": other.ask, "192.0.2.3": silent.ask}
    result = asyncio.run(compare_nameservers(questions, mine.ask, others))
    assert [one.agreed for one in result] == [None, False, None]
    assert result[1].as_facts()["differences"] == [
        {"owner": "example.org", "type": "MX", "missing": ["10 mx.example.org"], "extra": ["20 mx.example.org"]},
        {"owner": "_dmarc.example.org", "type": "TXT", "missing": ["v=DMARC1"], "extra": []},
    ]
    assert [len(one.errors) for one in result] == [1, 1, 3]
    assert asyncio.run(compare_nameservers(questions[:2], mine.ask, {"x": same.ask}))[0].agreed is True


def test_servers_are_asked_for_everything_only_where_they_serve_the_zone() -> None:
    asked: list[tuple[str, str, str]] = []

    async def ask(address: str, owner: str, rdtype: str) -> ServerWord:
        asked.append((address, owner, rdtype))
        if address == "192.0.2.2":
            return ServerWord(None, error="no reply")
        if address == "192.0.2.3":
            return ServerWord(False, error="REFUSED")
        return ServerWord(True, frozenset(("10 mx.example.org",)) if rdtype == "MX" else frozenset(), 5)

    addresses = ("192.0.2.1", "192.0.2.2", "192.0.2.3", "")
    servers = [(f"ns{number}.example.net", address) for number, address in enumerate(addresses, 1)]
    result = asyncio.run(ask_servers("example.org", servers, [MX], ask))
    assert [one.status for one in result] == ["ok", "error", "not_authoritative", "error"]
    assert result[0] == ONE and result[3].error == "it has no address"
    assert [one for one in asked if one[2] == "MX"] == [("192.0.2.1", *MX)]


@given(st.text())
def test_any_text(text: str) -> None:
    assert read_soa(found("example.org", "SOA", text)) is None or text.count(" ") == 6
    assert record_text(text, "CAA") == text and record_text(text, "NS") == (text.lower().rstrip(".") or ".")
