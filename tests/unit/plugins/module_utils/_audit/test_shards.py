# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sharing out by names: equal sets stay together, everybody gets a fair share, and a prober more or less moves only its own."""

from __future__ import annotations

from collections import Counter

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.shards import ShardBy, prober_of, probers_of
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.text(min_size=1, max_size=12).filter(lambda name: "\0" not in name and name.isprintable())
PROBERS = st.lists(NAMES, min_size=1, max_size=6, unique=True)
KEYS = [{f"mx{number}.example", f"mx{number}b.example"} for number in range(4000)]


@given(st.sets(NAMES, min_size=1, max_size=5), PROBERS, NAMES)
def test_the_order_of_names_is_of_no_matter(key: set[str], probers: list[str], seed: str) -> None:
    found = prober_of(sorted(key), probers, seed)
    assert found in probers
    assert prober_of(sorted(key, reverse=True), probers[::-1], seed) == found


@given(st.sets(NAMES, min_size=1, max_size=3), PROBERS, NAMES, NAMES)
def test_another_prober_takes_its_own_share_and_moves_nothing_else(key: set[str], probers: list[str], more: str, seed: str) -> None:
    before, after = prober_of(key, probers, seed), prober_of(key, list(dict.fromkeys([*probers, more])), seed)
    assert after in (before, more)


@pytest.mark.parametrize("count", [2, 3, 7])
def test_shares_are_fair(count: int) -> None:
    probers = [f"prober{number}" for number in range(count)]
    shares = Counter(prober_of(key, probers, "default") for key in KEYS)
    assert set(shares) == set(probers)
    assert all(0.85 < share * count / len(KEYS) < 1.15 for share in shares.values()), shares


def test_another_seed_is_another_distribution() -> None:
    same = sum(prober_of(key, ("a", "b"), "one") == prober_of(key, ("a", "b"), "two") for key in KEYS)
    assert 0.4 < same / len(KEYS) < 0.6


def test_names_do_not_run_together() -> None:
    seeds = [str(number) for number in range(64)]
    for one, other in (({"ab", "c"}, {"a", "bc"}), ({"a"}, {"a", ""})):
        assert [prober_of(one, ("x", "y"), seed) for seed in seeds] != [prober_of(other, ("x", "y"), seed) for seed in seeds]


def test_everybody_probes_everything_from_vantage_points() -> None:
    assert list(probers_of({"mx.example"}, ("a", "b"), ShardBy.VANTAGE, "default")) == ["a", "b"]
    assert len(list(probers_of({"mx.example"}, ("a", "b"), ShardBy.EXCHANGE, "default"))) == 1
