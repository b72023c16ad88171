# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses are everybody's: global unicast, also where an IPv4 address is wrapped into one of IPv6 (RFC 6890 and its registries).

Whoever owns a domain chooses the addresses that its names have. Documents are fetched from public addresses only, so that nobody makes us
talk to what stands behind our firewall.
"""

from __future__ import annotations

import ipaddress
from typing import Union

_Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


def is_public(text: str) -> bool:
    """Tell whether a text is an address that anybody on the Internet can mean the same host by."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return all(_is_public(one) for one in (address, *_wrapped(address)))


def _is_public(address: _Address) -> bool:
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback or address.is_link_local
    # What is in these is decided by the IPv4 address alone; behind DNS64 they are how public hosts are reached.
    wrapping = isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped is not None or address in _NAT64)
    return wrapping or (address.is_global and not special)


def _wrapped(address: _Address) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses inside one of IPv6: mapped, 6to4, Teredo (server and client), NAT64 (RFC 6052), compatible."""
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64 or address in _COMPATIBLE:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(one for one in found if one is not None)
