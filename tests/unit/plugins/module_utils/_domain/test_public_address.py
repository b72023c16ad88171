# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public addresses, and those that only look so."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._domain.public_address import is_public
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2a00:1450:4001:830::200e", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.5", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
        "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fd00::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "2001:0:7f00:1::", "::127.0.0.1", "mx.example.org", "", "1.2.3",
        "fe80::1%eth0",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public(address)


@given(st.one_of(st.text(), st.ip_addresses().map(str)))
def test_any_text(text: str) -> None:
    assert is_public(text) in (True, False)


@given(st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_no_way_of_writing_a_private_address_is_public(address: object) -> None:
    assert not any(is_public(f"{prefix}{address}") for prefix in ("", "::ffff:", "64:ff9b::", "::"))
