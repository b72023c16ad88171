# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host names and address literals as Postfix's valid_hostname.c takes them."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_address, is_hostname, normalized_address


@pytest.mark.parametrize(
    "text", ["example.com", "a", "_25._tcp.mx", "x_.y", "1.2.3.a", "3com.net", "a" * 63 + ".de", "xn--bcher-kva.de", "a--b"]
)
def test_host_names(text: str) -> None:
    assert is_hostname(text)


@pytest.mark.parametrize(
    "text",
    ["", ".", "a.", ".a", "a..b", "-a", "a-", "a.-b", "a-.b", "123", "1.2.3", "127.1", "0.1.2.3", "a b", "a/b", "a\\.b", "b\u00fc.de",
     "a\0b", "a" * 64, "*.a", ".".join(["a" * 50] * 6)],
)  # fmt: skip
def test_what_is_no_host_name(text: str) -> None:
    assert not is_hostname(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("::1", "::1"), ("2001:DB8:0::1", "2001:db8::1"),
     ("::ffff:127.0.0.1", "::ffff:127.0.0.1"), ("::FFFF:7f00:1", "::ffff:127.0.0.1")],
)  # fmt: skip
def test_addresses_are_normalized(text: str, expected: str) -> None:
    assert normalized_address(text) == expected


@pytest.mark.parametrize(
    "text", ["0.1.2.3", "192.0.2.01", "1.2.3", "192.0.2.256", "::1%lo", ":::", "1:2", "", "a\0", "\u0661.1.1.1", "\ud800"]
)
def test_what_is_no_address(text: str) -> None:
    assert not is_address(text)
