# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DER written (X.690 section 10): the little that is needed to put parts of one structure into another."""

from __future__ import annotations

_LONG_FORM = 0x80


def element(tag: int, *contents: bytes) -> bytes:
    """Return one element with a tag of one octet."""
    content = b"".join(contents)
    if len(content) < _LONG_FORM:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, _LONG_FORM | len(length)]) + length + content
