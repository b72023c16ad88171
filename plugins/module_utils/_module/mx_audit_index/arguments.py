# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The specification of `mx_audit_index`."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec


def index_arguments() -> ArgumentSpec:
    """Return the options."""
    shard: ArgumentSpec = {
        "prober": {"type": "str", "required": True},
        "src": {"type": "path"},
        "expected": {"type": "int"},
        "destinations_file": {"type": "path"},
    }
    return {
        "directory": {"type": "path", "required": True},
        "run": {"type": "str", "required": True},
        "shards": {"type": "list", "elements": "dict", "required": True, "options": shard},
        "untold": {"type": "list", "elements": "str", "default": []},
        "keep": {"type": "int"},
        "keep_facts": {"type": "int"},
    }
