# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which a long list is taken."""

from __future__ import annotations

from collections import Counter

from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_order import in_windows
from hypothesis import given
from hypothesis import strategies as st


@given(st.lists(st.text(st.characters(blacklist_characters="\0"))), st.integers(1, 5), st.text())
def test_every_item_comes_once_and_in_its_window(items: list[str], size: int, seed: str) -> None:
    found = list(in_windows(items, seed, size))
    assert found == list(in_windows(iter(items), seed, size))
    for begin in range(0, len(items), size):
        assert Counter(found[begin : begin + size]) == Counter(items[begin : begin + size])


def test_another_seed_is_another_order_and_neighbours_are_parted() -> None:
    items = [str(number) for number in range(1000)]
    one, two = list(in_windows(items, "one")), list(in_windows(items, "two"))
    assert one != two != items
    assert sum(int(right) - int(left) == 1 for left, right in zip(one, one[1:])) < 20


def test_it_is_lazy() -> None:
    taken = []

    def items() -> object:
        for number in range(10):
            taken.append(number)
            yield str(number)

    found = in_windows(items(), "", 2)  # type: ignore[arg-type]
    next(found)
    assert taken == [0, 1]
