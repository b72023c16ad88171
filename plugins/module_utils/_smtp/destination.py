# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a destination: Postfix's `host_port` and posttls-finger's `parse_destination`, RFC 5891 and UTS 46 names.

The forms: `domain`, `domain:service`, `[host]`, `[host]:service`, `[ipv6:address]`, `unix:path` (LMTP only), each but
the last also behind `inet:`. Where Postfix's program and its manual page differ (`inet:` for SMTP), both are accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Callable, Optional

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname, normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._port import is_port
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

OPTION = "destinations"
MAX_TEXT = 2048
"""Longest text of a destination, characters; nothing valid comes near."""
KNOWN_PORTS = {"lmtp": 24, "smtp": 25, "smtps": 465, "submissions": 465, "submission": 587}
"""Postfix's `known_tcp_ports`, looked at before services(5)."""

_INVALID_HOST = "is neither a host name nor a network address"
_INET, _UNIX, _IPV6 = "inet:", "unix:", "ipv6:"


class Protocol(str, Enum):
    """The mail protocol spoken to a destination."""

    SMTP = "smtp"
    LMTP = "lmtp"


@dataclass(frozen=True)
class Destination:
    """Where a probe is to go, as the user said it.

    `text` is the user's text. `nexthop` is the host part in ASCII, without brackets, and `unicode_name` what it was before
    conversion, if it was not ASCII. `service` is the service as typed (or the default's name) and `port` its number.
    `bracketed`: the brackets that say "no MX lookup" were there. `address` is the nexthop as a normalized IP address when
    it is one. For a unix-domain socket `unix_path` is set, and nexthop is empty and port 0.
    """

    text: str
    protocol: Protocol
    nexthop: str
    port: int
    service: str
    bracketed: bool = False
    address: str | None = None
    unicode_name: str | None = None
    unix_path: str | None = None

    @property
    def host(self) -> str:
        """The host to look up: the next-hop."""
        return self.nexthop

    @property
    def address_only(self) -> bool:
        """True when no MX or SRV lookup is wanted, whatever the options say."""
        return self.bracketed or self.protocol is Protocol.LMTP


@dataclass(frozen=True)
class InvalidDestination:
    """What stands in a list and is no destination: the text as given, and why, as a result says it."""

    text: str
    failure: Failure


ServicePort = Callable[[str], Optional[int]]
"""The TCP port of a service name, None when unknown; the real one is `_probe/services.py`."""


def parse_destination(
    text: str, *, protocol: Protocol, service_port: ServicePort, default_service: str | None = None
) -> Destination:
    """Return the destination that *text* names.

    *default_service* stands for a service left out; by default the protocol's own (`smtp`, `lmtp`). Raises
    `OptionError` with Postfix's words for the reason.
    """
    if len(text) > MAX_TEXT:
        raise OptionError(OPTION, text[:100], "is too long")
    if text.startswith(_UNIX):
        if protocol is Protocol.LMTP:
            return _unix_destination(text, text[len(_UNIX):])
        if "/" in text:
            raise OptionError(OPTION, text, "unix-domain sockets need protocol lmtp")
    rest = text[len(_INET):] if text.startswith(_INET) else text
    host, service, bracketed = _split(text, rest)
    service = service or default_service or protocol.value
    ascii_host = _to_ascii(text, host)
    address = normalized_address(host)
    if address is None and not is_hostname(ascii_host):
        raise OptionError(OPTION, text, _INVALID_HOST)
    return Destination(
        text=text,
        protocol=protocol,
        nexthop=ascii_host,
        port=_port(text, service, service_port),
        service=service,
        bracketed=bracketed,
        address=address,
        unicode_name=None if host.isascii() else host,
    )


def _unix_destination(text: str, path: str) -> Destination:
    if not path or "\0" in path:
        raise OptionError(OPTION, text, "valid path name required after unix:")
    return Destination(text=text, protocol=Protocol.LMTP, nexthop="", port=0, service="", unix_path=path)


def _split(text: str, rest: str) -> tuple[str, str, bool]:
    """Split into host, service (empty: default) and whether there were brackets."""
    if not rest.startswith("["):
        host, _colon, service = rest.rpartition(":") if ":" in rest else (rest, "", "")
        if not host:
            raise OptionError(OPTION, text, "missing host information")
        return host, service, False
    inner, closed, after = rest[1:].partition("]")
    if not closed:
        raise OptionError(OPTION, text, 'missing "]"')
    if after and not after.startswith(":"):
        raise OptionError(OPTION, text, 'garbage after "]"')
    if inner[:len(_IPV6)].lower() == _IPV6:
        inner = inner[len(_IPV6):]
        if ":" not in inner or normalized_address(inner) is None:
            raise OptionError(OPTION, text, "malformed IPv6 address")
    return inner, after[1:], True


def _port(text: str, service: str, service_port: ServicePort) -> int:
    if service.isascii() and service.isdigit():
        # Leading zeros are fine, and a number of any length must not be an effort.
        digits = service.lstrip("0")
        port = int(digits) if 0 < len(digits) <= 5 else 0
        if not is_port(port):
            raise OptionError(OPTION, text, f"bad network port: {service[:20]}")
        return port
    if service[:1].isascii() and service[:1].isdigit():
        raise OptionError(OPTION, text, "garbage after numerical service")
    found = KNOWN_PORTS.get(service) or service_port(service)
    if not found:
        raise OptionError(OPTION, text, f"unknown service: {clean(service, 100)}/tcp")
    return found


def _to_ascii(text: str, host: str) -> str:
    try:
        return to_ascii(host)
    except ValueError as error:
        raise OptionError(OPTION, text, str(error)) from None
