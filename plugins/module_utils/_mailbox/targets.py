# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user names: a host with its services, or a domain whose SRV records tell where they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import is_record_name, normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii

_IN_BRACKETS = re.compile(r"\[([^\[\]]*)\](?::([0-9]{1,5}))?\Z")
_WITH_PORT = re.compile(r"([^:\[\]]+):([0-9]{1,5})\Z")
_EXAMPLE = "is no host, as in mail.example.org, mail.example.org:993, 192.0.2.1 or [2001:db8::1]"


@dataclass(frozen=True)
class MailTarget:
    """One thing to look at.

    Attributes:
        text: as the user gave it.
        name: the host, by name or address, or the domain; ASCII.
        port: the port that the user named; None for those of the services.
        by_srv: whether *name* is a domain, whose SRV records tell the hosts (RFC 6186).
    """

    text: str
    name: str
    port: int | None = None
    by_srv: bool = False


def parse_host(text: str) -> MailTarget:
    """Read one item of `hosts`.

    Raises:
        OptionError: it is none.
    """
    stripped = text.strip()
    port: str | None = None
    host = stripped
    found = _IN_BRACKETS.match(stripped) or (None if normalized_address(stripped) else _WITH_PORT.match(stripped))
    if found:
        host, port = found.groups()
    if port is not None and not 1 <= int(port) <= 65535:
        raise OptionError("hosts", text, "has no port from 1 to 65535")
    return MailTarget(text, normalized_address(host) or _name("hosts", text, host, _EXAMPLE), int(port) if port else None)


def parse_domain(text: str) -> MailTarget:
    """Read one item of `domains`.

    Raises:
        OptionError: it is none.
    """
    stripped = text.strip().rpartition("@")[2]
    if normalized_address(stripped.strip("[]")):
        raise OptionError("domains", text, "is an address, which has no SRV records: name it in hosts")
    return MailTarget(text, _name("domains", text, stripped, "is no mail domain, as in example.org"), by_srv=True)


def _name(option: str, text: str, name: str, reason: str) -> str:
    try:
        converted = to_ascii(name[:-1] if name.endswith(".") else name)
    except ValueError as problem:
        raise OptionError(option, text, str(problem)) from problem
    if not is_record_name(converted):
        raise OptionError(option, text, reason)
    return converted
