# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes into the page is bounded and clean, whatever came."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.html.bounded import LONGEST_TEXT, MOST_ITEMS, bounded
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, endpoint
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import unclean
from ansible_collections.mailops.tls.tests.unit.makers.reports import HOSTILE, hostile_result
from hypothesis import given
from hypothesis import strategies as st

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
    max_leaves=40,
)


def test_what_nobody_reads_is_left_out() -> None:
    found = bounded(audited("example.org", endpoint("mx.example.org")))
    seen = found["endpoints"][0]
    assert seen["tls"]["cipher"] == "TLS_AES_256_GCM_SHA384" and "timings" not in seen and "capabilities" not in seen
    assert "error" not in found and "lint" not in found and found["satisfied"] is True


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_are_clean_and_bounded(text: str) -> None:
    found = bounded(hostile_result(text))
    assert not list(unclean(found))
    assert len(json.dumps(found)) < 40 * LONGEST_TEXT


@given(ANYTHING)
def test_anything_becomes_json(value: Any) -> None:
    found = bounded(value)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert not list(unclean(found))


def test_lists_and_depth_have_an_end() -> None:
    assert len(bounded(list(range(1, 10_000)))) == MOST_ITEMS
    assert len(bounded({str(number): 1 for number in range(10_000)})) == MOST_ITEMS
    deep: Any = "end"
    for depth in range(5000):
        deep = {str(depth): deep}
    assert "end" not in json.dumps(bounded(deep))
