# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about DNS that several rooms come upon, each with one maker."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dns
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding


def resolver_failure(subject: str, error: str | None) -> Finding:
    """Return that a resolver did not answer about a name, and why if it said so."""
    return Finding(dns.RESOLVER_FAILURE, subject, error or "no answer")
