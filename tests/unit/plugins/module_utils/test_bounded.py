# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of so many bytes."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._bounded import Bounded
from hypothesis import given
from hypothesis import strategies as st

ACTIONS = st.lists(st.tuples(st.sampled_from("gpd"), st.integers(0, 9), st.integers(0, 60)))


@given(ACTIONS)
def test_it_never_holds_more_and_lets_go_what_was_asked_for_longest_ago(actions: list[tuple[str, int, int]]) -> None:
    table: Bounded[int, str] = Bounded(100)
    model: dict[int, int] = {}  # in the order of use
    for action, key, size in actions:
        if action == "g":
            assert table.get(key) == (f"value {key}" if key in model else None)
            if key in model:
                model[key] = model.pop(key)
        elif action == "d":
            table.drop(key)
            model.pop(key, None)
        else:
            table.put(key, f"value {key}", size)
            model.pop(key, None)
            model[key] = size
            while sum(model.values()) > 100:
                del model[next(iter(model))]
        assert table.size == sum(model.values()) <= 100
        assert len(table) == len(model)
    assert all(table.get(key) is not None for key in list(model))


def test_what_is_too_large_by_itself_pushes_nobody_out() -> None:
    table: Bounded[str, int] = Bounded(100)
    table.put("small", 1, 10)
    table.put("large", 2, 101)
    assert (table.get("small"), table.get("large"), table.size) == (1, None, 10)
    table.put("small", 3, 200)
    assert (table.get("small"), table.size) == (None, 0)
