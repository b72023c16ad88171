# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IMAP client: what it asks in which order, what it learns, and servers that leave the rules."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap import MOST_UNTAGGED, ImapSettings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MOST_UNSOLICITED, MailboxPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.tests.unit.makers.mailbox_talk import Conversation, converse
from hypothesis import given
from hypothesis import strategies as st

GREETING = b"* OK ready\r\n"
TOLD = b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n"
OFFERS = b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK done\r\n"
GO = b"a2 OK Begin TLS\r\n"
INSIDE = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN\r\na3 OK done\r\n"
BEFORE = {"IMAP4REV1": (), "STARTTLS": (), "LOGINDISABLED": ()}
AFTER = {"IMAP4REV1": (), "AUTH": ("PLAIN", "LOGIN")}


def talk(*chunks: bytes, mode: TlsMode = TlsMode.STARTTLS, **settings: Any) -> Conversation:
    return converse(ImapSettings(**settings).start(mode), chunks)


def test_starttls() -> None:
    seen = talk(TOLD, OFFERS, GO, INSIDE)
    assert seen.done == ["a1 CAPABILITY", "a2 STARTTLS", "<TLS>", "a3 CAPABILITY", "a4 LOGOUT"]
    log = seen.log
    assert (log.at_greeting, log.before_tls, log.after_tls, log.starttls_offered) == (BEFORE, BEFORE, AFTER, True)
    assert log.greeting == "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready" and log.greeting_status == "ok"
    assert (log.failure, log.injected, log.unsolicited, log.command_injected) == (None, 0, [], None)
    assert [line.text for line in log.transcript][:3] == [log.greeting, "a1 CAPABILITY", "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED"]


def test_implicit_tls() -> None:
    seen = talk(GREETING, b"* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN\r\na1 OK\r\n", mode=TlsMode.IMPLICIT)
    assert seen.done == ["<TLS>", "a1 CAPABILITY", "a2 LOGOUT"]
    assert (seen.log.before_tls, seen.log.after_tls, seen.log.starttls_offered) == (None, AFTER, None)


def test_strict_asks_only_where_the_greeting_told_nothing() -> None:
    assert talk(TOLD, strict=True).done == ["a1 STARTTLS"]
    assert talk(GREETING, strict=True).done == ["a1 CAPABILITY"]
    told = talk(TOLD, mode=TlsMode.IMPLICIT, strict=True)
    assert told.done == ["<TLS>", "a1 LOGOUT"] and told.log.after_tls == BEFORE


def test_no_tls_is_asked_for_where_none_is_wanted() -> None:
    seen = talk(GREETING, OFFERS, mode=TlsMode.NONE)
    assert seen.done == ["a1 CAPABILITY", "a2 LOGOUT"] and seen.log.failure is None and seen.log.before_tls == BEFORE


def test_capabilities_in_the_code_of_the_answer_count() -> None:
    assert talk(GREETING, b"a1 OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] done\r\n").log.before_tls == BEFORE


def test_preauth_ends_it() -> None:
    seen = talk(b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
    assert seen.done == ["a1 LOGOUT"] and seen.log.greeting_status == "preauth" and seen.log.starttls_offered is False
    assert (seen.failure.kind, seen.failure.phase) == (ErrorKind.STARTTLS_NOT_OFFERED, MailboxPhase.GREETING)


@pytest.mark.parametrize(
    ("chunks", "kind", "phase"),
    [
        ((b"* BYE go away\r\n",), ErrorKind.REJECTED, "greeting"),
        ((b"* BYE too many connections\r\n",), ErrorKind.RATE_LIMITED, "greeting"),
        ((b"* NO\r\n",), ErrorKind.PROTOCOL_ERROR, "greeting"),
        ((b"220 mail ESMTP\r\n",), ErrorKind.PROTOCOL_ERROR, "greeting"),
        ((b"* 5 EXISTS\r\n",), ErrorKind.PROTOCOL_ERROR, "greeting"),
        ((b"a1 OK\r\n",), ErrorKind.PROTOCOL_ERROR, "greeting"),
        ((b"x" * 70000,), ErrorKind.LIMIT_EXCEEDED, "greeting"),
        ((GREETING, b"* CAPABILITY IMAP4rev1\r\na1 OK\r\n"), ErrorKind.STARTTLS_NOT_OFFERED, "capability"),
        ((GREETING, b"a1 BAD what?\r\n"), ErrorKind.STARTTLS_NOT_OFFERED, "capability"),
        ((GREETING, b"* BYE\r\n"), ErrorKind.REJECTED, "capability"),
        ((GREETING, b"+ go on\r\n"), ErrorKind.PROTOCOL_ERROR, "capability"),
        ((GREETING, b"b7 OK\r\n"), ErrorKind.PROTOCOL_ERROR, "capability"),
        ((GREETING, b"* PREAUTH now\r\n"), ErrorKind.PROTOCOL_ERROR, "capability"),
        ((GREETING, b"* 1 EXISTS\r\n" * (MOST_UNTAGGED + 1)), ErrorKind.LIMIT_EXCEEDED, "capability"),
        ((GREETING, b"* X {99999999999}\r\n"), ErrorKind.LIMIT_EXCEEDED, "capability"),
        ((GREETING, OFFERS, b"a2 NO not now\r\n"), ErrorKind.STARTTLS_REJECTED, "starttls"),
        ((GREETING, OFFERS, b"a2 BAD what?\r\n"), ErrorKind.STARTTLS_REJECTED, "starttls"),
        ((GREETING, OFFERS, GO, b"* BYE\r\n"), ErrorKind.REJECTED, "capability_tls"),
    ],
)
def test_servers_that_end_it(chunks: tuple[bytes, ...], kind: ErrorKind, phase: str) -> None:
    seen = talk(*chunks)
    assert (seen.failure.kind, seen.failure.phase.value, seen.waiting) == (kind, phase, None)


def test_what_comes_behind_the_reply_to_starttls_is_dropped() -> None:
    seen = talk(GREETING, OFFERS, GO + b"* CAPABILITY IMAP4rev1 AUTH=X\r\na3 OK\r\n", INSIDE)
    assert seen.log.injected == 38 and seen.log.after_tls == AFTER


def test_data_that_nobody_asked_for_is_told_and_changes_nothing() -> None:
    planted = b"".join(b"* %d EXISTS\r\n" % number for number in range(20))
    seen = talk(b"* OK [ALERT] call us\r\n", planted + OFFERS, GO, b"* LIST () NIL x\r\n" + INSIDE)
    assert seen.log.unsolicited[:2] == ["* OK [ALERT] call us", "* 0 EXISTS"] and len(seen.log.unsolicited) == MOST_UNSOLICITED
    assert seen.log.after_tls == AFTER and seen.log.failure is None


@pytest.mark.parametrize(
    "chunks",
    [
        (b"* OK [ALERT] call us\r\n", OFFERS, GO, INSIDE),
        (GREETING, b"a1 OK [ALERT] call us\r\n"),
        (GREETING, OFFERS, b"a2 OK [ALERT] call us\r\n", INSIDE),
        (GREETING, OFFERS, b"a2 NO [REFERRAL imap://evil.example/] over there\r\n"),
        (GREETING, b"* BYE [ALERT] call us\r\n"),
        (b"* BYE [REFERRAL imap://evil.example/] over there\r\n",),
        (b"* PREAUTH [ALERT] call us\r\n",),
    ],
)
def test_codes_that_clients_act_upon_are_told_wherever_they_stand(chunks: tuple[bytes, ...]) -> None:
    assert len(talk(*chunks).log.unsolicited) == 1


def test_those_inside_tls_are_the_servers_own() -> None:
    assert talk(GREETING, OFFERS, GO, b"* OK [ALERT] call us\r\n" + INSIDE).log.unsolicited == []


def test_all_responses_to_one_command_have_one_limit() -> None:
    seen = talk(GREETING, (b"* X {60000}\r\n" + b"x" * 60000 + b"\r\n") * 20)
    assert seen.failure.kind is ErrorKind.LIMIT_EXCEEDED and "bytes of responses" in seen.failure.text
    assert len(seen.log.transcript) < 20


@pytest.mark.parametrize(
    ("inside", "injected"),
    [(b"a3 OK NOOP done\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN\r\na4 OK\r\n", True), (INSIDE.replace(b"a3", b"a4"), False)],
)
def test_a_command_behind_starttls(inside: bytes, injected: bool) -> None:
    seen = talk(GREETING, OFFERS, GO, inside, injection_test=True)
    assert seen.done == ["a1 CAPABILITY", "a2 STARTTLS", "a3 NOOP", "<TLS>", "a4 CAPABILITY", "a5 LOGOUT"]
    assert seen.log.command_injected is injected and seen.log.after_tls == AFTER


@given(st.lists(st.binary(max_size=40) | st.sampled_from([GREETING, OFFERS, GO, INSIDE, b"* BYE\r\n", b"* OK {3}\r\n"]), max_size=8))
def test_no_bytes_break_it(chunks: list[bytes]) -> None:
    seen = talk(*chunks)
    assert seen.waiting is not None or seen.log.failure is not None or seen.log.after_tls is not None
