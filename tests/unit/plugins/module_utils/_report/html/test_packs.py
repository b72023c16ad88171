# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data of a page: what is put in comes out again, by its spot, and no character of it is one of markup."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._report.html.packs import Packs, Spot, packed
from hypothesis import given
from hypothesis import strategies as st


def unpacked(text: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(text)))


@given(st.dictionaries(st.text(), st.text() | st.integers()))
def test_a_value_comes_out_as_it_went_in(value: Any) -> None:
    text = packed(value)
    assert unpacked(text) == value and re.fullmatch(r"[A-Za-z0-9+/]+=*", text) and packed(value) == text


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=30), max_size=3)), st.integers(1, 200))
def test_each_value_is_at_its_spot(values: list[Any], size: int) -> None:
    packs = Packs(size)
    spots = [packs.add(value) for value in values]
    opened = [unpacked(text) for text in packs.finished()]
    assert [opened[spot.pack][spot.number] for spot in spots] == values
    assert all(opened)


def test_packs_are_closed_when_they_are_full() -> None:
    packs = Packs(10)
    assert [packs.add("0123456789"), packs.add("a"), packs.add("b")] == [Spot(0, 0), Spot(1, 0), Spot(1, 1)]
    assert len(packs.finished()) == 2
