# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that DNS alone shows."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dns
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_reply import Soa
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView
from ansible_collections.mailops.tls.plugins.module_utils._dns.zone_cut import AliasHop
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.lint import lint
from ansible_collections.mailops.tls.tests.unit.makers.tlsa_views import (
    DAY,
    NOW,
    ONE,
    TWO,
    dead,
    resolved,
    server,
    signature,
    view,
)


def ids(seen: OwnerView) -> list[str]:
    return [one.id for one in lint(seen, NOW)]


def subjects(seen: OwnerView, identifier: str) -> list[str]:
    return [one.subject for one in lint(seen, NOW) if one.id == identifier]


def test_nothing_is_wrong() -> None:
    assert lint(view(server(1, ONE), server(2, ONE)), NOW) == []
    assert lint(view(server(1), server(2)), NOW) == []


@pytest.mark.parametrize(
    ("record", "smtp", "elsewhere"),
    [
        (TlsaRecord(1, 1, 1, b"x" * 32), ["pkix_usage_on_smtp"], []),
        (TlsaRecord(0, 1, 1, b"x" * 31), ["pkix_usage_on_smtp"], ["malformed_record"]),
        (TlsaRecord(3, 1, 1, b"x" * 31), ["malformed_record"], ["malformed_record"]),
        (TlsaRecord(3, 1, 9, b"x" * 32), ["malformed_record"], ["malformed_record"]),
        (TlsaRecord(3, 1, 1, b""), ["malformed_record"], ["malformed_record"]),
        (TlsaRecord(7, 1, 1, b"x" * 32), ["malformed_record"], ["malformed_record"]),
        (TlsaRecord(3, 1, 1, hashlib.sha256(b"").digest()), ["empty_input_digest"], ["empty_input_digest"]),
        (TlsaRecord(3, 1, 2, hashlib.sha512(b"").digest()), ["empty_input_digest"], ["empty_input_digest"]),
        (TlsaRecord(3, 0, 1, b"x" * 32), ["selector0_with_renewal"], ["selector0_with_renewal"]),
        (TlsaRecord(2, 0, 1, b"x" * 32), [], []),
    ],
    ids=["pkix", "pkix-short", "short", "matching-type", "empty", "usage", "sha256-of-nothing", "sha512-of-nothing", "3-0-1", "2-0-1"],
)  # fmt: skip
def test_records(record: TlsaRecord, smtp: list[str], elsewhere: list[str]) -> None:
    assert ids(view(server(1, record))) == smtp
    assert ids(view(server(1, record), owner="_993._tcp.mx.example.org")) == elsewhere


def test_records_that_only_the_resolver_has_are_looked_at_too() -> None:
    assert "malformed_record" in ids(view(server(1, ONE), resolver=resolved(TlsaRecord(3, 1, 1, b"x"))))


def test_an_insecure_zone_is_told_only_by_a_resolver_that_validates() -> None:
    insecure = resolved(ONE, secure=False)
    assert ids(view(server(1, ONE), resolver=insecure, validating=True)) == ["tlsa_zone_insecure"]
    assert ids(view(server(1, ONE), resolver=insecure, validating=False)) == ["resolver_not_validating"]
    assert ids(view(server(1, ONE), resolver=insecure, validating=None)) == []
    assert ids(view(server(1, ONE), resolver=resolved(ONE, secure=False, ad_untrusted=True), validating=True)) == []
    assert ids(view(server(1), resolver=resolved(secure=False), validating=True)) == []


def test_an_insecure_alias() -> None:
    hops = (AliasHop("_25._tcp.mx.example.org", "a.example.net", False, False), AliasHop("a.example.net", "b.example.net", True, False))
    seen = view(server(1, ONE), resolver=resolved(ONE, secure=False), canonical=resolved(ONE), hops=hops, validating=True)
    assert [(one.id, one.subject) for one in lint(seen, NOW)] == [("insecure_cname_hop", "_25._tcp.mx.example.org")]


def test_servers_that_fail() -> None:
    seen = view(server(1, ONE), dead(2))
    assert subjects(seen, "server_failure_on_some_ns") == ["ns2.example.org (192.0.2.2)"]
    assert ids(seen) == ["server_failure_on_some_ns"]


def test_the_one_with_the_older_zone_lags_whether_records_come_or_go() -> None:
    for records in ((ONE, TWO), (ONE,)):
        old = (ONE,) if len(records) == 2 else (ONE, TWO)
        seen = view(server(1, *records, serial=8), server(2, *old, serial=7))
        assert subjects(seen, "secondary_lag") == ["ns2.example.org (192.0.2.2)"]


def test_serials_wrap_around() -> None:
    assert subjects(view(server(1, ONE, serial=3), server(2, ONE, serial=2**32 - 1)), "secondary_lag") == ["ns2.example.org (192.0.2.2)"]


@pytest.mark.parametrize("serial", [7, None])
def test_without_a_difference_in_serials_the_one_that_lacks_records_lags(serial: int) -> None:
    assert subjects(view(server(1, ONE, TWO), server(2, ONE, serial=serial)), "secondary_lag") == ["ns2.example.org (192.0.2.2)"]


def test_a_server_that_failed_is_not_said_to_lag() -> None:
    assert "secondary_lag" not in ids(view(server(1, ONE), dead(2)))


@pytest.mark.parametrize(("ttl", "expected"), [(DAY + 1, ["ttl_too_high"]), (DAY, []), (60, []), (59, ["ttl_too_low"])])
def test_ttls(ttl: int, expected: list[str]) -> None:
    assert ids(view(server(1, ONE, ttl=ttl), server(2, ONE, ttl=ttl))) == expected


def test_absence_that_is_remembered_for_long() -> None:
    assert ids(view(server(1, soa=Soa("example.org", 7, 2 * DAY, 2 * DAY)))) == ["ttl_too_high"]
    assert ids(view(server(1, soa=Soa("example.org", 7, 2 * DAY, 60)))) == []


@pytest.mark.parametrize(
    ("left", "ttl", "expected"),
    [(-5, 300, True), (6 * 3600 - 1, 300, True), (6 * 3600, 300, False), (7 * 3600, 4 * 3600, True), (14 * DAY, 300, False)],
)
def test_signatures_near_their_end(left: int, ttl: int, expected: bool) -> None:
    seen = view(server(1, ONE, ttl=ttl, signatures=(signature(NOW - DAY), signature(NOW + left))))
    assert ids(seen) == (["signature_near_expiry"] if expected else [])


def test_a_denied_nonterminal() -> None:
    assert ids(view(server(1, ONE), server(2, ONE, nonterminal_denied=True))) == ["empty_nonterminal_nxdomain"]


def test_what_does_not_fit_together() -> None:
    seen = view(server(1, ONE), inconsistencies=(Finding(dns.GLUE_MISMATCH, "example.org", "x"),), alias_errors=("y",))
    assert ids(seen) == ["glue_mismatch", "alias_mismatch"]


def test_a_resolver_that_fails() -> None:
    failed = resolved(outcome=Outcome.ERROR, error="SERVFAIL from 192.0.2.53")
    assert ids(view(server(1, ONE), resolver=failed)) == ["resolver_failure"]
