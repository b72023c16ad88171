# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a resolver makes of aliases, against a scripted name server on loopback."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import Resolver
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted
from ansible_collections.mailops.tls.tests.unit.worlds.asked_resolver import answer_with as answer_to
from ansible_collections.mailops.tls.tests.unit.worlds.asked_resolver import run


def chain(*hops: tuple[str, str, bool], last: str = "192.0.2.1", last_ad: bool = True) -> dict[tuple[str, str], Scripted]:
    script = {(name, "A"): Scripted((f"{name}. 60 IN CNAME {target}.",), ad=ad) for name, target, ad in hops}
    owner = hops[-1][1]
    script[owner, "A"] = Scripted((f"{owner}. 30 IN A {last}",), ad=last_ad)
    return script


def test_aliases_over_several_replies() -> None:
    answer = answer_to("a.example", script=chain(("a.example", "b.example", True), ("b.example", "c.example", True)))
    assert (answer.canonical_name, answer.records, answer.secure, answer.ttl) == ("c.example", ("192.0.2.1",), True, 30)


def test_after_an_insecure_alias_no_dnssec_is_asked_for() -> None:
    async def test(resolver: Resolver, responder: Responder) -> None:
        answer = await resolver.ask("a.example", "A")
        assert (answer.records, answer.secure) == (("192.0.2.1",), False)
        assert [(one.name, one.do) for one in responder.questions] == [
            ("a.example", True), ("b.example", True), ("c.example", False), ("d.example", False),
        ]  # fmt: skip

    hops = ("a.example", "b.example", True), ("b.example", "c.example", False), ("c.example", "d.example", True)
    run(chain(*hops), test)


def test_insecure_end_of_a_secure_alias() -> None:
    answer = answer_to("a.example", script=chain(("a.example", "b.example", True), last_ad=False))
    assert (answer.found, answer.secure) == (True, False)


def test_alias_to_a_failure_is_a_failure() -> None:
    script = chain(("a.example", "b.example", True))
    script["b.example", "A"] = Scripted(rcode="SERVFAIL")
    answer = answer_to("a.example", script=script)
    assert (answer.outcome, answer.canonical_name) == (Outcome.ERROR, "b.example")


@pytest.mark.parametrize(
    ("second", "outcome"), [(Scripted(rcode="NXDOMAIN"), Outcome.NXDOMAIN), (Scripted(), Outcome.NODATA)]
)
def test_alias_to_nothing(second: Scripted, outcome: Outcome) -> None:
    script = chain(("a.example", "b.example", True))
    script["b.example", "A"] = second
    answer = answer_to("a.example", script=script)
    assert (answer.outcome, answer.canonical_name) == (outcome, "b.example")


def test_nxdomain_beside_an_alias() -> None:
    script = {("a.example", "A"): Scripted(("a.example. 60 IN CNAME b.example.",), rcode="NXDOMAIN")}
    answer = answer_to("a.example", script=script)
    assert (answer.outcome, answer.canonical_name) == (Outcome.NXDOMAIN, "b.example")


@pytest.mark.parametrize(("hops", "found"), [(10, True), (11, False)])
def test_ten_aliases(hops: int, found: bool) -> None:
    names = [f"n{number}.example" for number in range(hops + 1)]
    script = chain(*[(one, two, True) for one, two in zip(names, names[1:])])
    answer = answer_to("n0.example", script=script)
    assert (answer.found, answer.absent) == (found, not found)


@pytest.mark.parametrize("apart", [True, False])
def test_alias_loop_is_not_found(apart: bool) -> None:
    lines = "a.example. 60 IN CNAME b.example.", "b.example. 60 IN CNAME a.example."
    script = {
        ("a.example", "A"): Scripted(lines[:1] if apart else lines, ad=True),
        ("b.example", "A"): Scripted(lines[1:] if apart else lines, ad=True),
    }
    answer = answer_to("a.example", script=script)
    assert (answer.outcome, answer.records, answer.error) == (Outcome.NODATA, (), None)
    assert answer.warning is not None and "loop" in answer.warning


def test_alias_question_is_not_followed() -> None:
    script = {("a.example", "CNAME"): Scripted(("a.example. 60 IN CNAME b.example.",), ad=True)}
    answer = answer_to("a.example", "CNAME", script=script)
    assert (answer.records, answer.canonical_name, answer.secure) == (("b.example",), "a.example", True)
