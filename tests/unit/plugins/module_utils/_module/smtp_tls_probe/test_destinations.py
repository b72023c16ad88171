# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes two destinations of a list the same."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe import destinations
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.destinations import destination_key
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import Lookup
from hypothesis import example, given
from hypothesis import strategies as st

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


NAMES = st.lists(st.text("abz019_-", min_size=1, max_size=4) | st.just("a" * 64), min_size=1, max_size=4).map(".".join)
SERVICES = st.sampled_from(["", ":", ":25", ":025", ":0", ":26", ":2525", ":65535", ":65536", ":9999999", ":smtp", ":587", ":25 ", ":26\n"])


@given(st.sampled_from(["", "inet:", "unix:", "["]), NAMES, SERVICES, st.sampled_from(list(Lookup)))
@example("", "a.example", ":2525", Lookup.SRV)
@example("inet:", "24", ":25", Lookup.MX)
def test_what_is_plain_has_the_key_that_reading_it_would_find(prefix: str, name: str, service: str, lookup: Lookup) -> None:
    text = prefix + name + service
    quickly = destination_key(Protocol.SMTP, lookup)(text)
    with pytest.MonkeyPatch.context() as patch:
        for pattern in ("_PLAIN", "_WITH_PORT"):
            patch.setattr(destinations, pattern, re.compile(r"\Z(?!)"))
        assert quickly == destination_key(Protocol.SMTP, lookup)(text)
