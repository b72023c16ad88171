# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading replies of authoritative servers: what is in them, and arbitrary bytes."""

from __future__ import annotations

import struct
import time

import dns.flags
import dns.message
import dns.rrset
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_reply import (
    AuthoritativeReply,
    Glue,
    Signature,
    Soa,
    read_authoritative_reply,
)
from ansible_collections.mailops.tls.plugins.module_utils._dns.sections import MalformedReply
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import MAX_RECORDS, Question
from ansible_collections.mailops.tls.tests.pace import is_cheap
from hypothesis import given
from hypothesis import strategies as st

OWNER = "_25._tcp.mx.example.org"
DIGEST = "ab" * 32
TLSA = f"{OWNER}. 300 IN TLSA 3 1 1 {DIGEST}"
RRSIG = f"{OWNER}. 300 IN RRSIG TLSA 13 5 300 20261205000000 20261121000000 4711 example.org. AAAA"
SOA = "example.org. 900 IN SOA ns.example.org. hostmaster.example.org. 2026112101 3600 600 86400 60"


def wire_reply(
    rdtype: str = "TLSA", *, answer: tuple[str, ...] = (), authority: tuple[str, ...] = (), additional: tuple[str, ...] = (),
    rcode: int = 0, aa: bool = True, name: str = OWNER,
) -> bytes:  # fmt: skip
    reply = dns.message.make_response(dns.message.make_query(name, rdtype, want_dnssec=True))
    reply.set_rcode(rcode)  # type: ignore[arg-type]
    reply.flags |= dns.flags.AA if aa else 0
    for section, lines in ((reply.answer, answer), (reply.authority, authority), (reply.additional, additional)):
        for line in lines:
            owner, ttl, _class, kind, rdata = line.split(None, 4)
            section.append(dns.rrset.from_text(owner, int(ttl), "IN", kind, rdata))
    return reply.to_wire(max_size=65535)


def read(wire: bytes, rdtype: str = "TLSA", name: str = OWNER) -> AuthoritativeReply:
    return read_authoritative_reply(wire, Question(name, rdtype, True, recursive=False))


def test_records_with_ttl_and_signature() -> None:
    reply = read(wire_reply(answer=(TLSA, RRSIG)))
    assert reply == AuthoritativeReply(
        Outcome.FOUND,
        True,
        ttl=300,
        tlsa=(TlsaRecord(3, 1, 1, bytes.fromhex(DIGEST)),),
        signatures=(Signature(52, 13, 4711, "example.org", 1795219200, 1796428800, 300),),
    )


def test_signatures_of_other_types_are_left_out() -> None:
    reply = read(wire_reply(answer=(TLSA, RRSIG.replace("RRSIG TLSA", "RRSIG A"))))
    assert (reply.outcome, reply.signatures) == (Outcome.FOUND, ())


@pytest.mark.parametrize(("rcode", "outcome"), [(0, Outcome.NODATA), (3, Outcome.NXDOMAIN)])
def test_absence_comes_with_the_soa(rcode: int, outcome: Outcome) -> None:
    reply = read(wire_reply(authority=(SOA,), rcode=rcode))
    assert (reply.outcome, reply.authoritative, reply.soa) == (outcome, True, Soa("example.org", 2026112101, 900, 60))


@pytest.mark.parametrize(("ttl", "minimum", "expected"), [(900, 60, 60), (30, 60, 30), (60, 60, 60)])
def test_negative_ttl_is_the_smaller_one(ttl: int, minimum: int, expected: int) -> None:
    assert Soa("example.org", 1, ttl, minimum).negative_ttl == expected


def test_the_soa_asked_for() -> None:
    reply = read(wire_reply("SOA", answer=(SOA,), name="example.org"), "SOA", "example.org")
    assert (reply.outcome, reply.soa) == (Outcome.FOUND, Soa("example.org", 2026112101, 900, 60))


def test_referral_with_glue() -> None:
    wire = wire_reply(
        "NS", name="example.org", aa=False, authority=("example.org. 60 IN NS NS1.example.org.", "example.org. 60 IN NS ns2.example.net."),
        additional=("ns1.example.org. 60 IN A 192.0.2.1", "ns1.example.org. 60 IN AAAA 2001:db8::1", "x.example. 60 IN TXT x"),
    )  # fmt: skip
    reply = read(wire, "NS", "example.org")
    assert (reply.authoritative, reply.outcome, reply.referral) == (False, Outcome.NODATA, "example.org")
    assert reply.delegated_to == ("ns1.example.org", "ns2.example.net")
    assert reply.glue == (Glue("ns1.example.org", "192.0.2.1"), Glue("ns1.example.org", "2001:db8::1"))


def test_an_authoritative_reply_is_no_referral() -> None:
    reply = read(wire_reply(authority=("example.org. 60 IN NS ns1.example.org.", SOA)))
    assert (reply.referral, reply.delegated_to) == (None, ())


def test_alias() -> None:
    reply = read(wire_reply(answer=(f"{OWNER}. 60 IN CNAME TLSA.example.net.", "tlsa.example.net. 60 IN TLSA 3 1 1 " + DIGEST)))
    assert (reply.alias, reply.tlsa, reply.outcome) == ("tlsa.example.net", (), Outcome.NODATA)


def test_name_servers_of_the_zone() -> None:
    lines = ("example.org. 60 IN NS Ns2.example.org.", "example.org. 60 IN NS ns1.example.org.", "other.org. 60 IN NS x.example.org.")
    reply = read(wire_reply("NS", answer=lines, name="example.org"), "NS", "example.org")
    assert reply.name_servers == ("ns2.example.org", "ns1.example.org")


def test_records_of_other_owners_are_not_the_answer() -> None:
    reply = read(wire_reply(answer=("_25._tcp.mx2.example.org. 300 IN TLSA 3 1 1 " + DIGEST,)))
    assert (reply.outcome, reply.tlsa) == (Outcome.NODATA, ())


def test_errors_keep_their_reason() -> None:
    reply = read(wire_reply(rcode=2))
    assert (reply.outcome, reply.error) == (Outcome.ERROR, "SERVFAIL")
    assert read(wire_reply(rcode=5, aa=False)).error == "REFUSED"


def test_records_beyond_the_limit_are_counted() -> None:
    many = tuple(f"{OWNER}. 300 IN TLSA 3 1 1 {number:064x}" for number in range(MAX_RECORDS + 7))
    reply = read(wire_reply(answer=many))
    assert (len(reply.tlsa), reply.dropped) == (MAX_RECORDS, 7)


@pytest.mark.parametrize("change", ["nxdomain", "truncated", "short-tlsa", "cut"])
def test_contradictions_are_malformed(change: str) -> None:
    wire = wire_reply(answer=(TLSA,), rcode=3 if change == "nxdomain" else 0)
    if change == "truncated":
        wire = wire[:2] + bytes([wire[2] | 2]) + wire[3:]
    if change == "short-tlsa":
        data_at = wire.index(bytes([3, 1, 1]) + bytes.fromhex(DIGEST))
        wire = wire[:data_at - 2] + struct.pack("!H", 2) + wire[data_at:data_at + 2] + wire[data_at + 35:]
    if change == "cut":
        wire = wire[:-20]
    with pytest.raises(MalformedReply):
        read(wire)


def test_an_soa_of_the_wrong_length_is_malformed() -> None:
    wire = wire_reply(authority=(SOA,))
    numbers = struct.pack("!IIIII", 2026112101, 3600, 600, 86400, 60)
    at = wire.index(numbers)
    soa_start = wire.rindex(struct.pack("!HHI", 6, 1, 900), 0, at)
    length = struct.unpack_from("!H", wire, soa_start + 8)[0]
    shorter = wire[:soa_start + 8] + struct.pack("!H", length - 4) + wire[soa_start + 10:at + 16] + wire[at + 20:]
    with pytest.raises(MalformedReply):
        read(shorter)


@given(st.binary(max_size=400))
def test_arbitrary_bytes_do_no_harm(tail: bytes) -> None:
    question = Question(OWNER, "TLSA", True, recursive=False)
    head = struct.pack("!HHHHHH", 1, 0x8400, 1, 3, 2, 2) + (question.owner.to_wire() or b"") + struct.pack("!HH", 52, 1)
    try:
        reply = read_authoritative_reply(head + tail, question)
    except MalformedReply:
        return
    assert isinstance(reply.outcome, Outcome)


@given(st.data())
def test_every_damaged_reply_is_read_or_malformed(data: st.DataObject) -> None:
    wire = bytearray(wire_reply(answer=(TLSA, RRSIG), authority=(SOA,), additional=("ns.example.org. 60 IN A 192.0.2.1",)))
    for _change in range(data.draw(st.integers(1, 4))):
        wire[data.draw(st.integers(12, len(wire) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert len(read(bytes(wire)).tlsa) <= 1
    except MalformedReply:
        pass


def test_a_full_size_reply_takes_little_time() -> None:
    # 64 KiB of RRSIG records whose owners are pointers to pointers.
    question = Question(OWNER, "TLSA", True, recursive=False)
    head = struct.pack("!HHHHHH", 1, 0x8400, 1, 3900, 0, 0) + (question.owner.to_wire() or b"") + struct.pack("!HH", 52, 1)
    record = b"\xc0\x0c" + struct.pack("!HHIH", 46, 1, 60, 4) + b"abcd"
    began = time.thread_time()
    with pytest.raises(MalformedReply):
        read_authoritative_reply(head + record * 3900, question)
    assert is_cheap(time.thread_time() - began, 5)


def test_questions_do_not_ask_for_recursion() -> None:
    sent = dns.message.from_wire(Question(OWNER, "TLSA", True, recursive=False).encode(7))
    assert not sent.flags & (dns.flags.RD | dns.flags.AD)
    assert sent.ednsflags & dns.flags.DO


@pytest.mark.parametrize(("labels", "wildcard"), [(5, False), (4, True), (2, True)])
def test_a_signature_with_fewer_labels_tells_a_wildcard(labels: int, wildcard: bool) -> None:
    (signature,) = read(wire_reply(answer=(TLSA, RRSIG.replace("TLSA 13 5", f"TLSA 13 {labels}")))).signatures
    assert signature.wildcard is wildcard


def test_of_ttls_that_differ_the_longest_counts() -> None:
    other = TLSA.replace(" 300 ", " 900 ").replace("3 1 1 ab", "3 1 1 cd")
    opt = 11
    wire = bytearray(wire_reply(answer=(TLSA,))[:-opt])
    wire[6:8] = b"\0\2"
    reply = read(bytes(wire) + wire_reply(answer=(other,))[len(wire_reply()) - opt :])
    assert len(reply.tlsa) == 2 and reply.ttl == 900
