# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message: found again by its token, no header field by way of an option, a body of known size."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime, timezone

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._delivery.message import (
    TOKEN_FIELD,
    Letter,
    check_address,
    check_headers,
    is_token,
    new_token,
    write,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 29, 1, 0, tzinfo=timezone.utc)


def test_the_token_is_in_three_places() -> None:
    token = new_token()
    letter = Letter("a@example.net", ("b@example.org",), token, {"X-Test": "1"})
    message = email.message_from_bytes(b"".join(write(letter, NOW).pieces()), policy=email.policy.SMTP)
    assert is_token(token) and token in message["Subject"] and message[TOKEN_FIELD] == token
    assert message["Message-ID"] == letter.message_id == f"<{token}@example.net>"
    assert (message["From"], message["To"], message["X-Test"]) == ("a@example.net", "b@example.org", "1")
    assert message["Date"].datetime == NOW and not message.defects


def test_tokens_are_not_repeated() -> None:
    assert new_token() != new_token()
    assert not is_token("mailops-probe-x") and not is_token(new_token() + "\n")


def test_the_null_sender_leaves_a_message_that_is_whole() -> None:
    header = Letter("", ("b@example.org", "c@example.org"), new_token()).header(NOW)
    assert b"\r\nMessage-ID: <mailops-probe-" in header
    assert header.startswith(b"From: b@example.org\r\nTo: b@example.org, c@example.org\r\n")


@given(st.integers(0, 100_000))
def test_padding_adds_what_it_says(padding: int) -> None:
    plain, padded = (b"".join(Letter("", ("b@x",), "t", padding=size).body()) for size in (0, padding))
    added = len(padded) - len(plain)
    assert padding - 2 <= added <= padding and padded.endswith(b"\r\n")
    assert max(len(line) for line in padded.split(b"\r\n")) < 998


def test_a_large_letter_comes_in_small_pieces() -> None:
    written = write(Letter("", ("b@x",), "t", padding=50_000_000), NOW)
    sizes = [len(piece) for piece in written.pieces()]
    assert sum(sizes) == written.size >= 50_000_000 - 2 and max(sizes) <= 64 * 1024


def test_letters_outside_ascii_in_a_header_are_encoded() -> None:
    written = write(Letter("", ("b@example.org",), "t", {"X-Mull": "grün " * 40}), NOW)
    message = email.message_from_bytes(b"".join(written.pieces()), policy=email.policy.SMTP)
    assert written.seven_bit and message["X-Mull"] == ("grün " * 40) and max(map(len, written.header.split(b"\r\n"))) < 100


@pytest.mark.parametrize("address", ["", "a", "a@", "@b", "a b@c", "a@b\r\nRCPT TO:<x@y>", "<a@b>", "a@b>", "a@b@c", "a@b c"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(OptionError):
        check_address("recipient", address)


@pytest.mark.parametrize("address", ["a@example.org", "user+probe@example.org", "ü@exämple.org", "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]"])
def test_addresses(address: str) -> None:
    assert check_address("recipient", address) == address


@pytest.mark.parametrize(
    "headers",
    [{"Subject": "x"}, {"x-mailops-probe": "x"}, {"A b": "x"}, {"": "x"}, {"X": "a\nBcc: b"}, {"X": "a\r"}, {"X": "y" * 1000}, {"X:": "a"}],
)
def test_header_fields_that_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(OptionError) as refused:
        check_headers("headers", headers)
    assert refused.value.option == "headers"
