# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `mx_audit_report` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._grade.policy import POLICIES
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec

FORMATS = ("html", "csv", "icinga", "junit", "prometheus", "terminal", "tlsrpt")
RETURNED = frozenset(("icinga", "terminal"))
"""Formats whose text comes back too, so that they need no file."""
DEFAULT_TITLE = "Mail server audit"


def report_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    return {
        "format": {"type": "str", "default": "html", "choices": list(FORMATS)},
        "dest": {"type": "path"},
        "mode": {"type": "raw", "default": "0600"},
        "title": {"type": "str"},
        "src": {"type": "list", "elements": "path"},
        "directory": {"type": "path"},
        "run": {"type": "str", "default": "latest"},
        "results": {"type": "list", "elements": "dict"},
        "changes": {"type": "path"},
        "excel": {"type": "bool", "default": False},
        "max_series": {"type": "int", "default": 5000},
        "warning_days": {"type": "int", "default": 14},
        "critical_days": {"type": "int", "default": 3},
        "policy": {"type": "list", "elements": "str", "choices": list(POLICIES)},
        "rules": {"type": "list", "elements": "dict"},
    }


EXCLUSIVE = [("src", "directory", "results")]
NEEDED = [("src", "directory", "results")]
