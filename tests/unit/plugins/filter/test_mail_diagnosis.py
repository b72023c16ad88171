# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `mail_diagnosis` as Ansible sees it."""

from __future__ import annotations

import pytest

pytest.importorskip("ansible")

from ansible.errors import AnsibleFilterError  # noqa: E402
from ansible_collections.mailops.tls.plugins.filter.mail_diagnosis import FilterModule  # noqa: E402


def test_the_filter_takes_everything_by_name() -> None:
    found = FilterModule().filters()["mail_diagnosis"]([], logins=[], delivery={"delivered": False}, width=80)
    assert found["broken"] == ["The message was not delivered: no reason is known"]
    assert found["lines"][0] == "delivery: the message was not delivered: no reason is known"


def test_wrong_input_fails_the_template_with_a_reason() -> None:
    with pytest.raises(AnsibleFilterError, match="mailops.tls.mail_diagnosis: a list of results is needed, not 'example.org'"):
        FilterModule().filters()["mail_diagnosis"]("example.org")
