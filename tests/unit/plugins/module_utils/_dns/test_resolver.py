# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The resolver against a scripted responder on loopback."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable

import dns.edns
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, MxRecord, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import (
    Nameserver,
    Transport,
    parse_nameserver,
)
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver, TrustAd
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.tests.pace import patient, tries_again
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted
from ansible_collections.mailops.tls.tests.unit.worlds.asked_resolver import answer_with, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SCRIPT = {
    ("example.com", "MX"): Scripted(("example.com. 300 IN MX 10 mx.example.com.",), ad=True),
    ("unsigned.example", "A"): Scripted(("unsigned.example. 300 IN A 192.0.2.1",)),
    ("nx.example", "A"): Scripted(rcode="NXDOMAIN", ad=True),
    ("empty.example", "A"): Scripted(),
    ("servfail.example", "A"): Scripted(rcode="SERVFAIL"),
    ("formerr.example", "A"): Scripted(rcode="FORMERR"),
    ("refused.example", "A"): Scripted(rcode="REFUSED"),
    ("silent.example", "A"): Scripted(silent=True),
    ("referral.example", "A"): Scripted(recursion_available=False),
}


answer_to = functools.partial(answer_with, script=SCRIPT)


def test_found_and_secure() -> None:
    answer = answer_to("example.com.", "MX")
    assert answer == Answer(
        "example.com", "MX", Outcome.FOUND, (MxRecord(10, "mx.example.com"),), "example.com", secure=True, ttl=300
    )


def test_found_without_ad() -> None:
    answer = answer_to("unsigned.example")
    assert (answer.records, answer.secure, answer.ad_untrusted) == (("192.0.2.1",), False, False)


def test_ad_not_believed() -> None:
    answer = answer_to("example.com", "MX", trust_ad=TrustAd.NEVER)
    assert (answer.found, answer.secure, answer.ad_untrusted) == (True, False, True)


@pytest.mark.parametrize(
    ("nameserver", "trust_ad", "expected"),
    [("127.0.0.1", TrustAd.AUTO, True), ("192.0.2.1", TrustAd.AUTO, False), ("192.0.2.1", TrustAd.ALWAYS, True),
     ("tls://192.0.2.1", TrustAd.AUTO, False), ("127.0.0.1", TrustAd.NEVER, False)],
)  # fmt: skip
def test_whose_ad_counts(nameserver: str, trust_ad: TrustAd, expected: bool) -> None:
    one = parse_nameserver(nameserver)
    assert Resolver([one], trust_ad)._believes(one) is expected


def test_without_dnssec_nothing_is_secure() -> None:
    async def test(resolver: Resolver, responder: Responder) -> None:
        answer = await resolver.ask("example.com", "MX", False)
        assert (answer.found, answer.secure, answer.ad_untrusted) == (True, False, False)
        assert [(one.do, one.ad) for one in responder.questions] == [(False, False)]
        assert (await resolver.ask("example.com", "MX", True)).secure
        assert [(one.do, one.ad) for one in responder.questions] == [(False, False), (True, True)]
        assert not (await resolver.ask("example.com", "MX", False)).secure
        assert len(responder.questions) == 2

    run(SCRIPT, test)


def test_a_dnssec_answer_serves_those_who_do_not_want_it() -> None:
    async def test(resolver: Resolver, responder: Responder) -> None:
        with_it, without = await asyncio.gather(
            resolver.ask("example.com", "MX", True), resolver.ask("EXAMPLE.com.", "MX", False)
        )
        assert (with_it.secure, without.secure, without.name) == (True, False, "EXAMPLE.com")
        assert len(responder.questions) == 1

    run(SCRIPT, test)


@pytest.mark.parametrize(("name", "outcome"), [("nx.example", Outcome.NXDOMAIN), ("empty.example", Outcome.NODATA)])
def test_absence(name: str, outcome: Outcome) -> None:
    answer = answer_to(name)
    assert (answer.outcome, answer.absent, answer.error) == (outcome, True, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [("servfail.example", "SERVFAIL from 127.0.0.1@"), ("formerr.example", "FORMERR from 127.0.0.1@"),
     ("refused.example", "REFUSED from 127.0.0.1@"), ("silent.example", "no reply from 127.0.0.1@"),
     ("referral.example", "no recursion offered from 127.0.0.1@"), ("bad..name", "'bad..name' is not a valid domain name")],
)  # fmt: skip
def test_failure_is_not_absence(name: str, text: str) -> None:
    answer = answer_to(name, timeout=0.3 if name == "silent.example" else 600)
    assert (answer.outcome, answer.absent, answer.found, answer.secure) == (Outcome.ERROR, False, False, False)
    assert answer.error is not None and answer.error.startswith(text)


def test_the_reason_of_a_servfail() -> None:
    option = dns.edns.GenericOption(15, b"\0\6no SEP\nmatching")  # type: ignore[arg-type]
    answer = answer_with("x.example", script={("x.example", "A"): Scripted(rcode="SERVFAIL", edns_options=(option,))})
    assert answer.error is not None and answer.error.endswith(" (DNSSEC Bogus: no SEP?matching)")


def test_nobody_listens() -> None:
    async def test(resolver: Resolver, responder: Responder) -> None:
        await responder.__aexit__(None, None, None)
        await asyncio.sleep(0)
        answer = await resolver.ask("example.com", "MX")
        assert answer.error is not None and answer.error.endswith(": Connection refused")

    run(SCRIPT, test)


@pytest.mark.parametrize("lines", [1, 300])
def test_truncated_udp_goes_on_by_tcp(lines: int) -> None:
    records = tuple(f"big.example. 5 IN TXT text-{number}" for number in range(lines))

    async def test(resolver: Resolver, responder: Responder) -> None:
        answer = await resolver.ask("big.example", "TXT")
        assert (len(answer.records), answer.secure) == (min(lines, 100), True)
        assert (answer.warning is not None) is (lines > 100)
        assert [one.over for one in responder.questions] == ["udp", "tcp"]

    run({("big.example", "TXT"): Scripted(records, ad=True, truncated=True)}, test)


def wrong_id(wire: bytes) -> list[bytes]:
    return [bytes([wire[0] ^ 1]) + wire[1:]]


GARBAGE: dict[str, Callable[[bytes], list[bytes]]] = {
    "wrong id": wrong_id,
    "cut": lambda wire: [wire[:-20]],
    "noise": lambda wire: [b"\xff" * 400],
    "empty": lambda wire: [b""],
    "flood": lambda wire: wrong_id(wire) * 500,
    "header only": lambda wire: [wire[:12]],
    "other question": lambda wire: [wire.replace(b"\5wrong", b"\5right")],
    "a query": lambda wire: [wire[:2] + b"\1\0" + wire[4:]],
}


@pytest.mark.parametrize("kind", sorted(GARBAGE))
@pytest.mark.parametrize("truncated", [False, True])
def test_garbage_is_an_error(kind: str, truncated: bool) -> None:
    scripted = Scripted(("wrong.example. 5 IN A 192.0.2.1",), ad=True, alter=GARBAGE[kind], truncated=truncated)
    answer = answer_with("wrong.example", script={("wrong.example", "A"): scripted}, timeout=0.2)
    assert (answer.outcome, answer.records) == (Outcome.ERROR, ())
    assert answer.error is not None and "127.0.0.1@" in answer.error


def test_the_right_reply_behind_wrong_ones_is_taken() -> None:
    scripted = Scripted(("late.example. 5 IN A 192.0.2.1",), alter=lambda wire: [b"", b"x" * 30, *wrong_id(wire), wire])
    assert answer_with("late.example", script={("late.example", "A"): scripted}).records == ("192.0.2.1",)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.binary(max_size=80), min_size=1, max_size=4), st.booleans())
def test_arbitrary_replies_never_raise(parts: list[bytes], keep_start: bool) -> None:
    def alter(wire: bytes) -> list[bytes]:
        return [wire[:29] + part if keep_start else part for part in parts]

    script = {("fuzz.example", "A"): Scripted(alter=alter)}
    assert isinstance(answer_with("fuzz.example", script=script, timeout=0.02), Answer)


@tries_again
def test_silence_is_asked_again_but_an_rcode_is_final() -> None:
    async def test(resolver: Resolver, responder: Responder) -> None:
        await resolver.ask("silent.example", "A")
        await resolver.ask("servfail.example", "A")
        assert responder.asked() == [("silent.example", "A")] * 3 + [("servfail.example", "A")]

    run(SCRIPT, test, attempts=3, timeout=patient(0.4))


@pytest.mark.parametrize("first", [Scripted(rcode="SERVFAIL"), Scripted(silent=True), Scripted(alter=wrong_id)])
@tries_again
def test_the_next_nameserver_is_asked(first: Scripted) -> None:
    async def scene() -> None:
        good = Scripted(("two.example. 5 IN A 192.0.2.1",), ad=True)
        async with Responder({("two.example", "A"): first}) as one, Responder({("two.example", "A"): good}) as two:
            resolver = Resolver([Nameserver("127.0.0.1", one.port), Nameserver("127.0.0.1", two.port)], timeout=patient(0.5))
            answer = await resolver.ask("two.example", "A")
            assert (answer.records, answer.secure) == (("192.0.2.1",), True)
            assert (len(one.questions), len(two.questions)) == (1, 1)

    asyncio.run(scene())


def test_each_question_is_sent_once() -> None:
    async def test(resolver: Resolver, responder: Responder) -> None:
        names = ["example.com", "EXAMPLE.com", "example.COM."] * 50
        answers = await asyncio.gather(*(resolver.ask(name, "MX") for name in names))
        assert {answer.secure for answer in answers} == {True}
        await resolver.ask("example.com", "MX")
        await asyncio.gather(*(resolver.ask("servfail.example", "A") for _again in range(9)))
        assert sorted(responder.asked()) == [("example.com", "MX"), ("servfail.example", "A")]

    run(SCRIPT, test)


@tries_again
def test_cancelling_one_waiter_leaves_the_others() -> None:
    async def test(resolver: Resolver, responder: Responder) -> None:
        waiters = [asyncio.ensure_future(resolver.ask("slow.example", "A")) for _number in range(3)]
        await asyncio.sleep(0.05)
        waiters[0].cancel()
        results = await asyncio.gather(*waiters, return_exceptions=True)
        assert isinstance(results[0], asyncio.CancelledError)
        assert [isinstance(one, Answer) and one.found for one in results[1:]] == [True, True]
        assert len(responder.questions) == 2  # the first was asking for all; now the second does

    run({("slow.example", "A"): Scripted(("slow.example. 5 IN A 192.0.2.1",), delay=patient(0.15))}, test)


def test_close_ends_what_is_being_asked() -> None:
    async def test(resolver: Resolver, responder: Responder) -> None:
        waiter = asyncio.ensure_future(resolver.ask("silent.example", "A"))
        await asyncio.sleep(0.02)
        await resolver.close()
        with pytest.raises(asyncio.CancelledError):
            await waiter

    run(SCRIPT, test)


def test_many_questions_and_few_sockets() -> None:
    async def scene() -> None:
        count = 400
        script = {
            (f"h{number}.example", "A"): Scripted((f"h{number}.example. 5 IN A 192.0.2.{number % 250}",), ad=True)
            for number in range(count)
        }
        async with Responder(script) as responder:
            resolver = Resolver([Nameserver("127.0.0.1", responder.port)], timeout=600, concurrency=16)
            answers = await asyncio.gather(*(resolver.ask(f"h{number}.example", "A") for number in range(count)))
            assert [answer.records for answer in answers] == [(f"192.0.2.{number % 250}",) for number in range(count)]

    asyncio.run(scene())


def test_one_object_in_two_event_loops() -> None:
    resolvers: list[Resolver] = []

    async def scene(name: str) -> Answer:
        async with Responder(SCRIPT) as responder:
            if not resolvers:
                resolvers.append(Resolver([Nameserver("127.0.0.1", responder.port)], timeout=600, attempts=1))
            return await resolvers[0].ask(name, "MX")

    assert asyncio.run(scene("example.com")).secure
    assert asyncio.run(scene("example.com")).secure
    assert asyncio.run(scene("other.example")).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("scripted", "expected"),
    [(Scripted((". 60 IN NS a.root-servers.net.",), ad=True), True), (Scripted((". 60 IN NS a.root-servers.net.",)), False),
     (Scripted(rcode="SERVFAIL"), None)],
)  # fmt: skip
def test_dnssec_probe(scripted: Scripted, expected: bool | None) -> None:
    async def test(resolver: Resolver, responder: Responder) -> None:
        assert await resolver.dnssec_available() is expected
        assert await resolver.dnssec_available() is expected
        assert len(responder.questions) == 1

    run({(".", "NS"): scripted, ("@", "NS"): scripted, ("", "NS"): scripted}, test)


def test_no_answer_for_the_root_is_not_the_last_word() -> None:
    """A nameserver that validates fails for the root at first, and has only answers of unsigned zones."""
    now, unreadable = [1000.0], [True, True]

    def alter(wire: bytes) -> list[bytes]:
        return [wire[:-2] if unreadable and unreadable.pop() else wire]

    signed = Scripted((". 60 IN NS a.root-servers.net.",), ad=True, alter=alter)

    async def scene() -> None:
        async with Responder({(".", "NS"): Scripted(rcode="SERVFAIL")}) as responder:
            there = Nameserver("127.0.0.1", responder.port)
            resolver = Resolver([there], attempts=2, clock=lambda: now[0])
            found = []
            for seconds in (0, 29, 1, 29, 1, 300):
                now[0] += seconds
                found.append((await resolver.validates(str(there)), len(responder.questions)))
                responder.script[".", "NS"] = signed
            assert found == [(False, 1), (False, 1), (False, 3), (False, 3), (True, 4), (True, 4)]
            await resolver.close()

    asyncio.run(scene())


def test_no_nameserver_is_an_option_error() -> None:
    with pytest.raises(OptionError, match="no nameserver"):
        Resolver([])


def test_https_without_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dns.query.have_doh", False)
    nameserver = Nameserver("dns.example", 443, Transport.HTTPS, url="https://dns.example/dns-query")
    with pytest.raises(OptionError, match=r"dnspython\[doh\]"):
        Resolver([nameserver])


def test_what_is_handed_on_is_not_asked_again_and_not_known_for_longer() -> None:
    async def test(first: Resolver, responder: Responder) -> None:
        now = [1000.0]
        there = Nameserver("127.0.0.1", responder.port)
        ours = Resolver([there], clock=lambda: now[0])
        theirs = Resolver([there], clock=lambda: now[0])
        answer = await ours.ask("Example.com", "MX")
        told = ours.mx_to_hand_on("Example.COM.")
        theirs.know_mx(told)
        asked = len(responder.questions)
        assert await theirs.ask("Example.com", "MX") == answer and answer.secure and len(responder.questions) == asked
        assert await theirs.validates(str(there)) and len(responder.questions) == asked
        now[0] += 301
        assert await theirs.ask("Example.com", "MX") == answer and len(responder.questions) == asked + 1
        late = Resolver([there], clock=lambda: now[0])
        late.know_mx(told)
        assert await late.ask("Example.com", "MX") == answer and len(responder.questions) == asked + 2
        for one in (ours, theirs, late):
            await one.close()

    run(SCRIPT, test)


def test_only_a_simple_answer_is_handed_on() -> None:
    script = {
        ("nx.example", "MX"): Scripted(rcode="NXDOMAIN"),
        ("servfail.example", "MX"): Scripted(rcode="SERVFAIL"),
        ("alias.example", "MX"): Scripted(
            ("alias.example. 60 IN CNAME example.com.", "example.com. 300 IN MX 10 mx.example.com."), ad=True,
        ),  # fmt: skip
    }

    async def test(resolver: Resolver, responder: Responder) -> None:
        for name in ("nx.example", "alias.example", "servfail.example"):
            await resolver.ask(name, "MX")
            assert resolver.mx_to_hand_on(name) == b""
        asked = len(responder.questions)
        resolver.know_mx(b"")
        await resolver.ask("nx.example", "MX")
        assert len(responder.questions) == asked

    run(script, test)
