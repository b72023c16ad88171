# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an instance listens, and the wait for a certificate there."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener, configured_listeners, given_listeners
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, Scope, Service
from ansible_collections.mailops.tls.tests.unit.deploying import SMTP, instance_of


def port_of(name: str) -> Optional[int]:
    return {"smtp": 25, "submissions": 465}.get(name)


def listeners(*services: Service, **values: str) -> list[str]:
    instance = instance_of({"smtpd_tls_security_level": "may", **values}, services)
    scopes = {one.name: Scope(one.name, {**instance.main.values, **one.overrides}, {}) for one in services if one.overrides}
    made = Instance("/etc/postfix", instance.main, services, scopes)
    return ["%s%s" % (one, " implicit" if one.implicit else "") for one in configured_listeners(made, port_of)]


@pytest.mark.parametrize(
    ("interfaces", "protocols", "address"),
    [
        ("all", "all", "127.0.0.1"),
        ("all", "ipv6", "::1"),
        ("loopback-only", "ipv4", "127.0.0.1"),
        ("192.0.2.1, 127.0.0.1", "all", "192.0.2.1"),
        ("mx.example.com [2001:db8::1]", "all", "2001:db8::1"),
    ],
)
def test_addresses(interfaces: str, protocols: str, address: str) -> None:
    assert listeners(SMTP, inet_interfaces=interfaces, inet_protocols=protocols) == ["[%s]:25" % address]


def test_services() -> None:
    assert listeners(Service("192.0.2.9:2525/inet", "smtpd", {})) == ["[192.0.2.9]:2525"]
    assert listeners(Service("[2001:db8::2]:25/inet", "smtpd", {})) == ["[2001:db8::2]:25"]
    assert listeners(Service("submissions/inet", "smtpd", {"smtpd_tls_wrappermode": "yes"})) == ["[127.0.0.1]:465 implicit"]


@pytest.mark.parametrize(
    "service",
    [
        Service("smtp/inet", "postscreen", {}),
        Service("smtpd/pass", "smtpd", {}),
        Service("unknown-name/inet", "smtpd", {}),
        Service("mx.example.com:25/inet", "smtpd", {}),
        Service("smtp/inet", "smtpd", {"smtpd_tls_security_level": "none"}),
        Service("smtp/inet", "smtpd", {"smtpd_upstream_proxy_protocol": "haproxy"}),
        Service("smtp/inet", "smtpd", {"smtpd_tls_cert_file": "/own.pem"}),
    ],
    ids=["postscreen", "pass", "port", "host-name", "no-tls", "proxy", "own-keys"],
)
def test_nobody_to_ask(service: Service) -> None:
    assert listeners(service) == []


def test_given() -> None:
    one: dict[str, Any] = {"address": "::1", "port": 465, "tls_mode": "implicit"}
    assert given_listeners([one]) == (Listener("::1", 465, True),)
    for wrong in ({"address": "localhost"}, {"port": 0}):
        with pytest.raises(OptionError, match="listeners"):
            given_listeners([{**one, **wrong}])
