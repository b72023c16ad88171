# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The destination grammar, statement by statement of Postfix's host_port and posttls-finger."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import (
    Destination,
    Protocol,
    parse_destination,
)
from hypothesis import given
from hypothesis import strategies as st


def no_services(name: str) -> int | None:
    return None


def parse(text: str, protocol: Protocol = Protocol.SMTP) -> Destination:
    return parse_destination(text, protocol=protocol, service_port={"imap": 143, "smtp": 2525}.get)


@pytest.mark.parametrize(
    ("text", "nexthop", "port", "bracketed", "address"),
    [
        ("example.com", "example.com", 25, False, None),
        ("example.com:", "example.com", 25, False, None),
        ("example.com:587", "example.com", 587, False, None),
        ("example.com:00025", "example.com", 25, False, None),
        ("example.com:65535", "example.com", 65535, False, None),
        ("example.com:submission", "example.com", 587, False, None),
        ("example.com:smtps", "example.com", 465, False, None),
        ("example.com:submissions", "example.com", 465, False, None),
        ("example.com:lmtp", "example.com", 24, False, None),
        ("example.com:imap", "example.com", 143, False, None),
        ("[mx.example.com]", "mx.example.com", 25, True, None),
        ("[mx.example.com]:", "mx.example.com", 25, True, None),
        ("[mx.example.com]:2525", "mx.example.com", 2525, True, None),
        ("inet:example.com:26", "example.com", 26, False, None),
        ("inet:[mx.example.com]:26", "mx.example.com", 26, True, None),
        ("_smtp.example.com", "_smtp.example.com", 25, False, None),
        ("[192.0.2.1]", "192.0.2.1", 25, True, "192.0.2.1"),
        ("127.0.0.1", "127.0.0.1", 25, False, "127.0.0.1"),
        ("127.0.0.1:25", "127.0.0.1", 25, False, "127.0.0.1"),
        ("[::1]", "::1", 25, True, "::1"),
        ("[::1]:26", "::1", 26, True, "::1"),
        ("[ipv6:::1]", "::1", 25, True, "::1"),
        ("[IPv6:2001:DB8::1]", "2001:DB8::1", 25, True, "2001:db8::1"),
        ("[IPv6:::ffff:127.0.0.1]", "::ffff:127.0.0.1", 25, True, "::ffff:127.0.0.1"),
        ("2001:db8::1:25", "2001:db8::1", 25, False, "2001:db8::1"),
    ],
)
def test_forms(text: str, nexthop: str, port: int, bracketed: bool, address: str | None) -> None:
    got = parse(text)
    assert (got.text, got.nexthop, got.port, got.bracketed, got.address) == (text, nexthop, port, bracketed, address)
    assert (got.host, got.address_only, got.unix_path, got.unicode_name) == (nexthop, bracketed, None, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[mx.example.com", 'missing "]"'),
        ("[mx.example.com]x", 'garbage after "]"'),
        ("[mx.example.com]25", 'garbage after "]"'),
        ("[ipv6:127.0.0.1]", "malformed IPv6 address"),
        ("[ipv6:mx.example.com]", "malformed IPv6 address"),
        ("[ipv6:]", "malformed IPv6 address"),
        ("[ipv6:::1%lo]", "malformed IPv6 address"),
        ("", "missing host information"),
        (":25", "missing host information"),
        ("inet:", "missing host information"),
        ("[]", "is neither a host name nor a network address"),
        ("::1", "is neither a host name nor a network address"),
        ("example.com.", "is neither a host name nor a network address"),
        ("[mx.example.com.]", "is neither a host name nor a network address"),
        (".example.com", "is neither a host name nor a network address"),
        ("a..b", "is neither a host name nor a network address"),
        ("-a.example", "is neither a host name nor a network address"),
        ("123", "is neither a host name nor a network address"),
        ("1.2.3", "is neither a host name nor a network address"),
        ("127.1", "is neither a host name nor a network address"),
        ("0.1.2.3", "is neither a host name nor a network address"),
        ("192.0.2.256", "is neither a host name nor a network address"),
        ("a b.example", "is neither a host name nor a network address"),
        ("user@example.com", "is neither a host name nor a network address"),
        ("inet:inet:example.com", "unknown service: example.com/tcp"),
        ("a" * 64 + ".example", "is neither a host name nor a network address"),
        ("example.com:25x", "garbage after numerical service"),
        ("example.com:0", "bad network port: 0"),
        ("example.com:65536", "bad network port: 65536"),
        ("example.com:" + "9" * 1500, "bad network port: " + "9" * 20),
        ("example.com:nonsense", "unknown service: nonsense/tcp"),
        ("example.com:-1", "unknown service: -1/tcp"),
        ("unix:/run/lmtp", "unix-domain sockets need protocol lmtp"),
        ("x" * 3000, "is too long"),
    ],
)
def test_errors_have_postfix_s_words(text: str, reason: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse(text)
    assert (caught.value.option, caught.value.reason) == ("destinations", reason)


def test_known_ports_come_before_services() -> None:
    assert parse("example.com:smtp").port == 25
    assert parse_destination("example.com", protocol=Protocol.SMTP, service_port=no_services).port == 25


def test_lmtp() -> None:
    got = parse("mx.example.com", Protocol.LMTP)
    assert (got.port, got.service, got.address_only) == (24, "lmtp", True)
    assert parse("inet:[::1]:26", Protocol.LMTP).port == 26
    got = parse("unix:/run/dovecot/lmtp:1", Protocol.LMTP)
    assert (got.unix_path, got.nexthop, got.port) == ("/run/dovecot/lmtp:1", "", 0)


@pytest.mark.parametrize("text", ["unix:", "unix:/a\0b"])
def test_lmtp_without_a_usable_path(text: str) -> None:
    with pytest.raises(OptionError, match="path name"):
        parse(text, Protocol.LMTP)


def test_default_service() -> None:
    got = parse_destination("a.example", protocol=Protocol.SMTP, service_port=no_services, default_service="submission")
    assert (got.port, got.service) == (587, "submission")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("B\u00dcCHER.example", "xn--bcher-kva.example"),
        ("fa\u00df.example", "xn--fa-hia.example"),  # non-transitional: sharp s stays
        ("b\u00fccher\u3002example", "xn--bcher-kva.example"),
        ("[mx_1.b\u00fccher.example]", "mx_1.xn--bcher-kva.example"),
        ("\uff45xample.com", "example.com"),
        ("\u2764.example", "xn--qei.example"),
    ],
)
def test_internationalized_names(text: str, expected: str) -> None:
    pytest.importorskip("idna")
    got = parse(text)
    assert (got.nexthop, got.unicode_name) == (expected, text.strip("[]"))


@pytest.mark.parametrize("text", ["\u0301a.example", "\ufffe.example", "\uff11\uff12.\uff13", "b\u00fc" * 40 + ".example", "\u3002"])
def test_names_that_cannot_be_converted(text: str) -> None:
    pytest.importorskip("idna")
    with pytest.raises(OptionError, match="neither a host name nor|valid internationalised domain name"):
        parse(text)


def test_without_the_idna_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "idna", None)
    with pytest.raises(OptionError, match="package idna"):
        parse("b\u00fccher.example")
    assert parse("xn--bcher-kva.example").nexthop == "xn--bcher-kva.example"


PIECES = st.lists(
    st.sampled_from(
        ["[", "]", ":", "inet:", "unix:", "ipv6:", "example", ".", "-", "25", "::1", "192.0.2.1", "\u00fc", "\u3002", " ", "\0"]
    )
)


@given(st.one_of(st.text(), PIECES.map("".join)), st.sampled_from(list(Protocol)))
def test_only_option_errors_escape(text: str, protocol: Protocol) -> None:
    try:
        got = parse_destination(text, protocol=protocol, service_port=no_services)
    except OptionError as error:
        assert error.option == "destinations"
        return
    assert got.text == text
    assert got.unix_path is not None or (got.nexthop.isascii() and got.nexthop and 0 < got.port < 65536)
