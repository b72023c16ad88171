# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Internet.nl's percentages, as its version 1.11.2 counts them (commit cec0e01: scoring, categories, probes and models of its checks).

A subtest has points, of which it takes all or none. Only subtests that can fail count. A category has the points of the worst
server, in percent of what it can have; the total is the mean of the categories. What was not tested makes a range, from no points
to all of them, so the number of Internet.nl is always within.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._grade.certificate_subjects import has_anchor_records, has_signed_name
from ansible_collections.mailops.tls.plugins.module_utils._grade.endpoint_view import EndpointView
from ansible_collections.mailops.tls.plugins.module_utils._grade.internetnl_view import one_certificate_each, seen_by_internetnl
from ansible_collections.mailops.tls.plugins.module_utils._grade.judge import ItemGrade, judge
from ansible_collections.mailops.tls.plugins.module_utils._grade.levels import Level
from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import Policy
from ansible_collections.mailops.tls.plugins.module_utils._grade.routes import FULL, PARTS, is_validation, route_points
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

MOST_EXCHANGES = 10
POINTS = 10
CATEGORIES = ("mail_ipv6", "mail_dnssec", "mail_auth", "mail_starttls", "mail_rpki")
OWN, ROUTING, SIGNED = "mail_starttls", "mail_rpki", "mail_dnssec"
_SCORED = {
    "mail_starttls_tls_available": "starttls",
    "mail_starttls_tls_version": "tls_version",
    "mail_starttls_tls_ciphers": "cipher_suites",
    "mail_starttls_tls_cipherorder": "cipher_order",
    "mail_starttls_tls_keyexchange": "key_exchange",
    "mail_starttls_tls_keyexchangehash": "key_exchange_hash",
    "mail_starttls_tls_compress": "compression",
    "mail_starttls_tls_secreneg": "secure_renegotiation",
    "mail_starttls_tls_extendedmastersecret": "extended_master_secret",
    "mail_starttls_cert_pubkey": "certificate_key",
    "mail_starttls_cert_sig": "certificate_signature",
}
"""Subtests that count, and the item of the policy that each is about."""
_TOLD = {
    "mail_starttls_tls_clientreneg": "client_renegotiation",
    "mail_starttls_cert_chain": "certificate_trust",
    "mail_starttls_cert_domain": "certificate_name",
    "mail_starttls_dane_rollover": "dane_rollover",
}
"""Subtests that are told and do not count."""
_CERTIFICATES = {"certificate_key": "mail_starttls_cert_pubkey", "certificate_signature": "mail_starttls_cert_sig"}
_EARLY_DATA, _DANE_EXISTS, _DANE_VALID = "mail_starttls_tls_0rtt", "mail_starttls_dane_exist", "mail_starttls_dane_valid"
_STATUSES = ("failed", "not_tested", "warning", "info", "passed")
"""The worst first, as far as it decides what is shown of several servers."""


class Mark(NamedTuple):
    """What one server gets for one subtest: from *low* to *high* points. `counts`: None where that is not known."""

    status: str
    verdict: str
    low: int
    high: int
    counts: bool | None


class Share(NamedTuple):
    """A part of a hundred, from *low* to *high*."""

    low: int
    high: int

    @property
    def exact(self) -> int | None:
        """The number, None where it is not known."""
        return self.low if self.low == self.high else None


def _graded(one: ItemGrade, *, told: bool = False) -> Mark:
    """Points for an item. Something to phase out has all points, and a warning."""
    level = one.tested_level
    counts = not told
    if level is Level.INSUFFICIENT:
        return Mark("info" if told else "failed", "insufficient", 0, 0, counts)
    if not one.complete:
        return Mark("not_tested", "not_tested", 0, POINTS, counts)
    if level is None:
        return Mark("not_tested" if told else "passed", "not_applicable", POINTS, POINTS, counts)
    if level is Level.PHASE_OUT:
        return Mark("warning", "phase_out", POINTS, POINTS, counts)
    return Mark("passed", level.value, POINTS, POINTS, counts)


_UNKNOWN = Mark("not_tested", "untestable", 0, POINTS, None)
_NONE = Mark("not_tested", "not_tested", 0, 0, False)


def _marks(policy: Policy, endpoint: EndpointView, judged: Sequence[ItemGrade] | None) -> dict[str, Mark]:
    """Return what one server gets. A server that could not be tested may get anything."""
    seen = seen_by_internetnl(endpoint)
    if judged is None or seen is not endpoint:
        judged = judge(policy, [seen], "", provider=False)
    items = {one.item.id: one for one in judged}
    names = (*_SCORED, *_TOLD, _EARLY_DATA, _DANE_EXISTS, _DANE_VALID)
    offered = items["starttls"].level
    if offered is Level.NOT_TESTED:
        return {name: Mark("not_tested", "untestable", 0, 0, False) if name in _TOLD else _UNKNOWN for name in names}
    marks = dict.fromkeys(names, _NONE)
    marks["mail_starttls_tls_available"] = _graded(items["starttls"])
    if offered is not Level.GOOD:
        return marks
    marks.update({name: _graded(items[item]) for name, item in _SCORED.items()})
    marks.update({name: _graded(items[item], told=True) for name, item in _TOLD.items()})
    marks["mail_starttls_tls_keyexchange"] = _key_exchange(items["key_exchange"])
    if len(endpoint.sessions) > 1:
        marks.update(_certificates(policy, endpoint))
    secret = items["extended_master_secret"]
    if secret.complete and secret.tested_level is None:  # there is no TLS 1.2
        marks["mail_starttls_tls_extendedmastersecret"] = Mark("not_tested", "not_applicable", POINTS, POINTS, False)
    if has_anchor_records(endpoint) and items["certificate_name"].tested_level is Level.INSUFFICIENT:
        marks["mail_starttls_cert_domain"] = Mark("failed", "insufficient", 0, 0, False)
    marks[_EARLY_DATA] = Mark("passed", "not_applicable", POINTS, POINTS, True)  # it is not asked of mail servers
    marks[_DANE_EXISTS], marks[_DANE_VALID] = _dane(items["dane"])
    return marks


def _key_exchange(one: ItemGrade) -> Mark:
    """A weak prime is seen with its suite. A weak group may never be chosen, and then it is not."""
    bad = [judged.observation for judged in one.judged if judged.level is Level.INSUFFICIENT]
    if bad and not any(found.field.endswith(".primes") or found.value.startswith("DH-") for found in bad):
        return Mark("not_tested", "insufficient", 0, POINTS, True)
    return _graded(one)


def _certificates(policy: Policy, endpoint: EndpointView) -> dict[str, Mark]:
    """Of several certificates it looks at one, and which is not known."""
    found: dict[str, Mark] = {}
    for view in one_certificate_each(endpoint):
        for one in judge(policy, [view], "", provider=False):
            name = _CERTIFICATES.get(one.item.id)
            if name is not None:
                found[name] = _either(found.get(name), _graded(one))
    return found


def _either(one: Mark | None, other: Mark) -> Mark:
    if one is None or one == other:
        return other
    worst = min(one, other, key=lambda mark: _STATUSES.index(mark.status))
    return Mark(worst.status, worst.verdict, min(one.low, other.low), max(one.high, other.high), True)


def _dane(one: ItemGrade) -> tuple[Mark, Mark]:
    """Both have the points of one: none without records, and then validity does not count."""
    if not one.complete:
        return _UNKNOWN, _UNKNOWN
    value = one.judged[0].observation.value if one.judged else "none"
    if value == "valid":
        return Mark("passed", "good", POINTS, POINTS, True), Mark("passed", "good", POINTS, POINTS, True)
    if value == "failed":
        return Mark("passed", "good", 0, 0, True), Mark("failed", "insufficient", 0, 0, True)
    return Mark("failed", value, 0, 0, True), Mark("not_tested", "not_tested", 0, 0, False)


def percent(points: int, full: int) -> int:
    """Return points as Internet.nl rounds them."""
    return int(100.0 / full * points)


def category(servers: Sequence[Mapping[str, Mark]]) -> Share | None:
    """Return the share of the worst server, None when there is nothing that counts.

    A subtest counts for all servers as soon as it counts for one. Where that is not known, each server is taken for
    the least once without it and once with it, so the range may be wider than it has to be and never narrower.
    """
    names = {name for marks in servers for name in marks}
    sure = {name for name in names if any(marks[name].counts for marks in servers)}
    maybe = {name for name in names if any(marks[name].counts is None for marks in servers)} - sure
    if not sure and not maybe:
        return None
    low = min(_bound(marks, sure, [name for name in maybe if not marks[name].low], "low") for marks in servers)
    high = min(_bound(marks, sure, [name for name in maybe if marks[name].high], "high") for marks in servers)
    return Share(low, high)


def _bound(marks: Mapping[str, Mark], sure: Iterable[str], added: Sequence[str], end: str) -> int:
    counted = [*sure, *added]
    points = sum(getattr(marks[name], end) for name in counted)
    return percent(points, POINTS * len(counted)) if counted else 0 if end == "low" else 100


def tested_servers(endpoints: Sequence[EndpointView]) -> list[EndpointView]:
    """Return the endpoints of the exchanges that Internet.nl tests: the first ten by name."""
    hosts = sorted({one.host for one in endpoints})[:MOST_EXCHANGES]
    return [one for one in endpoints if one.host in hosts]


def check_known(known: object, option: str) -> Mapping[str, Any]:
    """Return what is known of a domain's other categories.

    Raises:
        OptionError: for a category that is none, or a score that is none.
    """
    if not isinstance(known, Mapping):
        raise OptionError(option, clean(repr(known), 100), "is not a mapping of categories")
    for name, value in known.items():
        if name not in CATEGORIES or name == OWN:
            others = ", ".join(one for one in CATEGORIES if one != OWN)
            raise OptionError(option, clean(str(name), 100), f"is not a category that can be given; known are: {others}")
        if name == ROUTING and isinstance(value, Mapping):
            wrong = next((part for part in value if part not in PARTS or not is_validation(value[part])), None)
            if wrong is not None:
                text = f"is none of {', '.join(PARTS)} with what a validator says of routes"
                raise OptionError(option, f"{name}.{clean(str(wrong), 100)}", text)
        elif isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
            raise OptionError(option, {name: clean(repr(value), 100)}, "is not a score from 0 to 100")
    return known


def all_signed(endpoints: Sequence[EndpointView]) -> bool:
    """Tell whether a validated answer below the name of each exchange shows that its zone is signed, as for TLSA records."""
    hosts = {one.host for one in tested_servers(endpoints)}
    signed = {one.host for one in endpoints if has_signed_name(one)}
    return bool(hosts) and hosts <= signed


def internetnl_facts(
    policy: Policy,
    endpoints: Sequence[EndpointView],
    known: Mapping[str, Any],
    *,
    signed: bool = False,
    judged: Sequence[ItemGrade] | None = None,
) -> dict[str, Any]:
    """Return the item `internetnl` of a grade.

    Args:
        policy: the one that Internet.nl counts by.
        endpoints: of the exchanges, none where the domain has none.
        known: scores of other categories, or routes for the one on routing.
        judged: how good all endpoints together are by this policy; of a single one nothing has to be judged again.
        signed: whether the domain's MX records were validated; with the exchanges' names that is all of the category on DNSSEC.
    """
    servers = [_marks(policy, one, judged if len(endpoints) == 1 else None) for one in tested_servers(endpoints)]
    own = category(servers) if servers else None
    shares: dict[str, Share | None] = {name: Share(0, 100) for name in CATEGORIES}
    shares[OWN] = own
    if signed and all_signed(endpoints):
        shares[SIGNED] = Share(100, 100)
    untested = sorted({name for marks in servers for name, mark in marks.items() if mark.counts is not False and mark.low != mark.high})
    for name in CATEGORIES:
        value = known.get(name)
        if isinstance(value, int):
            shares[name] = Share(value, value)
        elif name == ROUTING and isinstance(value, Mapping):
            low, high, missing = route_points(value)
            shares[name] = Share(percent(low, FULL), percent(high, FULL))
            untested += missing
        elif name != OWN and shares[name] == Share(0, 100):
            untested.append(name)
    counted = [share for share in shares.values() if share is not None]
    return {
        "categories": {name: share.exact if share is not None else None for name, share in shares.items()},
        "ranges": {name: [share.low, share.high] if share is not None else None for name, share in shares.items()},
        "total": [int(sum(one.low for one in counted) / len(counted)), int(sum(one.high for one in counted) / len(counted))],
        "untested": untested,
        "tests": {name: _worst([marks[name] for marks in servers]) for name in servers[0]} if servers else {},
    }


def _worst(marks: Sequence[Mark]) -> dict[str, Any]:
    """Return what is shown of a subtest at several servers."""
    shown = min(marks, key=lambda mark: (_STATUSES.index(mark.status), mark.verdict))
    return {"status": shown.status, "verdict": shown.verdict, "points": [min(one.low for one in marks), min(one.high for one in marks)]}
