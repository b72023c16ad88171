# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `mailbox_tls_probe` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec, mailbox_client_arguments


def mailbox_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    return {
        **mailbox_client_arguments(),
        "ports": {"type": "str", "default": "services", "choices": ["services", "all"]},
    }
