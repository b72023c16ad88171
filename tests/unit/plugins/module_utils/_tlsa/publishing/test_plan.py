# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of one RRset: what stays, what goes, and its one TTL."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.update import PublishedRRset, RRsetUpdate
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.publishing.plan import Order, plan
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import Wanted

OWNER = "_25._tcp.mx.example.org"
A, B, C = (TlsaRecord(3, 1, 1, bytes([number]) * 32) for number in (1, 2, 3))
PRESENT, EXCLUSIVE, ABSENT = Order(), Order(exclusive=True), Order(present=False)
NONE = PublishedRRset()


def rrset(*records: TlsaRecord, ttl: int | None = 60) -> PublishedRRset:
    return PublishedRRset(records, ttl)


def want(*records: TlsaRecord, ttl: int | None = None) -> Wanted:
    return Wanted(OWNER, ttl, records)


@pytest.mark.parametrize(
    "order, wanted, before, after",
    [
        (PRESENT, want(A), NONE, rrset(A, ttl=3600)),
        (PRESENT, want(A, ttl=90), NONE, rrset(A, ttl=90)),
        (PRESENT, want(A), rrset(A), rrset(A)),
        (PRESENT, want(B), rrset(A), rrset(A, B)),
        (PRESENT, want(B, ttl=90), rrset(A), rrset(A, B, ttl=90)),
        (PRESENT, want(A, ttl=0), rrset(A, B), rrset(A, B, ttl=0)),
        (EXCLUSIVE, want(C, B), rrset(A, B), rrset(B, C)),
        (EXCLUSIVE, want(A), rrset(A), rrset(A)),
        (ABSENT, want(A), rrset(A, B), rrset(B)),
        (ABSENT, want(A, ttl=90), rrset(A, B), rrset(B)),
        (ABSENT, want(C), rrset(A, B), rrset(A, B)),
        (ABSENT, want(A), NONE, NONE),
        (Order(present=False, allow_empty=True), want(A, B), rrset(A, B), NONE),
    ],
)
def test_before_and_after(order: Order, wanted: Wanted, before: PublishedRRset, after: PublishedRRset) -> None:
    change = plan(order, wanted, before)
    assert change.after == after
    assert change.is_change is (before != after)
    assert not plan(order, wanted, after).is_change, "doing it again changes nothing"


def test_a_zone_file_has_a_ttl_of_its_own() -> None:
    assert plan(PRESENT, want(A), NONE, None).after == rrset(A, ttl=None)


def test_the_last_record_goes_only_when_that_is_said() -> None:
    with pytest.raises(OptionError, match="all TLSA records of _25._tcp.mx.example.org") as caught:
        plan(ABSENT, want(A, B), rrset(A, B))
    assert caught.value.option == "allow_empty"


def test_single_records_in_the_update() -> None:
    change = plan(EXCLUSIVE, want(B, C), rrset(A, B))
    assert change.as_update() == RRsetUpdate(OWNER, rrset(A, B), (C,), (A,), 60)
    assert change.exchanged is False


def test_another_ttl_writes_all_records() -> None:
    change = plan(PRESENT, want(B, ttl=90), rrset(A))
    assert change.as_update() == RRsetUpdate(OWNER, rrset(A), (A, B), (), 90, whole=True)


def test_removing_all_removes_each_by_name() -> None:
    change = plan(Order(present=False, allow_empty=True), want(A, B), rrset(A, B))
    assert change.as_update() == RRsetUpdate(OWNER, rrset(A, B), (), (A, B), 0)


def test_nothing_stays() -> None:
    assert plan(EXCLUSIVE, want(C), rrset(A, B)).exchanged
    assert not plan(PRESENT, want(C), NONE).exchanged
