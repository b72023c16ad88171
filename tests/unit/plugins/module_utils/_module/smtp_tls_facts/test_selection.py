# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of `ansible.builtin.setup` that leave the fact out, and those that do not."""

from __future__ import annotations

from typing import Optional

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.selection import is_wanted

Words = Optional[list[str]]


@pytest.mark.parametrize(
    "subset",
    [None, [], ["all"], ["min"], ["network", "!hardware"], ["!facter"], ["smtp_tls"], ["!all", "smtp_tls"], ["!min"]],
)
def test_subsets_with_the_fact(subset: Words) -> None:
    assert is_wanted(subset, None)


@pytest.mark.parametrize("subset", [["!smtp_tls"], ["!all"], ["!all", "network"], ["all", "!smtp_tls"], ["smtp_tls", "!smtp_tls"]])
def test_subsets_without_the_fact(subset: Words) -> None:
    assert not is_wanted(subset, None)


@pytest.mark.parametrize(
    ("patterns", "wanted"),
    [(None, True), ([], True), ([""], True), (["*"], True), (["smtp_tls"], True), (["ansible_smtp*"], True), (["*_tls", "x"], True),
     (["ansible_distribution"], False), (["smtp"], False), (["SMTP_TLS"], False), (["mtu", "eth*"], False)],
)  # fmt: skip
def test_filters(patterns: Words, wanted: bool) -> None:
    assert is_wanted(None, patterns) is wanted
    assert not is_wanted(["!smtp_tls"], patterns)
