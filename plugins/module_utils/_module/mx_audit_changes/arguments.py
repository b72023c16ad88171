# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The specification of `mx_audit_changes`."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec


def changes_arguments() -> ArgumentSpec:
    """Return the options."""
    return {
        "directory": {"type": "path"},
        "run": {"type": "str"},
        "previous": {"type": "str"},
        "before": {"type": "list", "elements": "path"},
        "after": {"type": "list", "elements": "path"},
        "ignore": {"type": "list", "elements": "str", "default": []},
        "max": {"type": "int", "default": 100},
        "vantages": {"type": "bool", "default": False},
    }
