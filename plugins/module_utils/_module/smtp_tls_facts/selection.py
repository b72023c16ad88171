# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether facts about TLS are among those asked for, by the words that `ansible.builtin.setup` understands.

Ansible hands `gather_subset`, `filter` and the like to whatever module gathers facts, so they must mean something sensible.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

FACT = "smtp_tls"


def is_wanted(gather_subset: Sequence[str] | None, name_filter: Sequence[str] | None) -> bool:
    """Tell whether the fact is to be gathered.

    Args:
        gather_subset: `!smtp_tls` leaves it out, `!all` too unless `smtp_tls` is named. All other words are about the
            facts of other modules.
        name_filter: shell patterns, one of which must match the name with or without `ansible_`; none means all.
            """
    subset = set(gather_subset or ())
    if "!" + FACT in subset or ("!all" in subset and FACT not in subset):
        return False
    patterns = [pattern for pattern in name_filter or () if pattern]
    names = (FACT, "ansible_" + FACT)
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns for name in names)
