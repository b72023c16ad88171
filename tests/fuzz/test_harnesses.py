# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every harness over its kept corpus, and over mutations of it: what must hold, holds for every input."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.tests.fuzz.harnesses import CORPUS, HARNESSES, corpus, feed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MOST_BYTES = 300 * 1024
"""Most bytes of the whole corpus: it is for people to keep, not a store."""

Edit = tuple[int, int, bytes]


def mutated(data: bytes, edits: list[Edit]) -> bytes:
    """Return an input with some bytes replaced, inserted, removed, repeated, or cut off behind."""
    for kind, place, new in edits:
        at = place % (len(data) + 1)
        if kind == 0:
            data = data[:at] + new + data[at + len(new) :]
        elif kind == 1:
            data = data[:at] + new + data[at:]
        elif kind == 2:
            data = data[:at] + data[at + 1 + len(new) :]
        elif kind == 3:
            data = data[:at] + data[at : at + 64] * (1 + len(new)) + data[at + 64 :]
        else:
            data = data[:at]
    return data


def inputs(name: str) -> st.SearchStrategy[bytes]:
    """Bytes of any kind, and more often a kept input with a few edits."""
    longest = HARNESSES[name].longest
    edit = st.tuples(st.integers(0, 4), st.integers(0, longest), st.binary(max_size=8))
    changed = st.builds(mutated, st.sampled_from(list(corpus(name).values())), st.lists(edit, max_size=6))
    return st.one_of(changed, changed, st.binary(max_size=longest))


def test_there_is_a_corpus_for_every_harness_and_for_nothing_else() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(HARNESSES)
    assert all(corpus(name) for name in HARNESSES)
    assert sum(len(data) for name in HARNESSES for data in corpus(name).values()) < MOST_BYTES


@pytest.mark.parametrize("name", HARNESSES)
def test_kept_inputs(name: str) -> None:
    for file, data in corpus(name).items():
        try:
            feed(name, data)
        except Exception as error:
            raise AssertionError(f"{name}/{file}: {error!r}") from error


@pytest.mark.parametrize("name", HARNESSES)
def test_mutated_inputs(name: str) -> None:
    @settings(max_examples=HARNESSES[name].examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(inputs(name))
    def hold(data: bytes) -> None:
        feed(name, data)

    hold()
