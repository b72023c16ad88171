# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every question about a domain fails once: it is told, and nothing is called missing or wrong for it."""

from __future__ import annotations

import asyncio
from typing import Any

import dns.message
import dns.rcode
import dns.rdatatype
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import DEFAULT_CHECKS, Check
from ansible_collections.mailops.tls.plugins.module_utils._domain.unanswered import MOST_KEPT, noting_unanswered, watched
from ansible_collections.mailops.tls.tests.unit.domain_cases import world
from ansible_collections.mailops.tls.tests.unit.domain_cases.mail_dns import served_zone
from ansible_collections.mailops.tls.tests.unit.domain_cases.world import QUIET, Situation, dns_of, look_at
from ansible_collections.mailops.tls.tests.unit.servers.dns_authority import Authority
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns

EVERYTHING = (
    "@ TXT v=spf1 mx a:host.example.net include:_spf.example.org exists:ok.example.org -all",
    "host.example.net. A 192.31.196.9",
    "_spf.example.org. TXT v=spf1 ip4:192.0.2.1 -all",
    "ok.example.org. A 127.0.0.2",
    "_dmarc TXT v=DMARC1; p=reject; rua=mailto:r@reports.example.org; ruf=mailto:r@example.com",
    "example.com._report._dmarc.reports.example.org. TXT v=DMARC1",
    "reports.example.org. MX 10 mx.example.org",
    "_dmarc.example.org. TXT v=DMARC1; p=none",
    '@ CAA 0 issue "letsencrypt.org"',
    "default._bimi TXT v=BIMI1; l=https://example.com/l.svg",
    "_imaps._tcp SRV 0 1 993 mail.example.com",
    "_submissions._tcp SRV 0 1 465 mail.example.com",
    "mail A 192.0.0.10",
    "_25._tcp.mx TLSA 3 1 1 " + "ab" * 32,
    "2.0.0.127.bl.example.net. A 127.0.0.2",
)
"""A domain that leads to as many other names as can be."""
NOBODY_NEEDS = {("example.com", "SPF")}


def situation(*checks: Check) -> Situation:
    """Return the domain, looked at for these parts."""
    blocklists = ("bl.example.net",) if Check.DNSBL in checks else ()
    return Situation(EVERYTHING, settings={"checks": frozenset(checks), "blocklists": blocklists})


def looked_at(seen: Situation, monkeypatch: pytest.MonkeyPatch, failing: tuple[str, str] | None = None) -> tuple[dict[str, Any], FakeDns]:
    """Return the result where one question fails, and the DNS that was asked."""
    made: list[FakeDns] = []

    def broken(texts: tuple[str, ...], port: int = 25) -> FakeDns:
        made.append(dns_of(texts, port))
        return made[-1].error(*failing) if failing is not None else made[-1]

    monkeypatch.setattr(world, "dns_of", broken)
    return look_at(seen), made[0]


def ids(result: dict[str, Any]) -> set[str]:
    """Return the ids of its findings."""
    return {one["id"] for one in result["lint"]}


@pytest.mark.parametrize("checks", [(*sorted(QUIET), Check.DNSBL), *((one,) for one in DEFAULT_CHECKS if one in QUIET)], ids=str)
def test_a_question_that_fails_is_told_and_makes_nothing_else(checks: tuple[Check, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    whole, asked = looked_at(situation(*checks), monkeypatch)
    questions = {(name.lower(), rdtype) for name, rdtype, _dnssec in asked.asked} - NOBODY_NEEDS
    assert ids(whole) <= {"autoconfig_missing"} and questions
    for question in questions:
        result, unused = looked_at(situation(*checks), monkeypatch, question)
        assert ids(result) == ids(whole) | {"resolver_failure"}, question
        assert result["worst"] in ("warning", "error"), question
        told = [one["text"] for one in result["lint"] if one["id"] == "resolver_failure"]
        assert f"{question[1]} records of {question[0]}: SERVFAIL" in told[0] or question[1] == "TLSA" or "bl.example.net" in question[0]


def test_a_name_server_that_says_nothing_is_told() -> None:
    result = look_at(served_zone(Authority(rcode="SERVFAIL")))
    assert [(one["id"], one["subject"]) for one in result["lint"]] == [("server_failure_on_some_ns", "ns2.example.com (127.0.62.2)")]
    assert result["zone"]["agreed"] is False


def test_where_no_name_server_is_heard_nobody_is_blamed() -> None:
    """A firewall on the way is more likely than a zone that the resolver has and none of its servers."""
    seen = served_zone(Authority(rcode="SERVFAIL"), first=Authority(rcode="SERVFAIL"))
    (told,) = look_at(seen)["lint"]
    assert (told["id"], told["severity"], told["subject"]) == ("server_not_tried", "notice", "example.com")
    assert "ns1.example.com (127.0.62.1): SERVFAIL; ns2.example.com (127.0.62.2): SERVFAIL" in told["text"]


def test_a_name_server_that_fails_for_one_type_is_told() -> None:
    def no_caa(right: bytes) -> list[bytes]:
        reply = dns.message.from_wire(right)
        if reply.question[0].rdtype == dns.rdatatype.CAA:
            reply.set_rcode(dns.rcode.SERVFAIL)
        return [reply.to_wire()]

    zones = served_zone().name_servers["127.0.62.1"].zones
    (told,) = look_at(served_zone(Authority(zones, alter=no_caa), checks=(Check.CAA,)))["lint"]
    assert (told["id"], told["text"]) == ("server_failure_on_some_ns", "CAA of example.com: SERVFAIL")


def test_a_block_list_that_is_silent_is_no_absence_of_a_listing() -> None:
    dead = tuple(f"{name}.bl.example.net. A !" for name in ("2.0.0.127", "1.0.0.127", "9.0.0.192"))
    result = look_at(Situation(dead, settings={"checks": frozenset([Check.DNSBL]), "blocklists": ("bl.example.net",)}))
    assert [(one["id"], one["subject"]) for one in result["lint"]] == [("resolver_failure", "bl.example.net")]


def test_what_is_kept_has_a_limit() -> None:
    async def fails(name: str, rdtype: str, want_dnssec: bool) -> Answer:
        return Answer(name, rdtype, Outcome.ERROR, error="SERVFAIL")

    async def run() -> int:
        with noting_unanswered() as kept:
            await asyncio.gather(*(watched(fails)(f"{number}.example.com", "A", True) for number in range(MOST_KEPT + 50)))
        await watched(fails)("late.example.com", "A", True)
        return len(kept)

    assert asyncio.run(run()) == MOST_KEPT
