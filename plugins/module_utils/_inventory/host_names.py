# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names from DNS may become the name of a host in an inventory. Pure.

Whoever publishes an MX record chooses its exchange, so a name is a stranger's wish. Ansible takes names of hosts and groups for the
same thing in patterns and when variables are set, and knows names that mean the machine it runs on.
"""

from __future__ import annotations

import ipaddress
import re

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_hostname, normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii

_OWN_MACHINE = ("localhost", "localdomain")
"""Top-level labels that mean the machine that asks (RFC 6761 section 6.3), or its local domain by old custom."""
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
"""A last label that makes inet_aton() take the whole name for an IPv4 address."""


def host_name_problem(name: str) -> str | None:
    """Return why a name from DNS is never the name of a host, or None when it may be one."""
    address = normalized_address(name)
    if address is not None:
        return _address_problem(address)
    if not is_hostname(name):
        return "it is not a valid host name"
    labels = name.lower().split(".")
    if labels[-1] in _OWN_MACHINE:
        return "it means the machine that Ansible runs on"
    if len(labels) < 2:
        return "a single label is not a name on the Internet, but may be one of your hosts or groups"
    return "it can be taken for an IP address" if _NUMBER.fullmatch(labels[-1]) else None


def _address_problem(text: str) -> str | None:
    """Loopback addresses other than those that Ansible takes for localhost are left: a name can lead there just as well."""
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None) or address
    if address.is_unspecified or mapped.is_unspecified or str(mapped) == "127.0.0.1" or text == "::1":
        return "it means the machine that Ansible runs on"
    return "it is not the address of one host" if mapped.is_multicast or str(mapped) == "255.255.255.255" else None


def spelling(name: str) -> str:
    """Return the form in which two names of an inventory are compared: ASCII, lower case, no final dot."""
    try:
        plain = to_ascii(name)
    except ValueError:
        plain = name
    return plain.lower().rstrip(".")
