# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms of a nameserver."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import (
    Nameserver,
    Transport,
    parse_nameserver,
    system_nameservers,
)
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", Nameserver("192.0.2.1")),
        ("192.0.2.1@5353", Nameserver("192.0.2.1", 5353)),
        ("::1@53", Nameserver("::1")),
        ("2001:DB8::1", Nameserver("2001:db8::1")),
        ("[2001:db8::1]@54", Nameserver("2001:db8::1", 54)),
        ("tls://192.0.2.1", Nameserver("192.0.2.1", 853, Transport.TLS)),
        ("tls://192.0.2.1@8853", Nameserver("192.0.2.1", 8853, Transport.TLS)),
        ("tls://::1#dns.example", Nameserver("::1", 853, Transport.TLS, "dns.example")),
        ("tls://192.0.2.1@8853#dns.example", Nameserver("192.0.2.1", 8853, Transport.TLS, "dns.example")),
        ("https://dns.example/dns-query", Nameserver("dns.example", 443, Transport.HTTPS, url="https://dns.example/dns-query")),
        ("https://[::1]:8443/q", Nameserver("::1", 8443, Transport.HTTPS, url="https://[::1]:8443/q")),
    ],
)
def test_forms(text: str, expected: Nameserver) -> None:
    assert parse_nameserver(text) == expected
    assert parse_nameserver(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "dns.example", "192.0.2.1:53", "192.0.2.1@", "192.0.2.1@0", "192.0.2.1@65536", "192.0.2.1@5x", "192.0.2.1@\u0661",
     "0.0.0.0", "::", "224.0.0.1", "tls://", "tls://dns.example", "tls://192.0.2.1#", "tls://192.0.2.1#-x", "udp://192.0.2.1",
     "https://", "https:///q", "https://user@dns.example/", "https://dns.example:0/", "https://dns.example:x/", "https://[::1/",
     "https://dns.example/q{?dns}", "https://dns.example/a b", "https://dns.example/#x", "http://dns.example/"],
)  # fmt: skip
def test_bad_text_names_option_and_value(text: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_nameserver(text)
    assert (caught.value.option, caught.value.value) == ("nameservers", text)


@given(st.one_of(st.text(), st.text("0123456789.:@[]#/"), st.text().map("https://".__add__), st.text().map("tls://::1".__add__)))
def test_only_option_errors_escape(text: str) -> None:
    try:
        nameserver = parse_nameserver(text)
    except OptionError:
        return
    assert 0 < nameserver.port < 65536
    assert parse_nameserver(str(nameserver)) == nameserver


@pytest.mark.parametrize(
    ("text", "expected"),
    [("127.0.0.1", True), ("127.8.8.8@5353", True), ("::1", True), ("tls://::1", True), ("https://[::1]/q", True),
     ("192.0.2.1", False), ("https://localhost/q", False), ("2001:db8::1", False)],
)  # fmt: skip
def test_loopback(text: str, expected: bool) -> None:
    assert parse_nameserver(text).is_loopback is expected


@pytest.mark.parametrize("scope", ["a\0b", "\x1b[2J", "a" * 16, "\u00e9", "", "\n", "eth0%1", "\udc80"])
def test_no_name_of_an_interface(scope: str, tmp_path: Path) -> None:
    for text in ("fe80::1%" + scope, "tls://fe80::1%" + scope, "https://[fe80::1%" + scope + "]/q"):
        with pytest.raises(OptionError):
            parse_nameserver(text)
    path = tmp_path / "resolv.conf"
    path.write_bytes(("nameserver fe80::1%" + scope + "\n").encode("utf-8", "surrogateescape"))
    assert system_nameservers(str(path)) == (Nameserver("127.0.0.1"),)


def test_name_of_an_interface() -> None:
    assert str(parse_nameserver("fe80::1%eth0.7@5353")) == "fe80::1%eth0.7@5353"


def test_resolv_conf(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text(
        "# nameserver 192.0.2.9\nsearch example.com\nnameserver 192.0.2.1\nnameserver\nnameserver bogus\n"
        "nameserver ::1 # local\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
    )
    assert [str(one) for one in system_nameservers(str(path))] == ["192.0.2.1", "::1", "192.0.2.2"]


def test_no_resolv_conf_means_this_host(tmp_path: Path) -> None:
    assert system_nameservers(str(tmp_path / "none")) == (Nameserver("127.0.0.1"),)
