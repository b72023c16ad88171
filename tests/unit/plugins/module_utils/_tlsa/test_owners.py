# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts, ports and TTLs of users."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import TlsaOwner
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_host, parse_owners, parse_ttl


def test_every_port_of_every_host_once() -> None:
    owners = parse_owners(["mx1.example.org", "mx2.example.org.", "mx1.example.org."], [25, 465, 25])
    assert [owner.name for owner in owners] == [
        "_25._tcp.mx1.example.org.", "_465._tcp.mx1.example.org.",
        "_25._tcp.mx2.example.org.", "_465._tcp.mx2.example.org.",
    ]  # fmt: skip
    assert parse_owners(["ns.example.org"], [853], "udp") == (TlsaOwner("ns.example.org", 853, "udp"),)


def test_hosts_are_left_as_they_are_but_for_the_dot() -> None:
    assert parse_host("MX.Example.org.") == "MX.Example.org"


def test_hosts_in_other_scripts() -> None:
    pytest.importorskip("idna")
    assert parse_host("mx.bücher.example") == "mx.xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("hosts", "ports", "option", "value"),
    [
        ([], [25], "hosts", []), (["mx.example.org"], [], "ports", []), (["mx.example.org"], [25, 0], "ports", 0),
        (["mx.example.org"], [65536], "ports", 65536), (["mx.example.org"], [-1], "ports", -1),
        (["mx.example.org.."], [25], "hosts", "mx.example.org.."), (["."], [25], "hosts", "."), ([""], [25], "hosts", ""),
        (["mx example.org"], [25], "hosts", "mx example.org"), (["mx.org\n"], [25], "hosts", "mx.org\n"),
        (["192.0.2.1"], [25], "hosts", "192.0.2.1"), (["2001:db8::1"], [25], "hosts", "2001:db8::1"),
        (["[192.0.2.1]"], [25], "hosts", "[192.0.2.1]"), (["*.example.org"], [25], "hosts", "*.example.org"),
        ([".".join(["a" * 60] * 4)], [65535], "hosts", ".".join(["a" * 60] * 4)),
    ],
)  # fmt: skip
def test_what_cannot_own_records_is_refused(hosts: list[str], ports: list[int], option: str, value: Any) -> None:
    with pytest.raises(OptionError) as refused:
        parse_owners(hosts, ports)
    assert (refused.value.option, refused.value.value) == (option, value)


def test_the_longest_name() -> None:
    host = ".".join(["a" * 60] * 3 + ["b" * 59])
    assert len(parse_owners([host], [25])[0].name) == 252
    assert len(parse_owners([host], [465])[0].name) == 253
    assert len(parse_owners([host], [8465])[0].name) == 254
    with pytest.raises(OptionError, match="is too long a name"):
        parse_owners([host], [10025])


def test_ttl() -> None:
    assert [parse_ttl(one) for one in (None, 0, 2**31 - 1)] == [None, 0, 2**31 - 1]
    for seconds in (-1, 2**31):
        with pytest.raises(OptionError, match=f"ttl: {seconds} is not a number of seconds"):
            parse_ttl(seconds)
