# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy fits only by evidence: what could not be seen stands between a domain and it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.filter.mta_sts_contradictions import FilterModule, mta_sts_contradictions


def domain(*exchanges: str, protection: str = "verified", named: bool | None = True, **mx: Any) -> dict[str, Any]:
    """Return a result whose exchanges have been connected to."""
    shown = {"address": "192.0.2.1", "protection": protection, "fact": "certificate has expired", "has_dns_name": named}
    seen = [{"exchange": one, **shown} for one in exchanges]
    return {
        "domain": "example.org",
        "error": None,
        "mx": {"found": True, "null_mx": False, "exchanges": [{"exchange": one} for one in exchanges], "error": None, **mx},
        "senders": {"mandatory": {"exchanges": seen}},
    }


@pytest.mark.parametrize(
    ("result", "mx", "mode", "found"),
    [
        (domain("mx.example.org"), ["mx.example.org"], "enforce", []),
        (domain("MX.example.org"), ["*.example.org"], "enforce", []),
        (domain("a.b.example.org"), ["*.example.org"], "testing", ["a.b.example.org is an exchange, and the policy does not name it"]),
        (domain("mx.example.org", protection="encrypted"), ["*.example.org"], "testing", []),
        (
            domain("mx.example.org", protection="encrypted"), ["*.example.org"], "enforce",
            ["mx.example.org[192.0.2.1] does not verify: certificate has expired"],
        ),
        (
            domain("mx.example.org", named=False), ["*.example.org"], "enforce",
            ["mx.example.org[192.0.2.1] has a certificate without a name in subjectAltName"],
        ),
        (domain("mx.example.org", named=False), ["*.example.org"], "testing", []),
        (
            {**domain("mx.example.org"), "senders": None}, ["*.example.org"], "enforce",
            ["mx.example.org was not connected to, so its certificate is not known"],
        ),
        (domain(null_mx=True), ["*.example.org"], "enforce", ["the domain receives no mail (null MX)"]),
        (domain(), ["*.example.org"], "enforce", ["the exchanges are not known: the domain has none"]),
        (
            domain(found=None, error={"kind": "dns_error", "text": "SERVFAIL"}), ["*.example.org"], "testing",
            ["the exchanges are not known: dns_error: SERVFAIL"],
        ),
        (domain(null_mx=True), [], "none", []),
    ],
)  # fmt: skip
def test_what_stands_between(result: dict[str, Any], mx: list[str], mode: str, found: list[str]) -> None:
    assert mta_sts_contradictions(result, mx, mode) == found


@pytest.mark.parametrize(
    ("result", "mx", "mode"),
    [("x", [], "enforce"), ({}, [], "enforce"), (domain("a"), "a", "enforce"), (domain("a"), ["a"], "x")],
)
def test_a_mistake_is_one_line(result: Any, mx: Any, mode: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        mta_sts_contradictions(result, mx, mode)
    assert "\n" not in str(caught.value)


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"mta_sts_contradictions": mta_sts_contradictions}
