# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an instance listens, from master.cf (master(5)) and C(inet_interfaces); and what a user names instead. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional

from ansible_collections.mailops.tls.plugins.module_utils._deploy.plan import DEFAULTS
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, Scope, Service
from ansible_collections.mailops.tls.plugins.module_utils._postfix.tls_settings import server_level

_OPTION = "listeners"
_WORDS = re.compile(r"[\s,]+")


@dataclass(frozen=True)
class Listener:
    """An address and port of this machine; B(implicit) when TLS begins at once."""

    address: str
    port: int
    implicit: bool

    def __str__(self) -> str:
        return "[%s]:%d" % (self.address, self.port)


def given_listeners(values: Sequence[Mapping[str, Any]]) -> tuple[Listener, ...]:
    """Return those of the option. Raises L(OptionError)."""
    found = []
    for value in values:
        address = normalized_address(value["address"])
        if address is None:
            raise OptionError(_OPTION, value["address"], "is not an IP address")
        if not 0 < value["port"] < 65536:
            raise OptionError(_OPTION, value["port"], "is not a port")
        found.append(Listener(address, value["port"], value["tls_mode"] == "implicit"))
    return tuple(found)


def configured_listeners(instance: Instance, port_of: Callable[[str], Optional[int]]) -> tuple[Listener, ...]:
    """Return where smtpd(8) with the keys of main.cf can be asked: TLS on, no PROXY protocol, an address that is known.

    :param port_of: the port of a service's name, None when there is none.
    """
    return tuple(dict.fromkeys(one for service in instance.services for one in _of_service(instance, service, port_of)))


def _of_service(instance: Instance, service: Service, port_of: Callable[[str], Optional[int]]) -> list[Listener]:
    scope = instance.scope(service)
    place, _slash, kind = service.name.rpartition("/")
    own_keys = any(name in service.overrides for name in DEFAULTS)
    if service.command != "smtpd" or kind != "inet" or own_keys or scope.value("smtpd_upstream_proxy_protocol"):
        return []
    if server_level(scope).level in (None, "none"):
        return []
    host, _colon, name = place.rpartition(":")
    port = int(name) if name.isdecimal() else port_of(name)
    if port is None:
        return []
    return [Listener(address, port, scope.is_yes("smtpd_tls_wrappermode")) for address in _addresses(host, scope)]


def _addresses(host: str, scope: Scope) -> list[str]:
    """One address is enough of those that share a service."""
    words = [host] if host else [one for one in _WORDS.split(scope.value("inet_interfaces").lower()) if one]
    loopback = "::1" if scope.value("inet_protocols").strip().lower() == "ipv6" else "127.0.0.1"
    for word in words:
        if word in ("all", "loopback-only", "localhost"):
            return [loopback]
        try:
            address = ipaddress.ip_address(word.strip("[]"))
        except ValueError:
            continue
        return [loopback if address.is_unspecified else str(address)]
    return []
