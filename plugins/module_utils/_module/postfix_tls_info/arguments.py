# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `postfix_tls_info` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec

EXCLUSIVE = ("config_directories", "all_instances")
"""Options of which one at most can be given."""


def info_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    return {
        "config_directories": {"type": "list", "elements": "path", "aliases": ["config_directory"]},
        "all_instances": {"type": "bool", "default": False},
        "names": {"type": "list", "elements": "str"},
        "min_days_left": {"type": "int", "default": 14},
        "include_pem": {"type": "bool", "default": False},
    }
