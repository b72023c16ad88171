# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enough file descriptors for what is open at a time: without them, our own limit would look like servers that fail."""

from __future__ import annotations

import resource

from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import DEFAULT_CONCURRENCY
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError

RESERVE = 64
"""Descriptors for everything that is neither a probe nor a DNS question."""


def reserve_descriptors(concurrency: int) -> None:
    """Raise this process's soft limit as far as *concurrency* probes need it.

    Raises:
        OptionError: when the hard limit does not allow that.
    """
    needed = concurrency + DEFAULT_CONCURRENCY + RESERVE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        text = f"needs {needed} open files, and the limit of this machine for one process is {hard}"
        raise OptionError("concurrency", concurrency, text)
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
