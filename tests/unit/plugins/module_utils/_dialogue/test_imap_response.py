# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Responses of IMAP servers: what real ones send, and what hostile ones do."""

from __future__ import annotations

import time

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_response import (
    ImapStatus,
    ResponseKind,
    Value,
    capabilities,
    read_response,
    values,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LineError, LiteralLine
from ansible_collections.mailops.tls.tests.pace import is_cheap
from hypothesis import given
from hypothesis import strategies as st


def line(*texts: str, literals: tuple[bytes, ...] = ()) -> LiteralLine:
    return LiteralLine(tuple(text.encode("utf-8", "surrogateescape") for text in texts), literals)


@pytest.mark.parametrize(
    ("text", "kind", "status", "code", "shown"),
    [
        ("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready", ResponseKind.UNTAGGED, ImapStatus.OK, "CAPABILITY", "ready"),
        ("* PREAUTH hello", ResponseKind.UNTAGGED, ImapStatus.PREAUTH, None, "hello"),
        ("* BYE", ResponseKind.UNTAGGED, ImapStatus.BYE, None, ""),
        ("* bad [alert] no", ResponseKind.UNTAGGED, ImapStatus.BAD, "ALERT", "no"),
        ("a1 OK", ResponseKind.TAGGED, ImapStatus.OK, None, ""),
        ("a1 NO [AUTHENTICATIONFAILED] Failed.", ResponseKind.TAGGED, ImapStatus.NO, "AUTHENTICATIONFAILED", "Failed."),
        ('a1 NO [BADCHARSET ("]" UTF-8)] x', ResponseKind.TAGGED, ImapStatus.NO, "BADCHARSET", "x"),
        ("a1 NO [never ends", ResponseKind.TAGGED, ImapStatus.NO, None, "[never ends"),
        ("+ ", ResponseKind.CONTINUATION, None, None, ""),
        ("+", ResponseKind.CONTINUATION, None, None, ""),
        ("+ VXNlcm5hbWU6", ResponseKind.CONTINUATION, None, None, "VXNlcm5hbWU6"),
        ("HTTP/1.1 400 Bad Request", ResponseKind.OTHER, None, None, "HTTP/1.1 400 Bad Request"),
        ("a1 BYE", ResponseKind.OTHER, None, None, "a1 BYE"),
        ("a1 PREAUTH", ResponseKind.OTHER, None, None, "a1 PREAUTH"),
        ("220 mail ESMTP", ResponseKind.OTHER, None, None, "220 mail ESMTP"),
        ("", ResponseKind.OTHER, None, None, ""),
        ("*", ResponseKind.OTHER, None, None, ""),
        ("* OK \x1b[31mred", ResponseKind.UNTAGGED, ImapStatus.OK, None, "?[31mred"),
    ],
)
def test_kinds(text: str, kind: ResponseKind, status: ImapStatus | None, code: str | None, shown: str) -> None:
    response = read_response(line(text))
    assert (response.kind, response.status, response.code, response.text) == (kind, status, code, shown)


@pytest.mark.parametrize(
    ("text", "name", "number", "rest"),
    [
        ("* 23 EXISTS", "EXISTS", 23, ""),
        ("* capability IMAP4rev1", "CAPABILITY", None, "IMAP4rev1"),
        ("* 4 FETCH (FLAGS ())", "FETCH", 4, "(FLAGS ())"),
    ],
)
def test_data(text: str, name: str, number: int | None, rest: str) -> None:
    response = read_response(line(text))
    assert (response.name, response.number, response.text) == (name, number, rest)


def test_capabilities_come_as_data_and_as_a_code() -> None:
    wanted = {"IMAP4REV1": (), "AUTH": ("PLAIN", "LOGIN"), "SASL-IR": ()}
    listed = "IMAP4rev1 AUTH=PLAIN auth=LOGIN AUTH=PLAIN SASL-IR"
    assert read_response(line(f"* CAPABILITY {listed}")).capabilities == wanted
    assert read_response(line(f"a1 OK [CAPABILITY {listed}] Logged in")).capabilities == wanted
    assert read_response(line("* OK ready")).capabilities is None
    assert capabilities("=x  A=") == {"A": ()}


def test_only_ascii_makes_a_keyword() -> None:
    """A long s is no S in capitals, a Kelvin sign no K, and a wide blank divides nothing: no server and no other client thinks so."""
    assert capabilities("\u017ftarttls LOG\u0131NDISABLED X\u2003STARTTLS X\u00a0Y") == dict.fromkeys(
        ("\u017fTARTTLS", "LOG\u0131NDISABLED", "X\u2003STARTTLS", "X\u00a0Y"), ()
    )
    assert read_response(line("a1 O\u212a done")).kind is ResponseKind.OTHER
    assert read_response(line("* OK [CAPAB\u0131LITY X] y")).capabilities is None


def test_long_lists_are_whole() -> None:
    many = [f"AUTH=A{number}" for number in range(3000)]
    for text in ("* CAPABILITY " + " ".join(many), f"* OK [CAPABILITY {' '.join(many)}] ready"):
        assert (read_response(line(text)).capabilities or {})["AUTH"][-1] == "A2999"


FETCH = line(
    '* 4 FETCH (UID 7 FLAGS (\\Seen $Junk) INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[HEADER.FIELDS (DATE FROM)]<0> ',
    ' ENVELOPE (NIL "a \\"b\\\\" NIL))',
    literals=(b"Date: x\r\n\r\n",),
)


def test_values_of_a_fetched_message() -> None:
    wanted: tuple[Value, ...] = (
        "*", "4", "FETCH",
        ("UID", "7", "FLAGS", ("\\Seen", "$Junk"), "INTERNALDATE", b"17-Jul-1996 02:44:25 -0700",
         "BODY[HEADER.FIELDS (DATE FROM)]<0>", b"Date: x\r\n\r\n", "ENVELOPE", (None, b'a "b\\', None)),
    )  # fmt: skip
    assert values(FETCH) == wanted


@pytest.mark.parametrize("text", ["* (", "* )", '* "never ends', "* " + "(" * 40 + ")" * 40, "* LIST (a (b)"])
def test_values_that_do_not_fit_together(text: str) -> None:
    with pytest.raises(LineError):
        values(line(text))


@pytest.mark.parametrize("text", ["[" * 60000, "[a" * 30000 + "]", "[\r" * 30000, "BODY[ " * 10000, "]" + "[" * 60000])
def test_brackets_are_read_once(text: str) -> None:
    began = time.thread_time()
    assert values(line(text))
    assert is_cheap(time.thread_time() - began, 2)


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=4), st.binary(max_size=20))
def test_no_bytes_break_the_reader(texts: list[bytes], literal: bytes) -> None:
    got = LiteralLine(tuple(texts), (literal,) * (len(texts) - 1))
    response = read_response(got)
    assert response.text.isprintable() or response.kind is ResponseKind.CONTINUATION
    try:
        values(got)
    except LineError:
        pass
