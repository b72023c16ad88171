# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queue identifiers as the programs write them, and replies that name none."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.queue_id import queue_id


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("2.0.0 Ok: queued as 1CF5FC0AAE", "1CF5FC0AAE"),
        ("2.0.0 Ok: queued as 4T1abcXYz0z1", "4T1abcXYz0z1"),
        ("OK id=1rABCD-0001Ab-2C", "1rABCD-0001Ab-2C"),
        ("OK id=1rABCD-00000001Abc-2C3d", "1rABCD-00000001Abc-2C3d"),
        ("2.0.0 3AT01abc012345 Message accepted for delivery", "3AT01abc012345"),
        ("2.0.0 1a2b3c4d Message accepted for delivery", "1a2b3c4d"),
        ("2.6.0 <x@y> [InternalId=123456, Hostname=EX01.example.org] 1024 bytes in 0.1 Queued mail for delivery", "123456"),
        ("2.0.0 OK  1700000000 a1-20020a170906abc.123 - gsmtp", "a1-20020a170906abc.123"),
        ("ok 1700000000 qp 12345", "12345"),
        ("Message Queued (6F0E0F9C-1C2D-4E5F-8A9B-0C1D2E3F4A5B.1)", "6F0E0F9C-1C2D-4E5F-8A9B-0C1D2E3F4A5B.1"),
        ("2.0.0 OK: queued.", None),
        ("2.0.0 <user@example.org> oJT8N+xNDGtcLwAAg+zDdQ Saved", "oJT8N+xNDGtcLwAAg+zDdQ"),
        ("2.0.0 <user@example.org> abc Saved", None),
        ("2.0.0 Message accepted for delivery", None),
        ("Ok: queued as " + "A" * 200, None),
        ("", None),
    ],
)
def test_forms(text: str, identifier: str | None) -> None:
    assert queue_id([text]) == identifier
