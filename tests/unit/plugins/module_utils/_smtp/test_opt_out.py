# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who wants out is out: as destination, as exchange, by address."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, ExchangeRoute, Route
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import service_port
from ansible_collections.mailops.tls.plugins.module_utils._smtp.destination import Destination, Protocol, parse_destination
from ansible_collections.mailops.tls.plugins.module_utils._smtp.opt_out import OptOut
from hypothesis import given
from hypothesis import strategies as st

OUT = OptOut.read(["example.org", "*.Example.NET", ".mail.test", "\u00fcber.example", "192.0.2.0/24", "2001:db8::1", "[198.51.100.7]"])


def destination(text: str) -> Destination:
    return parse_destination(text, protocol=Protocol.SMTP, service_port=service_port)


@pytest.mark.parametrize(
    "text",
    [
        "example.org", "Example.ORG:587", "a.example.org", "[mx.example.org]", "example.net", "mail.test", "x.mail.test",
        "\u00dcber.example", "[192.0.2.99]:25", "192.0.2.1", "[ipv6:2001:DB8:0::1]", "[198.51.100.7]",
    ],
)  # fmt: skip
def test_destinations_that_want_out_have_no_way(text: str) -> None:
    route = OUT.of(destination(text), "mx")
    assert route is not None and route.failure is not None and route.failure.kind is ErrorKind.OPTED_OUT
    assert not route.candidates and not route.exchanges


@pytest.mark.parametrize("text", ["example.com", "notexample.org", "org", "[192.0.3.1]", "[ipv6:2001:db8::2]", "mail.test.example"])
def test_others_are_let_alone(text: str) -> None:
    assert OUT.of(destination(text), "mx") is None


def route(*exchanges: tuple[str, str]) -> Route:
    candidates = tuple(Candidate(host, host, address, 25, 10) for host, address in exchanges)
    return Route("mx", exchanges=tuple(ExchangeRoute(10, host) for host, unused in exchanges), candidates=candidates)


def test_an_exchange_that_wants_out_is_told_and_the_others_are_probed() -> None:
    whole = route(("MX.Example.org", "203.0.113.1"), ("mx.other.example", "203.0.113.2"))
    left = OUT.without(whole)
    assert [one.host for one in left.candidates] == ["mx.other.example"] and left.failure is None
    failures = [one.failure.kind if one.failure else None for one in left.exchanges]
    assert failures == [ErrorKind.OPTED_OUT, None]


def test_without_an_exchange_left_that_is_the_end_of_the_way() -> None:
    left = OUT.without(route(("mx.provider.example", "192.0.2.5")))
    assert not left.candidates and left.failure is not None and left.failure.kind is ErrorKind.OPTED_OUT


def test_an_exchange_is_also_known_by_what_its_name_is_an_alias_of() -> None:
    whole = route(("mx.customer.example", "203.0.113.1"))
    aliased = replace(whole, candidates=(replace(whole.candidates[0], canonical_name="mx1.example.org"),))
    assert not OUT.without(aliased).candidates


def test_a_route_that_nobody_wants_out_of_stays_what_it_is() -> None:
    whole = route(("mx.other.example", "203.0.113.2"))
    assert OUT.without(whole) is whole


@pytest.mark.parametrize("item", ["", "a b", "http://example.org", "192.0.2.0/33", "user@example.org", "..", "-x-.example", "\u0301"])
def test_what_cannot_be_read_is_not_guessed(item: str) -> None:
    with pytest.raises(OptionError) as caught:
        OptOut.read(["example.org", item])
    assert (caught.value.option, caught.value.value) == ("opt_out_file", item)


@given(st.text())
def test_any_line_is_read_or_refused(item: str) -> None:
    try:
        OptOut.read([item])
    except OptionError as error:
        assert error.option == "opt_out_file"


@pytest.mark.parametrize("address", ["192.0.2.5", "::ffff:192.0.2.5"])
def test_an_address_that_wants_out_does_so_in_the_clothes_of_ipv6_as_well(address: str) -> None:
    assert not OptOut.read(["192.0.2.0/24"]).without(route(("mx.other.example", address))).candidates
