# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter C(tls_table) as Ansible sees it."""

from __future__ import annotations

import pytest

pytest.importorskip("ansible")

from ansible.errors import AnsibleFilterError  # noqa: E402
from ansible_collections.mailops.tls.plugins.filter.tls_table import FilterModule  # noqa: E402


def test_filter_takes_width_and_notes_by_name() -> None:
    result = {"destination": "example.org", "status": "failed", "satisfied": False}
    lines = FilterModule().filters()["tls_table"]([result], width=60, notes={"example.org": "word " * 20})
    assert lines[1].split() == ["example.org", "failed", "no"]
    assert len(lines) == 4 and max(len(line) for line in lines) <= 60


def test_wrong_input_fails_the_template_with_a_reason() -> None:
    with pytest.raises(AnsibleFilterError, match="a list of probe results is needed, not str"):
        FilterModule().filters()["tls_table"]("example.org")
