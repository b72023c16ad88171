# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLSA RDATA as people and modules write it: `3 1 1 8bd1...` (RFC 6698 section 2.2) or for unknown types (RFC 3597 section 5)."""

from __future__ import annotations

import re

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord

_FIELDS = re.compile(r"([0-9]{1,3})\s+([0-9]{1,3})\s+([0-9]{1,3})((?:\s+[0-9A-Fa-f]+)*)\s*")
_GENERIC = re.compile(r"\\#\s+([0-9]{1,5})((?:\s+[0-9A-Fa-f]+)*)\s*")


def parse_rdata(text: str) -> TlsaRecord:
    """Return the record that *text* writes; the data may have spaces in it.

    Raises:
        ValueError: with the reason.
    """
    fields = _FIELDS.fullmatch(text.strip())
    if fields is not None:
        return record_of(int(fields[1]), int(fields[2]), int(fields[3]), fields[4])
    generic = _GENERIC.fullmatch(text.strip())
    if generic is None:
        raise ValueError("is no RDATA of a TLSA record, as in 3 1 1 8bd1da95...")
    wire = _bytes(generic[2])
    if len(wire) != int(generic[1]) or len(wire) < 3:
        raise ValueError("does not have the length that it says")
    return TlsaRecord(wire[0], wire[1], wire[2], wire[3:])


def record_of(usage: int, selector: int, matching_type: int, data: str) -> TlsaRecord:
    """Return a record of its fields, the data as hexadecimal.

    Raises:
        ValueError: when it cannot be read.
    """
    for number in (usage, selector, matching_type):
        if not 0 <= number <= 255:
            raise ValueError(f"has a number that is not from 0 to 255: {number}")
    return TlsaRecord(usage, selector, matching_type, _bytes(data))


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex("".join(text.split()))
    except ValueError:
        raise ValueError("has data that is not hexadecimal") from None
