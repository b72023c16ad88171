#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands for the module of this name: the same options (those that TLSA records need), done by BIND's nsupdate at a server of the test."""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

OPTIONS = {
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
    "zone": {"type": "str", "required": True, "aliases": ["domain"]},
    "api_token": {"type": "str", "no_log": True},
    "record": {"type": "str", "default": "@", "aliases": ["name"]},
    "type": {"type": "str", "choices": ["A", "AAAA", "TLSA"]},
    "port": {"type": "int"},
    "proto": {"type": "str"},
    "cert_usage": {"type": "int", "choices": [0, 1, 2, 3]},
    "selector": {"type": "int", "choices": [0, 1]},
    "hash_type": {"type": "int", "choices": [1, 2]},
    "value": {"type": "str", "aliases": ["content"]},
    "ttl": {"type": "int", "default": 1},
    "solo": {"type": "bool"},
}


def commands(params: dict[str, Any]) -> list[str]:
    """Return what nsupdate is to do."""
    where = f"_{params['port']}._{params['proto']}.{params['record']}."
    rdata = f"{params['cert_usage']} {params['selector']} {params['hash_type']} {params['value']}"
    delete = [f"update delete {where} TLSA"] if params["solo"] else []
    return [*delete, f"update add {where} {max(params['ttl'], 300)} TLSA {rdata}"]


def main() -> None:
    """Do it, and note that it was done."""
    module = AnsibleModule(argument_spec=OPTIONS)
    lines = [f"server {os.environ['STAND_IN_SERVER']}", *commands(module.params), "send"]
    module.run_command(["nsupdate", "-k", os.environ["STAND_IN_KEY"]], data="\n".join(lines), check_rc=True)
    with open(os.environ["STAND_IN_LOG"], "a", encoding="utf-8") as log:
        log.write("cloudflare_dns\n")
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()
