# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line that is read without being made whole is refused, and tried again, exactly when the whole result would be."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import failed_for_now
from ansible_collections.mailops.tls.plugins.module_utils._results.shape import RESULT, has_shape
from ansible_collections.mailops.tls.plugins.module_utils._results.short_line import shortened, whole
from ansible_collections.mailops.tls.plugins.module_utils._results.short_shape import SHORT_RESULT
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, failed, lost, record, tlsa
from hypothesis import given
from hypothesis import strategies as st

GONE = object()
TIMEOUT = {"kind": "timeout", "phase": "connect", "text": "x"}
SOMETHING: tuple[Any, ...] = (
    GONE, None, [], {}, "", "x", 0, 1, True, 0.5, [None], [{}], ["x"], [[]], {"x": 1}, {"sha256": "0g"}, "verified", TIMEOUT, [TIMEOUT],
)  # fmt: skip


def session(algorithm: str) -> dict[str, Any]:
    one = endpoint("mx.a.example")
    names = ("status", "satisfied", "error", "tls", "chain", "verification")
    return {**{name: one[name] for name in names}, "algorithm": algorithm, "offered": True, "tlsa": {"records": [record("mx.a.example")]}}


def bases() -> Iterator[dict[str, Any]]:
    """Results of every kind, as a line has them and whole."""
    attempt = {"server_name": None, "session_offered": True, "session_reused": None, "error": None}
    rich = endpoint(
        "mx.a.example",
        chain=[certificate("mx.a.example"), certificate("authority")],
        tlsa=tlsa("mx.a.example", [record("mx.a.example")]),
        transcript=[{"direction": "<", "phase": "ehlo", "at": 0.1, "text": "x"}],
        reconnects={"ended": "failed", "attempts": [attempt]},
        key_algorithms=[session("rsa"), session("ecdsa")],
    )
    lint = [{"id": "x", "subject": "x", "text": "x"}]
    results = [{**audited("a.example", rich), "lint": lint}, audited("b.example", lost("mx.b.example")), failed("c.example")]
    for result in results:
        short = shortened(result)
        yield short
        yield whole(copy.deepcopy(short))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything in a result."""
    for at, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, at)
        yield from places(one, (*path, at))


BASES = list(bases())
PLACES = [(number, path) for number, base in enumerate(BASES) for path in places(base)]


def change(result: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    """Put a value in a place, or take away what is there; nothing when another change has taken the place itself away."""
    place: Any = result
    try:
        for name in path[:-1]:
            place = place[name]
        place[path[-1]]
    except (LookupError, TypeError):
        return
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = copy.deepcopy(value)


def accepted(short: dict[str, Any]) -> bool:
    """Compare what is said of a short result with what is said of the whole one."""
    fits = has_shape(short, SHORT_RESULT)
    again = failed_for_now(short) if fits else None
    result = whole(copy.deepcopy(short))
    assert has_shape(result, RESULT) is fits, short
    assert not fits or failed_for_now(result) is again, short
    return fits


def test_results_are_accepted_short_and_whole() -> None:
    assert all(map(accepted, BASES))


def test_nothing_wrong_in_one_place_is_overlooked() -> None:
    said = set()
    for number, path in PLACES:
        for value in SOMETHING:
            short = copy.deepcopy(BASES[number])
            change(short, path, value)
            said.add(accepted(short))
    assert said == {True, False}


@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(SOMETHING)), min_size=2, max_size=8))
def test_nothing_wrong_in_several_places_is_overlooked(changes: list[tuple[tuple[int, tuple[Any, ...]], Any]]) -> None:
    short = copy.deepcopy(BASES[changes[0][0][0]])
    for (_number, path), value in changes:
        change(short, path, value)
    accepted(short)
