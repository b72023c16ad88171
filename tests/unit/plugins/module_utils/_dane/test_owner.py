# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of TLSA records: made, read and shown."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import (
    AliasTarget,
    TlsaOwner,
    is_smtp,
    names_a_service,
    owner_name,
    owner_of_name,
    shown_host,
)


@pytest.mark.parametrize(
    ("name", "owner"),
    [("_25._tcp.mx.example.org", TlsaOwner("mx.example.org", 25)), ("_853._udp.a", TlsaOwner("a", 853, "udp")),
     (r"_25._tcp.a\.b.example", TlsaOwner(r"a\.b.example", 25)),
     *((name, AliasTarget(name)) for name in (
         "tlsa201._dane.example.org", "tlsa.example.org", "_25._tcp", "_025._tcp.a", "_99999._tcp.a", "25._tcp.a", "*._tcp.a", "a",
         "_443.a.example", "_25.tcp.a", r"_25\._tcp.a"))],
)  # fmt: skip
def test_owner_of_a_name(name: str, owner: TlsaOwner | AliasTarget) -> None:
    assert owner_of_name(name) == owner
    assert owner.name == name + "."


def test_name_of_an_owner() -> None:
    assert owner_name("MX.example.org.", 465) == "_465._tcp.MX.example.org."
    assert owner_name("a", 853, "udp") == TlsaOwner("a", 853, "udp").name[:-1] == "_853._udp.a"


@pytest.mark.parametrize(
    ("name", "smtp", "shown"),
    [
        ("_25._tcp.mx.example.org", True, "mx.example.org"),
        ("_465._tcp.mx.example.org", False, "mx.example.org:465"),
        ("_25._udp.mx.example.org", False, "mx.example.org"),
        ("_25._tcp", False, "_25._tcp"),
        ("_250._tcp.a", False, "a:250"),
        ("tlsa._dane.example.org", False, "tlsa._dane.example.org"),
        ("_tlsa._dane.example.org", False, "_tlsa._dane.example.org"),
    ],
)
def test_what_an_owner_is_called(name: str, smtp: bool, shown: str) -> None:
    assert (is_smtp(name), shown_host(name)) == (smtp, shown)


@pytest.mark.parametrize(
    ("name", "meant"), [("_25._tcp.a", True), ("x._dane.a", True), ("mx.example.org", False), ("mx_1.example.org", False)]
)
def test_what_can_be_meant_as_an_owner(name: str, meant: bool) -> None:
    assert names_a_service(name) is meant
