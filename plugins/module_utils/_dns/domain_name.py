# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
r"""Any name that DNS can have, in presentation format (RFC 1035 section 5.1, RFC 2181 section 11). Pure.

Host names are a part of these (hostname.py). Keys of TSIG, zones such as 0/25.2.0.192.in-addr.arpa, and where the alias of a TLSA
record leads may be called anything: numbers, slashes, an asterisk, escaped characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.mailops.tls.plugins.module_utils._idna import to_ascii

_LONGEST_LABEL, _LONGEST_WIRE = 63, 255
_CHARACTER = re.compile(r"\\([0-9]{3})|\\([^0-9])|([^\\])", re.DOTALL)
_ESCAPED = b'"().;\\@$'
"""What has a meaning in zone files, as dnspython escapes it too, so that texts from both can be compared."""


def canonical_name(text: str) -> str:
    """Return a name in the one form that is compared: lower case, without final dot, only what must be escaped is.

    Raises:
        ValueError: for what is no name, and for the root.
    """
    try:
        labels = tuple(_labels(text if text.isascii() else to_ascii(text)))
    except ValueError as error:
        raise ValueError(f"is not a domain name: {error}") from error
    if sum(len(label) + 1 for label in labels) + 1 > _LONGEST_WIRE:
        raise ValueError("is not a domain name: it is too long")
    return ".".join(_label_text(label.lower()) for label in labels)


def is_below(name: str, zone: str) -> bool:
    """Tell whether a name is in a zone and not its apex; both are canonical."""
    labels, above = tuple(_labels(name)), tuple(_labels(zone))
    return len(labels) > len(above) and labels[-len(above):] == above


def _labels(text: str) -> Iterator[bytes]:
    """Yield the labels; a dot that is escaped is part of one."""
    label = bytearray()
    at = 0
    while at < len(text):
        match = _CHARACTER.match(text, at)
        if match is None:
            raise ValueError("a backslash escapes nothing")
        at = match.end()
        if match[3] != ".":
            label.append(_octet(match))
        if match[3] == "." or at == len(text):
            if not 0 < len(label) <= _LONGEST_LABEL:
                raise ValueError(f"a label has {len(label)} octets")
            yield bytes(label)
            label.clear()
    if not text:
        raise ValueError("it is empty")


def _octet(match: re.Match[str]) -> int:
    number = int(match[1]) if match[1] else ord(match[2] or match[3])
    if number > 255 or (match[3] and not 0x20 < number < 0x7F):
        raise ValueError("it has a character that must be escaped")
    return number


def _label_text(label: bytes) -> str:
    return "".join(_octet_text(octet) for octet in label)


def _octet_text(octet: int) -> str:
    if octet in _ESCAPED:
        return "\\" + chr(octet)
    return chr(octet) if 0x20 < octet < 0x7F else f"\\{int(octet):03}"
