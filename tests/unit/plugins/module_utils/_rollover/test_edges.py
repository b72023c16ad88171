# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of the exchanges: what answers of a resolver come to."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_servers import FAMILIES
from ansible_collections.mailops.tls.plugins.module_utils._rollover.edges import address_look_up, host_addresses
from ansible_collections.mailops.tls.plugins.module_utils._rollover.order import DnsOrder
from ansible_collections.mailops.tls.plugins.module_utils._rollover.outside import AddressesFound

HOST = "mx.example.org"
FOUR = Answer(HOST, "A", Outcome.FOUND, ("192.0.2.25", "192.0.2.26"))
NO_FOUR = Answer(HOST, "A", Outcome.NODATA)
SIX = Answer(HOST, "AAAA", Outcome.FOUND, ("2001:DB8:0::25",))
NO_SIX = Answer(HOST, "AAAA", Outcome.NODATA)
FAILED = Answer(HOST, "AAAA", Outcome.ERROR, error="SERVFAIL from 127.0.0.1")
ODD = Answer(HOST, "AAAA", Outcome.FOUND, ("2001:db8::25",), warning="records dropped")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([FOUR, SIX], AddressesFound(("192.0.2.25", "192.0.2.26", "2001:db8::25"))),
        ([FOUR, NO_SIX], AddressesFound(("192.0.2.25", "192.0.2.26"))),
        ([NO_FOUR, SIX], AddressesFound(("2001:db8::25",))),
        ([NO_FOUR, NO_SIX], AddressesFound()),
        ([FOUR, FAILED], AddressesFound(("192.0.2.25", "192.0.2.26"), "AAAA: SERVFAIL from 127.0.0.1")),
        ([NO_FOUR, FAILED], AddressesFound((), "AAAA: SERVFAIL from 127.0.0.1")),
        ([NO_FOUR, ODD], AddressesFound(("2001:db8::25",), "AAAA: records dropped")),
    ],
    ids=["both", "IPv4", "IPv6", "none", "half", "failed", "odd"],
)
def test_both_families_have_to_be_certain(answers: list[Answer], expected: AddressesFound) -> None:
    assert host_addresses(answers) == expected


def test_a_resolver_that_is_silent_is_an_error_of_each_host() -> None:
    look = address_look_up(DnsOrder(dns_settings(["127.0.0.1@1"], "auto"), (), FAMILIES, False))
    found = look([HOST, "mx2.example.org"])
    assert list(found) == [HOST, "mx2.example.org"]
    assert all(not one.found and one.error is not None and "A: " in one.error and "AAAA: " in one.error for one in found.values())
