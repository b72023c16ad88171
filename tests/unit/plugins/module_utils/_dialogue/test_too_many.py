# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers say that have too many clients, and what others say that do not want this one."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.too_many import is_too_many


@pytest.mark.parametrize(
    "text",
    [
        "421 4.7.0 mx.example.org Error: too many connections from 192.0.2.1", "450 4.7.1 Rate limit exceeded", "421 Slow down, please",
        "Maximum number of connections from user+IP exceeded", "-ERR [SYS/TEMP] throttled", "421 Try again later", "concurrency exceeded",
        "421 too much mail",
    ],
)  # fmt: skip
def test_later(text: str) -> None:
    assert is_too_many(text)


@pytest.mark.parametrize("text", ["554 5.7.1 Client host rejected", "421 shutting down", "* BYE separated", "550 unlimited", ""])
def test_never(text: str) -> None:
    assert not is_too_many(text)
