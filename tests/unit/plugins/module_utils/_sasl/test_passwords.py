# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PLAIN, LOGIN, CRAM-MD5 and APOP: the examples of their documents, and servers that leave the rules."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import (
    CHALLENGE_LIMIT,
    Credentials,
    Misstep,
    SaslError,
    UnusableCredential,
)
from ansible_collections.mailops.tls.plugins.module_utils._sasl.passwords import CramMd5, Login, Plain, apop_digest, apop_timestamp

TIM = Credentials("tim", "tanstaaftanstaaf")


def test_plain_of_the_rfc() -> None:
    """RFC 4616 section 4."""
    assert Plain(TIM).initial == b"\0tim\0tanstaaftanstaaf"
    acting = Credentials("Kurt", "xipj3plmq", authorization_identity="Ursel")
    assert Plain(acting).initial == b"Ursel\0Kurt\0xipj3plmq"


@pytest.mark.parametrize(
    ("credentials", "named"),
    [
        (Credentials("tim"), "password"),
        (Credentials("", "x"), "username"),
        (Credentials("t\0m", "x"), "username"),
        (Credentials("tim", "x\0y"), "password"),
        (Credentials("tim", "x", authorization_identity="a\0"), "authorization_identity"),
    ],
)
def test_plain_names_what_cannot_be_sent(credentials: Credentials, named: str) -> None:
    with pytest.raises(UnusableCredential) as refused:
        Plain(credentials)
    assert refused.value.credential == named and "x" not in str(refused.value).split()


def test_login_answers_two_prompts_whatever_they_say() -> None:
    machine = Login(TIM)
    assert machine.initial is None
    assert [machine.respond(b"Password:"), machine.respond(b"")] == [b"tim", b"tanstaaftanstaaf"]
    with pytest.raises(SaslError) as refused:
        machine.respond(b"User Name")
    assert refused.value.misstep is Misstep.MALFORMED


def test_cram_md5_of_the_rfc() -> None:
    """RFC 2195 section 2."""
    machine = CramMd5(TIM)
    assert machine.initial is None
    assert machine.respond(b"<1896.697170952@postoffice.reston.mci.net>") == b"tim b913a602c7eda7a495b4e6e7334d3890"
    machine.succeed()
    with pytest.raises(SaslError):
        machine.respond(b"<1896.697170952@postoffice.reston.mci.net>")


def test_cram_md5_without_a_challenge_is_no_login() -> None:
    with pytest.raises(SaslError) as refused:
        CramMd5(TIM).succeed()
    assert refused.value.misstep is Misstep.NOT_AUTHENTIC
    with pytest.raises(SaslError):
        CramMd5(TIM).respond(b"")


@pytest.mark.parametrize("machine", [Login(TIM), CramMd5(TIM)])
def test_long_challenges_are_not_read(machine: Login) -> None:
    with pytest.raises(SaslError) as refused:
        machine.respond(b"x" * (CHALLENGE_LIMIT + 1))
    assert refused.value.misstep is Misstep.EXCESSIVE


def test_apop_of_the_rfc() -> None:
    """RFC 1939 section 7."""
    timestamp = apop_timestamp("+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>")
    assert timestamp == "<1896.697170952@dbc.mtview.ca.us>"
    assert apop_digest(timestamp, Credentials("mrose", "tanstaaf")) == "c4c9334bac560ecc979e58001b3e22fb"


@pytest.mark.parametrize("greeting", ["+OK ready", "+OK <>", "+OK <no-at>", "+OK <a@b\x80>", "+OK <a b@c>", "+OK <a@b"])
def test_apop_needs_a_timestamp_that_is_one(greeting: str) -> None:
    assert apop_timestamp(greeting) is None


def test_credentials_do_not_show_secrets() -> None:
    shown = repr(Credentials("tim", "tanstaaf", "ya29.token", "other"))
    assert "tim" in shown and "tanstaaf" not in shown and "ya29" not in shown
