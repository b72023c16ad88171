# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps destinations together: the names in their MX records, and their own name where there are none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.exchange_sets import ExchangeSet, Listed, exchange_set, find_exchange_sets
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, MxRecord, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol, parse_destination

RECORDS = {
    "one.example": (MxRecord(10, "MX1.Example"), MxRecord(20, "mx2.example.")),
    "two.example": (MxRecord(20, "mx2.example"), MxRecord(10, "mx1.example")),
    "null.example": (MxRecord(0, ""),),
}
ABSENT = {"plain.example": Outcome.NODATA, "none.example": Outcome.NXDOMAIN, "Broken.example": Outcome.ERROR}


async def ask(name: str, rdtype: str, want_dnssec: bool) -> Answer:
    assert rdtype == "MX" and not want_dnssec
    await asyncio.sleep(0)
    return Answer(name, rdtype, ABSENT.get(name, Outcome.FOUND), RECORDS.get(name, ()))


def listed(text: str) -> Listed:
    return Listed(text, parse_destination(text, protocol=Protocol.SMTP, service_port=lambda name: None))


@pytest.mark.parametrize(
    ("text", "names", "failed"),
    [
        ("one.example", {"mx1.example", "mx2.example"}, False),
        ("two.example:2525", {"mx1.example", "mx2.example"}, False),
        ("null.example", {"null.example"}, False),
        ("plain.example", {"plain.example"}, False),
        ("none.example", {"none.example"}, False),
        ("Broken.example", {"broken.example"}, True),
        ("[MX.example]:25", {"mx.example"}, False),
        ("[192.0.2.1]", {"192.0.2.1"}, False),
        ("192.0.2.1", {"192.0.2.1"}, False),
    ],
)
def test_what_a_destination_is_kept_together_by(text: str, names: set[str], failed: bool) -> None:
    assert asyncio.run(exchange_set(listed(text), ask)) == ExchangeSet(frozenset(names), failed)


def test_what_names_nothing_is_kept_by_its_text() -> None:
    assert asyncio.run(exchange_set(Listed("not a host", None), ask)) == ExchangeSet(frozenset(("not a host",)))


def test_each_line_is_found_once_and_read_when_there_is_room() -> None:
    read = most_ahead = 0
    found: list[str] = []

    def lines() -> Iterator[Listed]:
        nonlocal read, most_ahead
        for number in range(500):
            read += 1
            most_ahead = max(most_ahead, read - len(found))
            yield listed(f"d{number}.example")

    asyncio.run(find_exchange_sets(lines(), ask, lambda one, kept_by: found.append(one.text), 8))
    assert sorted(found) == sorted(f"d{number}.example" for number in range(500))
    assert most_ahead <= 8
