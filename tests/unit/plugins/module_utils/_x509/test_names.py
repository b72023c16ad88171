# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names: the rules of X509_check_host() with Postfix's flags (each row was compared with OpenSSL 3.0)."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import (
    NameMatch,
    ReferenceKind,
    ReferenceName,
    match_names,
    name_matches,
    reference_name,
    reference_names,
)
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from hypothesis import given
from hypothesis import strategies as st

KEY = make.Key.generate("ed25519")


def certificate(**options: object) -> Certificate:
    return Certificate(make.issue(key=KEY, **options).der)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("presented", "reference", "expected"),
    [
        ("mx.example.com", "mx.example.com", True),
        ("MX.Example.COM", "mx.eXample.com", True),
        ("mx.example.com.", "mx.example.com", False),
        ("mx.example.com", "mx.example.com.", False),
        ("mx.example.com\0.evil.example", "mx.example.com", False),
        ("mx.example.com\0", "mx.example.com", False),
        ("*.example.com", "mx.example.com", True),
        ("*.example.com", "a.mx.example.com", False),
        ("*.example.com", "example.com", False),
        ("*.example.com", "xn--bcher-kva.example.com", True),
        ("*.example.com", "m_x.example.com", False),
        ("*.com", "example.com", False),
        ("*", "com", False),
        ("m*.example.com", "mx.example.com", False),
        ("*x.example.com", "mx.example.com", False),
        ("mx.*.example.com", "mx.a.example.com", False),
        ("*.*.example.com", "a.b.example.com", False),
        ("*.exa_mple.com", "mx.exa_mple.com", False),
        ("*.-example.com", "mx.-example.com", False),
        ("*.example.com", "*.example.com", True),
        ("m*.example.com", "m*.example.com", True),
        ("mx.example.com", ".example.com", True),
        ("a.b.example.com", ".example.com", True),
        ("*.example.com", ".example.com", True),
        ("example.com", ".example.com", False),
        ("badexample.com", ".example.com", False),
        ("MX.EXAMPLE.COM", ".example.com", True),
        ("a\0.example.com", ".example.com", False),
        ("example.com", ".com", True),
        ("stra\xdfe.example.com", "stra\xdfe.example.org", False),
    ],
)
def test_one_name(presented: str, reference: str, expected: bool) -> None:
    kind = ReferenceKind.SUBDOMAIN if reference.startswith(".") else ReferenceKind.DNS
    assert name_matches(presented, ReferenceName(kind, reference)) is expected
    leaf = certificate(dns_names=[presented.encode("latin-1")])
    assert match_names(leaf, [ReferenceName(kind, reference)]).matched is expected


HOST = st.lists(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True), min_size=2, max_size=5).map(
    ".".join
)


@given(HOST)
def test_a_name_matches_itself_in_any_case_and_its_wildcard(host: str) -> None:
    reference = ReferenceName(ReferenceKind.DNS, host)
    assert name_matches(host.upper(), reference)
    parent = host.partition(".")[2]
    assert name_matches("*." + parent, reference) is ("." in parent)
    assert name_matches(host, ReferenceName(ReferenceKind.SUBDOMAIN, "." + parent))
    assert not name_matches(host, ReferenceName(ReferenceKind.SUBDOMAIN, "." + host))


@given(HOST, HOST)
def test_equality_of_plain_names_is_symmetric(one: str, other: str) -> None:
    forth = name_matches(one, ReferenceName(ReferenceKind.DNS, other))
    assert forth is name_matches(other, ReferenceName(ReferenceKind.DNS, one)) is (one == other)


@given(st.text(max_size=30), st.text(min_size=1, max_size=30), st.sampled_from(list(ReferenceKind)))
def test_a_name_with_nul_matches_nothing(text: str, reference: str, kind: ReferenceKind) -> None:
    assert not name_matches(text + "\0" + text, ReferenceName(kind, reference))


def test_common_name_counts_only_without_dns_names() -> None:
    wanted = [reference_name("mx.example.com")]
    assert match_names(certificate(common_name="mx.example.com"), wanted).matched
    assert match_names(certificate(common_name="*.example.com"), wanted).matched_name == "*.example.com"
    assert not match_names(certificate(common_name="mx.example.com", dns_names=["other.example"]), wanted).matched
    # Names of other kinds do not suppress it.
    assert match_names(certificate(common_name="mx.example.com", ip_addresses=["192.0.2.1"]), wanted).matched
    several = make.name("leaf", ("2.5.4.3", "mx.example.com"))
    assert match_names(certificate(subject=several), wanted).matched
    utf16 = make.name("mx.example.com".encode("utf-16-be"), tag=0x1E)
    assert match_names(certificate(subject=utf16), wanted).matched


def test_common_name_never_replaces_unreadable_names() -> None:
    broken = certificate(common_name="mx.example.com", extensions=[make.extension("2.5.29.17", b"\x30\x09")])
    assert not match_names(broken, [reference_name("mx.example.com")]).matched


def test_addresses_need_an_address() -> None:
    wanted = [reference_name("192.0.2.1")]
    assert match_names(certificate(ip_addresses=["192.0.2.1"]), wanted).matched_name == "192.0.2.1"
    assert match_names(certificate(ip_addresses=["2001:db8::1"]), [reference_name("2001:DB8:0::1")]).matched
    for other in (
        certificate(ip_addresses=["192.0.2.2"]),
        certificate(dns_names=["192.0.2.1"]),
        certificate(common_name="192.0.2.1"),
    ):
        match = match_names(other, wanted)
        assert match.error is not None and (match.error.code, match.error.depth) == (64, 0)


def test_any_name_is_enough_and_the_first_is_named() -> None:
    leaf = certificate(dns_names=["mx.example.com", "*.example.org"], ip_addresses=["192.0.2.1"])
    wanted = [reference_name(name) for name in ("nope.example", "a.example.org", "mx.example.com")]
    match = match_names(leaf, wanted)
    assert (match.matched, match.matched_name, match.error) == (True, "*.example.org", None)


@pytest.mark.parametrize(
    ("names", "code"), [(["a.example"], 62), ([".example"], 62), (["a.example", "192.0.2.7"], 64), ([], 1)]
)
def test_error_codes(names: list[str], code: int) -> None:
    match = match_names(certificate(dns_names=["b.test"]), [reference_name(name) for name in names])
    assert not match.matched and match.matched_name is None
    assert match.error is not None and match.error.code == code


def test_match_arguments() -> None:
    found = reference_names(
        ["nexthop", "DOT-NextHop", "hostname", "nexthop", ".example.net", "192.0.2.1", "\u3002example.jp"],
        nexthop="example.com", hostname="mx.example.com",
    )  # fmt: skip
    assert [(name.kind.value, name.value) for name in found] == [
        ("dns", "example.com"), ("subdomain", ".example.com"), ("dns", "mx.example.com"), ("subdomain", ".example.net"),
        ("ip", "192.0.2.1"), ("subdomain", ".example.jp"),
    ]  # fmt: skip


def test_names_with_other_letters_are_compared_in_ascii() -> None:
    pytest.importorskip("idna")
    (found,) = reference_names(["bücher.example"], nexthop="example.com", hostname="mx.example.com")
    assert (found.kind.value, found.value) == ("dns", "xn--bcher-kva.example")


def test_an_address_literal_never_verifies_by_the_default_names_of_secure() -> None:
    found = reference_names(["nexthop", "dot-nexthop"], nexthop="192.0.2.1", hostname="192.0.2.1")
    assert [(name.kind.value, name.value) for name in found] == [("ip", "192.0.2.1"), ("subdomain", ".192.0.2.1")]
    for leaf, code in ((certificate(ip_addresses=["192.0.2.1"]), 62), (certificate(dns_names=["mx.example.com"]), 64)):
        match = match_names(leaf, found)
        assert match.error is not None and (match.matched, match.error.code) == (False, code)


def test_an_address_must_match_as_well_as_a_name_and_the_last_address_counts() -> None:
    both = certificate(dns_names=["mx.example.com"], ip_addresses=["192.0.2.1"])
    name, address, other = (reference_name(text) for text in ("mx.example.com", "192.0.2.1", "192.0.2.9"))
    assert match_names(both, [address, name]).matched_name == "mx.example.com"
    assert match_names(both, [other, address]).matched
    wrong_address, wrong_name = (
        match_names(both, [name, other]),
        match_names(both, [address, reference_name("b.example")]),
    )
    assert wrong_address.error is not None and wrong_address.error.code == 64
    assert wrong_name.error is not None and wrong_name.error.code == 62


@pytest.mark.parametrize("text", [".", "", " ", "a\0b", "\u3002", "ü" * 80 + ".example"])
def test_bad_match_arguments(text: str) -> None:
    with pytest.raises(OptionError) as problem:
        reference_name(text)
    assert problem.value.option == "match" and problem.value.value == text


def test_bytes_behind_the_sequence_of_names_are_passed_over_as_openssl_does() -> None:
    value = make.sequence(make.tlv(0x82, b"mx.example.org")) + b"\x05\x00"
    certificate = Certificate(make.issue("leaf", extensions=[make.extension("2.5.29.17", value)]).der)
    assert certificate.names_are_readable and certificate.dns_names == ("mx.example.org",)
    assert match_names(certificate, [reference_name("mx.example.org")]).matched


def _with_srv_names(*names: bytes, value_tag: int = 0x16, kind: str = "1.3.6.1.5.5.7.8.7") -> Certificate:
    """A certificate for mail.example.net with SRVNames (RFC 4985)."""
    others = [make.tlv(0xA0, make.oid(kind), make.tlv(0xA0, make.tlv(value_tag, name))) for name in names]
    value = make.sequence(make.tlv(0x82, b"mail.example.net"), *others)
    return Certificate(make.issue("x", extensions=[make.extension("2.5.29.17", value)]).der)


def test_a_service_of_a_domain_is_enough_and_no_host_name() -> None:
    """RFC 7817 section 3: an SRV-ID is compared with SRV-IDs, a DNS-ID with DNS-IDs."""
    wanted = ReferenceName(ReferenceKind.SRV, "_imaps.example.org")
    presented = _with_srv_names(b"_pop3s.example.org", b"_IMAPS.example.org")
    assert presented.srv_names == ("_pop3s.example.org", "_IMAPS.example.org") and presented.dns_names == ("mail.example.net",)
    either = [ReferenceName(ReferenceKind.DNS, "example.org"), wanted]
    assert match_names(presented, either) == NameMatch(True, "_IMAPS.example.org", None)
    assert not match_names(presented, [ReferenceName(ReferenceKind.DNS, "_imaps.example.org")]).matched
    assert not match_names(certificate(dns_names=["_imaps.example.org"]), [wanted]).matched


@pytest.mark.parametrize("presented", [_with_srv_names(b"_imaps.x", value_tag=0x0C), _with_srv_names(b"_imaps.x", kind="1.2.3")])
def test_other_names_of_other_kinds_are_passed_over(presented: Certificate) -> None:
    assert presented.srv_names == () and presented.names_are_readable and presented.dns_names == ("mail.example.net",)
