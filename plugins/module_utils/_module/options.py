# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What more than one module reads out of its options the same way. Every mistake is an `OptionError` that names the option. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver, parse_authoritative_server
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._port import checked_port
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest


def port(number: int, option: str) -> int:
    """Return a port.

    Raises:
        OptionError: when it is none.
    """
    return checked_port(number, option)


def seconds(number: float, option: str) -> float:
    """Return a time that somebody waits.

    Raises:
        OptionError: when it is none.
    """
    if not 0 < number <= 86400:
        raise OptionError(option, number, "is not a number of seconds above 0 and up to 86400")
    return number


def key_requests(names: Sequence[str], option: str = "key_algorithms") -> tuple[KeyRequest, ...]:
    """Return the kinds of keys to ask for, each once.

    Raises:
        OptionError: when there is none.
    """
    if not names:
        raise OptionError(option, list(names), "names no kind of key")
    return tuple(KeyRequest(name) for name in dict.fromkeys(names))


def authoritative_servers(texts: Sequence[str] | None) -> tuple[Nameserver, ...]:
    """Return the name servers of `authoritative_servers`, which are asked by UDP and TCP as all of theirs are."""
    return tuple(parse_authoritative_server(text) for text in texts or ())
