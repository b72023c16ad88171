# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose records they are: host names, ports and a protocol as a user gives them, as owners of RRsets (RFC 6698 section 3)."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import TlsaOwner
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_address, is_hostname
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii
from ansible_collections.mailops.tls.plugins.module_utils._port import checked_port

_LONGEST_NAME = 253
_LONGEST_TTL = 2**31 - 1


def parse_owners(hosts: Sequence[str], ports: Sequence[int], protocol: str = "tcp") -> tuple[TlsaOwner, ...]:
    """Return an owner for each port of each host, the ports of a host together.

    Hosts may end with a dot and may be internationalised.

    Raises:
        OptionError: for `hosts` and `ports`.
    """
    names = tuple(dict.fromkeys(parse_host(host) for host in hosts))
    if not names:
        raise OptionError("hosts", list(hosts), "names no host whose records they are to be")
    if not ports:
        raise OptionError("ports", list(ports), "names no port")
    for port in ports:
        checked_port(port, "ports")
    owners = tuple(TlsaOwner(name, port, protocol) for name in names for port in dict.fromkeys(ports))
    for owner in owners:
        if len(owner.name) - 1 > _LONGEST_NAME:
            raise OptionError("hosts", owner.host, "is too long a name for records below it")
    return owners


def parse_host(text: str, option: str = "hosts") -> str:
    """Return a host name in ASCII, without a dot at its end.

    Raises:
        OptionError: when it is none.
    """
    bare = text[:-1] if text.endswith(".") else text
    if is_address(bare):
        raise OptionError(option, text, "is an address; TLSA records belong to host names")
    try:
        name = to_ascii(bare)
    except ValueError as error:
        raise OptionError(option, text, str(error)) from error
    if not is_hostname(name):
        raise OptionError(option, text, "is not a host name")
    return name


def parse_ttl(seconds: int | None) -> int | None:
    """Return a TTL.

    Raises:
        OptionError: when it is none (RFC 2181 section 8).
    """
    if seconds is not None and not 0 <= seconds <= _LONGEST_TTL:
        raise OptionError("ttl", seconds, f"is not a number of seconds from 0 to {_LONGEST_TTL}")
    return seconds
