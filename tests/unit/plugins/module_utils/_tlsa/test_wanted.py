# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items that other modules return, as records of owners; and what must not be published."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import TlsaOwner
from ansible_collections.mailops.tls.plugins.module_utils._dane.publish import Association
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import all_forms
from ansible_collections.mailops.tls.plugins.module_utils._dane.rrset import rrsets
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import Action, ActionKind, OwnedRecord
from ansible_collections.mailops.tls.plugins.module_utils._rollover.report import dns_facts
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.rdata_text import parse_rdata
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.wanted import Wanted, parse_wanted, require_publishable

OWNER = "_25._tcp.mx.example.org"
A, B = (TlsaRecord(3, 1, 1, bytes([number]) * 32) for number in (1, 2))


@pytest.mark.parametrize("ttl", [None, 60])
@pytest.mark.parametrize("form", ["records", "record_sets", "single_records"])
def test_takes_what_tlsa_records_returns(form: str, ttl: int) -> None:
    owners = [TlsaOwner("MX.example.org", 25), TlsaOwner("mx.example.org", 465)]
    items = all_forms(rrsets(owners, [Association(A, ("a",)), Association(B, ("b",))], ttl))[form]
    renamed = {"record": "owner", "value": "rdata"}  # the aliases, which the argument specification resolves
    found = parse_wanted([{renamed.get(name, name): value for name, value in item.items()} for item in items])
    assert found == (Wanted(OWNER, ttl, (A, B)), Wanted("_465._tcp.mx.example.org", ttl, (A, B)))


def test_fields_alone_will_do() -> None:
    fields = {"owner": OWNER + ".", "usage": 3, "selector": 1, "matching_type": 1, "data": A.data.hex().upper()}
    assert parse_wanted([fields, {**fields, "ttl": 60}], 60) == (Wanted(OWNER, 60, (A,)),)


@pytest.mark.parametrize("name", ["tlsa201._dane.example.org", r"a\.b._dane.example.org", "*._tcp.mx.example.org", "0/25._x.arpa"])
def test_names_that_aliases_lead_to(name: str) -> None:
    (found,) = parse_wanted([{"owner": name.upper() + ".", "rdata": str(A)}])
    assert found == Wanted(name, None, (A,))


def test_a_name_like_a_host_s_has_to_be_meant() -> None:
    item = {"owner": "tlsa201.example.org.", "rdata": str(A)}
    assert parse_wanted([{**item, "alias_target": True}]) == (Wanted("tlsa201.example.org", None, (A,)),)
    for not_meant in (None, False):
        with pytest.raises(OptionError, match="alias_target"):
            parse_wanted([{**item, "alias_target": not_meant}])


@pytest.mark.parametrize("name", ["_25._tcp.mx.example.org", "tlsa201._dane.example.org", "tlsa.example.org", r"a\.b.example.org"])
def test_takes_what_the_rollover_returns(name: str) -> None:
    (item,) = dns_facts(Action(ActionKind.PUBLISH, add=(OwnedRecord(name, A),)), 3600)["add"]
    assert parse_wanted([item]) == (Wanted(name, 3600, (A,)),)


@pytest.mark.parametrize(
    "text", ["3 1 1 " + "01" * 32, "3  1 1\t" + "01" * 16 + " " + "01" * 16, "\\# 35 030101" + "01" * 32, "\\# 35 03 0101 " + "01" * 32]
)
def test_rdata_as_people_write_it(text: str) -> None:
    assert parse_rdata(text) == A


@pytest.mark.parametrize(
    "item, reason",
    [
        ({"owner": OWNER}, "has no RDATA"),
        ({"owner": OWNER, "rdata": []}, "has no RDATA"),
        ({"owner": OWNER, "rdata": 3}, "neither a text nor a list"),
        ({"owner": OWNER, "rdata": "3 1 1 xyz"}, "is no RDATA"),
        ({"owner": OWNER, "rdata": "3 1 1 abc"}, "not hexadecimal"),
        ({"owner": OWNER, "rdata": "3 1 256 ab"}, "0 to 255"),
        ({"owner": OWNER, "rdata": "\\# 4 030101"}, "length"),
        ({"owner": OWNER, "usage": 3, "selector": 1, "matching_type": 1}, "needs all of"),
        ({"owner": OWNER, "rdata": str(A), "usage": 3, "selector": 1, "matching_type": 1, "data": B.data.hex()}, "something else"),
        ({"rdata": str(A)}, "names no owner"),
        ({"owner": "mx.example.org", "rdata": str(A)}, "port and protocol"),
        ({"owner": OWNER + "..", "rdata": str(A)}, "is not an owner"),
        ({"owner": "_25._tcp.mx example.org", "rdata": str(A)}, "is not an owner"),
        ({"owner": "_25._tcp." + "a." * 123 + "org", "rdata": str(A)}, "is not an owner"),
        ({"owner": OWNER, "type": "MX", "rdata": str(A)}, "another type"),
        ({"owner": OWNER, "rdata": str(A), "ttl": -1}, "number of seconds"),
    ],
)
def test_items_that_make_no_sense(item: dict[str, Any], reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        parse_wanted([item])


def test_an_rrset_has_one_ttl() -> None:
    with pytest.raises(OptionError, match="different TTLs"):
        parse_wanted([{"owner": OWNER, "rdata": str(A), "ttl": 1}, {"owner": OWNER.upper(), "rdata": str(B), "ttl": 2}])


def test_no_records_at_all() -> None:
    with pytest.raises(OptionError, match="names no record"):
        parse_wanted([])


def wanted(text: str, owner: str = OWNER) -> tuple[Wanted, ...]:
    return parse_wanted([{"owner": owner, "rdata": text}])


@pytest.mark.parametrize(
    "text, reason",
    [
        ("3 1 1 " + hashlib.sha256().hexdigest(), "digest of nothing"), ("3 1 2 " + hashlib.sha512().hexdigest(), "digest of nothing"),
        ("3 1 1 ", "no data"), ("3 1 1 abcd", "length of a sha256"), ("3 1 2 " + "ab" * 32, "length of a sha512"),
        ("4 1 1 " + "ab" * 32, "not assigned"), ("3 2 1 " + "ab" * 32, "not assigned"), ("3 1 3 " + "ab" * 32, "not assigned"),
        ("3 0 1 " + "ab" * 32, "publish 3 1 1"), ("1 0 2 " + "ab" * 64, "publish 1 1 2"), ("3 0 0 3000", "publish 3 1 1"),
        ("2 0 0 abcd", "neither a public key"), ("3 1 0 3003abcd", "neither a public key"), ("3 1 0 3080abcd0000", "neither"),
        ("3 1 0 3000", "neither"), ("3 1 0 3003020101ff", "neither"),
    ],
)  # fmt: skip
def test_what_no_certificate_could_match_is_not_published(text: str, reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        require_publishable(wanted(text))


@pytest.mark.parametrize("text", [str(A), "2 0 1 " + "ab" * 32, "2 1 2 " + "ab" * 64, "3 1 0 3002abcd", "2 0 0 308202" + "02" + "00" * 514])
def test_what_is_fine(text: str) -> None:
    assert require_publishable(wanted(text)) == ()


def test_certificates_when_allowed() -> None:
    assert require_publishable(wanted("3 0 1 " + "ab" * 32), allow_certificate_pinning=True) == ()


def test_usages_that_mail_servers_do_not_use() -> None:
    assert "usages 0 and 1" in require_publishable(wanted("1 1 1 " + "ab" * 32))[0]
    assert require_publishable(wanted("1 1 1 " + "ab" * 32, "_443._tcp.www.example.org")) == ()
