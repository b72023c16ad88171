# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Valid names for groups, a different one for each thing. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Callable, NamedTuple


class GroupNames(NamedTuple):
    """The valid names by the names they stand for, and a warning when some had to be told apart."""

    valid: dict[str, str]
    warning: str | None


def group_names(raw_names: Iterable[str], sanitise: Callable[[str], str]) -> GroupNames:
    """Return a valid name for each of the raw names.

    What is not allowed in a name becomes an underscore, so different names can become the same one. The first keeps it; the others get
    a digest of their own name behind it, so that hosts of different domains never share a group.
    """
    valid: dict[str, str] = {}
    owners: dict[str, str] = {}
    clashes: list[str] = []
    for raw in dict.fromkeys(raw_names):
        name = sanitise(raw)
        if owners.setdefault(name, raw) != raw:
            clashes.append(f"{raw} and {owners[name]}")
            name = f"{name}_{hashlib.sha256(raw.encode('utf-8')).hexdigest()[:8]}"
            owners[name] = raw
        valid[raw] = name
    warning = f"groups of different things would have the same name, so one has a digest behind it: {'; '.join(clashes)}"
    return GroupNames(valid, warning if clashes else None)
