# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of mailboxes as IMAP writes them, in a UTF-7 of its own (RFC 3501 section 5.1.3)."""

from __future__ import annotations

import binascii
import re

_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_OUTSIDE = re.compile(r"[^\x20-\x7e]+")


def encoded_name(name: str) -> bytes:
    """Return a name as it stands in a command."""
    escaped = name.replace("&", "&-")
    return _OUTSIDE.sub(lambda found: f"&{_shifted(found[0])}-", escaped).encode("ascii")


def decoded_name(name: bytes) -> str:
    """Return a name as people write it; what is not in this form stays as it came."""
    text = name.decode("utf-8", "replace")
    return _SHIFTED.sub(_unshifted, text)


def _shifted(text: str) -> str:
    return binascii.b2a_base64(text.encode("utf-16-be", "surrogatepass"), newline=False).decode("ascii").rstrip("=").replace("/", ",")


def _unshifted(found: re.Match[str]) -> str:
    if not found[1]:
        return "&"
    base = found[1].replace(",", "/")
    try:
        return binascii.a2b_base64(base + "=" * (-len(base) % 4)).decode("utf-16-be")
    except (binascii.Error, ValueError):
        return found[0]
