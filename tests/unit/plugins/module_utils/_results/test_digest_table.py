# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many keys in little memory."""

from __future__ import annotations

import tracemalloc

from ansible_collections.mailops.tls.plugins.module_utils._results.digest_table import DigestTable, key_digest
from hypothesis import given
from hypothesis import strategies as st


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(-2, 2**40).filter(bool))), st.integers(0, 100))
def test_it_is_a_mapping(pairs: list[tuple[int, int]], expected: int) -> None:
    table = DigestTable(expected)
    model: dict[bytes, int] = {}
    for key, number in pairs:
        digest = key_digest(str(key))
        assert table.get(digest) == model.get(digest, 0)
        table.put(digest, number)
        model[digest] = number
        assert table.get(digest) == number
    assert len(table) == len(model)
    assert all(table.get(digest) == number for digest, number in model.items())
    assert table.get(key_digest("another")) == 0


def test_keys_that_begin_alike_are_told_apart() -> None:
    table = DigestTable()
    alike = [b"\xff" * 8 + bytes([number]) * 8 for number in range(50)]
    for number, digest in enumerate(alike, 1):
        table.put(digest, number)
    assert [table.get(digest) for digest in alike] == list(range(1, 51))


def test_a_key_takes_no_more_than_54_bytes() -> None:
    tracemalloc.start()
    table = DigestTable()
    for number in range(20_000):
        table.put(key_digest(str(number)), 1)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 54 * len(table) + 4096, held / len(table)
