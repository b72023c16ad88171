# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `postfix_tls_deploy` as an Ansible argument specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec, dns_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.listeners import listener_arguments


def deploy_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    return {
        "certificate_path": {"type": "path", "required": True},
        "privatekey_path": {"type": "path", "no_log": False},  # the name of a file is no secret
        "config_directory": {"type": "path"},
        "parameters": {"type": "str", "choices": ["auto", "chain_files", "legacy"], "default": "auto"},
        "directory": {"type": "path"},
        "names": {"type": "list", "elements": "str"},
        "min_days_left": {"type": "int", "default": 0},
        "strict": {"type": "bool", "default": False},
        "tlsa_guard": {"type": "bool", "default": True},
        "tlsa_hosts": {"type": "list", "elements": "str"},
        "tlsa_ports": {"type": "list", "elements": "int", "default": [25]},
        **listener_arguments(),
        "allow_unseen": {"type": "bool", "default": False},
        "timeout": {"type": "float", "default": 30.0},
        **dns_arguments(),
    }


def needed_libraries(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what these parameters need; DNS is for the guard."""
    return ("pyOpenSSL", "cryptography", "dnspython") if params["tlsa_guard"] else ("pyOpenSSL", "cryptography")
