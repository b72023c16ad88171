# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `listeners`, which modules that deploy share: where a deployed certificate has to be served. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener, Listening
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec
from ansible_collections.mailops.tls.plugins.module_utils._module.options import port

_OPTION = "listeners"


def listener_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    listener: ArgumentSpec = {
        "address": {"type": "str", "required": True},
        "port": {"type": "int", "default": 25},
        "tls_mode": {"type": "str", "choices": ["starttls", "implicit"], "default": "starttls"},
    }
    return {_OPTION: {"type": "list", "elements": "dict", "options": listener}}


def listening(values: Sequence[Mapping[str, Any]] | None) -> Listening | None:
    """Return where to look, nowhere for an empty list; `None` when nothing is said.

    Raises:
        OptionError: for what cannot be used.
    """
    if values is None:
        return None
    found = []
    for value in values:
        address = normalized_address(value["address"])
        if address is None:
            raise OptionError(_OPTION, value["address"], "is not an IP address")
        found.append(Listener(address, port(value["port"], _OPTION), value["tls_mode"] == "implicit"))
    return Listening(tuple(found), waived=not found)
