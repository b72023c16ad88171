# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose an exchange seems to be."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._inventory.operator_domain import operator_domain


@pytest.mark.parametrize(
    ("exchange", "operator"),
    [("alt1.aspmx.l.google.com", "google.com"), ("MX.Example.ORG", "example.org"), ("example.org", "example.org"),
     ("mx1.mail.example.co.uk", "example.co.uk"), ("example.co.uk", "example.co.uk"), ("co.uk", "co.uk"),
     ("mx.abc.de", "abc.de"), ("mx.com.example.de", "example.de"), ("mx00.web.de", "web.de"), ("mx.example.ne.jp", "example.ne.jp"),
     ("mx", "mx"),
     ("mx.xn--bcher-kva.example", "xn--bcher-kva.example"),
     ("192.0.2.25", None), ("2001:db8::25", None)],
)  # fmt: skip
def test_operator_domain(exchange: str, operator: str | None) -> None:
    assert operator_domain(exchange) == operator
