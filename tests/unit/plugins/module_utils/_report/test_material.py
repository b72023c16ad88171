# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a result is about is seen by its shape."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.material import ResultOf, observed
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited
from ansible_collections.mailops.tls.tests.unit.makers.reports import delivery_result, domain_result, rollover_result


@pytest.mark.parametrize(
    ("result", "kind", "name"),
    [
        (audited("example.org"), ResultOf.DESTINATION, "example.org"),
        ({"target": "mail.example.org"}, ResultOf.MAILBOX, "mail.example.org"),
        (domain_result("example.org"), ResultOf.DOMAIN, "example.org"),
        (rollover_result("mx1"), ResultOf.ROLLOVER, "mx1"),
        (delivery_result("mail.example.org"), ResultOf.DELIVERY, "mail.example.org"),
        (delivery_result("x", submit=None), ResultOf.DELIVERY, "delivery"),
    ],
)
def test_results_of_each_module_are_known(result: dict[str, Any], kind: ResultOf, name: str) -> None:
    found = observed(result, "2026-05-04T12:00:00Z", "p1")
    assert found is not None and (found.kind, found.name, found.vantage) == (kind, name, "p1")


@pytest.mark.parametrize("result", [{}, {"destination": 1}, {"delivered": True, "steps": None}, {"msg": "ok"}])
def test_what_is_no_result_is_none(result: dict[str, Any]) -> None:
    assert observed(result) is None
