# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLSA records as values (RFC 6698 section 2.1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class TlsaRecord:
    """One TLSA record's RDATA: certificate usage, selector, matching type (0-255 each) and association data."""

    usage: int
    selector: int
    matching_type: int
    data: bytes

    @property
    def parameters(self) -> str:
        """The three numbers as people write them, e.g. `3 1 1`."""
        return f"{self.usage} {self.selector} {self.matching_type}"

    def __str__(self) -> str:
        """The RDATA in presentation format (RFC 6698 section 2.2), lower-case hexadecimal."""
        return f"{self.parameters} {self.data.hex()}"
