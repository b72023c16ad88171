# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz targets of DNS replies: what a resolver sends, and what an authoritative server sends."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_reply import read_authoritative_reply
from ansible_collections.mailops.tls.plugins.module_utils._dns.sections import HEADER, MalformedReply
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import (
    MAX_ALIASES,
    MAX_RECORDS,
    InvalidQuestion,
    Question,
    is_truncated,
    read_reply,
)
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean, unclean

QUESTIONS = [
    Question("example.com", "MX", True),
    Question("_25._tcp.mx.example.com", "TLSA", True),
    Question("mx.example.com", "A", True),
    Question("mx.example.com", "AAAA", True),
    Question("_smtp._tcp.example.com", "SRV", True),
    Question("mx.example.com", "CNAME", True),
    Question("example.com", "TXT", False),
    Question("", "NS", True),
]
DIRECT = [
    Question("_25._tcp.mx.example.com", "TLSA", True, recursive=False),
    Question("example.com", "SOA", True, recursive=False),
    Question("example.com", "NS", True, recursive=False),
    Question("", "NS", True, recursive=False),
]


def dns(data: bytes) -> None:
    """A reply is read or malformed, nothing else, and what is read can be shown and asked for again.

    The first byte chooses the question. A byte that is odd in its fourth bit stands before a whole message; otherwise
    header and question are right and what follows is the rest.
    """
    choice, rest = (data[0] if data else 0), data[1:]
    question = QUESTIONS[choice & 7]
    wire = rest
    if not choice & 8:
        asked = question.encode(0)[HEADER.size : HEADER.size + question.size]
        counts = [rest[at] if at < len(rest) else 0 for at in range(4)]
        wire = HEADER.pack(0, 0x8180 | counts[3] & 0x2F, 1, *counts[:3]) + asked + rest[4:]
    if not question.is_answered_by(wire, int.from_bytes(wire[:2], "big")) or is_truncated(wire):
        return
    try:
        reply = read_reply(wire, question)
    except MalformedReply as error:
        assert is_clean(str(error))
        return
    assert reply.aliases <= MAX_ALIASES and len(reply.records) <= MAX_RECORDS
    assert bool(reply.records) is (reply.outcome is Outcome.FOUND)
    assert (reply.error is not None) is (reply.outcome is Outcome.ERROR)
    assert reply.ttl is None or 0 <= reply.ttl < 2**31
    assert not list(unclean([reply.owner, reply.error, reply.detail, reply.warning]))
    assert all(is_clean(str(record)) for record in reply.records)
    if reply.aliases:
        try:
            assert Question(reply.owner, "A", True).owner.to_text(True) == (reply.owner or ".")
        except InvalidQuestion as error:
            raise AssertionError(f"a name that DNS gave cannot be asked for: {reply.owner!r}") from error


def authoritative(data: bytes) -> None:
    """A reply of an authoritative server is read or malformed, within limits, and its names can be asked for.

    The first byte chooses the question, flags and counts are the next four, as in `dns`.
    """
    choice, rest = (data[0] if data else 0), data[1:]
    question = DIRECT[choice & 3]
    asked = question.encode(0)[HEADER.size : HEADER.size + question.size]
    counts = [rest[at] if at < len(rest) else 0 for at in range(4)]
    wire = HEADER.pack(0, 0x8000 | (choice & 4) << 8 | counts[3] & 0xF, 1, *counts[:3]) + asked + rest[4:]
    try:
        reply = read_authoritative_reply(wire, question)
    except MalformedReply as error:
        assert is_clean(str(error))
        return
    assert reply.authoritative is bool(choice & 4)
    assert (reply.error is not None) is (reply.outcome is Outcome.ERROR)
    assert not reply.authoritative or reply.referral is None
    assert not reply.tlsa or reply.outcome is Outcome.FOUND
    for many in (reply.tlsa, reply.name_servers, reply.signatures, reply.delegated_to, reply.glue):
        assert len(many) <= MAX_RECORDS
    names = [*reply.name_servers, *reply.delegated_to, *(one.signer for one in reply.signatures), reply.alias, reply.referral]
    assert not list(unclean([*names, reply.error]))
    for name in names:
        try:
            Question(name or "", "A", True)
        except InvalidQuestion as error:
            raise AssertionError(f"a name that DNS gave cannot be asked for: {name!r}") from error
