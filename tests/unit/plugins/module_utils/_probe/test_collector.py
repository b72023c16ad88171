# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the collector looks, in a run and after it."""

from __future__ import annotations

import gc

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._probe.collector import OBJECTS, seldom_collecting


@pytest.mark.parametrize(("before", "meanwhile"), [(700, OBJECTS), (OBJECTS + 1, OBJECTS + 1), (0, 0)])
def test_it_looks_less_often_and_afterwards_as_before(before: int, meanwhile: int) -> None:
    whole = gc.get_threshold()
    try:
        gc.set_threshold(before, *whole[1:])
        with pytest.raises(KeyError), seldom_collecting():
            assert gc.get_threshold()[0] == meanwhile
            raise KeyError
        assert gc.get_threshold() == (before, *whole[1:])
    finally:
        gc.set_threshold(*whole)
