# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exchanges of a domain, its role, and every finding on them once made and once not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mail_dns as catalogue
from ansible_collections.mailops.tls.plugins.module_utils._domain.mx import DomainRole, MxView, domain_role, lint_mx, look_up_mx
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.tests.unit.makers.asked_zone import FAILS, Zone, run
from hypothesis import given
from hypothesis import strategies as st

HOSTS: Mapping[str, Mapping[str, Any]] = {
    "mx1.example.org": {"A": ["9.9.9.1"], "AAAA": ["2620:fe::1"]},
    "mx2.example.org": {"A": ["9.9.9.2"]},
    "inside.example.org": {"A": ["10.0.0.5"]},
    "alias.example.org": {"CNAME": "mx1.example.org"},
    "empty.example.org": {"TXT": ["x"]},
    "silent.example.org": {"A": FAILS, "AAAA": FAILS},
    "half.example.org": {"A": ["9.9.9.3"], "AAAA": FAILS},
    "1.9.9.9.in-addr.arpa": {"PTR": ["other.example.org", "MX1.example.org"]},
    "2.9.9.9.in-addr.arpa": {"PTR": FAILS},
}


def view(mx: Any, more: Mapping[str, Any] | None = None, down: frozenset[str] = frozenset()) -> MxView:
    return run(look_up_mx("example.org", Zone({**HOSTS, "example.org": {"MX": mx, **(more or {})}}).ask, down))


def ids(mx: Any, more: Mapping[str, Any] | None = None, **known: Any) -> set[str]:
    return {one.id for one in lint_mx(view(mx, more), **known)}


GOOD = [(10, "mx1.example.org")]
CASES = [
    (catalogue.MX_MISSING, [], GOOD),
    (catalogue.MX_NULL_WITH_OTHERS, [(0, ""), (10, "mx1.example.org")], [(0, "")]),
    (catalogue.MX_NULL_PREFERENCE, [(10, "")], [(0, "")]),
    (catalogue.MX_EXCHANGE_ALIAS, [(10, "alias.example.org")], [(10, "MX1.example.org")]),
    (catalogue.MX_EXCHANGE_IS_ADDRESS, [(10, "192.0.2.1")], GOOD),
    (catalogue.MX_EXCHANGE_NO_ADDRESS, [(10, "empty.example.org")], [(10, "silent.example.org")]),
    (catalogue.MX_EXCHANGE_NO_ADDRESS, [(10, "gone.example.org")], [(10, "half.example.org")]),
    (catalogue.MX_EXCHANGE_PRIVATE_ADDRESS, [(10, "inside.example.org")], GOOD),
    (catalogue.MX_EXCHANGE_TWICE, [(10, "mx1.example.org"), (20, "MX1.example.org")], [(10, "mx1.example.org"), (10, "mx2.example.org")]),
]


@pytest.mark.parametrize(("kind", "bad", "good"), CASES, ids=lambda one: one.id if isinstance(one, FindingKind) else "")
def test_finding(kind: FindingKind, bad: Any, good: Any) -> None:
    assert kind.id in ids(bad)
    assert kind.id not in ids(good)


def test_findings_that_need_more_than_dns() -> None:
    assert "mx_null_but_sends" in ids([(0, "")], sends=True)
    assert "mx_null_but_sends" not in ids([(0, "")], sends=False) | ids([(0, "")]) | ids(GOOD, sends=True)
    assert "mx_exchange_down" not in ids(GOOD, silent={}) | ids(GOOD)
    for down, severity in ((frozenset(), "warning"), (frozenset(("mx1.example.org",)), "notice")):
        (found,) = lint_mx(view(GOOD, down=down), silent={"mx1.example.org": "connection refused"})
        assert (found.id, found.severity.value, found.subject) == ("mx_exchange_down", severity, "mx1.example.org")


def test_every_finding_has_a_case() -> None:
    every = {one.id for one in vars(catalogue).values() if isinstance(one, FindingKind) and one.id.startswith("mx_")}
    assert every == {kind.id for kind, *rest in CASES} | {"mx_null_but_sends", "mx_exchange_down"}


def test_facts() -> None:
    seen = view([(20, "mx2.example.org"), (10, "mx1.example.org"), (30, "silent.example.org")], down=frozenset(("mx2.example.org",)))
    failed = {"kind": "dns_error", "phase": "dns", "text": "A records of silent.example.org: SERVFAIL"}
    assert seen.as_facts() == {
        "found": True, "null_mx": False, "implicit": False, "secure": True, "ttl": 300, "error": None,
        "exchanges": [
            {"preference": 10, "exchange": "mx1.example.org", "alias": False, "probe": None, "expected_down": False, "error": None,
             "addresses": [
                 {"address": "9.9.9.1", "ptr": ["other.example.org", "MX1.example.org"], "fcrdns": True},
                 {"address": "2620:fe::1", "ptr": [], "fcrdns": False},
             ]},
            {"preference": 20, "exchange": "mx2.example.org", "alias": False, "probe": None, "expected_down": True, "error": None,
             "addresses": [{"address": "9.9.9.2", "ptr": None, "fcrdns": None}]},
            {"preference": 30, "exchange": "silent.example.org", "alias": False, "probe": None, "expected_down": False,
             "error": failed, "addresses": []},
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mx", "more", "found", "implicit", "receives", "exchanges"),
    [
        (GOOD, {}, True, False, True, 1),
        ([(0, "")], {}, True, False, False, 0),
        ([(0, ""), (10, "mx1.example.org")], {}, True, False, False, 1),
        ([], {"A": ["9.9.9.9"]}, False, True, True, 1),
        ([], {}, False, False, False, 0),
        ([], {"A": FAILS}, False, False, None, 0),
        (FAILS, {"A": ["9.9.9.9"]}, None, False, None, 0),
    ],
)
def test_four_states(mx: Any, more: Any, found: bool | None, implicit: bool, receives: bool | None, exchanges: int) -> None:
    seen = view(mx, more)
    assert (seen.found, seen.implicit, seen.receives, len(seen.exchanges)) == (found, implicit, receives, exchanges)
    assert (seen.failure is not None) is (receives is None)
    assert seen.as_facts().keys() == view(GOOD).as_facts().keys()
    if receives is None:
        assert lint_mx(seen) == ()


def test_names_of_addresses_need_not_be_asked_for() -> None:
    zone = Zone({**HOSTS, "example.org": {"MX": GOOD}})
    seen = run(look_up_mx("example.org", zone.ask, reverse=False))
    assert seen.exchanges[0].addresses[0].confirmed is None and "PTR" not in {rdtype for unused, rdtype in zone.questions}


@pytest.mark.parametrize(
    ("mx", "more", "nobody", "absent", "rejects", "role"),
    [
        (GOOD, {}, False, False, None, "sends_and_receives"),
        (GOOD, {}, True, False, None, "receives_only"),
        (GOOD, {}, None, True, None, "sends_and_receives"),
        (GOOD, {}, None, False, None, "unknown"),
        ([(0, "")], {}, False, False, None, "sends_only"),
        ([(0, "")], {}, True, False, None, "parked"),
        ([(0, "")], {}, None, True, True, "parked"),
        ([(0, "")], {}, None, True, False, "unknown"),
        ([], {}, True, False, None, "parked"),
        (FAILS, {}, True, False, None, "unknown"),
    ],
)
def test_role(mx: Any, more: Any, nobody: bool | None, absent: bool, rejects: bool | None, role: str) -> None:
    assert domain_role(view(mx, more), nobody, absent, rejects) is DomainRole(role)


@given(st.lists(st.tuples(st.integers(0, 65535), st.one_of(st.sampled_from(list(HOSTS)), st.text(max_size=20))), max_size=6))
def test_no_answer_raises(records: list[tuple[int, str]]) -> None:
    seen = view(records)
    assert [one.preference for one in seen.exchanges] == sorted(one.preference for one in seen.exchanges)
    lint_mx(seen, True, {"mx1.example.org": "x"})
    seen.as_facts()
