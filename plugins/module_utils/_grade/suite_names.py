# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From OpenSSL's names of cipher suites, which results have, to those of IANA, which policies have."""

from __future__ import annotations

import re
from functools import lru_cache

from ansible_collections.mailops.tls.plugins.module_utils._grade.iana_suites import IANA_SUITES
from ansible_collections.mailops.tls.plugins.module_utils._tls.suites import SUITES

_NUMBER = re.compile(r"0x[0-9a-f]{4}")


@lru_cache(maxsize=1)
def _numbers() -> dict[str, int]:
    return {name: number for number, name in SUITES.items()}


@lru_cache(maxsize=4096)
def iana_name(name: str) -> str:
    """Return IANA's name of a suite by OpenSSL's or by its number; what neither knows stays as it is."""
    number = int(name, 16) if _NUMBER.fullmatch(name) else _numbers().get(name)
    known = IANA_SUITES.get(number) if number is not None else None
    return known[0] if known is not None else name
