# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network's TSIG keys (RFC 8945), in the spelling of BIND and nsupdate(1), and of NSD."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass
from pathlib import Path

ALGORITHM = "hmac-sha256"


@dataclass(frozen=True)
class TsigKey:
    """A name and a secret in base64."""

    name: str
    secret: str

    @property
    def for_bind(self) -> str:
        """A `key` clause of named.conf, which is also a key file of nsupdate(1) and dig(1)."""
        return f'key "{self.name}" {{\n    algorithm {ALGORITHM};\n    secret "{self.secret}";\n}};\n'

    @property
    def for_nsd(self) -> str:
        """A `key:` clause of nsd.conf."""
        return f'key:\n    name: "{self.name}"\n    algorithm: {ALGORITHM}\n    secret: "{self.secret}"\n'


def make(path: Path) -> TsigKey:
    """Make a key with the name of its file and write it there, for its owner only."""
    key = TsigKey(path.stem, base64.b64encode(os.urandom(32)).decode("ascii"))
    path.touch(mode=0o600)
    path.write_text(key.for_bind, encoding="ascii")
    return key


def read(path: Path) -> TsigKey:
    """The key that `make` wrote."""
    found = dict(re.findall(r'(key|secret) "([^"]*)"', path.read_text(encoding="ascii")))
    return TsigKey(found["key"], found["secret"])
