# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `mx_audit_shards` as an Ansible argument specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._audit.exchange_sets import DEFAULT_CONCURRENCY
from ansible_collections.mailops.tls.plugins.module_utils._audit.shards import ShardBy
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec


def shards_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    return {
        "destinations_file": {"type": "path", "required": True},
        "dest": {"type": "path"},
        "exchanges_dest": {"type": "path"},
        "exchanges_file": {"type": "path"},
        "probers": {"type": "list", "elements": "str", "required": True},
        "shard_by": {"type": "str", "default": ShardBy.EXCHANGE.value, "choices": [one.value for one in ShardBy]},
        "seed": {"type": "str", "default": "default"},
        "nameservers": {"type": "list", "elements": "str"},
        "concurrency": {"type": "int", "default": DEFAULT_CONCURRENCY},
    }


def needed_libraries(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the libraries a run needs: DNS is asked only for exchanges, and only where there is a choice."""
    asks = params.get("exchanges_file") is None
    return ("dnspython",) if asks and params["shard_by"] == ShardBy.EXCHANGE.value and len(params["probers"]) > 1 else ()
