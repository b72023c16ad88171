# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocks of a PEM file (RFC 7468), as lax as OpenSSL: text around them is passed over, any line length will do."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----[ \t]*\r?\n(.*?)-----END \1-----", re.DOTALL)


@dataclass(frozen=True)
class PemBlock:
    """One block: its label (C(CERTIFICATE)) and its text from BEGIN to END, headers of an encrypted key included."""

    label: str
    text: bytes

    @property
    def der(self) -> bytes:
        """What the block holds; raises C(ValueError) when that is no base64."""
        found = _BLOCK.match(self.text)
        try:
            return base64.b64decode(b"".join(found.group(2).split()) if found else b"", validate=True)
        except binascii.Error as problem:
            raise ValueError("a %s block that is no base64" % self.label) from problem


def pem_blocks(data: bytes) -> tuple[PemBlock, ...]:
    """Return all blocks of a file, in their order; empty when it has none."""
    return tuple(PemBlock(found.group(1).decode("ascii"), found.group(0)) for found in _BLOCK.finditer(data))
