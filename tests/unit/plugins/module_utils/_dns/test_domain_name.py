# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any name that DNS can have; what dnspython makes of the same text is the measure."""

from __future__ import annotations

import dns.name
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.domain_name import canonical_name, is_below
from hypothesis import example, given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("20260101", "20260101"), ("mx1/tlsa", "mx1/tlsa"), ("_A._Dane.Example.ORG.", "_a._dane.example.org"),
     (r"a\.b.example", r"a\.b.example"),
     ("0/25.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa"), ("*._tcp.example", "*._tcp.example"),
     (r"\065b", "ab"), (r"a\032b", r"a\032b"),
     ("a;b@c$", r"a\;b\@c\$"), (r"a\-b", "a-b"),
     ("m" + chr(252) + ".example", "xn--m-eha.example"), (r"x\.", r"x\."), ("a" * 63, "a" * 63)],
)  # fmt: skip
def test_names(text: str, canonical: str) -> None:
    assert canonical_name(text) == canonical
    assert canonical_name(canonical) == canonical


TOO_LONG = ".".join(["a" * 62] * 4 + ["abc"])


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a..b", ".a", "a" * 64, "\\", "a\\", r"\25", r"\256", "a b", "a\nb", TOO_LONG, "a.b.."]
)
def test_no_names(text: str) -> None:
    with pytest.raises(ValueError, match="is not a domain name"):
        canonical_name(text)


@given(st.lists(st.binary(min_size=1, max_size=63), min_size=1, max_size=3))
@example([b"a.b", b"\\", b'"', b"\xff\x00 "])
def test_every_name_is_the_one_that_dnspython_writes(labels: list[bytes]) -> None:
    name = dns.name.Name([*labels, b""])
    expected = dns.name.Name([*(label.lower() for label in labels), b""])
    canonical = canonical_name(name.to_text())
    assert canonical == expected.to_text(True)
    assert dns.name.from_text(canonical + ".") == expected


def test_below() -> None:
    assert is_below("_25._tcp.mx.example.org", "example.org")
    assert not is_below("example.org", "example.org")
    assert not is_below(r"a\.example.org", "example.org")
    assert not is_below("a.example.net", "example.org")
