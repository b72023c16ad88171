# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of mailboxes in IMAP's UTF-7."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.imap_names import decoded_name, encoded_name
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("INBOX", b"INBOX"),
        ("Q&A", b"Q&-A"),
        ("Entwürfe", b"Entw&APw-rfe"),
        ("~peter/mail/台北/日本語", b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"),  # RFC 3501 section 5.1.3
        ("Öffne & lies", b"&ANY-ffne &- lies"),
    ],
)
def test_names(name: str, encoded: bytes) -> None:
    assert encoded_name(name) == encoded and decoded_name(encoded) == name


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_every_name_comes_back(name: str) -> None:
    assert decoded_name(encoded_name(name)) == name and encoded_name(name).isascii()


@pytest.mark.parametrize("name", [b"&", b"&x", b"&!!-", b"\xff"])
def test_what_is_in_no_such_form_stays(name: bytes) -> None:
    assert decoded_name(name) == name.decode("utf-8", "replace")
