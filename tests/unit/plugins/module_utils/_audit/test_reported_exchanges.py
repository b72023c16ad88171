# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one machine reports of exchanges, and how little another one believes of it."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.reported_exchanges import (
    LONGEST,
    LONGEST_LINE,
    MOST,
    GivenTo,
    Reported,
    read_reported,
    reported_line,
    too_great,
)


@pytest.mark.parametrize("exchanges", [None, (), ("mx.example.org",), ("a.example", "b.example")])
def test_a_line_says_what_was_found(exchanges: tuple[str, ...] | None) -> None:
    assert read_reported(reported_line("example.org", exchanges).encode()) == Reported("example.org", exchanges)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"[]", b"{}", b'{"destination": 1}', b'{"destination": "a", "exchanges": "mx"}', b'{"destination": "a", "exchanges": [1]}',
        reported_line("a", ["x" * (LONGEST + 1)]).encode(), b'{"destination": "a", "exchanges": [' + b'"x",' * MOST + b'"x"]}',
        b'{"destination": "a", "exchanges": ["\\ud800"]}', b" " * LONGEST_LINE + b"{}", b"\xff",
    ],
)  # fmt: skip
def test_what_is_no_such_line_says_nothing(line: bytes) -> None:
    assert read_reported(line) is None


def given(listed: list[str], *lines: str) -> GivenTo:
    return GivenTo(listed, [one.encode() for one in lines], lambda one: (one.exchanges or ("none",))[0])


def test_each_destination_of_the_list_is_given_once() -> None:
    report = given(
        ["a", "b", "c"], reported_line("b", ["first"]), reported_line("b", ["second"]), reported_line("stranger", ["third"]), "rubbish",
        reported_line("a", None), '{"destination": "\\ud800", "exchanges": []}',
    )  # fmt: skip
    assert [report.prober(one) for one in ("a", "b", "c", "stranger")] == ["none", "first", None, None]
    assert [report.failed(one) for one in ("a", "b", "c")] == [True, False, False] and report.strange == 4


@pytest.mark.parametrize(
    ("counts", "told"),
    [((50, 50), []), ((74, 26), []), ((76, 24), ["p0"]), ((100, 0, 0), ["p0"]), ((60, 20, 20), []), ((99, 0), []), ((100,), [])],
)
def test_a_share_that_is_nearly_everything_is_told(counts: tuple[int, ...], told: list[str]) -> None:
    assert list(too_great([(f"p{at}", count) for at, count in enumerate(counts)], sum(counts))) == told
