# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller takes the records that a mail server may have, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.acceptance import (
    MAX_FULL_DATA,
    MAX_RECORDS,
    MAX_RECORDS_OF_OWNER,
    MAX_TTL,
    Terms,
    acceptance,
    owner_names,
    parameters_of,
    seen_aliases,
    seen_parameters,
)
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.accepted_forms import accepted_rrsets

OWN = "_25._tcp.mx.example.org"
DIGEST = "ab" * 32
TERMS = Terms(owner_names(["MX.example.org."], [25, 465]), parameters_of([3], [1]))


def item(owner: str = OWN + ".", rdata: str = f"3 1 1 {DIGEST}", ttl: object = 3600, **more: object) -> dict[str, Any]:
    return {"owner": owner, "rdata": rdata, "ttl": ttl, **more}


@pytest.mark.parametrize("removal", [False, True])
@pytest.mark.parametrize("owner", [OWN, OWN + ".", OWN.upper() + ".", "_465._tcp.mx.example.org."])
def test_own_names_are_taken(owner: str, removal: bool) -> None:
    found = acceptance([item(owner)], TERMS, removal=removal)
    assert [one.owner for one in found.records] == [owner.rstrip(".").lower()]
    assert found.refused == ()


@pytest.mark.parametrize("removal", [False, True])
@pytest.mark.parametrize(
    "owner",
    [
        "_25._tcp.mx2.example.org.",
        "_443._tcp.www.example.org.",
        "_443._tcp.mx.example.org.",
        "_25._udp.mx.example.org.",
        "_025._tcp.mx.example.org.",
        "_25._tcp.mx.example.org.evil.example.",
        "_25._tcp.mx.example.org..",
        " _25._tcp.mx.example.org.",
        "_25._tcp.mx.example.org.\n$INCLUDE /etc/passwd",
        "_25._tcp.mx\\046example.org.",
        "*.example.org.",
        "@",
        "",
    ],
)
def test_other_names_are_refused_and_named(owner: str, removal: bool) -> None:
    found = acceptance([item(owner), item()], TERMS, removal=removal)
    assert [one.owner for one in found.records] == [OWN]
    assert len(found.refused) == 1 and "is not a name of this server" in found.refused[0]
    assert "\n" not in found.refused[0]
    assert found.unknown


@pytest.mark.parametrize(
    ("rdata", "why"),
    [
        ("3 1 1 " + "ab" * 31, "its digest has 31 octets in place of 32"),
        ("3 1 2 " + "ab" * 32, "its digest has 32 octets in place of 64"),
        ("3 1 1 " + "ab" * 31 + "a", "is no TLSA record"),
        ("3 1 1 " + "zz" * 32, "is no TLSA record"),
        ("3 1 1", "is no TLSA record"),
        ("3 1 1 " + DIGEST + "\n", "is no TLSA record"),
        ("3 1 1 " + DIGEST + " ; x", "is no TLSA record"),
        ("256 1 1 " + DIGEST, "is no TLSA record"),
        ("3 1 0 " + "ab" * (2 * MAX_FULL_DATA), "too long"),
        ("1 1 1 " + DIGEST, "records 1 1 1 are not asked for here"),
        ("0 0 1 " + DIGEST, "records 0 0 1 are not asked for here"),
        ("2 1 1 " + DIGEST, "records 2 1 1 are not asked for here"),
        ("3 0 0 3000", "records 3 0 0 are not asked for here"),
        (None, "is no TLSA record"),
        (["3 1 1"], "is no TLSA record"),
    ],
)
def test_records_that_no_rollover_adds_are_refused(rdata: Any, why: str) -> None:
    found = acceptance([item(rdata=rdata)], TERMS)
    assert found.records == ()
    assert why in found.refused[0]


@pytest.mark.parametrize("ttl", [0, -1, MAX_TTL + 1, 2**31, "3600", True, 3.5])
def test_a_ttl_has_bounds(ttl: object) -> None:
    found = acceptance([item(ttl=ttl)], TERMS)
    assert found.records == () and "TTL" in found.refused[0]


def test_a_ttl_that_the_inventory_asks_for_is_in_bounds() -> None:
    terms = Terms(TERMS.owners, TERMS.parameters, max_ttl=MAX_TTL + 1)
    assert acceptance([item(ttl=MAX_TTL + 1)], terms).records[0].ttl == MAX_TTL + 1


def test_a_name_with_one_bad_record_gets_none() -> None:
    given = [item(), item(rdata="1 1 1 " + DIGEST), item("_465._tcp.mx.example.org.")]
    found = acceptance(given, TERMS)
    assert [one.owner for one in found.records] == ["_465._tcp.mx.example.org"]
    assert len(found.refused) == 2


def test_numbers_are_bounded() -> None:
    many = [item(rdata=f"3 1 1 {number:064x}") for number in range(MAX_RECORDS_OF_OWNER + 1)]
    assert len(acceptance(many[1:], TERMS).records) == MAX_RECORDS_OF_OWNER
    assert acceptance(many, TERMS).records == ()
    found = acceptance([item()] * (MAX_RECORDS + 1), TERMS)
    assert found.records == () and found.refused == (f"add: {MAX_RECORDS + 1} records are more than {MAX_RECORDS}",)


@pytest.mark.parametrize("items", ["text", {"owner": OWN}, 7, [7], ["x"], [None]])
def test_what_is_no_list_of_records_is_refused(items: object) -> None:
    found = acceptance(items, TERMS)
    assert found.records == () and found.refused


def test_the_key_of_another_server_stays() -> None:
    terms = Terms(TERMS.owners, TERMS.parameters, kept=frozenset([TlsaRecord(3, 1, 1, bytes.fromhex(DIGEST))]))
    found = acceptance([item()], terms, removal=True)
    assert found.records == () and "another server serves" in found.refused[0]
    assert acceptance([item()], terms).refused == ()


def test_any_kind_of_record_can_be_removed_at_own_names() -> None:
    found = acceptance([item(rdata="1 1 1 " + DIGEST, ttl=None)], TERMS, removal=True)
    assert [str(one.record) for one in found.records] == ["1 1 1 " + DIGEST]


def test_what_the_controller_sees_counts() -> None:
    results = [
        {
            "owner": OWN + ".",
            "canonical_owner": "_25._tcp.dane.example.net.",
            "aliases": [{"owner": OWN + ".", "target": "_25._tcp.dane.example.net.", "secure": True}],
            "records": [{"owner": "_25._tcp.dane.example.net.", "usage": 2, "selector": 1, "matching_type": 1}],
            "error": None,
        }
    ]
    assert seen_aliases(results, TERMS.owners) == {OWN: "_25._tcp.dane.example.net"}
    assert seen_aliases(results, frozenset(["_25._tcp.other.example.org"])) == {}
    assert seen_aliases([{**results[0], "error": "no answer"}], TERMS.owners) == {}
    terms = Terms(TERMS.owners | {"_25._tcp.dane.example.net"}, TERMS.parameters, seen_parameters(results))
    found = acceptance([item("_25._tcp.dane.example.net.", "2 1 1 " + DIGEST)], terms)
    assert found.refused == () and len(found.records) == 1


@pytest.mark.parametrize("hosts", [["192.0.2.1"], ["bad host"], [""], ["a..b"]])
def test_what_is_no_host_has_no_names(hosts: list[str]) -> None:
    assert owner_names(hosts, [25]) == frozenset()


def test_forms_are_made_anew() -> None:
    found = acceptance([item(rdata_rfc3597="evil", host="evil.example"), item(ttl=60, rdata="3 1 1 " + "cd" * 32)], TERMS)
    (rrset,) = accepted_rrsets(found.records)
    assert (rrset.owner.name, rrset.ttl, len(rrset.records)) == (OWN + ".", 60, 2)
