# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz target of DNS replies; it takes what a resolver sends."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.sections import MalformedReply
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import (
    HEADER,
    MAX_ALIASES,
    MAX_RECORDS,
    InvalidQuestion,
    Question,
    is_truncated,
    read_reply,
)
from ansible_collections.mailops.tls.tests.unit.clean_text import is_clean, unclean

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
            raise AssertionError("a name that DNS gave cannot be asked for: %r" % reply.owner) from error
