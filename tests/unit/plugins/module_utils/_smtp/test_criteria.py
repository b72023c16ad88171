# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference names and SNI: the defaults of each level, match arguments, and the names of DANE."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import SessionPolicy, fixed_policy
from ansible_collections.mailops.tls.plugins.module_utils._smtp.criteria import reference_list, server_name
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol, parse_destination

Level = SecurityLevel
MX = Route("mx", secure=True, canonical_name="example.com")
ADDRESS = Route("address")


def names(
    policy: SessionPolicy,
    match: Sequence[str] = (),
    *,
    destination: str = "example.com",
    host: str = "mx.example.com",
    route: Route = MX,
) -> list[str]:
    """Return the values of the reference names for a destination and one of its hosts."""
    target = parse_destination(destination, protocol=Protocol.SMTP, service_port=lambda name: None)
    candidate = Candidate(host, host, "192.0.2.1", 25)
    return [one.value for one in reference_list(match, target, route, candidate, policy)]


def dane(session: SecurityLevel = Level.DANE, base: str = "mx.example.com") -> SessionPolicy:
    return SessionPolicy(Level.DANE, session, session, True, base, base)


def test_verify_compares_with_the_host() -> None:
    assert names(fixed_policy(Level.VERIFY)) == ["mx.example.com"]


def test_secure_compares_with_the_next_hop_and_what_is_below_it() -> None:
    assert names(fixed_policy(Level.SECURE)) == ["example.com", ".example.com"]


def test_secure_to_an_address_compares_as_with_a_name() -> None:
    found = names(fixed_policy(Level.SECURE), destination="[192.0.2.1]", host="192.0.2.1", route=ADDRESS)
    assert found == ["192.0.2.1", ".192.0.2.1"]


@pytest.mark.parametrize("level", [Level.VERIFY, Level.SECURE])
@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (["hostname"], ["mx.example.com"]),
        (["NextHop", "Dot-NextHop"], ["example.com", ".example.com"]),
        (["mail.example.net", ".example.net"], ["mail.example.net", ".example.net"]),
        (["hostname", "mx.example.com"], ["mx.example.com"]),
    ],
)
def test_match_arguments_take_the_place_of_the_defaults(
    level: SecurityLevel, match: list[str], expected: list[str]
) -> None:
    assert names(fixed_policy(level), match) == expected


@pytest.mark.parametrize("level", [Level.NONE, Level.MAY, Level.ENCRYPT, Level.FINGERPRINT])
def test_other_levels_compare_no_names(level: SecurityLevel) -> None:
    assert names(fixed_policy(level), ["mx.example.com"]) == []


def test_secure_reached_from_dane_uses_the_same_names_as_secure() -> None:
    policy = SessionPolicy(Level.DANE, Level.SECURE, Level.MAY, True)
    assert names(policy) == ["example.com", ".example.com"]
    assert names(policy, ["hostname"]) == ["mx.example.com"]


@pytest.mark.parametrize("session", [Level.DANE, Level.DANE_ONLY, Level.HALF_DANE])
def test_dane_compares_with_base_domain_aliased_next_hop_and_next_hop_in_this_order(session: SecurityLevel) -> None:
    aliased = Route("mx", secure=session is not Level.HALF_DANE, canonical_name="example.net")
    assert names(dane(session), route=aliased) == ["mx.example.com", "example.net", "example.com"]


def test_with_dane_match_arguments_are_replaced() -> None:
    assert names(dane(), ["mail.example.org"]) == ["mx.example.com", "example.com"]


def test_without_mx_the_base_domain_is_the_only_name_of_dane() -> None:
    assert names(dane(base="real.example.net"), destination="[mx.example.com]", route=ADDRESS) == ["real.example.net"]


def test_the_base_domain_is_where_the_records_were_found() -> None:
    assert names(dane(base="mx.example.net"))[0] == "mx.example.net"


def test_all_records_unusable_compares_no_names() -> None:
    policy = SessionPolicy(Level.DANE, Level.ENCRYPT, Level.ENCRYPT, True, "mx.example.com", "mx.example.com")
    assert names(policy, ["mail.example.org"]) == []


@pytest.mark.parametrize(
    ("sni", "expected"),
    [
        (None, None),
        ("", None),
        ("hostname", "mx.example.com"),
        ("HostName", "mx.example.com"),
        ("nexthop", "example.com"),
        ("other.example", "other.example"),
        ("192.0.2.1", None),
        ("2001:db8::1", None),
    ],
)
def test_sni_without_dane(sni: str | None, expected: str | None) -> None:
    target = parse_destination("example.com", protocol=Protocol.SMTP, service_port=lambda name: None)
    candidate = Candidate("mx.example.com", "mx.example.com", "192.0.2.1", 25)
    assert server_name(sni, target, candidate) == expected


def test_sni_is_never_an_address_whatever_word_stands_for_it() -> None:
    target = parse_destination("[192.0.2.1]", protocol=Protocol.SMTP, service_port=lambda name: None)
    candidate = Candidate("192.0.2.1", "192.0.2.1", "192.0.2.1", 25)
    assert server_name("hostname", target, candidate) is None
    assert server_name("nexthop", target, candidate) is None


def test_behind_srv_records_the_domain_is_no_name_of_dane() -> None:
    srv = Route("srv", secure=True, canonical_name="_submission._tcp.example.com")
    assert names(dane(), route=srv) == ["mx.example.com", "_submission._tcp.example.com"]
