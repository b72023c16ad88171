# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Greetings: which protocol they tell, and what is said to whoever gives them."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.greeting import GreetingLog, GreetingSettings, Spoken, spoken_by
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.tests.unit.makers.mailbox_talk import Conversation, converse
from hypothesis import given
from hypothesis import strategies as st


def talk(*chunks: bytes, mode: TlsMode = TlsMode.NONE) -> Conversation:
    return converse(GreetingSettings(ehlo_name="me.example.org").start(mode), chunks)


def spoken(seen: Conversation) -> Spoken | None:
    assert isinstance(seen.log, GreetingLog)
    return seen.log.spoken


@pytest.mark.parametrize(
    ("line", "protocol"),
    [
        (b"* OK [CAPABILITY IMAP4rev1] ready", Spoken.IMAP), (b"* BYE full", Spoken.IMAP), (b"* PREAUTH hello", Spoken.IMAP),
        (b"+OK ready", Spoken.POP3), (b"+OK", Spoken.POP3), (b"-ERR busy", Spoken.POP3),
        (b'"IMPLEMENTATION" "Dovecot Pigeonhole"', Spoken.MANAGESIEVE), (b'BYE "too many"', Spoken.MANAGESIEVE),
        (b"220 mx.example.org ESMTP", Spoken.SMTP), (b"220-wait", Spoken.SMTP), (b"554 no", Spoken.SMTP), (b"220", Spoken.SMTP),
        (b"SSH-2.0-OpenSSH_9.2", None), (b"* what", None), (b"VERSION\tauth\t1", None), (b"HTTP/1.1 400 Bad Request", None), (b"", None),
        (b"220mx", None), (b"* OKAY", None), (b"900 x", None), (b"\x15\x03\x01", None),
    ],
)  # fmt: skip
def test_the_protocol_by_the_first_line(line: bytes, protocol: Spoken | None) -> None:
    assert spoken_by(line) is protocol


@pytest.mark.parametrize("line", [b"* OK ready\r\n", b"+OK\r\n", b'"SASL" "PLAIN"\r\n', b"SSH-2.0-x\r\n", b"-ERR no\r\n"])
def test_nothing_is_said_where_the_greeting_tells(line: bytes) -> None:
    seen = talk(line)
    assert (seen.done, seen.waiting, seen.log.failure) == ([], None, None)


def test_smtp_and_lmtp_are_told_apart_by_what_they_take() -> None:
    smtp = talk(b"220-mx\r\n", b"220 mx\r\n", b"250-mx\r\n250 SIZE\r\n")
    assert (smtp.done, spoken(smtp)) == (["EHLO me.example.org", "QUIT"], Spoken.SMTP)
    lmtp = talk(b"220 mx\r\n", b"500 5.5.1 Unknown command\r\n", b"250 mx\r\n")
    assert (lmtp.done, spoken(lmtp)) == (["EHLO me.example.org", "LHLO me.example.org", "QUIT"], Spoken.LMTP)
    neither = talk(b"220 mx\r\n", b"500 no\r\n", b"500 no\r\n")
    assert spoken(neither) is Spoken.SMTP
    assert (talk(b"554 no\r\n").done, spoken(talk(b"554 no\r\n"))) == ([], Spoken.SMTP)


def test_inside_tls() -> None:
    seen = talk(b"* OK ready\r\n", mode=TlsMode.IMPLICIT)
    assert (seen.done, spoken(seen)) == (["<TLS>"], Spoken.IMAP)


@pytest.mark.parametrize(
    ("chunks", "kind"),
    [
        ((b"x" * 5000,), ErrorKind.LIMIT_EXCEEDED),
        ((b"220-x\r\n" * 1000,), ErrorKind.LIMIT_EXCEEDED),
        ((b"220 x\r\n", b"421 busy\r\n"), ErrorKind.REJECTED),
    ],
)
def test_servers_that_end_it(chunks: tuple[bytes, ...], kind: ErrorKind) -> None:
    assert talk(*chunks).failure.kind is kind


def test_a_server_that_says_nothing_is_waited_for() -> None:
    assert talk().waiting is not None


@given(st.lists(st.binary(max_size=80), max_size=8))
def test_no_bytes_break_it(chunks: list[bytes]) -> None:
    seen = talk(*chunks)
    assert isinstance(seen.log, GreetingLog)
