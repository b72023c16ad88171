# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `dane_guard` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec
from ansible_collections.mailops.tls.plugins.module_utils._module.rollover_scope import scope_arguments


def guard_arguments() -> ArgumentSpec:
    """Return the argument specification of `dane_guard`."""
    return {
        **scope_arguments(),
        "certificate_path": {"type": "path"},
        "privatekey_path": {"type": "path", "no_log": False},  # the name of a file is no secret
        "public_key_sha256": {"type": "str", "no_log": False},
        "config_directories": {"type": "list", "elements": "path", "aliases": ["config_directory"]},
        "fail": {"type": "bool", "default": True},
    }


def guard_sources() -> tuple[str, ...]:
    """Return the options of which one at least says what is to go live."""
    return ("certificate_path", "privatekey_path", "public_key_sha256")
