# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rollover remembers, written and read: nothing is lost, and what makes no sense is refused instead of half understood."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import ClockReading, Key
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.state import (
    VERSION,
    KeyHistory,
    OwnerClock,
    RecordClock,
    RolledBack,
    State,
    StateUnreadable,
    as_dict,
    from_dict,
)
from hypothesis import given, settings
from hypothesis import strategies as st

TIME = st.none() | st.integers(0, 2**40)
OCTET = st.integers(0, 255)
RECORD = st.builds(TlsaRecord, OCTET, OCTET, OCTET, st.binary(max_size=70))
CLOCK = st.builds(RecordClock, st.integers(0, 2**31), TIME, TIME, TIME, st.integers(0, 2**31), st.booleans())
OWNER = st.builds(
    OwnerClock,
    st.dictionaries(RECORD, CLOCK, max_size=3),
    st.dictionaries(st.integers(0, 2**31), TIME, max_size=3),
    TIME,
)
HISTORY = st.builds(
    KeyHistory,
    st.builds(Key, st.sampled_from(["rsa", "ecdsa"]), st.binary(max_size=90)),
    TIME,
    TIME,
    TIME,
    st.lists(st.binary(min_size=1, max_size=9), max_size=2).map(tuple),
)
READING = st.builds(ClockReading, st.integers(), st.text(max_size=40), st.integers(0))


@st.composite
def state(draw: Any) -> State:
    histories = draw(st.lists(HISTORY, max_size=3))
    verified = draw(TIME)
    return State(
        reading=draw(READING),
        owners=draw(st.dictionaries(st.text(max_size=20), OWNER, max_size=2)),
        keys={one.key.digest: one for one in histories},
        verified_since=verified,
        verified_keys=() if verified is None else tuple(draw(st.lists(st.text(max_size=9), max_size=2))),
        rolled_back=draw(st.none() | st.builds(RolledBack, st.integers(), st.text(max_size=20))),
        changed_at=draw(TIME),
        roll_requested=draw(TIME),
        roll_was_set=draw(st.booleans()),
        emergency_was_set=draw(st.booleans()),
    )


@settings(deadline=None, max_examples=50)
@given(state())
def test_what_is_written_is_read(one: State) -> None:
    assert from_dict(json.loads(json.dumps(as_dict(one)))) == one


def test_equal_states_are_the_same_text() -> None:
    clocks = {TlsaRecord(3, 1, 1, bytes([one]) * 32): RecordClock(300) for one in range(5)}
    first = State(ClockReading(1, "boot", 2), {"b": OwnerClock(clocks), "a": OwnerClock()})
    again = State(ClockReading(1, "boot", 2), {"a": OwnerClock(), "b": OwnerClock(dict(reversed(list(clocks.items()))))})
    assert json.dumps(as_dict(first)) == json.dumps(as_dict(again))


def test_members_that_are_not_known_are_passed_over() -> None:
    content = as_dict(State(ClockReading(1, "boot", 2)))
    assert from_dict({**content, "later": {"more": 1}}) == State(ClockReading(1, "boot", 2))


@pytest.mark.parametrize("content", [None, [], "{}", {}, {"version": "1"}, {"version": True}, {"version": 0}, {"version": 1}])
def test_what_is_no_state_is_refused(content: object) -> None:
    with pytest.raises(StateUnreadable):
        from_dict(content)


def test_a_newer_version_is_refused_by_its_number() -> None:
    content = {**as_dict(State(ClockReading(1, "boot", 2))), "version": VERSION + 1}
    with pytest.raises(StateUnreadable, match=f"of version {VERSION + 1}"):
        from_dict(content)


@settings(deadline=None, max_examples=100)
@given(state(), st.data())
def test_a_damaged_state_is_refused_or_read_but_never_an_error(one: State, data: st.DataObject) -> None:
    content = json.loads(json.dumps(as_dict(one)))
    place: Any = content
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], (dict, list)) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(st.sampled_from([None, "x", "3 1 1 zz", -1, 1.5, True, [], {}, [[1]], {"a": 1}]))
    try:
        from_dict(content)
    except StateUnreadable as problem:
        assert str(problem)


@pytest.mark.parametrize(
    ("place", "value"),
    [("wall", "1"), ("wall", 1.5), ("wall", True), ("boot_id", 7), ("uptime", None)],
)
def test_numbers_are_numbers(place: str, value: object) -> None:
    content = as_dict(State(ClockReading(1, "boot", 2)))
    content["reading"][place] = value
    with pytest.raises(StateUnreadable, match="cannot be understood"):
        from_dict(content)
