# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nights of an audit in which everything happens, beside an oracle: each change is told once, in the first run that sees it confirmed.

A night that nobody was told of is as if it had not been.

The oracle remembers what was learnt last, of each thing by itself. The index remembers nothing: it looks for that in former runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.changes import ChangeKind
from ansible_collections.mailops.tls.plugins.module_utils._audit.comparison import compare_runs
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import Fact, facts_of, merged_facts
from ansible_collections.mailops.tls.plugins.module_utils._audit.index import AuditIndex
from ansible_collections.mailops.tls.tests.unit.makers.audits import PROBED_AT, audited, certificate, endpoint, failed, lost, record, tlsa
from hypothesis import given, settings
from hypothesis import strategies as st

DOMAINS, PROBERS = ("a.example", "b.example", "c.example"), ("p1", "p2")
ALIKE = {"mx": 10, "tlsa": 0, "protocol": "TLSv1.3", "issuer": 0, "key": 0, "serial": 0, "tls": True}
SEEN, LOST, LOST_TWICE, NO_DNS, NO_DNS_TWICE, NO_DOMAIN = range(6)
Told = tuple[str, str, str]
"""A kind, a destination, and the prober where several see the same."""


@dataclass(frozen=True)
class Night:
    """What happens: the truth about each domain, who is asked, who is away, what each look is like, and whether somebody is told."""

    listed: frozenset[str]
    away: frozenset[str]
    truth: Mapping[str, Mapping[str, Any]]
    owner: Mapping[str, str]
    looks: Mapping[tuple[str, str], int]
    told: bool = True

    def views(self, vantage: bool) -> Iterator[tuple[str, str]]:
        """Yield each domain that is seen, with the prober that sees it."""
        for name in sorted(self.listed):
            for prober in PROBERS if vantage else (self.owner[name],):
                if prober not in self.away:
                    yield name, prober


@st.composite
def nights(draw: st.DrawFn) -> tuple[bool, list[Night]]:
    vantage = draw(st.booleans())
    truth = {name: dict(ALIKE) for name in DOMAINS}
    owner = dict.fromkeys(DOMAINS, "p1")
    listed = set(draw(st.sets(st.sampled_from(DOMAINS), min_size=1)))
    found: list[Night] = []
    for _number in range(draw(st.integers(2, 7))):
        for name in draw(st.sets(st.sampled_from(DOMAINS), max_size=2)):
            choices: dict[str, list[Any]] = {"mx": [10, 20], "tlsa": [0, 1, 2], "protocol": ["TLSv1.3", "TLSv1.2"], "tls": [True, False]}
            what = draw(st.sampled_from([*choices, "issuer", "key", "serial"]))
            truth[name] = {**truth[name], what: draw(st.sampled_from(choices.get(what, [0, 1, 2])))}
        for name in draw(st.sets(st.sampled_from(DOMAINS), max_size=1)):
            owner[name] = draw(st.sampled_from(PROBERS))
        listed ^= draw(st.sets(st.sampled_from(DOMAINS), max_size=1))
        away = draw(st.sets(st.sampled_from(PROBERS[1:] if vantage else PROBERS)))
        places = [(name, prober) for name in DOMAINS for prober in PROBERS]
        looks = {place: draw(st.sampled_from([SEEN, SEEN, SEEN, LOST, LOST_TWICE, NO_DNS, NO_DNS_TWICE, NO_DOMAIN])) for place in places}
        told = not found or draw(st.sampled_from([True, True, True, False]))
        found.append(Night(frozenset(listed), frozenset(away), dict(truth), dict(owner), looks, told))
    return vantage, found


def result(name: str, truth: Mapping[str, Any], look: int) -> tuple[dict[str, Any], int]:
    """What a probe shows, and how many looks it takes."""
    host = f"mx.{name}"
    if look in (NO_DNS, NO_DNS_TWICE):
        return failed(name), 1 + (look == NO_DNS_TWICE)
    if look == NO_DOMAIN:
        return failed(name, "dns_not_found"), 1
    records = tlsa(host, [record(host, f"record {truth['tlsa']}", matched=None)] if truth["tlsa"] else [])
    if look != SEEN:
        one = lost(host)
    elif not truth["tls"]:
        one = lost(host, kind="starttls_not_offered", tlsa=records)
    else:
        one = endpoint(host, dane=False, tlsa=records)
        one["tls"]["protocol"] = truth["protocol"]
        names = {"issuer": f"CN=R,O=Trust {truth['issuer']}", "serial": f"{truth['serial']} {truth['issuer']}"}
        one["chain"] = [certificate(host, key=f"key {truth['key']}", **names)]
    found = audited(name, one)
    found["route"]["exchanges"][0]["preference"] = truth["mx"]
    return found, 1 + (look == LOST_TWICE)


@dataclass
class Place:
    """What the oracle remembers of a destination or of an endpoint."""

    learnt: dict[str, Any] = field(default_factory=dict)
    known: tuple[bool, str | None, int] | None = None
    looks: int | None = None

    def learn(self, **facts: Any) -> Iterator[str]:
        """Yield what differs from what was learnt last."""
        for name, value in facts.items():
            if self.learnt.setdefault(name, value) != value:
                yield name
            self.learnt[name] = value

    def judge(self, works: bool, error: str | None, looks: int, word: str) -> Iterator[str]:
        """Yield what is told of whether it works, when that is to be believed."""
        believed = looks != 1 or bool(self.looks)
        if believed and self.known is not None:
            if self.known[0] != works:
                yield word
            elif self.known[1] != error and (looks != 1 or not self.known[2]):
                yield "error"
        if believed:
            self.known = (works, error, looks)
        self.looks = looks


class Oracle:
    """Says what is to be told of each night, by remembering."""

    def __init__(self, vantage: bool) -> None:
        self.vantage, self.whole_before = vantage, False
        self.listed: set[str] = set()
        self.own: dict[tuple[str, str], Place] = {}
        self.ends: dict[tuple[str, str], Place] = {}

    def see(self, night: Night) -> list[Told]:
        found: list[Told] = []
        seen = list(night.views(self.vantage))
        names = {name for name, unused in seen}
        for name in sorted(names - self.listed):
            for table in (self.own, self.ends):
                for key in [key for key in table if key[0] == name]:
                    del table[key]
            found += [("new", name, "")] if self.whole_before else []
        before = self.listed | set()
        for name, prober in seen:
            where = prober if self.vantage else ""
            told = list(self._view((name, where), night.truth[name], night.looks[name, prober]))
            found += [(kind, name, where) for kind in told] if name in before else []
        missing = self.listed - names
        found += [("missing" if night.away else "gone", name, "") for name in missing]
        self.listed = names if not night.away else self.listed | names
        self.whole_before |= not night.away
        return sorted(found)

    def _view(self, key: tuple[str, str], truth: Mapping[str, Any], look: int) -> Iterator[str]:
        own, end = self.own.setdefault(key, Place()), self.ends.setdefault(key, Place())
        looks = {LOST: 1, NO_DNS: 1, LOST_TWICE: 2, NO_DNS_TWICE: 2}.get(look, 0)
        works = look == SEEN and truth["tls"]
        errors = {NO_DNS: "dns_error", NO_DNS_TWICE: "dns_error", NO_DOMAIN: "dns_not_found"}
        yield from own.judge(works, errors.get(look), looks, "delivery")
        if look in errors:
            return
        yield from own.learn(mx=truth["mx"])
        error = None if works else "connect_timeout" if look != SEEN else "starttls_not_offered"
        yield from end.judge(works, error, looks, "verdict")
        if look == SEEN:
            yield from end.learn(tlsa=truth["tlsa"])
        if works:
            yield from end.learn(protocol=truth["protocol"])
            served = {name: truth[name] for name in ("issuer", "key", "serial")}
            old = end.learnt.get("served", served)
            end.learnt["served"] = served
            if old["issuer"] != served["issuer"]:
                yield "issuer"
                yield from ["key"] if old["key"] != served["key"] else []
            elif old != served:
                yield "renewed"


def put(index: AuditIndex, number: int, night: Night, vantage: bool) -> None:
    with index.transaction():
        run = index.put_run(f"night {9 - number}", whole=not night.away, sequence=number)
        shards = {prober: index.begin_shard(run, prober) for prober in PROBERS if prober not in night.away}
        for name, prober in night.views(vantage):
            index.put(run, shards[prober], rows(name, prober, night), 0)


def rows(name: str, prober: str, night: Night) -> Sequence[Fact]:
    found, looks = result(name, night.truth[name], night.looks[name, prober])
    return merged_facts([facts_of(found, PROBED_AT, prober)] * looks)


@settings(max_examples=100, deadline=None)
@given(nights())
def test_each_change_is_told_once_in_the_first_run_that_sees_it_confirmed(story: tuple[bool, list[Night]]) -> None:
    vantage, all_nights = story
    oracle = Oracle(vantage)
    with AuditIndex(":memory:") as index:
        for number, night in enumerate(all_nights):
            put(index, number, night, vantage)
            runs = index.runs()
            if not night.told:
                index.set_untold(runs[-1].name)
                continue
            expected = oracle.see(night)
            if number:
                found = compare_runs(index, next(one for one in runs[-2::-1] if one.told), runs[-1])
                told = [
                    (one.kind.value, one.key.destination, one.key.vantage if vantage else "")
                    for one in found
                    if one.counts or one.kind in (ChangeKind.RENEWED, ChangeKind.MISSING)
                ]
                assert sorted(told) == expected, (number, night)
