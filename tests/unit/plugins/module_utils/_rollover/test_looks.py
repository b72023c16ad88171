# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several servers are looked at in as few probes as possible, and each gets what is about it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._rollover.looks import Seen, destinations, looks, seen


def server(name: str, **more: Any) -> dict[str, Any]:
    found = {"exchanges": [name], "ports": [25], "key_algorithms": ["any", "rsa"], "vantage_hosts": ["out"]}
    return {**found, "become": False, "nameservers": [], "trust_ad": "", "deadline": "", **more}


def saw(probes: list[Any], of: dict[str, Any]) -> Seen:
    said = [one.get("look") if isinstance(one, dict) else None for one in probes]
    return seen(probes, of, [one if isinstance(one, dict) else looks([A])[0] for one in said])


A, B = server("a.test"), server("b.test", key_algorithms=["any", "ecdsa"])


def result(look: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = [{"destination": one, "seen_from": look["from"]} for one in look["destinations"]]
    return {"look": look, "results": found, **more}


def test_port_465_begins_with_tls() -> None:
    assert destinations(["MX.a.test."], [25, 465, 587]) == {
        "starttls": ["[mx.a.test]:25", "[mx.a.test]:587"],
        "implicit": ["[mx.a.test]:465"],
    }


def test_servers_with_the_same_settings_share_a_probe() -> None:
    (one,) = looks([A, B, A])
    assert one["destinations"] == ["[a.test]:25", "[b.test]:25"]
    assert one["key_algorithms"] == ["any", "rsa", "ecdsa"]
    assert looks([]) == []


@pytest.mark.parametrize("name", ["become", "nameservers", "trust_ad", "deadline", "vantage_hosts"])
def test_other_settings_are_another_probe(name: str) -> None:
    other = {"become": True, "nameservers": ["192.0.2.1"], "trust_ad": "never", "deadline": 5, "vantage_hosts": ["out2"]}[name]
    assert len(looks([A, {**B, name: other}])) == 2


def test_each_gets_what_is_about_it() -> None:
    found = saw([result(one) for one in looks([A, B])], B)
    assert found.complete and found.lost == ""
    assert [one["destination"] for one in found.results] == ["[b.test]:25"]


def test_all_hosts_have_to_have_looked() -> None:
    both = {**A, "vantage_hosts": ["out", "out2"]}
    first, second = looks([both])
    assert not saw([result(first)], both).complete
    assert saw([result(first), result(second)], both).complete
    found = saw([result(first), {"look": second, "failed": True, "msg": "{{ x }}"}], both)
    assert not found.complete and found.lost == "out2 ({ { x }})"


@pytest.mark.parametrize("probe", [{"failed": True}, {"unreachable": True, "msg": "x"}, {"results": None}, None])
def test_what_some_saw_is_told_with_who_did_not_look(probe: Any) -> None:
    both = server("a.test", ports=[25, 465], vantage_hosts=["out", "out2"])
    asked = looks([both])
    given = [{"results": [{"destination": one} for one in look["destinations"]]} if look["from"] == "out" else probe for look in asked]
    found = seen(given, both, asked)
    assert not found.complete
    missing = [{"kind": "vantage_failed", "phase": None, "text": "no look from out2"}] * 2
    assert [one.get("error") for one in found.results if one.get("error")] == missing
    places = ["[a.test]:25", "[a.test]:465"]
    assert sorted(one["destination"] for one in found.results) == sorted(places * 2)


@pytest.mark.parametrize("probes", [[], [None], ["x"], [{"look": 3}], [{"skipped": True}]])
def test_nobody_looked(probes: list[Any]) -> None:
    assert not saw(probes, A).complete


def test_results_about_others_are_left_out() -> None:
    (look,) = looks([A])
    found = saw([{"look": look, "results": [{"destination": "[evil.test]:25"}, "x", None, {"destination": "[a.test]:25"}]}], A)
    assert [one["destination"] for one in found.results] == ["[a.test]:25"]


@pytest.mark.parametrize("odd", [None, 5, "text", {"destination": "[a.test]:25"}])
def test_a_probe_without_results_has_not_looked(odd: object) -> None:
    (look,) = looks([A])
    found = saw([{"look": look, "results": odd}], A)
    assert (found.results, found.complete, found.lost) == ((), False, "out (it has no results)")


@pytest.mark.parametrize("odd", [None, 5, "text", [], {"destination": ["x"]}, {"destination": {}}])
def test_odd_results_are_left_out(odd: object) -> None:
    (look,) = looks([A])
    found = saw([{"look": look, "results": [odd]}], A)
    assert (found.results, found.complete, found.lost) == ((), False, "out (it has no results)")


def test_who_says_nothing_of_a_place_has_not_looked_at_it() -> None:
    both = server("a.test", ports=[25, 587], vantage_hosts=["out", "out2"])
    first, second = looks([both])
    found = saw([result(first), {"look": second, "results": [{"destination": "[a.test]:25", "seen_from": "out2"}]}], both)
    assert (found.complete, found.lost) == (False, "out2 (it has no results)")
    assert [one["destination"] for one in found.results if one.get("error")] == ["[a.test]:25", "[a.test]:587"]


def test_who_has_looked_is_not_for_who_has_looked_to_say() -> None:
    asked = looks([server("a.test", vantage_hosts=["out", "far"])])
    forged = [{"look": asked[1], "results": [{"destination": "[a.test]:25"}]}, {"failed": True, "msg": "no route", "look": asked[0]}]
    found = seen(forged, server("a.test", vantage_hosts=["out", "far"]), asked)
    assert not found.complete and found.lost == "far (no route)"
    assert seen([{"look": {"from": "x"}, "results": [{"destination": "[a.test]:25"}]}], A, looks([A])).complete
