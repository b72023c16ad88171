# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records written down and read again by dnspython, and the shapes that modules take."""

from __future__ import annotations

import io
from typing import Any

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.zone
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import TlsaOwner
from ansible_collections.mailops.tls.plugins.module_utils._dane.publish import Association
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import all_forms, rfc3597_rdata, zone_text
from ansible_collections.mailops.tls.plugins.module_utils._dane.rrset import TlsaRRset, rrsets
from hypothesis import given
from hypothesis import strategies as st

BYTE = st.integers(0, 255)
DIGESTS = {1: 32, 2: 64}
"""Lengths by matching type, which newer versions of dnspython look at."""
RECORDS = st.builds(TlsaRecord, BYTE, BYTE, BYTE, st.binary(min_size=1, max_size=600)).filter(
    lambda record: record.matching_type not in DIGESTS
) | st.sampled_from(sorted(DIGESTS.items())).flatmap(
    lambda kind: st.builds(TlsaRecord, BYTE, BYTE, st.just(kind[0]), st.binary(min_size=kind[1], max_size=kind[1]))
)
LABEL = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,20}[a-z0-9_])?", fullmatch=True)
HOSTS = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
OWNERS = st.builds(TlsaOwner, HOSTS, st.integers(1, 65535), st.sampled_from(["tcp", "udp", "sctp"]))
TTLS = st.none() | st.integers(0, 2**31 - 1)

MX = TlsaOwner("mx.example.org", 25)
KEY, NEXT = TlsaRecord(3, 1, 1, bytes(32)), TlsaRecord(3, 1, 1, b"\xab" * 32)
ISSUER = TlsaRecord(2, 0, 2, b"\x01" * 64)


def associated(*records: TlsaRecord, label: str = "/key.pem") -> list[Association]:
    return [Association(record, (label,)) for record in records]


@given(RECORDS)
def test_dnspython_reads_both_forms_of_the_rdata(record: TlsaRecord) -> None:
    wire = bytes((record.usage, record.selector, record.matching_type)) + record.data
    for text in (str(record), rfc3597_rdata(record)):
        read: Any = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.TLSA, text)
        assert (read.usage, read.selector, read.mtype, read.cert) == (
            record.usage, record.selector, record.matching_type, record.data
        )  # fmt: skip
        stream = io.BytesIO()
        read.to_wire(stream)
        assert stream.getvalue() == wire


@given(st.dictionaries(OWNERS, st.lists(RECORDS, min_size=1, max_size=3, unique=True), min_size=1, max_size=3), TTLS,
       st.booleans(), st.booleans())  # fmt: skip
def test_dnspython_reads_the_zone_file(
    content: dict[TlsaOwner, list[TlsaRecord]], ttl: int, rfc3597: bool, comments: bool
) -> None:
    sets = [TlsaRRset(owner, ttl, tuple(associated(*records))) for owner, records in content.items()]
    text = zone_text(sets, rfc3597=rfc3597, comments=comments)
    zone = dns.zone.from_text("$TTL 77\n" + text, origin=".", relativize=False, check_origin=False)
    read = {name.to_text(): rdataset for name, rdataset in zone.iterate_rdatasets(dns.rdatatype.TLSA)}
    assert set(read) == {owner.name for owner in content}
    for owner, records in content.items():
        assert read[owner.name].ttl == (77 if ttl is None else ttl)
        assert {(one.usage, one.selector, one.mtype, one.cert) for one in read[owner.name]} == {
            (one.usage, one.selector, one.matching_type, one.data) for one in records
        }


def test_the_zone_file_is_that_of_output_server_tlsa() -> None:
    made = [*associated(KEY, label="/etc/postfix/key.pem"), *associated(NEXT, label="/etc/postfix/eckey.pem")]
    assert zone_text(rrsets([MX], made)) == (
        "; /etc/postfix/key.pem\n"
        "_25._tcp.mx.example.org. IN TLSA 3 1 1 " + "00" * 32 + "\n"
        "; /etc/postfix/eckey.pem\n"
        "_25._tcp.mx.example.org. IN TLSA 3 1 1 " + "ab" * 32 + "\n"
    )


def test_a_comment_stands_once_before_the_records_of_a_source_and_again_for_each_owner() -> None:
    made = [*associated(KEY, ISSUER), Association(NEXT, ("/next.pem", "/spare.pem"))]
    lines = zone_text(rrsets([MX, TlsaOwner("mx.example.org", 465), MX], made, 60)).splitlines()
    assert [line.split(" IN ")[0] for line in lines] == [
        "; /key.pem", "_25._tcp.mx.example.org. 60", "_25._tcp.mx.example.org. 60",
        "; /next.pem", "; /spare.pem", "_25._tcp.mx.example.org. 60",
        "; /key.pem", "_465._tcp.mx.example.org. 60", "_465._tcp.mx.example.org. 60",
        "; /next.pem", "; /spare.pem", "_465._tcp.mx.example.org. 60",
    ]  # fmt: skip


def test_shapes_for_modules() -> None:
    forms = all_forms(rrsets([MX, TlsaOwner("b.example.org", 853, "udp")], associated(KEY, ISSUER), 3600))
    zeros, ones = "00" * 32, "01" * 64
    assert forms["record_sets"] == [
        {"record": "_25._tcp.mx.example.org.", "type": "TLSA", "ttl": 3600, "value": ["3 1 1 " + zeros, "2 0 2 " + ones]},
        {"record": "_853._udp.b.example.org.", "type": "TLSA", "ttl": 3600, "value": ["3 1 1 " + zeros, "2 0 2 " + ones]},
    ]
    assert forms["single_records"][1] == {
        "record": "_25._tcp.mx.example.org.", "type": "TLSA", "ttl": 3600, "value": "2 0 2 " + ones,
    }  # fmt: skip
    assert forms["split_records"][3] == {
        "record": "b.example.org", "port": 853, "proto": "udp", "type": "TLSA", "ttl": 3600,
        "cert_usage": 2, "selector": 0, "hash_type": 2, "value": ones,
    }  # fmt: skip
    assert forms["records"][0] == {
        "owner": "_25._tcp.mx.example.org.", "host": "mx.example.org", "port": 25, "protocol": "tcp", "ttl": 3600,
        "usage": 3, "selector": 1, "matching_type": 1, "data": zeros, "rdata": "3 1 1 " + zeros,
        "rdata_rfc3597": "\\# 35 030101" + zeros, "sources": ["/key.pem"],
    }  # fmt: skip
    assert forms["zone_rfc3597"].splitlines()[1] == "_25._tcp.mx.example.org. 3600 IN TYPE52 \\# 35 030101" + zeros


@pytest.mark.parametrize("form", ["record_sets", "single_records", "split_records"])
def test_without_ttl_modules_are_left_their_own(form: str) -> None:
    assert all("ttl" not in one for one in all_forms(rrsets([MX], associated(KEY)))[form])
    assert all(one["ttl"] == 0 for one in all_forms(rrsets([MX], associated(KEY), 0))[form])
