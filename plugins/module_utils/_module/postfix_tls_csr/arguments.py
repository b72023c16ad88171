# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `postfix_tls_csr` as an Ansible argument specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec
from ansible_collections.mailops.tls.plugins.module_utils._module.server_key_arguments import server_key_arguments
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm

EXCLUSIVE = ("privatekey_path", "algorithm")
"""Options of which one at most can be given."""


def request_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    return {
        "privatekey_path": {"type": "path", "no_log": False},
        "algorithm": {"type": "str", "choices": [one.value for one in KeyAlgorithm]},
        "subject": {"type": "dict"},
        "path": {"type": "path"},
        **server_key_arguments(),
    }


def needed_libraries(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what these parameters need; pyOpenSSL is for what is deployed."""
    return ("cryptography", "pyOpenSSL") if params["privatekey_path"] is None else ("cryptography",)
