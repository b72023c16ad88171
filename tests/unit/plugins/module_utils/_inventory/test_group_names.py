# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One valid name for each group."""

from __future__ import annotations

import re

from ansible_collections.mailops.tls.plugins.module_utils._inventory.group_names import group_names


def _sanitise(name: str) -> str:
    return re.sub("[^A-Za-z0-9_]", "_", name)


def test_names_that_stay_different() -> None:
    names = group_names(["mx", "domain_a.example", "domain_b.example", "mx"], _sanitise)
    assert names.valid == {"mx": "mx", "domain_a.example": "domain_a_example", "domain_b.example": "domain_b_example"}
    assert names.warning is None


def test_names_that_would_become_the_same_are_told_apart() -> None:
    raw = ["domain_a-b.example", "domain_a.b.example", "domain_a_b.example"]
    names = group_names(raw, _sanitise)
    assert names.valid[raw[0]] == "domain_a_b_example"
    assert len(set(names.valid.values())) == 3
    assert all(re.fullmatch("domain_a_b_example_[0-9a-f]{8}", names.valid[one]) for one in raw[1:])
    assert group_names([raw[0], raw[2]], _sanitise).valid[raw[2]] == names.valid[raw[2]], "whoever else is there"
    assert names.warning is not None and "domain_a.b.example and domain_a-b.example" in names.warning
