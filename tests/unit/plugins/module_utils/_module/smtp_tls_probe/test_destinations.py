# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes two destinations of a list the same."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.destinations import destination_key
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import Lookup

SMTP = destination_key(Protocol.SMTP, Lookup.MX)
LMTP = destination_key(Protocol.LMTP, Lookup.MX)
SRV = destination_key(Protocol.SMTP, Lookup.SRV)


@pytest.mark.parametrize(
    "same",
    [
        ("example.org", "Example.ORG", "example.org:25", "inet:example.org", "example.org:smtp", "EXAMPLE.org:025"),
        ("xn--ber-goa.example", "\u00fcber.example", "\u00dcBER.example:25", "u\u0308ber.example"),
        ("[192.0.2.1]", "192.0.2.1", "[192.0.2.1]:25", "192.0.2.1:smtp"),
        ("[ipv6:2001:db8::1]", "[ipv6:2001:DB8:0::1]", "[2001:db8::1]:25"),
        ("[mx.example.org]:587", "[MX.example.org]:submission"),
    ],
)
def test_spellings_of_one(same: tuple[str, ...]) -> None:
    assert len({SMTP(text) for text in same}) == 1


def test_what_is_not_the_same() -> None:
    other = ["example.org", "[example.org]", "example.org:587", "a.example.org", "[192.0.2.1]", "[192.0.2.1]:26", "no..name", "No..name"]
    assert len({SMTP(text) for text in other}) == len(other)
    assert len({LMTP(text) for text in ("unix:/a", "unix:/b", "a.example", "a.example:25")}) == 4
    assert LMTP("a.example") == LMTP("[a.example]:24")


def test_with_srv_records_the_service_counts_and_not_its_port() -> None:
    assert SRV("example.org:submission") != SRV("example.org:587") and SRV("example.org:smtp") == SRV("Example.org")
