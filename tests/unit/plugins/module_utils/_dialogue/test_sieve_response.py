# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Responses of ManageSieve servers: RFC 5804's examples, literals, and what is none."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.lines import LineError, LiteralLine
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.sieve_response import SieveStatus, capabilities, read_line
from hypothesis import given
from hypothesis import strategies as st


def line(*texts: bytes, literals: tuple[bytes, ...] = ()) -> LiteralLine:
    return LiteralLine(texts, literals)


@pytest.mark.parametrize(
    ("got", "status", "code", "code_strings", "text"),
    [
        (line(b"OK"), SieveStatus.OK, None, (), ""),
        (line(b'ok "Logged in."'), SieveStatus.OK, None, (), "Logged in."),
        (line(b'NO (TRYLATER) "busy"'), SieveStatus.NO, "TRYLATER", (), "busy"),
        (line(b'NO (auth-too-weak) "x\\"y"'), SieveStatus.NO, "AUTH-TOO-WEAK", (), 'x"y'),
        (line(b'OK (SASL "cnNwYXV0aD1lYQ==")'), SieveStatus.OK, "SASL", (b"cnNwYXV0aD1lYQ==",), ""),
        (line(b'BYE (REFERRAL "sieve://a.example/)") "go"'), SieveStatus.BYE, "REFERRAL", (b"sieve://a.example/)",), "go"),
        (line(b"OK (SASL ", b")", literals=(b"djE=",)), SieveStatus.OK, "SASL", (b"djE=",), ""),
        (line(b'NO (X "a" ', b') "b" ', b"", literals=(b"c)", b"d")), SieveStatus.NO, "X", (b"a", b"c)"), "b d"),
        (line(b"NO ", b"", literals=(b"two\r\nlines",)), SieveStatus.NO, None, (), "two??lines"),
        (line(b'"SASL" "PLAIN LOGIN"'), None, None, (), "SASL PLAIN LOGIN"),
        (line(b'"active.sieve" ACTIVE'), None, None, (), "active.sieve"),
        (line(b"", b"", literals=(b"VXNlcm5hbWU6",)), None, None, (), "VXNlcm5hbWU6"),
    ],
)
def test_lines(got: LiteralLine, status: SieveStatus | None, code: str | None, code_strings: tuple[bytes, ...], text: str) -> None:
    read = read_line(got)
    assert (read.status, read.code, read.code_strings, read.text) == (status, code, code_strings, text)


@pytest.mark.parametrize("text", [b"220 mail ESMTP", b"* OK IMAP", b'"never ends', b"OKAY", b'NO (CODE "x"', b'NO (X "never)'])
def test_what_is_no_response(text: bytes) -> None:
    with pytest.raises(LineError):
        read_line(line(text))


def test_capabilities() -> None:
    listed = [b'"IMPLEMENTATION" "Dovecot Pigeonhole"', b'"SIEVE" "fileinto reject"', b'"SASL" ""', b'"STARTTLS"', b'"VERSION" "1.0"']
    assert capabilities([read_line(line(one)) for one in listed]) == {
        "IMPLEMENTATION": ("Dovecot Pigeonhole",), "SIEVE": ("fileinto", "reject"), "SASL": (), "STARTTLS": (), "VERSION": ("1.0",),
    }  # fmt: skip


def test_only_ascii_makes_a_keyword() -> None:
    told = capabilities([read_line(line('"\u017fTARTTLS" "x"'.encode())), read_line(line('"SASL" "PLAIN\u2003LOGIN"'.encode()))])
    assert told == {"\u017fTARTTLS": ("x",), "SASL": ("PLAIN\u2003LOGIN",)}


@given(st.binary(max_size=80), st.binary(max_size=20))
def test_no_bytes_break_the_reader(text: bytes, literal: bytes) -> None:
    try:
        assert read_line(line(text, b"", literals=(literal,))).text.isprintable()
    except LineError:
        pass
