# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells "come back later, you are too many" from a real refusal. Servers agree on no code for it, so words have to do."""

from __future__ import annotations

import re

_TOO_MANY = re.compile(
    r"too (?:many|much)|\brate\b|\blimit|throttl|concurren|\bconnections|try again later|slow down", re.IGNORECASE
)


def is_too_many(text: str) -> bool:
    """Tell whether a server that turned us away would take us later, by what it says."""
    return _TOO_MANY.search(text) is not None
