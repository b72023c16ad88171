# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several servers are looked at in as few probes as possible, and each gets what is about it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._rollover.looks import destinations, looks, seen


def server(name: str, **more: Any) -> dict[str, Any]:
    found = {"exchanges": [name], "ports": [25], "key_algorithms": ["any", "rsa"], "vantage_hosts": ["out"]}
    return {**found, "become": False, "nameservers": [], "trust_ad": "", "deadline": "", **more}


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
    found = seen([result(one) for one in looks([A, B])], B)
    assert found.complete and found.lost == ""
    assert [one["destination"] for one in found.results] == ["[b.test]:25"]


def test_all_hosts_have_to_have_looked() -> None:
    both = {**A, "vantage_hosts": ["out", "out2"]}
    first, second = looks([both])
    assert not seen([result(first)], both).complete
    assert seen([result(first), result(second)], both).complete
    found = seen([result(first), {"look": second, "failed": True, "msg": "{{ x }}"}], both)
    assert not found.complete and found.lost == "out2 ({ { x }})"


@pytest.mark.parametrize("probes", [[], [None], ["x"], [{"look": 3}], [{"skipped": True}]])
def test_nobody_looked(probes: list[Any]) -> None:
    assert not seen(probes, A).complete


def test_results_about_others_are_left_out() -> None:
    (look,) = looks([A])
    found = seen([{"look": look, "results": [{"destination": "[evil.test]:25"}, "x", None, {"destination": "[a.test]:25"}]}], A)
    assert [one["destination"] for one in found.results] == ["[a.test]:25"]
