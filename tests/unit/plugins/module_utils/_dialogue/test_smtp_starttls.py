# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as an offer of STARTTLS, and every reply to it."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.tests.unit.makers.smtp_talk import (
    EHLO,
    EHLO_TLS,
    GO,
    GREETING,
    converse,
    offers_starttls,
)

# --- what counts as STARTTLS -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"STARTTLS",
        b"starttls",
        b"StartTls",
        b"STARTTLS REQUIRED",
        b"STARTTLS\tnow",
        b"STARTTLS=yes",
        b"starttls = yes",
        b"  STARTTLS",
        b"\tSTARTTLS",
        b" =STARTTLS",
        b"STARTTLS\x00",
        b"STARTTLS\x00X",
    ],
)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_starttls_is_the_first_word_of_any_line_in_any_case(line: bytes, at: int) -> None:
    lines = [b"mx.example.com", b"SIZE 1000"]
    lines.insert(at, line)
    assert offers_starttls(b"".join(b"250-%s\r\n" % one for one in lines) + b"250 HELP\r\n")
    assert offers_starttls(b"".join(b"250-%s\r\n" % one for one in lines[:at]) + b"250 %s\r\n" % line)


@pytest.mark.parametrize(
    "line",
    [
        b"XSTARTTLS",
        b"STARTTLSX",
        b"STARTTLS-NOT",
        b"STARTTLS,",
        b"SIZE STARTTLS",
        b"X=STARTTLS",
        b"START TLS",
        b"STARTTL",
        b"START\x00TLS",
        b"\x00STARTTLS",
        "\u017fTARTTL\u017f".encode(),
        b"",
    ],
)
@pytest.mark.parametrize("at", [0, 1])
def test_nothing_else_is_starttls(line: bytes, at: int) -> None:
    lines = [b"mx.example.com", b"SIZE 1000"]
    lines.insert(at, line)
    assert not offers_starttls(b"".join(b"250-%s\r\n" % one for one in lines) + b"250 HELP\r\n")


def test_starttls_beyond_two_kilobytes_of_capabilities_is_seen() -> None:
    lines = [b"250-X%d %s\r\n" % (number, b"y" * 1000) for number in range(30)]
    assert offers_starttls(b"250-mx.example.com\r\n" + b"".join(lines) + b"250 STARTTLS\r\n")


def test_starttls_not_offered_is_said_and_the_dialogue_ends_politely() -> None:
    talk = converse([GREETING, b"250-mx.example.com\r\n250 SIZE\r\n"])
    assert talk.done == ["EHLO probe.example.net\r\n", "QUIT\r\n"]
    assert (talk.failure.kind, talk.failure.phase) == (ErrorKind.STARTTLS_NOT_OFFERED, SmtpPhase.EHLO)
    assert talk.log.before_tls == {"SIZE": ()}


def test_capabilities_of_the_same_name_are_joined_and_of_any_separator() -> None:
    talk = converse([GREETING, b"250-mx\r\n250-auth PLAIN\r\n250-AUTH=LOGIN \t PLAIN\r\n250 8bitmime\r\n"])
    assert talk.log.before_tls == {"AUTH": ("PLAIN", "LOGIN", "PLAIN"), "8BITMIME": ()}


@pytest.mark.parametrize(
    ("first", "name"),
    [
        (b"mx.example.com hello", "mx.example.com"),
        (b"mx.example.com", "mx.example.com"),
        (b"", None),
        (b"a=b", "a"),
        (b"\ta", "a"),
    ],
)
def test_the_server_s_name_is_the_first_word_of_the_first_line(first: bytes, name: str | None) -> None:
    assert converse([GREETING, b"250-%s\r\n250 SIZE\r\n" % first]).log.server_name == name


# --- the reply to STARTTLS ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [b"220 go\r\n", b"250 go\r\n", b"220-go\r\n220 on\n"])
def test_any_2xx_starts_tls(reply: bytes) -> None:
    assert converse([GREETING, EHLO, reply]).done[-2:] == ["<TLS>", "EHLO probe.example.net\r\n"]


@pytest.mark.parametrize(
    "reply",
    [
        b"454 4.7.0 TLS not available due to local problem\r\n",
        b"501 no\r\n",
        b"421 too many\r\n",
        b"what?\r\n",
        b"330 x\r\n",
    ],
)
def test_a_refused_starttls_ends_the_dialogue_without_quit(reply: bytes) -> None:
    talk = converse([GREETING, EHLO, reply])
    assert talk.done == ["EHLO probe.example.net\r\n", "STARTTLS\r\n"]
    assert (talk.failure.kind, talk.failure.phase) == (ErrorKind.STARTTLS_REJECTED, SmtpPhase.STARTTLS)
    assert talk.failure.text.startswith("STARTTLS rejected: ")


@pytest.mark.parametrize("behind", [b"250-evil.example\r\n250 OK\r\n", b"x", b"\x16\x03\x03\x00", b"250-half"])
def test_bytes_behind_the_220_are_counted_and_never_seen_again(behind: bytes) -> None:
    talk = converse([GREETING, EHLO, GO + behind, EHLO_TLS])
    assert talk.log.injected == len(behind)
    assert (talk.log.after_tls, talk.log.failure) == ({"AUTH": ("PLAIN", "LOGIN"), "SIZE": ("10240000",)}, None)
    assert not any("evil" in line.text for line in talk.log.transcript)


def test_replies_that_come_before_their_commands_are_taken_in_order() -> None:
    talk = converse([GREETING + EHLO + GO, EHLO_TLS])
    assert talk.log.failure is None and talk.log.injected == 0
    assert talk.done == [
        "EHLO probe.example.net\r\n",
        "STARTTLS\r\n",
        "<TLS>",
        "EHLO probe.example.net\r\n",
        "QUIT\r\n",
    ]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"503 no\r\n", ErrorKind.REJECTED),
        (b"421 too many\r\n", ErrorKind.REJECTED),
        (b"x\r\n", ErrorKind.PROTOCOL_ERROR),
    ],
)
def test_ehlo_refused_inside_tls(reply: bytes, kind: ErrorKind) -> None:
    talk = converse([GREETING, EHLO, GO, reply])
    assert (talk.failure.kind, talk.failure.phase) == (kind, SmtpPhase.EHLO_TLS)
    assert talk.log.after_tls is None and talk.done[-1] == "EHLO probe.example.net\r\n"
