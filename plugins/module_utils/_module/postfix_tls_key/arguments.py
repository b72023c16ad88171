# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `postfix_tls_key` as an Ansible argument specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec
from ansible_collections.mailops.tls.plugins.module_utils._module.server_key_arguments import new_key_arguments, server_key_arguments


def key_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    return {
        "key_id": {"type": "str", "no_log": False},
        "reuse_key": {"type": "bool", "default": False, "no_log": False},
        "force": {"type": "bool", "default": False},
        "directory": {"type": "path"},
        "certificate_mode": {"type": "raw"},
        **new_key_arguments(),
        **server_key_arguments(),
    }


def needed_libraries(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what these parameters need; pyOpenSSL is for what is deployed."""
    return ("cryptography", "pyOpenSSL") if params["reuse_key"] or params["force"] else ("cryptography",)
