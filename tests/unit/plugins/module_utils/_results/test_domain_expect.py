# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is expected of a domain, and in what a result differs from it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._results.domain_expect import parse_domain_expectation, unmet_of_domain


def result(**changes: Any) -> dict[str, Any]:
    """Return a result as far as an expectation looks at it."""
    sender = {"outcome": "delivered", "protection": "verified", "fact": "mx.example.org: a TLSA record matches", "exchanges": []}
    return {
        "domain": "example.org",
        "error": None,
        "worst": "warning",
        "role": "sends_and_receives",
        "zone": {"secure": True, "apex": "example.org", "agreed": True},
        "spf": {"status": "valid", "all": "fail", "error": None},
        "dkim": [{"owner": "a._domainkey.example.org", "status": "valid"}, {"owner": "b._domainkey.example.org", "status": "revoked"}],
        "dmarc": None,
        "senders": {"dane": sender, "mandatory": {**sender, "outcome": "partly", "fact": "mx2.example.org: certificate has expired"}},
        "lint": [{"id": "spf_ptr_used", "severity": "warning"}, {"id": "dkim_testing", "severity": "notice"}],
        **changes,
    }


def differences(**expected: Any) -> list[str]:
    """Return in which words the result differs."""
    return [str(one) for one in unmet_of_domain(parse_domain_expectation(expected), result())]


@pytest.mark.parametrize(
    "expected",
    [
        {"worst": "warning"},
        {"worst": "error"},
        {"role": ["parked", "sends_and_receives"]},
        {"zone": {"secure": True}},
        {"spf": {"status": "VALID", "all": ["fail", "softfail"]}},
        {"dkim": {"status": ["valid", "revoked"]}},
        {"senders": {"dane": "verified", "mandatory": "partly"}},
        {"senders": {"dane": "encrypted"}},
        {"senders": {"dane": "delivered"}},
    ],
)
def test_what_is_so_is_met(expected: dict[str, Any]) -> None:
    assert differences(**expected) == []


def test_the_worst_finding_is_named() -> None:
    assert differences(worst="notice") == ["example.org: expected worst notice, found warning (spf_ptr_used)"]


def test_every_item_of_a_list_has_to_be_so() -> None:
    assert differences(dkim={"status": "valid"}) == [
        "example.org: expected dkim[b._domainkey.example.org].status valid, found revoked"
    ]


def test_a_part_that_is_not_there_differs() -> None:
    assert differences(dmarc={"policy": "reject"}) == ["example.org: expected dmarc.policy reject, found nothing"]
    assert [one.item for one in unmet_of_domain(parse_domain_expectation({"dkim": {"status": "valid"}}), result(dkim=[]))] == ["dkim"]


def test_a_sender_that_reaches_some_exchanges_only_is_not_protected() -> None:
    assert differences(senders={"mandatory": "verified"}) == [
        "example.org: expected senders.mandatory verified, found partly (mx2.example.org: certificate has expired)"
    ]


def test_a_sender_that_was_not_looked_at_is_unknown() -> None:
    (one,) = unmet_of_domain(parse_domain_expectation({"senders": {"dane": "none"}}), result(senders=None))
    assert (one.item, one.found) == ("senders.dane", "unknown")
