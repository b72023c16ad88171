# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a host name and as an address literal: Postfix's `src/util/valid_hostname.c`.

Looser than RFC 952 (underscores are allowed) and stricter than DNS (no trailing dot, no escapes, not all-numeric).
"""

from __future__ import annotations

import re
import socket

MAX_LABEL = 63
MAX_HOSTNAME = 255

_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_NUMERIC = re.compile(r"[0-9.]*")


def is_hostname(text: str) -> bool:
    """Tell whether *text* is an ASCII host name: labels of letters, digits, `_` and inner hyphens, not all-numeric."""
    if not text or len(text) > MAX_HOSTNAME or _NUMERIC.fullmatch(text):
        return False
    return all(len(label) <= MAX_LABEL and _LABEL.fullmatch(label) for label in text.split("."))


def is_record_name(text: str) -> bool:
    """Tell whether `text` will do as a name in DNS data, such as an exchange or the target of an alias.

    That is a host name, whose first label may also be one asterisk. Postfix takes no such name for a destination.
    """
    return text == "*" or is_hostname("w" + text[1:] if text.startswith("*.") else text)


def normalized_address(text: str) -> str | None:
    """Return the IP address that *text* spells, in its canonical spelling, or None when it is no address.

    As in Postfix `0.0.0.0` is an address and `0.1.2.3` is not; zone identifiers (`%eth0`) are not accepted.
    """
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            packed = socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
        if family == socket.AF_INET and packed[0] == 0 and any(packed):
            return None
        return socket.inet_ntop(family, packed)
    return None


def address_text(packed: bytes) -> str:
    """Return an address of 4 or 16 octets in its canonical spelling."""
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


def is_address(text: str) -> bool:
    """Tell whether *text* is an IPv4 or IPv6 address literal."""
    return normalized_address(text) is not None
