# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and record data that are read without dnspython are what dnspython reads, and what it refuses is refused."""

from __future__ import annotations

import struct

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import RecordData, SrvRecord, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.sections import (
    MalformedReply,
    name_at,
    name_text,
    plain_name,
    reading,
    text_at,
    walk,
)
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import InvalidQuestion, Question, decode_records
from hypothesis import example, given
from hypothesis import strategies as st

TYPES = ["A", "AAAA", "TXT", "NS", "PTR", "CNAME", "SRV"]
POINTERS = st.integers(0, 60).map(lambda at: struct.pack("!H", 0xC000 | at))
LABELS = st.one_of(
    st.binary(min_size=1, max_size=63).map(lambda label: bytes((len(label),)) + label),
    st.sampled_from([b"\2mx", b"\7example", b"\3a_b", b"\1*", b"\x02\xc3\xbc", b"\3a.b"]),
    POINTERS,
)
NAMES = st.lists(LABELS, max_size=12).map(lambda parts: b"".join(parts) + b"\0")


@given(st.one_of(NAMES, st.binary(max_size=300)), st.integers(0, 40))
@example(b"\1a\xc0\0", 0)
@example(b"\1a\xc0\2\xc0\0\0", 4)
@example((b"\x3f" + b"a" * 63) * 4 + b"\0", 0)
@example(b"\x40" + b"a" * 64 + b"\0", 0)
@example((b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"a" * 61 + b"\0", 0)
def test_a_name_is_what_dnspython_reads(wire: bytes, offset: int) -> None:
    def slowly() -> tuple[str, int]:
        name, used = name_at(wire, offset)
        return name_text(name), used

    try:
        expected = reading(slowly)
    except MalformedReply:
        with pytest.raises(MalformedReply):
            reading(lambda: text_at(wire, offset))
        return
    assert text_at(wire, offset) == expected


@given(st.one_of(st.text("abcXYZ019-_.", max_size=70), st.text(max_size=20), st.sampled_from(["a" * 63, "a" * 64])))
@example(".".join(["a" * 63] * 3 + ["a" * 61]))
@example(".".join(["a" * 63] * 3 + ["a" * 61]) + ".")
@example(".".join(["a" * 63] * 3 + ["a" * 62]))
@example("")
@example(".")
@example("\\065.example")
def test_a_question_has_the_name_that_dnspython_writes(name: str) -> None:
    try:
        expected = dns.name.from_text(name.encode("ascii").decode("ascii") or ".", dns.name.root)
    except (dns.exception.DNSException, UnicodeError):
        with pytest.raises(InvalidQuestion):
            Question(name, "A", True)
        return
    question = Question(name, "A", True)
    assert question.encode(0)[12:12 + question.size - 4] == expected.to_wire()
    assert (question.owner, question.text) == (expected, name_text(expected))


def test_plain_names() -> None:
    assert plain_name("Mx_1.example.") == (b"Mx_1", b"example")
    assert [plain_name(name) for name in ("", ".", "a..b", "\\065.b", "*.b", "\u00fc.b")] == [None] * 6


def by_dnspython(rdtype: str, data: bytes) -> RecordData:
    """A record's data as dnspython reads it."""
    rdata = dns.rdata.from_wire(dns.rdataclass.IN, dns.rdatatype.from_text(rdtype), data, 0, len(data))
    if rdtype in ("A", "AAAA"):
        return str(rdata.address)  # type: ignore[attr-defined]
    if rdtype == "TXT":
        return TxtRecord(tuple(rdata.strings))  # type: ignore[attr-defined]
    target = name_text(rdata.target)  # type: ignore[attr-defined]
    return SrvRecord(rdata.priority, rdata.weight, rdata.port, target) if rdtype == "SRV" else target  # type: ignore[attr-defined]


@given(
    st.sampled_from(TYPES),
    st.one_of(
        st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16), NAMES, NAMES.map(b"\0\1\0\2\0\3".__add__),
        st.binary(min_size=1, max_size=40),
        st.sampled_from([b"\0" * 10 + b"\xff\xff\1\2\3\4", b"\0" * 16, b"\0" * 15 + b"\1", b"\0\1" * 8]),
    ),
)  # fmt: skip
def test_data_of_a_record_is_what_dnspython_reads(rdtype: str, data: bytes) -> None:
    head = b"\0" + struct.pack("!HHIH", int(dns.rdatatype.from_text(rdtype)), 1, 60, len(data))
    try:
        expected = reading(lambda: by_dnspython(rdtype, data))
    except MalformedReply:
        expected = None
    # Pointers lead elsewhere with the head before them, and data with pointers is the test of names.
    if any(octet >= 0xC0 for octet in data) and rdtype in ("NS", "PTR", "CNAME", "SRV"):
        return
    try:
        found = decode_records(head + data, list(walk(head + data, 0, 1)))[0]
    except MalformedReply:
        found = (None,)  # type: ignore[assignment]
    assert found == (expected,)


def test_a_text_record_has_a_string() -> None:
    wire = b"\0" + struct.pack("!HHIH", 16, 1, 60, 0)
    with pytest.raises(MalformedReply):
        decode_records(wire, list(walk(wire, 0, 1)))
