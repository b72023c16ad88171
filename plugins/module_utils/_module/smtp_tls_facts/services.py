# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services of the host to look at, and under which name: the user's words, or what a mail server usually has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname, normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._module.options import port

LOOPBACK = ("127.0.0.1", "::1")
"""Where a service that listens on all addresses listens too."""
MODES = (TlsMode.STARTTLS, TlsMode.IMPLICIT)
"""How TLS can begin at a service; without it there would be nothing to tell."""


@dataclass(frozen=True)
class Service:
    """One port of the host and how TLS begins there."""

    port: int
    tls_mode: TlsMode = TlsMode.STARTTLS


DEFAULT_SERVICES = (Service(25), Service(465, TlsMode.IMPLICIT), Service(587))
"""smtp, submissions and submission."""


def parse_services(values: Sequence[Mapping[str, Any]]) -> tuple[Service, ...]:
    """Return the services of `services`, items with `port` and `tls_mode`.

    Raises:
        OptionError: when there is none, for a number that is no port, and for a port named twice.
    """
    if not values:
        raise OptionError("services", list(values), "names nothing to probe")
    services: dict[int, Service] = {}
    for value in values:
        number = port(value["port"], "services")
        if number in services:
            raise OptionError("services", number, "is there twice")
        services[number] = Service(number, TlsMode(value["tls_mode"]))
    return tuple(services.values())


def parse_addresses(values: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the distinct addresses in canonical spelling, None when the user names none.

    Raises:
        OptionError: for a text that is no address, and for an empty list.
    """
    if values is None:
        return None
    if not values:
        raise OptionError("addresses", [], "names nothing to probe")
    addresses: dict[str, None] = {}
    for value in values:
        address = normalized_address(value)
        if address is None:
            raise OptionError("addresses", value, "is not an IP address")
        addresses[address] = None
    return tuple(addresses)


def parse_host(value: str) -> str:
    """Return a host name in ASCII.

    Raises:
        OptionError: when it is none.
    """
    try:
        host = to_ascii(value)
    except ValueError as error:
        raise OptionError("host", value, str(error)) from error
    if not is_hostname(host):
        raise OptionError("host", value, "is not a host name")
    return host
