# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading replies: against dnspython's own reader, and against arbitrary bytes."""

from __future__ import annotations

import struct
import time

import dns.message
import dns.rdatatype
import dns.rrset
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import MxRecord, Outcome, RecordData, SrvRecord, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.sections import MalformedReply
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import (
    InvalidQuestion,
    Question,
    Reply,
    read_reply,
)
from ansible_collections.mailops.tls.tests.pace import is_cheap
from hypothesis import given
from hypothesis import strategies as st

NAME = "example.com"


def wire_reply(rdtype: str, *lines: str, rcode: int = 0, name: str = NAME) -> bytes:
    """The reply to (name, rdtype) with these zone file lines, compressed as dnspython does."""
    reply = dns.message.make_response(dns.message.make_query(name, rdtype), recursion_available=True)
    reply.set_rcode(rcode)  # type: ignore[arg-type]
    for line in lines:
        owner, ttl, _class, kind, rdata = line.split(None, 4)
        rrset = dns.rrset.from_text(owner, int(ttl), "IN", kind, rdata)
        target = reply.find_rrset(reply.answer, rrset.name, rrset.rdclass, rrset.rdtype, create=True)
        target.update(rrset)  # type: ignore[no-untyped-call]
    return reply.to_wire(max_size=65535)


def read(rdtype: str, *lines: str, rcode: int = 0) -> Reply:
    return read_reply(wire_reply(rdtype, *lines, rcode=rcode), Question(NAME, rdtype, True))


@pytest.mark.parametrize("want_dnssec", [True, False])
def test_query(want_dnssec: bool) -> None:
    query = dns.message.from_wire(Question("_25._tcp.MX.example.com.", "TLSA", want_dnssec).encode(4711))
    assert query.id == 4711
    assert query.question[0].to_text() == "_25._tcp.MX.example.com. IN TLSA"
    assert (query.edns, query.payload, bool(query.ednsflags)) == (0, 1232, want_dnssec)
    assert dns.flags.to_text(query.flags) == ("RD AD" if want_dnssec else "RD")


@pytest.mark.parametrize("name", ["a..b", "a" * 64, ".".join(["a" * 60] * 5), "b\u00fc.de", ".a"])
def test_names_dns_cannot_hold(name: str) -> None:
    with pytest.raises(InvalidQuestion):
        Question(name, "A", True)


def test_unknown_type_is_the_caller_s_mistake() -> None:
    with pytest.raises(ValueError, match="record type"):
        Question(NAME, "NONSENSE", True)


@pytest.mark.parametrize(
    ("rdtype", "rdata", "expected"),
    [
        ("A", "192.0.2.1", "192.0.2.1"),
        ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
        ("AAAA", "::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("MX", "10 MX.example.com.", MxRecord(10, "MX.example.com")),
        ("MX", "0 .", MxRecord(0, "")),
        ("MX", r"5 a\.b.example.", MxRecord(5, r"a\.b.example")),
        ("SRV", "1 2 2525 mx.example.com.", SrvRecord(1, 2, 2525, "mx.example.com")),
        ("SRV", "0 0 0 .", SrvRecord(0, 0, 0, "")),
        ("TLSA", "3 1 1 " + "ab" * 32, TlsaRecord(3, 1, 1, b"\xab" * 32)),
        ("NS", "ns1.example.com.", "ns1.example.com"),
        ("CNAME", "other.example.", "other.example"),
        ("TXT", '"v=spf1 " "-all"', TxtRecord((b"v=spf1 ", b"-all"))),
        ("TXT", r'"bell\007 \226\130\172"', TxtRecord((b"bell\7 \xe2\x82\xac",))),
        ("SPF", '"v=spf1 -all"', TxtRecord((b"v=spf1 -all",))),
        ("CAA", '0 issue "ca.example"', '0 issue "ca.example"'),
    ],
)
def test_record_data(rdtype: str, rdata: str, expected: RecordData) -> None:
    reply = read(rdtype, f"example.com. 300 IN {rdtype} {rdata}")
    assert (reply.outcome, reply.records, reply.ttl) == (Outcome.FOUND, (expected,), 300)


def test_text_of_strings() -> None:
    assert TxtRecord((b"bell\7 \xe2", b"\x82\xac")).text == "bell? \u20ac"
    assert len(TxtRecord((b"x" * 255,) * 257).text) == 65535


@pytest.mark.parametrize("rdata", [b"\3\1\1", b"\3\1\1\xab", b"\3\1\2" + b"\1" * 32, b"\xff\xff\xff" + b"\1" * 900])
def test_unusable_tlsa_data_is_a_record(rdata: bytes) -> None:
    """dnspython refuses some of these; as records they can be judged, and do not hide the good ones beside them."""
    reply = read_reply(with_rdata(rdata), Question(NAME, "TLSA", True))
    assert reply.records == (TlsaRecord(rdata[0], rdata[1], rdata[2], rdata[3:]),)


def test_tlsa_without_its_three_numbers_is_malformed() -> None:
    with pytest.raises(MalformedReply):
        read_reply(with_rdata(b"\3\1"), Question(NAME, "TLSA", True))


def with_rdata(rdata: bytes) -> bytes:
    wire = wire_reply("TLSA", "example.com. 300 IN TLSA 3 1 3 ab")
    return wire.replace(b"\0\4\3\1\3\xab", struct.pack("!H", len(rdata)) + rdata)


def test_aliases_inside_one_reply() -> None:
    reply = read(
        "A", "example.com. 50 IN CNAME B.example.", "b.example. 20 IN CNAME c.example.", "c.example. 300 IN A 192.0.2.1"
    )
    assert (reply.owner, reply.aliases, reply.records, reply.ttl) == ("c.example", 2, ("192.0.2.1",), 20)


def test_order_inside_the_reply_does_not_matter() -> None:
    reply = read("A", "b.example. 300 IN A 192.0.2.1", "example.com. 50 IN CNAME b.example.")
    assert reply.records == ("192.0.2.1",)


def test_alias_question_follows_nothing() -> None:
    reply = read("CNAME", "example.com. 50 IN CNAME b.example.", "b.example. 20 IN CNAME c.example.")
    assert (reply.owner, reply.aliases, reply.records) == (NAME, 0, ("b.example",))


def test_alias_loop() -> None:
    reply = read("A", "example.com. 50 IN CNAME b.example.", "b.example. 20 IN CNAME example.com.")
    assert reply.looped


def test_nxdomain_behind_an_alias() -> None:
    reply = read("A", "example.com. 50 IN CNAME b.example.", rcode=3)
    assert (reply.outcome, reply.owner, reply.aliases) == (Outcome.NXDOMAIN, "b.example", 1)


def test_duplicates_count_once_and_a_hundred_are_kept() -> None:
    lines = [f"example.com. 300 IN A 192.0.2.{number}" for number in range(150)]
    reply = read("A", *lines)
    assert len(reply.records) == 100
    assert reply.warning == "DNS record count limit (100) exceeded: 50 records dropped"


@pytest.mark.parametrize(
    ("lines", "rcode"),
    [(["other.example. 300 IN A 192.0.2.1"], 0), (["example.com. 300 IN A 192.0.2.1"], 3)],
)
def test_contradictions_are_malformed(lines: list[str], rcode: int) -> None:
    with pytest.raises(MalformedReply):
        read("A", *lines, rcode=rcode)


def test_extended_rcode_is_not_taken_for_no_data() -> None:
    reply = dns.message.make_response(dns.message.make_query(NAME, "A", use_edns=0), recursion_available=True)
    wire = bytearray(reply.to_wire())
    assert wire[-11:] == b"\0\0\x29" + wire[-8:]
    wire[-6] = 1  # BADVERS is 16: all in the OPT record
    got = read_reply(bytes(wire), Question(NAME, "A", True))
    assert (got.outcome, got.error) == (Outcome.ERROR, "BADVERS")


def test_a_reply_must_fit_its_question() -> None:
    question = Question(NAME, "A", True)
    wire = wire_reply("A", "example.com. 300 IN A 192.0.2.1")
    (query_id,) = struct.unpack_from("!H", wire)
    assert question.is_answered_by(wire, query_id)
    assert question.is_answered_by(wire.replace(b"example", b"EXAMPLE"), query_id)
    assert not question.is_answered_by(wire, query_id ^ 1)
    assert not question.is_answered_by(wire[:2] + bytes([wire[2] & 0x7F]) + wire[3:], query_id)  # a query
    assert not question.is_answered_by(wire[:2] + bytes([wire[2] | 0x28]) + wire[3:], query_id)  # an update
    assert not Question(NAME, "AAAA", True).is_answered_by(wire, query_id)
    assert not Question("example.net", "A", True).is_answered_by(wire, query_id)
    assert not question.is_answered_by(wire[:11], query_id)
    assert question.is_answered_by(struct.pack("!HHHHHH", 7, 0x8181, 0, 0, 0, 0), 7)  # FORMERR without the question
    assert not question.is_answered_by(struct.pack("!HHHHHH", 7, 0x8180, 0, 0, 0, 0), 7)
    assert not question.is_answered_by(struct.pack("!HHHHHH", 7, 0x8183, 0, 0, 0, 0), 7)


LABELS = st.sampled_from(["example.com.", "b.example.", "c.example.", "d.example."])
RECORDS = st.one_of(
    st.builds("{} {} IN A 192.0.2.{}".format, LABELS, st.integers(0, 999), st.integers(0, 255)),
    st.builds("{} {} IN TLSA 3 1 {} abcd".format, LABELS, st.integers(0, 999), st.integers(3, 255)),
    st.builds("{} 60 IN MX {} {}".format, LABELS, st.integers(0, 99), LABELS),
    st.builds("{} 60 IN CNAME {}".format, LABELS, LABELS),
)


@given(st.lists(RECORDS, max_size=8), st.sampled_from(["A", "TLSA", "MX"]))
def test_same_as_dnspython_reads(lines: list[str], rdtype: str) -> None:
    """As Postfix has it: records of the name asked for, and of all that its aliases lead to, whatever stands beside them."""
    wire = wire_reply(rdtype, *lines)
    message = dns.message.from_wire(wire)
    owners = [dns.name.from_text(NAME)]
    kind = dns.rdatatype.from_text(rdtype)
    while len(owners) < 11:
        alias = message.get_rrset(message.answer, owners[-1], dns.rdataclass.IN, dns.rdatatype.CNAME)
        if alias is None:
            break
        owners.append(alias[0].target)
    expected = [rrset for rrset in message.answer if rrset.rdtype == kind and rrset.name in owners]
    try:
        reply = read_reply(wire, Question(NAME, rdtype, True))
    except MalformedReply:
        assert not expected and len(owners) == 1
        return
    first = owners.index(expected[0].name) if expected else len(owners) - 1
    assert reply.aliases == first and reply.owner == owners[first].to_text(True)
    assert set(reply.records) == {record for rrset in expected for record in records_of(rdtype, rrset)}
    assert (reply.outcome is Outcome.FOUND) is bool(expected)
    assert reply.looped is (not expected and len(owners) == 11)


def records_of(rdtype: str, rrset: dns.rrset.RRset) -> list[RecordData]:
    return [record for rdata in rrset for record in read(rdtype, f"{NAME + '.'} 1 IN {rdtype} {rdata}").records]


ALIAS, MX_BESIDE = "example.com. 60 IN CNAME b.example.", "example.com. 60 IN MX 10 mx.example."


@pytest.mark.parametrize("lines", [(ALIAS, MX_BESIDE), (MX_BESIDE, ALIAS), (MX_BESIDE, "example.com. 60 IN CNAME example.com.")])
def test_records_beside_an_alias_count(lines: tuple[str, ...]) -> None:
    """Measured with posttls-finger 3.7.11: it uses them, and does not follow the alias."""
    reply = read("MX", *lines)
    assert (reply.outcome, reply.owner, reply.aliases, reply.records) == (Outcome.FOUND, NAME, 0, (MxRecord(10, "mx.example"),))


def test_records_on_the_way_of_aliases_count() -> None:
    reply = read("MX", ALIAS, "b.example. 60 IN CNAME c.example.", "b.example. 60 IN MX 10 mx.example.")
    assert (reply.owner, reply.aliases, reply.records) == ("b.example", 1, (MxRecord(10, "mx.example"),))


NO_HOST_NAMES = ["a*b.example.", "-a.example.", r"a\.b.example.", r"a\000.example.", r"\195\188.example.", "123.", "0.1.2.3."]


@pytest.mark.parametrize("target", NO_HOST_NAMES)
def test_an_alias_to_no_host_name_is_malformed(target: str) -> None:
    with pytest.raises(MalformedReply, match="malformed domain name in CNAME record"):
        read("A", f"example.com. 60 IN CNAME {target}", f"{target} 60 IN A 192.0.2.1")


@pytest.mark.parametrize("target", ["*.example.", "_mx.example.", "192.0.2.7.", "mx."])
def test_an_alias_may_lead_to_any_name_that_postfix_takes(target: str) -> None:
    reply = read("A", f"example.com. 60 IN CNAME {target}", f"{target} 60 IN A 192.0.2.1")
    assert (reply.owner, reply.records) == (target[:-1], ("192.0.2.1",))


GOOD_MX = b"\0\x0a\x02mx\0"


@pytest.mark.parametrize(
    ("rdtype", "good", "bad", "records"),
    [
        ("MX", GOOD_MX, b"\0\x0a\x05ab", (MxRecord(10, "mx"),)),  # a name without end
        ("MX", GOOD_MX, b"\0", (MxRecord(10, "mx"),)),
        ("A", b"\x7f\0\0\6", b"\x7f\0\0\5\5", ("127.0.0.6",)),
        ("AAAA", b"\0" * 15 + b"\1", b"\0", ("::1",)),
        ("SRV", b"\0\1\0\2\0\3\x02mx\0", b"\0\1\0\2", (SrvRecord(1, 2, 3, "mx"),)),
    ],
)
def test_a_record_that_cannot_be_read_does_not_hide_those_beside_it(
    rdtype: str, good: bytes, bad: bytes, records: tuple[RecordData, ...]
) -> None:
    for parts in ((good, bad), (bad, good)):
        reply = read_reply(with_data(rdtype, *parts), Question(NAME, rdtype, True))
        assert reply.records == records and reply.warning == "1 records cannot be read and are dropped"
    with pytest.raises(MalformedReply):
        read_reply(with_data(rdtype, bad), Question(NAME, rdtype, True))


def test_what_stands_behind_the_exchange_in_an_mx_record_does_not_matter() -> None:
    reply = read_reply(with_data("MX", GOOD_MX + b"xx"), Question(NAME, "MX", True))
    assert reply.records == (MxRecord(10, "mx"),) and reply.warning is None


def with_data(rdtype: str, *parts: bytes) -> bytes:
    """A reply whose records have these bytes as their data."""
    wire = bytearray(wire_reply(rdtype))
    number = int(dns.rdatatype.from_text(rdtype))
    end = wire.index(b"\7example\3com\0") + 13 + 4
    records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", number, 1, 60, len(part)) + part for part in parts)
    wire[6:8] = struct.pack("!H", len(parts))
    return bytes(wire[:end] + records + wire[end:])


REPLIES = [
    wire_reply("TLSA", "example.com. 50 IN CNAME b.example.", "b.example. 300 IN TLSA 3 1 1 " + "ab" * 32),
    wire_reply("TLSA"),
]


@given(st.one_of(st.binary(max_size=600), st.integers(0, 65535).map(lambda flags: struct.pack("!HH", 1, flags)).flatmap(
    lambda start: st.binary(max_size=300).map(start.__add__))))  # fmt: skip
def test_arbitrary_bytes_are_only_ever_malformed(wire: bytes) -> None:
    question = Question(NAME, "TLSA", True)
    question.is_answered_by(wire, 1)
    if len(wire) >= 12:
        try:
            read_reply(wire, question)
        except MalformedReply:
            pass


@given(st.sampled_from(REPLIES), st.lists(st.tuples(st.integers(12, 200), st.integers(0, 255)), max_size=4), st.integers(0, 200))
def test_damaged_replies_are_only_ever_malformed(wire: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    damaged = bytearray(wire[: max(12, len(wire) - cut)])
    for position, value in changes:
        damaged[position % len(damaged)] = value
    try:
        reply = read_reply(bytes(damaged), Question(NAME, "TLSA", True))
    except MalformedReply:
        return
    assert len(reply.records) <= 100


def test_compression_loop_is_malformed() -> None:
    question = Question(NAME, "A", True)
    wire = struct.pack("!HHHHHH", 1, 0x8180, 1, 1, 0, 0) + question.encode(0)[12:-11]
    pointer = struct.pack("!H", 0xC000 | len(wire))
    with pytest.raises(MalformedReply):
        read_reply(wire + pointer + struct.pack("!HHIH", 1, 1, 60, 4) + b"\1\2\3\4", question)


def pointer_chain(rdtype: int, hops: int) -> bytes:
    """A reply of 64 KiB to a question for MX: a chain of compression pointers, then records whose names begin at its end."""
    question = Question(NAME, "MX", True)
    asked = question.encode(0)[12 : 12 + question.size]
    base = 12 + len(asked) + 12
    chain = b"\0" + b"".join(struct.pack("!H", 0xC000 | (base if at == 0 else base + 2 * at - 1)) for at in range(hops))
    end = struct.pack("!H", 0xC000 | base + 2 * hops - 1)
    filler = b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, len(chain)) + chain
    data = b"\0\x0a" + end if rdtype == 15 else end
    record = end + struct.pack("!HHIH", rdtype, 1, 60, len(data)) + data
    count = (65535 - base - len(filler)) // len(record)
    return struct.pack("!HHHHHH", 0, 0x8180, 1, 1 + count, 0, 0) + asked + filler + count * record


@pytest.mark.parametrize("rdtype", [5, 15])
def test_long_chains_of_pointers_in_thousands_of_names_cost_next_to_nothing(rdtype: int) -> None:
    began = time.thread_time()
    with pytest.raises(MalformedReply):
        read_reply(pointer_chain(rdtype, 8000), Question(NAME, "MX", True))
    assert is_cheap(time.thread_time() - began, 1)


@pytest.mark.parametrize("rdtype", [5, 15])
def test_the_most_pointers_allowed_cost_little_too(rdtype: int) -> None:
    began = time.thread_time()
    try:
        read_reply(pointer_chain(rdtype, 14), Question(NAME, "MX", True))
    except MalformedReply as error:
        assert "do not fit" in str(error)  # the records belong to the root
    assert is_cheap(time.thread_time() - began, 2)
