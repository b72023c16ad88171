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


def server_failure(server: str, error: str) -> Finding:
    """Return that a name server of a zone gives no answer, or not the one that it owes, and how."""
    return Finding(dns.SERVER_FAILURE_ON_SOME_NS, server, error)


def server_not_tried(server: str, error: str) -> Finding:
    """Return that nothing is known of what a name server says, and why it could not be asked from here."""
    return Finding(dns.SERVER_NOT_TRIED, server, f"{error}; nothing is known about what it says there")
