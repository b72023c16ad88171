# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The TLSA lookup, rule by rule as tls_dane_resolve has them."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.tlsa import TlsaLookup, TlsaOutcome, find_tlsa
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns

GOOD = TlsaRecord(3, 1, 1, b"\1" * 32)
UNUSABLE = TlsaRecord(1, 1, 1, b"\2" * 32)
ALIAS, TARGET = "mx.example.com", "mx.example.net"
AT_ALIAS, AT_TARGET = "_25._tcp.mx.example.com", "_25._tcp.mx.example.net"


def find(
    dns: FakeDns, *, canonical_name: str = ALIAS, address_secure: bool = True, port: int = 25, force: bool = False
) -> TlsaLookup:
    return asyncio.run(
        find_tlsa(
            dns.ask, host=ALIAS, canonical_name=canonical_name, address_secure=address_secure, port=port, force=force
        )
    )


def test_found() -> None:
    dns = FakeDns().found(AT_ALIAS, "TLSA", [GOOD])
    assert find(dns) == TlsaLookup(TlsaOutcome.FOUND, ALIAS, AT_ALIAS, True, (GOOD,), asked=(AT_ALIAS,))


def test_the_port_is_that_of_the_connection() -> None:
    dns = FakeDns().found("_2525._tcp.mx.example.com", "TLSA", [GOOD])
    assert find(dns, port=2525).outcome is TlsaOutcome.FOUND


def test_insecure_address_is_not_asked_for() -> None:
    dns = FakeDns().found(AT_ALIAS, "TLSA", [GOOD])
    assert find(dns, address_secure=False) == TlsaLookup(TlsaOutcome.SKIPPED)
    assert dns.asked == []


def test_case_alone_makes_no_alias() -> None:
    dns = FakeDns()
    assert find(dns, address_secure=False, canonical_name="MX.Example.COM").outcome is TlsaOutcome.SKIPPED
    assert dns.asked == []


def test_forced_behind_insecure_address() -> None:
    dns = FakeDns().found(AT_ALIAS, "TLSA", [GOOD])
    assert find(dns, address_secure=False, force=True).records == (GOOD,)


def test_forced_goes_straight_to_the_host_and_needs_a_validated_rrset() -> None:
    dns = FakeDns().found(AT_ALIAS, "TLSA", [GOOD], secure=False).found(AT_TARGET, "TLSA", [GOOD])
    lookup = find(dns, address_secure=False, canonical_name=TARGET, force=True)
    assert (lookup.outcome, lookup.records, lookup.asked) == (TlsaOutcome.INSECURE, (), (AT_ALIAS,))


def test_absence() -> None:
    assert find(FakeDns()) == TlsaLookup(TlsaOutcome.NONE, asked=(AT_ALIAS,))
    assert find(FakeDns().nodata(AT_ALIAS, "TLSA")).outcome is TlsaOutcome.NONE


def test_insecure_records_are_not_handed_out() -> None:
    lookup = find(FakeDns().found(AT_ALIAS, "TLSA", [GOOD], secure=False, ad_untrusted=True))
    assert (lookup.outcome, lookup.records, lookup.secure) == (TlsaOutcome.INSECURE, (), False)
    assert (lookup.base_domain, lookup.ad_untrusted) == (ALIAS, True)


def test_failure_is_an_error() -> None:
    lookup = find(FakeDns().error(AT_ALIAS, "TLSA"))
    assert lookup.outcome is TlsaOutcome.ERROR
    assert lookup.error == "Name service error for name=_25._tcp.mx.example.com type=TLSA: SERVFAIL from 127.0.0.1"


def test_alias_target_first() -> None:
    dns = FakeDns().found(AT_TARGET, "TLSA", [GOOD]).found(AT_ALIAS, "TLSA", [UNUSABLE])
    lookup = find(dns, canonical_name=TARGET)
    assert (lookup.base_domain, lookup.records, lookup.asked) == (TARGET, (GOOD,), (AT_TARGET,))


def test_alias_itself_when_target_has_none() -> None:
    lookup = find(FakeDns().found(AT_ALIAS, "TLSA", [GOOD]), canonical_name=TARGET)
    assert (lookup.outcome, lookup.base_domain, lookup.asked) == (TlsaOutcome.FOUND, ALIAS, (AT_TARGET, AT_ALIAS))


def test_alias_itself_when_target_is_insecure() -> None:
    dns = FakeDns().found(AT_TARGET, "TLSA", [GOOD], secure=False).found(AT_ALIAS, "TLSA", [GOOD])
    lookup = find(dns, canonical_name=TARGET)
    assert (lookup.outcome, lookup.base_domain, lookup.owner) == (TlsaOutcome.FOUND, ALIAS, AT_ALIAS)


def test_insecure_at_target_and_nothing_at_alias_stays_insecure() -> None:
    lookup = find(FakeDns().found(AT_TARGET, "TLSA", [GOOD], secure=False), canonical_name=TARGET)
    assert (lookup.outcome, lookup.base_domain) == (TlsaOutcome.INSECURE, TARGET)


def test_unusable_records_at_target_end_the_search() -> None:
    dns = FakeDns().found(AT_TARGET, "TLSA", [UNUSABLE]).found(AT_ALIAS, "TLSA", [GOOD])
    lookup = find(dns, canonical_name=TARGET)
    assert (lookup.records, lookup.asked) == ((UNUSABLE,), (AT_TARGET,))


def test_error_at_target_ends_the_search() -> None:
    dns = FakeDns().error(AT_TARGET, "TLSA").found(AT_ALIAS, "TLSA", [GOOD])
    lookup = find(dns, canonical_name=TARGET)
    assert (lookup.outcome, lookup.records, lookup.asked) == (TlsaOutcome.ERROR, (), (AT_TARGET,))


def test_error_at_alias_after_insecure_target_is_not_softened() -> None:
    dns = FakeDns().found(AT_TARGET, "TLSA", [GOOD], secure=False).error(AT_ALIAS, "TLSA")
    assert find(dns, canonical_name=TARGET).outcome is TlsaOutcome.ERROR


def test_secure_alias_to_insecure_address_asks_at_the_alias_only() -> None:
    dns = FakeDns().found(ALIAS, "CNAME", [TARGET]).found(AT_ALIAS, "TLSA", [GOOD]).found(AT_TARGET, "TLSA", [GOOD])
    lookup = find(dns, canonical_name=TARGET, address_secure=False)
    assert (lookup.outcome, lookup.base_domain) == (TlsaOutcome.FOUND, ALIAS)
    assert lookup.asked == (ALIAS, AT_ALIAS)


def test_insecure_alias_to_insecure_address_is_skipped() -> None:
    dns = FakeDns().found(ALIAS, "CNAME", [TARGET], secure=False).found(AT_ALIAS, "TLSA", [GOOD])
    lookup = find(dns, canonical_name=TARGET, address_secure=False)
    assert (lookup.outcome, lookup.asked) == (TlsaOutcome.SKIPPED, (ALIAS,))


def test_alias_that_cannot_be_asked_for_is_an_error() -> None:
    dns = FakeDns().error(ALIAS, "CNAME").found(AT_ALIAS, "TLSA", [GOOD])
    assert find(dns, canonical_name=TARGET, address_secure=False).outcome is TlsaOutcome.ERROR


def test_vanished_alias_is_an_error() -> None:
    lookup = find(FakeDns().found(AT_ALIAS, "TLSA", [GOOD]), canonical_name=TARGET, address_secure=False)
    assert lookup.outcome is TlsaOutcome.ERROR
    assert lookup.error is not None and "not found any longer" in lookup.error


def test_base_domain_stays_when_the_owner_is_elsewhere() -> None:
    dns = FakeDns().found(AT_ALIAS, "TLSA", [GOOD], canonical_name="dane.example.org")
    lookup = find(dns)
    assert (lookup.base_domain, lookup.owner) == (ALIAS, "dane.example.org")


@pytest.mark.parametrize("host", ["*.example.com", "*", ".".join(["a" * 60] * 4) + ".example"])
def test_no_records_are_looked_up_by_names_that_postfix_does_not_ask_for(host: str) -> None:
    """Measured with posttls-finger: an asterisk stands in the first label or nowhere; a name has at most 255 characters."""
    dns = FakeDns().found("_25._tcp." + host, "TLSA", [TlsaRecord(3, 1, 1, b"\1" * 32)])
    found = asyncio.run(find_tlsa(dns.ask, host=host, canonical_name=host, address_secure=True, port=25))
    assert (found.outcome, found.records, dns.asked) == (TlsaOutcome.NONE, (), [])


def test_behind_an_alias_to_such_a_name_the_host_itself_is_asked_for() -> None:
    dns = FakeDns().found("_25._tcp.mx.example.com", "TLSA", [TlsaRecord(3, 1, 1, b"\1" * 32)])
    found = asyncio.run(
        find_tlsa(dns.ask, host="mx.example.com", canonical_name="*.example.com", address_secure=True, port=25)
    )
    assert (found.outcome, found.base_domain) == (TlsaOutcome.FOUND, "mx.example.com")
