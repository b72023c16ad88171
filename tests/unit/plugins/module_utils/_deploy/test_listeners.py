# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an instance listens, and which of its services cannot be asked."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import (
    Listening,
    configured_listeners,
)
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, MasterService, Scope
from ansible_collections.mailops.tls.tests.unit.worlds.deploying import SMTP, instance_of

NAMES = {
    "mx.example.com": ("192.0.2.1", "2001:db8::1"),
    "localhost": ("127.0.0.1", "::1"),
}


def port_of(name: str) -> int | None:
    return {"smtp": 25, "submissions": 465}.get(name)


def addresses_of(name: str) -> Sequence[str]:
    return NAMES.get(name, ())


def listening(*services: MasterService, **values: str) -> Listening:
    instance = instance_of({"smtpd_tls_security_level": "may", "postscreen_tls_security_level": "may", **values}, services)
    scopes = {one.name: Scope(one.name, {**instance.main.values, **one.overrides}, {}) for one in services if one.overrides}
    made = Instance("/etc/postfix", instance.main, services, scopes)
    return configured_listeners(made, port_of, addresses_of)


def listeners(*services: MasterService, **values: str) -> list[str]:
    found = listening(*services, **values)
    assert found.unasked == () and not found.waived
    return [f"{one}{' implicit' if one.implicit else ''}" for one in found.listeners]


@pytest.mark.parametrize(
    ("interfaces", "protocols", "addresses"),
    [
        ("all", "all", ["127.0.0.1"]),
        ("all", "ipv6", ["::1"]),
        ("loopback-only", "ipv4", ["127.0.0.1"]),
        ("192.0.2.1, 127.0.0.1", "all", ["192.0.2.1", "127.0.0.1"]),
        ("mx.example.com", "all", ["192.0.2.1", "2001:db8::1"]),
        ("mx.example.com", "ipv4", ["192.0.2.1"]),
        ("mx.example.com, localhost", "ipv6", ["2001:db8::1", "::1"]),
        ("mx.example.com [2001:db8::1]", "ipv4, ipv6", ["192.0.2.1", "2001:db8::1"]),
    ],
)
def test_addresses(interfaces: str, protocols: str, addresses: list[str]) -> None:
    """A name stands for all that the system has for it, of the families that are on (inet_addr_host)."""
    found = listeners(SMTP, inet_interfaces=interfaces, inet_protocols=protocols)
    assert found == [f"[{one}]:25" for one in addresses]


def test_services() -> None:
    assert listeners(MasterService("192.0.2.9:2525/inet", "smtpd", {})) == ["[192.0.2.9]:2525"]
    assert listeners(MasterService("[2001:db8::2]:25/inet", "smtpd", {})) == ["[2001:db8::2]:25"]
    assert listeners(MasterService("mx.example.com:25/inet", "smtpd", {})) == ["[192.0.2.1]:25", "[2001:db8::1]:25"]
    assert listeners(MasterService("localhost:smtp/inet", "smtpd", {}), inet_protocols="ipv4") == ["[127.0.0.1]:25"]
    assert listeners(MasterService("[::]:25/inet", "smtpd", {})) == ["[::1]:25"]
    assert listeners(MasterService("submissions/inet", "smtpd", {"smtpd_tls_wrappermode": "yes"})) == ["[127.0.0.1]:465 implicit"]


def test_inet_interfaces_are_those_of_the_master() -> None:
    assert listeners(MasterService("smtp/inet", "smtpd", {"inet_interfaces": "192.0.2.7"})) == ["[127.0.0.1]:25"]


def test_postscreen_is_asked_and_given_time() -> None:
    """It hands its access list to smtpd at once, and keeps others waiting for postscreen_greet_wait."""
    (found,) = listening(SCREEN, PASS, postscreen_greet_wait="6s").listeners
    assert (str(found), found.implicit, found.greeting_wait) == ("[127.0.0.1]:25", False, 6.0)
    (patient,) = listening(SCREEN, PASS, postscreen_greet_wait="${stress?{2}:{6}}s").listeners
    assert patient.greeting_wait == 6.0


SCREEN, PASS = MasterService("smtp/inet", "postscreen", {}), MasterService("smtpd/pass", "smtpd", {})


@pytest.mark.parametrize(
    ("services", "reason"),
    [
        ([MasterService("smtp/inet", "postscreen", {"postscreen_upstream_proxy_protocol": "haproxy"})], "expects the PROXY protocol"),
        ([SCREEN, MasterService("smtpd/pass", "smtpd", {"smtpd_tls_cert_file": "/own.pem"})], "keys of its own"),
        ([SCREEN, PASS, MasterService("tlsproxy/unix", "tlsproxy", {"tlsproxy_tls_cert_file": "/o"})], "keys of its own"),
        ([MasterService("smtp/inet", "postscreen", {"postscreen_tls_security_level": "none"})], "TLS is off"),
        ([MasterService("unknown-name/inet", "smtpd", {})], "no port of the name unknown-name"),
        ([MasterService("mx9.example.com:25/inet", "smtpd", {})], "finds no address of mx9.example.com"),
        ([MasterService("smtp/inet", "smtpd", {"smtpd_tls_security_level": "none"})], "TLS is off"),
        ([MasterService("smtp/inet", "smtpd", {"smtpd_upstream_proxy_protocol": "haproxy"})], "expects the PROXY protocol"),
        ([MasterService("smtp/inet", "smtpd", {"smtpd_tls_cert_file": "/own.pem"})], "keys of its own"),
    ],
    ids=["screen-proxy", "screen-own", "screen-tlsproxy", "screen-no-tls", "port", "host-name", "no-tls", "proxy", "own-keys"],
)
def test_who_cannot_be_asked_is_told(services: list[MasterService], reason: str) -> None:
    found = listening(*services)
    assert found.listeners == () and reason in str(found.unasked[0])


def test_what_is_no_listener() -> None:
    assert listening(MasterService("smtpd/pass", "smtpd", {}), MasterService("smtp/unix", "smtp", {})) == Listening()
