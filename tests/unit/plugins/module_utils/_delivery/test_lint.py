# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a way: hops in clear, slow ones, clocks that disagree."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._delivery.lint import hop_findings
from ansible_collections.mailops.tls.plugins.module_utils._delivery.received import hops

LAST = "from mx.example.net (mx.example.net [192.0.2.9]) by mail.example.org with {} id 1; Sun, 29 Nov 2026 01:00:{:02d} +0000"
FIRST = "from client (client [192.0.2.8]) by mx.example.net with ESMTPSA id 2; Sun, 29 Nov 2026 01:00:20 +0000"


def wrong(protocol: str, second: int = 21, *, last: str = LAST) -> list[str]:
    return [one.id for one in hop_findings(hops([last.format(protocol, second), FIRST]), "probe@example.org")]


@pytest.mark.parametrize("protocol", ["SMTP", "ESMTP", "ESMTPA", "esmtp", "UTF8SMTP"])
def test_a_hop_in_clear(protocol: str) -> None:
    assert wrong(protocol) == ["delivery_hop_in_clear"]


@pytest.mark.parametrize("protocol", ["ESMTPS", "ESMTPSA", "LMTP", "LMTPS", "HTTP", "local", "UTF8SMTPS"])
def test_hops_that_are_not(protocol: str) -> None:
    assert wrong(protocol) == []


@pytest.mark.parametrize(
    "last",
    [
        "from localhost (localhost [127.0.0.1]) by mail.example.org with {} id 1; Sun, 29 Nov 2026 01:00:{:02d} +0000",
        "from mail.example.org (mail.example.org [192.0.2.1]) by mail.example.org with {} id 1; Sun, 29 Nov 2026 01:00:{:02d} +0000",
        "from mx (mx [192.0.2.9]) (using TLSv1.3 with cipher X (256/256 bits)) by mail with {} id 1; Sun, 29 Nov 2026 01:00:{:02d} +0000",
    ],
)
def test_a_hop_that_goes_nowhere_or_notes_tls_is_none(last: str) -> None:
    assert wrong("ESMTP", last=last) == []


def test_clocks_and_patience() -> None:
    assert wrong("ESMTPS", 51) == ["delivery_slow"] and wrong("ESMTPS", 50) == []
    assert wrong("ESMTPS", 14) == ["delivery_clock_skew"] and wrong("ESMTPS", 15) == []
