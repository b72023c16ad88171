# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that modules share which make something of or for a server's key (fragment `server_key`)."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec


def server_key_arguments() -> ArgumentSpec:
    """Return the shared part of the argument specification; `mode` is documented where it is used."""
    return {
        "names": {"type": "list", "elements": "str", "aliases": ["name"]},
        "config_directory": {"type": "path"},
        "owner": {"type": "str"},
        "group": {"type": "str"},
        "mode": {"type": "raw"},
    }
