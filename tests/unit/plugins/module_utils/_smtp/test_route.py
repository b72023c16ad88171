# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes, statement by statement of Postfix's lookups."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import MxRecord, SrvRecord
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import AddressFamily, Candidate, Route
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import HostLookup, Lookup, find_route
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns

V4, V6 = "192.0.2.1", "2001:db8::1"
DNS_ONLY = (HostLookup.DNS,)


def route(
    dns: FakeDns, text: str = "example.com", *, protocol: Protocol = Protocol.SMTP, lookup: Lookup = Lookup.MX,
    family: AddressFamily = AddressFamily.ANY, host_lookup: Sequence[HostLookup] = DNS_ONLY,
    native: Sequence[str] = (), native_error: OSError | None = None, random: Random | None = None, **more: Any,
) -> Route:  # fmt: skip
    async def native_addresses(host: str) -> Sequence[str]:
        if native_error is not None:
            raise native_error
        return native

    random = random or Random(1)
    destination = parse_destination(text, protocol=protocol, service_port={"imap": 143}.get)
    return asyncio.run(
        find_route(
            destination, dns.ask, lookup=lookup, family=family, host_lookup=host_lookup,
            native_addresses=native_addresses, shuffle=random.shuffle, randrange=random.randrange, **more,
        )
    )  # fmt: skip


def with_mx(*records: tuple[int, str], secure: bool = True) -> FakeDns:
    return FakeDns().found("example.com", "MX", [MxRecord(*record) for record in records], secure=secure)


def kind(found: Route) -> ErrorKind | None:
    return found.failure.kind if found.failure is not None else None


def text(found: Route) -> str:
    return found.failure.text if found.failure is not None else ""


def test_mx() -> None:
    dns = with_mx((10, "mx.example.com")).found("mx.example.com", "A", [V4]).found("mx.example.com", "AAAA", [V6], secure=False)
    found = route(dns, "example.com:26")
    assert sorted(found.candidates, key=lambda one: one.address) == [
        Candidate("mx.example.com", "mx.example.com", V4, 26, 10, True),
        Candidate("mx.example.com", "mx.example.com", V6, 26, 10, False),
    ]
    assert (found.lookup, found.secure, found.canonical_name, found.failure) == ("mx", True, "example.com", None)
    assert found.as_facts() == {
        "lookup": "mx", "secure": True, "canonical_name": "example.com", "null_mx": False, "ad_untrusted": False, "warnings": [],
        "exchanges": [{
            "preference": 10, "exchange": "mx.example.com", "canonical_name": "mx.example.com", "secure": False,
            "addresses": [V4, V6], "error": None,
        }],
    }  # fmt: skip


def test_every_exchange_is_asked_for_both_families() -> None:
    dns = with_mx((20, "b.example"), (10, "a.example")).found("a.example", "A", [V4])
    found = route(dns)
    assert (sorted(dns.names("A")), sorted(dns.names("AAAA"))) == (["a.example", "b.example"],) * 2
    assert [(one.preference, one.exchange, one.failure is None) for one in found.exchanges] == [
        (10, "a.example", True), (20, "b.example", False),
    ]  # fmt: skip
    assert (kind(found), len(found.candidates)) == (None, 1)
    missing = found.exchanges[1].failure
    assert missing is not None and missing.kind is ErrorKind.DNS_NOT_FOUND


@pytest.mark.parametrize("absent", ["nxdomain", "nodata"])
def test_no_mx_falls_back_to_the_domain_itself(absent: str) -> None:
    dns = FakeDns().found("example.com", "A", [V4])
    if absent == "nodata":
        dns.nodata("example.com", "MX")
    found = route(dns)
    assert (found.lookup, found.secure, found.canonical_name, found.exchanges) == ("address", None, "", ())
    assert found.candidates == (Candidate("example.com", "example.com", V4, 25, None, True),)


def test_failure_of_the_mx_lookup_does_not_fall_back() -> None:
    dns = FakeDns().error("example.com", "MX").found("example.com", "A", [V4])
    found = route(dns)
    assert (kind(found), found.candidates, dns.names("A")) == (ErrorKind.DNS_ERROR, (), [])
    assert text(found) == "Name service error for name=example.com type=MX: SERVFAIL from 127.0.0.1"


@pytest.mark.parametrize("records", [[(0, "")], [(0, ""), (10, "mx.example.com")], [(10, "mx.example.com"), (20, "")]])
def test_null_mx_refuses_the_whole_set(records: list[tuple[int, str]]) -> None:
    dns = with_mx(*records).found("mx.example.com", "A", [V4])
    found = route(dns)
    assert (kind(found), found.null_mx, found.candidates, dns.names("A")) == (ErrorKind.NULL_MX, True, (), [])
    assert text(found) == "Domain example.com does not accept mail (nullMX)"
    assert bool(found.warnings) is (len(records) > 1)


def test_malformed_exchanges_are_passed_over() -> None:
    dns = with_mx((5, r"a\.b.example"), (6, "-x.example"), (10, "mx.example.com")).found("mx.example.com", "A", [V4])
    found = route(dns)
    assert [one.host for one in found.candidates] == ["mx.example.com"]
    assert [warning.split(":")[0] for warning in found.warnings] == [
        "malformed domain name in resource data of MX record for example.com"
    ] * 2


def test_only_malformed_exchanges() -> None:
    dns = with_mx((5, "-x.example")).found("example.com", "A", [V4])
    found = route(dns)
    assert (kind(found), found.candidates) == (ErrorKind.DNS_ERROR, ())
    assert text(found).endswith("type=MX: Malformed or unexpected name server reply")


def test_numeric_exchange() -> None:
    dns = with_mx((10, V4))
    found = route(dns)
    assert found.candidates == (Candidate(V4, V4, V4, 25, 10, False),)
    assert found.warnings == ("numeric domain name in resource data of MX record for example.com: 192.0.2.1",)
    assert dns.names("A") == []


def test_aliased_exchange_keeps_its_published_name() -> None:
    dns = with_mx((10, "mx.example.com")).found("mx.example.com", "A", [V4], canonical_name="mx.example.net")
    found = route(dns)
    assert found.candidates == (Candidate("mx.example.com", "mx.example.net", V4, 25, 10, True),)


def test_aliased_domain() -> None:
    dns = FakeDns().found("example.com", "MX", [MxRecord(1, "mx.example.net")], canonical_name="example.net", secure=False)
    found = route(dns.found("mx.example.net", "A", [V4]))
    assert (found.secure, found.canonical_name) == (False, "example.net")


def test_one_family_found_and_the_other_failing() -> None:
    dns = with_mx((10, "mx.example.com")).found("mx.example.com", "A", [V4]).error("mx.example.com", "AAAA")
    found = route(dns)
    assert ([one.address for one in found.candidates], found.failure) == ([V4], None)
    assert len(found.warnings) == 1 and "type=AAAA: SERVFAIL" in found.warnings[0]


@pytest.mark.parametrize("failing", ["A", "AAAA"])
def test_one_family_failing_and_the_other_absent_is_a_failure(failing: str) -> None:
    dns = with_mx((10, "mx.example.com")).error("mx.example.com", failing)
    found = route(dns)
    failure = found.exchanges[0].failure
    assert failure is not None and failure.kind is ErrorKind.DNS_ERROR
    assert (kind(found), found.warnings) == (ErrorKind.DNS_ERROR, ("no MX host for example.com has a valid address record",))


def test_a_failure_outweighs_absence() -> None:
    dns = with_mx((10, "a.example"), (20, "b.example"), (30, "c.example")).error("b.example", "A")
    assert kind(route(dns)) is ErrorKind.DNS_ERROR


def test_no_address_anywhere() -> None:
    found = route(with_mx((10, "a.example"), (20, "b.example")))
    assert kind(found) is ErrorKind.DNS_NOT_FOUND
    assert text(found) == "Host or domain name not found. Name service error for name=b.example type=AAAA: Host not found"


def test_domain_that_does_not_exist() -> None:
    found = route(FakeDns())
    assert (found.lookup, kind(found)) == ("address", ErrorKind.DNS_NOT_FOUND)
    assert text(found).endswith("name=example.com type=AAAA: Host not found")


@pytest.mark.parametrize(
    ("destination", "protocol"), [("[example.com]", Protocol.SMTP), ("example.com", Protocol.LMTP)]
)
@pytest.mark.parametrize("lookup", list(Lookup))
def test_address_lookup_only(destination: str, protocol: Protocol, lookup: Lookup) -> None:
    dns = with_mx((10, "mx.example.com")).found("example.com", "A", [V4], canonical_name="real.example.net")
    found = route(dns, destination, protocol=protocol, lookup=lookup)
    assert [(one.host, one.canonical_name) for one in found.candidates] == [("example.com", "real.example.net")]
    assert (dns.names("MX"), dns.names("SRV")) == ([], [])


@pytest.mark.parametrize("destination", ["127.0.0.1", "[127.0.0.1]"])
def test_literal(destination: str) -> None:
    dns = FakeDns()
    found = route(dns, destination)
    assert found.candidates == (Candidate("127.0.0.1", "127.0.0.1", "127.0.0.1", 25, None, False),)
    assert (dns.asked, found.secure) == ([], None)


def test_ipv6_literal_is_connected_to_in_its_normal_spelling() -> None:
    assert route(FakeDns(), "[IPv6:2001:DB8::1]:26").candidates == (
        Candidate("2001:DB8::1", "2001:DB8::1", V6, 26, None, False),
    )


def test_unix_socket() -> None:
    found = route(FakeDns(), "unix:/run/lmtp", protocol=Protocol.LMTP)
    assert (found.candidates, found.failure) == ((Candidate("", "", "/run/lmtp", 0),), None)


def many(records: Sequence[tuple[int, str]] = ((10, "a.example"), (10, "b.example"), (20, "c.example"))) -> FakeDns:
    dns = with_mx(*records)
    for number, (_preference, name) in enumerate(records):
        dns.found(name, "A", [f"192.0.2.{number}"]).found(name, "AAAA", [f"2001:db8::{number}"])
    return dns


@pytest.mark.parametrize("family", list(AddressFamily))
def test_order(family: AddressFamily) -> None:
    """Preference before family, family within one preference only, at random within that."""
    seen = Counter(
        tuple((one.preference, one.address) for one in route(many(), family=family, random=Random(seed)).candidates)
        for seed in range(80)
    )
    for order in seen:
        assert [preference for preference, _address in order] == [10, 10, 10, 10, 20, 20]
        families = [6 if ":" in address else 4 for _preference, address in order]
        if family is AddressFamily.IPV6:
            assert families == [6, 6, 4, 4, 6, 4]
        if family is AddressFamily.IPV4:
            assert families == [4, 4, 6, 6, 4, 6]
    # Of the 48 orders possible without a preferred family most must come up, and with one all 4.
    assert len(seen) > 30 if family is AddressFamily.ANY else len(seen) == 4


def test_order_of_an_address_lookup() -> None:
    dns = FakeDns().found("example.com", "A", ["192.0.2.1", "192.0.2.2"]).found("example.com", "AAAA", [V6])
    firsts = {route(dns, "[example.com]", random=Random(seed)).candidates[0].address for seed in range(40)}
    assert firsts == {"192.0.2.1", "192.0.2.2", V6}
    six = {route(dns, "[example.com]", family=AddressFamily.IPV6, random=Random(seed)).candidates[0].address for seed in range(40)}
    assert six == {V6}


def test_insecure_mx_and_policy_may_ask_without_dnssec() -> None:
    dns = with_mx((10, "mx.example.com"), secure=False).found("mx.example.com", "A", [V4])
    assert route(dns).candidates[0].secure
    assert not route(dns, dnssec_after_insecure_mx=False).candidates[0].secure
    assert dns.asked[-1][2] is False
    secure = with_mx((10, "mx.example.com")).found("mx.example.com", "A", [V4])
    assert route(secure, dnssec_after_insecure_mx=False).candidates[0].secure


def test_at_most_a_hundred_addresses_are_used() -> None:
    dns = with_mx((10, "a.example"), (20, "b.example"))
    for number, name in enumerate(("a.example", "b.example")):
        dns.found(name, "A", [f"10.{number}.0.{last}" for last in range(90)])
    found = route(dns)
    assert Counter(one.preference for one in found.candidates) == {10: 90, 20: 10}
    assert found.warnings == ("DNS record count limit (100) exceeded: 80 addresses for example.com dropped",)


def test_untrusted_ad_is_told() -> None:
    assert not route(many()).ad_untrusted
    dns = FakeDns().found("example.com", "MX", [MxRecord(1, "a.example")], secure=False, ad_untrusted=True)
    assert route(dns.found("a.example", "A", [V4])).ad_untrusted
    dns = with_mx((1, "a.example")).found("a.example", "AAAA", [V6], secure=False, ad_untrusted=True)
    assert route(dns).ad_untrusted


BOTH = (HostLookup.DNS, HostLookup.NATIVE)


def test_native_after_dns_has_none() -> None:
    found = route(FakeDns(), "[host]", host_lookup=BOTH, native=[V4])
    assert found.candidates == (Candidate("host", "host", V4, 25, None, False),)


def test_native_alone() -> None:
    dns = FakeDns().found("host", "A", ["192.0.2.9"])
    assert [one.address for one in route(dns, "[host]", host_lookup=(HostLookup.NATIVE,), native=[V4]).candidates] == [V4]
    assert dns.asked == []


def test_native_is_not_tried_after_a_dns_failure_or_success() -> None:
    assert kind(route(FakeDns().error("host", "A"), "[host]", host_lookup=BOTH, native=[V4])) is ErrorKind.DNS_ERROR
    dns = FakeDns().found("host", "A", ["192.0.2.9"])
    assert [one.address for one in route(dns, "[host]", host_lookup=BOTH, native=[V4]).candidates] == ["192.0.2.9"]


def test_native_finding_nothing_and_failing() -> None:
    found = route(FakeDns(), "[host]", host_lookup=BOTH)
    assert (kind(found), text(found).startswith("unable to look up host host: ")) == (ErrorKind.DNS_NOT_FOUND, True)
    found = route(FakeDns(), "[host]", host_lookup=BOTH, native_error=OSError(-3, "Temporary failure in name resolution"))
    assert kind(found) is ErrorKind.DNS_ERROR
    assert text(found) == "unable to look up host host: Temporary failure in name resolution"


def with_srv(*records: tuple[int, int, int, str], name: str = "_smtp._tcp.example.com") -> FakeDns:
    dns = FakeDns().found(name, "SRV", [SrvRecord(*record) for record in records])
    for _priority, _weight, port, target in records:
        dns.found(target, "A", [f"192.0.2.{port % 250}"])
    return dns


def test_srv() -> None:
    dns = with_srv((2, 0, 26, "b.example"), (1, 0, 2525, "a.example"))
    found = route(dns, lookup=Lookup.SRV)
    assert (found.lookup, found.secure, found.canonical_name) == ("srv", True, "_smtp._tcp.example.com")
    assert found.candidates == (
        Candidate("a.example", "a.example", "192.0.2.25", 2525, 1, True),
        Candidate("b.example", "b.example", "192.0.2.26", 26, 2, True),
    )
    assert found.as_facts()["exchanges"][0]["port"] == 2525
    assert dns.names("MX") == []


@pytest.mark.parametrize(
    ("destination", "name"),
    [("example.com:587", "_587._tcp.example.com"), ("example.com:submission", "_submission._tcp.example.com"),
     ("example.com", "_smtp._tcp.example.com")],
)  # fmt: skip
def test_srv_name_has_the_service_as_typed(destination: str, name: str) -> None:
    found = route(with_srv((1, 0, 26, "a.example"), name=name), destination, lookup=Lookup.SRV)
    assert [one.port for one in found.candidates] == [26]


def test_srv_weights() -> None:
    dns = with_srv((1, 90, 1, "often.example"), (1, 10, 2, "seldom.example"), (1, 0, 3, "never.example"), (2, 99, 4, "last.example"))
    firsts: Counter[str] = Counter()
    for seed in range(300):
        hosts = [one.host for one in route(dns, lookup=Lookup.SRV, random=Random(seed)).candidates]
        assert hosts[3] == "last.example" and len(set(hosts)) == 4
        firsts[hosts[0]] += 1
    assert firsts["often.example"] > 220 and 10 < firsts["seldom.example"] < 60


def test_srv_target_root() -> None:
    found = route(with_srv((1, 0, 25, "a.example"), (1, 0, 0, "")), lookup=Lookup.SRV)
    assert text(found) == "Domain _smtp._tcp.example.com does not support SRV requests"
    assert found.candidates == ()


def test_no_srv_record_does_not_fall_back() -> None:
    dns = with_mx((10, "mx.example.com")).found("mx.example.com", "A", [V4]).found("example.com", "A", [V4])
    found = route(dns, lookup=Lookup.SRV)
    assert (kind(found), found.candidates) == (ErrorKind.DNS_NOT_FOUND, ())
    assert kind(route(FakeDns().error("_smtp._tcp.example.com", "SRV"), lookup=Lookup.SRV)) is ErrorKind.DNS_ERROR


def test_srv_without_addresses() -> None:
    dns = FakeDns().found("_smtp._tcp.example.com", "SRV", [SrvRecord(1, 0, 25, "a.example")])
    found = route(dns, lookup=Lookup.SRV)
    assert found.warnings == ("no SRV host for _smtp._tcp.example.com has a valid address record",)
    assert kind(found) is ErrorKind.DNS_NOT_FOUND


@pytest.mark.parametrize("exchange", ["*.example.org", "*", "*._tcp.org", "_mx.example.org", "mx.1"])
def test_exchanges_with_names_that_no_destination_may_have_are_used_as_postfix_does(exchange: str) -> None:
    found = route(with_mx((10, exchange)).found(exchange, "A", [V4]))
    assert [one.host for one in found.candidates] == [exchange] and not found.warnings


@pytest.mark.parametrize("exchange", ["a*b.example.org", "*a.org", "a*.org", "*.*.org", "mx.*.org", "*.-a.org", "*.", "**"])
def test_an_asterisk_can_be_the_whole_first_label_only(exchange: str) -> None:
    found = route(with_mx((10, exchange)).found(exchange, "A", [V4]))
    assert not found.candidates and found.warnings
