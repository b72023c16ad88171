# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The POP3 client: what it asks in which order, what it learns, and servers that leave the rules."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.pop3 import Pop3Log, Pop3Settings
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.talk import MOST_UNSOLICITED, MOST_WAITING, MailboxPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.tests.unit.makers.mailbox_talk import Conversation, converse
from hypothesis import given
from hypothesis import strategies as st

GREETING = b"+OK ready <1896.697170952@dbc.mtview.ca.us>\r\n"
OFFERS = b"+OK\r\nSTLS\r\nUIDL\r\n.\r\n"
NO_CAPA = b"-ERR what?\r\n"
GO = b"+OK Begin TLS\r\n"
INSIDE = b"+OK\r\nSASL PLAIN LOGIN\r\nUSER\r\n.\r\n"
AFTER = {"SASL": ("PLAIN", "LOGIN"), "USER": ()}


def talk(*chunks: bytes, mode: TlsMode = TlsMode.STARTTLS, **settings: Any) -> Conversation:
    return converse(Pop3Settings(**settings).start(mode), chunks)


def test_stls() -> None:
    seen = talk(GREETING, OFFERS, GO, INSIDE)
    assert seen.done == ["CAPA", "STLS", "<TLS>", "CAPA", "QUIT"]
    assert isinstance(seen.log, Pop3Log) and seen.log.timestamp == "<1896.697170952@dbc.mtview.ca.us>"
    assert (seen.log.before_tls, seen.log.after_tls, seen.log.starttls_offered) == ({"STLS": (), "UIDL": ()}, AFTER, True)
    assert (seen.log.failure, seen.log.injected, seen.log.greeting_status) == (None, 0, "ok")


@pytest.mark.parametrize("text", [b"<\x01\x02@x>", b"<1\xff@x>", b"<1@\x00>", b"ready"])
def test_a_timestamp_is_read_as_it_came(text: bytes) -> None:
    """What is shown has a question mark for each control character, and a digest of that would be one of something else."""
    log = talk(b"+OK " + text + b"\r\n", OFFERS).log
    assert isinstance(log, Pop3Log) and log.timestamp is None


def test_implicit_tls_and_none() -> None:
    assert talk(GREETING, INSIDE, mode=TlsMode.IMPLICIT).done == ["<TLS>", "CAPA", "QUIT"]
    assert talk(GREETING, OFFERS, mode=TlsMode.NONE).done == ["CAPA", "QUIT"]


def test_without_capa_mechanisms_are_asked_for_and_stls_is_tried() -> None:
    seen = talk(GREETING, NO_CAPA, b"+OK\r\nPLAIN\r\nlogin\r\n.\r\n", GO, NO_CAPA, NO_CAPA)
    assert seen.done == ["CAPA", "AUTH", "STLS", "<TLS>", "CAPA", "AUTH", "QUIT"]
    assert (seen.log.before_tls, seen.log.after_tls, seen.log.starttls_offered) == (None, None, None)
    assert seen.log.listed_mechanisms == {"before_tls": ("PLAIN", "LOGIN")}


@pytest.mark.parametrize(
    ("chunks", "kind", "phase"),
    [
        ((b"-ERR busy\r\n",), ErrorKind.REJECTED, "greeting"),
        ((b"-ERR too many connections\r\n",), ErrorKind.RATE_LIMITED, "greeting"),
        ((b"* OK IMAP\r\n",), ErrorKind.PROTOCOL_ERROR, "greeting"),
        ((b"+ x\r\n",), ErrorKind.PROTOCOL_ERROR, "greeting"),
        ((b"y" * 9000,), ErrorKind.LIMIT_EXCEEDED, "greeting"),
        ((GREETING, b"+OK\r\nUIDL\r\n.\r\n"), ErrorKind.STARTTLS_NOT_OFFERED, "capability"),
        ((GREETING, b"+OK\r\n" + b"x\r\n" * 2000), ErrorKind.LIMIT_EXCEEDED, "capability"),
        ((GREETING, NO_CAPA, NO_CAPA, NO_CAPA), ErrorKind.STARTTLS_NOT_OFFERED, "capability"),
        ((GREETING, OFFERS, b"-ERR no\r\n"), ErrorKind.STARTTLS_REJECTED, "starttls"),
    ],
)
def test_servers_that_end_it(chunks: tuple[bytes, ...], kind: ErrorKind, phase: str) -> None:
    seen = talk(*chunks)
    assert (seen.failure.kind, seen.failure.phase.value, seen.waiting) == (kind, phase, None)


def test_plaintext_behind_a_reply() -> None:
    seen = talk(GREETING + b"+OK welcome\r\n", OFFERS, GO + b"+OK\r\nSASL X\r\n.\r\n", INSIDE)
    assert seen.log.unsolicited == ["+OK welcome"] and seen.log.injected == 16 and seen.log.after_tls == AFTER


def test_lines_that_wait_are_not_kept_without_end() -> None:
    seen = talk(GREETING + b"\n" * 60000)
    assert (seen.failure.kind, seen.failure.phase, seen.done) == (ErrorKind.LIMIT_EXCEEDED, MailboxPhase.CAPABILITY, [])
    assert len(seen.log.transcript) <= MOST_WAITING + 1 and len(seen.log.unsolicited) == MOST_UNSOLICITED


def test_inside_tls_a_server_that_is_out_of_step_ends_it() -> None:
    seen = talk(GREETING, OFFERS, GO, NO_CAPA + NO_CAPA, mode=TlsMode.STARTTLS)
    assert (seen.failure.kind, seen.failure.phase) == (ErrorKind.PROTOCOL_ERROR, MailboxPhase.CAPABILITY_TLS)
    implicit = talk(GREETING + b"+OK again\r\n", INSIDE, mode=TlsMode.IMPLICIT)
    assert implicit.failure.kind is ErrorKind.PROTOCOL_ERROR and "CAPA" not in implicit.done


@pytest.mark.parametrize(
    ("inside", "injected"),
    [
        ((INSIDE,), False),
        ((b"-ERR unknown\r\n" + INSIDE, INSIDE), True),
        ((b"-ERR unknown\r\n", INSIDE + INSIDE), True),
        ((b"+OK nothing done\r\n" + INSIDE,), True),
    ],
)
def test_a_command_behind_stls(inside: tuple[bytes, ...], injected: bool) -> None:
    seen = talk(GREETING, OFFERS, GO, *inside, injection_test=True)
    assert seen.done[:4] == ["CAPA", "STLS", "NOOP", "<TLS>"]
    assert seen.log.command_injected is injected and seen.log.after_tls == AFTER and seen.waiting is None


def test_the_test_needs_a_server_that_lists_its_capabilities() -> None:
    seen = talk(GREETING, NO_CAPA, NO_CAPA, GO, NO_CAPA, NO_CAPA, injection_test=True)
    assert seen.log.command_injected is None and seen.waiting is None
    silent = talk(GREETING, OFFERS, GO, NO_CAPA, NO_CAPA, injection_test=True)
    assert silent.log.command_injected is False and silent.log.after_tls is None


@given(st.lists(st.binary(max_size=40) | st.sampled_from([GREETING, OFFERS, NO_CAPA, GO, INSIDE]), max_size=8))
def test_no_bytes_break_it(chunks: list[bytes]) -> None:
    seen = talk(*chunks)
    assert seen.waiting is not None or seen.log.failure is not None or seen.log.greeting_status == "ok"
