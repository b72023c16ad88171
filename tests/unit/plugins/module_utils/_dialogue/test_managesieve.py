# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ManageSieve client: what it asks in which order, what it learns, and servers that leave the rules."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.managesieve import ManageSieveSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MOST_WAITING, MailboxPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.tests.unit.makers.mailbox_talk import Conversation, converse
from hypothesis import given
from hypothesis import strategies as st

TOLD = b'"IMPLEMENTATION" "Pigeonhole"\r\n"SASL" ""\r\n"STARTTLS"\r\nOK "ready"\r\n'
NO_TLS = b'"IMPLEMENTATION" "Pigeonhole"\r\n"SASL" "PLAIN"\r\nOK "ready"\r\n'
GO = b'OK "Begin TLS"\r\n'
INSIDE = b'"IMPLEMENTATION" "Pigeonhole"\r\n"SASL" "PLAIN LOGIN"\r\nOK "TLS done"\r\n'
AFTER = {"IMPLEMENTATION": ("Pigeonhole",), "SASL": ("PLAIN", "LOGIN")}


def talk(*chunks: bytes, mode: TlsMode = TlsMode.STARTTLS, **settings: Any) -> Conversation:
    return converse(ManageSieveSettings(**settings).start(mode), chunks)


def test_starttls() -> None:
    """No command asks for capabilities: the server tells them at the beginning and again inside TLS."""
    seen = talk(TOLD, GO, INSIDE)
    assert seen.done == ["STARTTLS", "<TLS>", "LOGOUT"]
    assert (seen.log.after_tls, seen.log.starttls_offered, seen.log.greeting_status) == (AFTER, True, "ok")
    assert seen.log.before_tls == seen.log.at_greeting == {"IMPLEMENTATION": ("Pigeonhole",), "SASL": (), "STARTTLS": ()}
    assert seen.log.greeting == 'OK "ready"' and seen.log.failure is None


def test_implicit_tls_and_none() -> None:
    implicit = talk(INSIDE, mode=TlsMode.IMPLICIT)
    assert implicit.done == ["<TLS>", "LOGOUT"] and implicit.log.after_tls == AFTER and implicit.log.before_tls is None
    assert talk(NO_TLS, mode=TlsMode.NONE).done == ["LOGOUT"]


@pytest.mark.parametrize(
    ("chunks", "kind", "phase"),
    [
        ((b'BYE "busy"\r\n',), ErrorKind.REJECTED, "greeting"),
        ((b'NO "too many connections"\r\n',), ErrorKind.RATE_LIMITED, "greeting"),
        ((b'OK "ready"\r\n',), ErrorKind.PROTOCOL_ERROR, "greeting"),
        ((b"* OK IMAP\r\n",), ErrorKind.PROTOCOL_ERROR, "greeting"),
        ((b'"A" "b"\r\n' * 200,), ErrorKind.LIMIT_EXCEEDED, "greeting"),
        ((b"{99999999999}\r\n",), ErrorKind.LIMIT_EXCEEDED, "greeting"),
        ((NO_TLS,), ErrorKind.STARTTLS_NOT_OFFERED, "greeting"),
        ((TOLD, b'NO "not now"\r\n'), ErrorKind.STARTTLS_REJECTED, "starttls"),
        ((TOLD, b'BYE "go"\r\n'), ErrorKind.REJECTED, "starttls"),
        ((TOLD, GO, b'NO "no"\r\n'), ErrorKind.REJECTED, "capability_tls"),
    ],
)
def test_servers_that_end_it(chunks: tuple[bytes, ...], kind: ErrorKind, phase: str) -> None:
    seen = talk(*chunks)
    assert (seen.failure.kind, seen.failure.phase.value, seen.waiting) == (kind, phase, None)


def test_plaintext_behind_a_reply() -> None:
    seen = talk(TOLD + b'"XPLANTED" "1"\r\n', GO + INSIDE, INSIDE)
    assert seen.log.unsolicited == ['"XPLANTED" "1"'] and seen.log.injected == len(INSIDE) and seen.log.after_tls == AFTER


def test_what_waits_and_what_is_listed_is_not_kept_without_end() -> None:
    seen = talk(TOLD + b"\n" * 60000)
    assert (seen.failure.kind, seen.failure.phase, seen.done) == (ErrorKind.LIMIT_EXCEEDED, MailboxPhase.STARTTLS, [])
    assert len(seen.log.transcript) <= MOST_WAITING + 4
    listed = talk((b'"X" {60000}\r\n' + b"x" * 60000 + b"\r\n") * 20)
    assert listed.failure.kind is ErrorKind.LIMIT_EXCEEDED and "bytes" in listed.failure.text and len(listed.log.transcript) < 20


def test_a_referral_before_tls_is_told() -> None:
    seen = talk(TOLD, b'BYE (REFERRAL "sieve://evil.example/") "over there"\r\n')
    assert seen.log.unsolicited == ['BYE (REFERRAL "sieve://evil.example/") "over there"'] and seen.failure.kind is ErrorKind.REJECTED


@pytest.mark.parametrize(
    ("inside", "injected"),
    [
        ((INSIDE, b'OK (TAG "inside") "done"\r\n'), False),
        ((INSIDE + b'OK (TAG "mailops") "done"\r\nOK (TAG "inside") "done"\r\n',), True),
        ((b'OK (TAG "mailops") "done"\r\n' + INSIDE,), True),
    ],
)
def test_a_command_behind_starttls(inside: tuple[bytes, ...], injected: bool) -> None:
    seen = talk(TOLD, GO, *inside, injection_test=True)
    assert seen.done[:3] == ["STARTTLS", 'NOOP "mailops"', "<TLS>"]
    assert seen.log.command_injected is injected and seen.log.after_tls == AFTER and seen.waiting is None


@given(st.lists(st.binary(max_size=40) | st.sampled_from([TOLD, GO, INSIDE, b'OK {3}\r\n']), max_size=8))
def test_no_bytes_break_it(chunks: list[bytes]) -> None:
    seen = talk(*chunks)
    assert seen.waiting is not None or seen.log.failure is not None or seen.log.greeting_status == "ok"
