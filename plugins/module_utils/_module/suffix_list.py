# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of public suffixes that a machine may have, and what doors want of it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ansible_collections.mailops.tls.plugins.module_utils._domain.public_suffix import PublicSuffixes, read_suffixes
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.turns import ProviderOf, last_two_labels

SUFFIX_LIST = Path("/usr/share/publicsuffix/public_suffix_list.dat")
"""Where the package publicsuffix of Debian and others has the list."""


def installed_suffixes() -> PublicSuffixes | None:
    """Return the list of public suffixes, where this machine has one."""
    try:
        return read_suffixes(SUFFIX_LIST.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def provider_of(turns: ProberSettings) -> ProviderOf:
    """Return what tells the provider of a host: its registrable domain. The list is read where providers have a limit."""
    suffixes = installed_suffixes() if turns.per_provider_limit is not None else None
    if suffixes is None:
        return last_two_labels
    return lru_cache(10_000)(suffixes.organizational_domain)
