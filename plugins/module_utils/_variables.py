# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that nobody reads: a misspelt one would be a default without a word. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

LIKE = 0.88
"""How much alike (difflib's ratio) a name has to be to pass for a misspelt one."""


def unknown_variables(names: Iterable[str], known: Collection[str], prefix: str = "", given: Collection[str] = ()) -> list[str]:
    """Return a line for each name that is meant for a reader who does not know it, with the name that may be meant.

    Args:
        names: those of variables that are set.
        known: those that are read.
        prefix: names that begin so are meant for this reader; others only if they are very much like a known one. Without a
            prefix the latter alone counts, unless the known one is set too.
        given: names that others set on purpose.
            """
    given_names = {str(one) for one in names}
    meant_ones = list(known) if prefix else [one for one in known if one not in given_names]
    lines = []
    for name in sorted(given_names - set(known) - set(given)):
        meant = bool(prefix) and name.startswith(prefix)
        near = difflib.get_close_matches(name, meant_ones, 1, 0.6 if meant else LIKE)
        if meant or near:
            lines.append(f"{name} is not a variable that is known here" + (f"; is {near[0]} meant?" if near else ""))
    return lines
