# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reverse names of addresses."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._domain.reverse_names import lint_greeting, lint_reverse, look_up_reverse
from ansible_collections.mailops.tls.tests.unit.makers.asked_zone import FAILS, Zone, run

SIX = "2620:fe::1"
ZONE = Zone({
    "1.9.9.9.in-addr.arpa": {"PTR": ["other.example.org", "MX1.example.org"]},
    "2.9.9.9.in-addr.arpa": {"PTR": ["mx1.example.org"]},
    "3.9.9.9.in-addr.arpa": {"PTR": FAILS},
    "4.9.9.9.in-addr.arpa": {"PTR": ["silent.example.org"]},
    "5.9.9.9.in-addr.arpa": {"CNAME": "5.0-31.9.9.9.in-addr.arpa"},
    "5.0-31.9.9.9.in-addr.arpa": {"PTR": ["five.example.org"]},
    "6.9.9.9.in-addr.arpa": {"PTR": [f"{number}.example.net" for number in range(100)]},
    "1." + "0." * 23 + "e.f.0.0.0.2.6.2.ip6.arpa": {"PTR": ["mx1.example.org"]},
    "mx1.example.org": {"A": ["9.9.9.1"], "AAAA": ["2620:FE:0::1"]},
    "five.example.org": {"A": ["9.9.9.5"]},
    "silent.example.org": {"A": FAILS},
})  # fmt: skip


@pytest.mark.parametrize(
    ("address", "names", "confirmed", "found"),
    [
        ("9.9.9.1", ("other.example.org", "MX1.example.org"), True, []),
        ("9.9.9.2", ("mx1.example.org",), False, ["ptr_not_confirmed"]),
        ("9.9.9.3", (), None, []),
        ("9.9.9.4", ("silent.example.org",), None, []),
        ("9.9.9.5", ("five.example.org",), True, []),
        ("9.9.9.9", (), False, ["ptr_missing"]),
        (SIX, ("mx1.example.org",), True, []),
    ],
)
def test_names(address: str, names: tuple[str, ...], confirmed: bool | None, found: list[str]) -> None:
    seen = run(look_up_reverse(address, ZONE.ask))
    assert (seen.names, seen.confirmed, [one.id for one in lint_reverse(seen)]) == (names, confirmed, found)
    assert (seen.failure is not None) is (confirmed is None)
    assert seen.as_facts()["ptr"] == (None if address == "9.9.9.3" else list(names))


def test_only_some_of_many_names_are_followed() -> None:
    before = len(ZONE.questions)
    assert run(look_up_reverse("9.9.9.6", ZONE.ask)).confirmed is False
    assert len(ZONE.questions) - before == 11


@pytest.mark.parametrize(
    ("address", "name", "found"),
    [
        ("9.9.9.1", "mx1.example.org.", []),
        ("9.9.9.1", "localhost", ["ptr_helo_mismatch"]),
        ("9.9.9.5", "mx1.example.org", ["ptr_helo_mismatch"]),
        ("9.9.9.1", "[9.9.9.1]", []),
        ("9.9.9.1", "silent.example.org", []),
        ("9.9.9.3", "five.example.org", []),
        (SIX, "MX1.EXAMPLE.ORG", []),
    ],
)
def test_greetings(address: str, name: str, found: list[str]) -> None:
    seen = run(look_up_reverse(address, ZONE.ask))
    assert [one.id for one in run(lint_greeting(seen, name, ZONE.ask))] == found


def test_a_name_that_leads_there_and_is_none_of_the_address_is_told() -> None:
    own = {"A": ["9.9.9.7"]}
    zone = Zone({"a.example.org": own, "7.9.9.9.in-addr.arpa": {"PTR": ["b.example.org"]}, "b.example.org": own})
    (found,) = run(lint_greeting(run(look_up_reverse("9.9.9.7", zone.ask)), "a.example.org", zone.ask))
    nameless = Zone({"a.example.org": own})
    assert not run(lint_greeting(run(look_up_reverse("9.9.9.7", nameless.ask)), "a.example.org", nameless.ask))
    assert "calls itself a.example.org" in found.text and "b.example.org" in found.text
