# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `postfix_tls_enable` as an Ansible argument specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec
from ansible_collections.mailops.tls.plugins.module_utils._module.server_key_arguments import new_key_arguments, server_key_arguments
from ansible_collections.mailops.tls.plugins.module_utils._postfix.tls_settings import Side

OF_SERVER_KEY = ("bits", "curve", "names", "owner", "group")
"""Options that are those of `postfix_tls_key`, and have no effect where no key is made."""


def enable_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    of_key = {**new_key_arguments(), **server_key_arguments()}
    return {
        "side": {"type": "str", "choices": [one.name.lower() for one in Side], "required": True},
        "random_source": {"type": "str"},
        "make_key": {"type": "bool", "default": True},
        "on_customized": {"type": "str", "choices": ["report", "fail"], "default": "report"},
        **{name: of_key[name] for name in ("config_directory", "algorithm", *OF_SERVER_KEY)},
    }


def needed_libraries(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what these parameters need; without a key that is nothing."""
    return ("cryptography", "pyOpenSSL") if params["side"] == "server" and params["make_key"] else ()
