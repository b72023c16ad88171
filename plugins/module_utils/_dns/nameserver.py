# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which resolver to ask and how: user text or resolv.conf(5) to a value (RFC 1035, RFC 7858 DoT, RFC 8484 DoH).

The forms are those of `dig` and `kdig` users: `192.0.2.1`, `192.0.2.1@5353`, `::1@53`,
`tls://192.0.2.1@853#dns.example.org` and `https://dns.example.org/dns-query`.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from urllib.parse import SplitResult, urlsplit

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._port import is_port

OPTION = "nameservers"
RESOLV_CONF = "/etc/resolv.conf"
MAX_SYSTEM_NAMESERVERS = 3
"""glibc's MAXNS: further `nameserver` lines of resolv.conf are not used."""
_INTERFACE = re.compile(r"[A-Za-z0-9_.-]{1,15}\Z")
"""What may stand behind the `%` of an address; sockets stumble over much else."""


class Transport(str, Enum):
    """How a nameserver is spoken to."""

    UDP = "udp"
    TLS = "tls"
    HTTPS = "https"


DEFAULT_PORTS = {Transport.UDP: 53, Transport.TLS: 853, Transport.HTTPS: 443}


@dataclass(frozen=True)
class Nameserver:
    """One recursive resolver.

    `address` is a normalized IP address, for DoH the host part of the `url`. UDP includes TCP after truncation.
    `tls_name` is the name its DoT certificate must have; without it the certificate must have the address.
    """

    address: str
    port: int = 53
    transport: Transport = Transport.UDP
    tls_name: str | None = None
    url: str | None = None

    @cached_property
    def is_loopback(self) -> bool:
        """True when replies cannot have been changed on a network: a literal loopback address."""
        try:
            return ipaddress.ip_address(self.address).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        """The text a user would write for it."""
        if self.url is not None:
            return self.url
        port = "" if self.port == DEFAULT_PORTS[self.transport] else f"@{self.port}"
        if self.transport is Transport.UDP:
            return self.address + port
        return f"tls://{self.address}{port}{'#' + self.tls_name if self.tls_name else ''}"


def parse_nameserver(text: str) -> Nameserver:
    """Return the nameserver that *text* names.

    Raises:
        OptionError: for anything that is not one of the forms in the file's docstring.
    """
    if text.startswith("https://"):
        return _parse_url(text)
    if text.startswith("tls://"):
        rest, has_name, tls_name = text[len("tls://"):].partition("#")
        if has_name and not is_hostname(tls_name):
            raise OptionError(OPTION, text, "has no valid host name after '#'")
        address, port = _address_and_port(text, rest, Transport.TLS)
        return Nameserver(address, port, Transport.TLS, tls_name=tls_name or None)
    if "://" in text:
        raise OptionError(OPTION, text, "has an unknown scheme: use an address, tls://address or an https:// URL")
    address, port = _address_and_port(text, text, Transport.UDP)
    return Nameserver(address, port)


def parse_authoritative_server(text: str) -> Nameserver:
    """Return the authoritative server that *text* names, `address` or `address@port`.

    Raises:
        OptionError: when it is neither.
    """
    try:
        server = parse_nameserver(text)
    except OptionError as error:
        raise OptionError("authoritative_servers", text, error.reason) from error
    if server.transport is not Transport.UDP:
        raise OptionError("authoritative_servers", text, "is not an address or address@port")
    return server


def _address_and_port(text: str, rest: str, transport: Transport) -> tuple[str, int]:
    host, has_port, port_text = rest.partition("@")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    try:
        address = _ip_address(host)
    except ValueError:
        raise OptionError(OPTION, text, "is not an IP address: use address or address@port") from None
    if address.is_unspecified or address.is_multicast:
        raise OptionError(OPTION, text, "is not the address of one host")
    return str(address), _port(text, port_text) if has_port else DEFAULT_PORTS[transport]


def _ip_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    _address, has_scope, scope = text.partition("%")
    if has_scope and not _INTERFACE.match(scope):
        raise ValueError("no name of an interface")
    return ipaddress.ip_address(text)


def _port(text: str, port_text: str) -> int:
    if not (port_text.isascii() and port_text.isdigit() and len(port_text) <= 5 and is_port(int(port_text))):
        raise OptionError(OPTION, text, "has no valid port number after '@'")
    return int(port_text)


def _parse_url(text: str) -> Nameserver:
    if not (text.isascii() and text.isprintable()) or " " in text or "{" in text:
        raise OptionError(OPTION, text, "is not a plain https:// URL")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise OptionError(OPTION, text, "is not a valid https:// URL") from None
    if port == 0 or parts.username is not None or parts.fragment or not _is_url_host(parts):
        raise OptionError(OPTION, text, "is not a valid https:// URL")
    return Nameserver(str(parts.hostname), port or 443, Transport.HTTPS, url=text)


def _is_url_host(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        _ip_address(host)
    except ValueError:
        return is_hostname(host)
    return True


def system_nameservers(path: str = RESOLV_CONF) -> tuple[Nameserver, ...]:
    """Return the nameservers of resolv.conf(5), in order; `127.0.0.1` when there are none, as the C library does.

    Read here and not by `dns.resolver`, whose import costs more than a hundred queries where httpx is installed.
    Lines that are no address are passed over, as by the C library.
    """
    try:
        with open(path, encoding="utf-8", errors="replace") as handle:
            lines = handle.read(65536).splitlines()
    except OSError:
        lines = []
    found: list[Nameserver] = []
    for words in (line.split() for line in lines):
        if len(words) < 2 or words[0] != "nameserver":
            continue
        try:
            found.append(Nameserver(str(_ip_address(words[1]))))
        except ValueError:
            continue
    return tuple(found[:MAX_SYSTEM_NAMESERVERS]) or (Nameserver("127.0.0.1"),)
