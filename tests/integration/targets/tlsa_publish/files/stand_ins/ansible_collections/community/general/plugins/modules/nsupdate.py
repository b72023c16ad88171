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
    "server": {"type": "str", "required": True},
    "port": {"type": "int", "default": 53},
    "key_name": {"type": "str", "no_log": False},
    "key_secret": {"type": "str", "no_log": True},
    "key_algorithm": {"type": "str", "default": "hmac-md5", "no_log": False},
    "zone": {"type": "str"},
    "record": {"type": "str", "required": True},
    "type": {"type": "str", "default": "A"},
    "ttl": {"type": "int", "default": 3600},
    "value": {"type": "list", "elements": "str"},
    "protocol": {"type": "str", "default": "tcp", "choices": ["tcp", "udp"]},
    "timeout": {"type": "float", "default": 10},
}


def commands(params: dict[str, Any]) -> list[str]:
    """Return what nsupdate is to do."""
    where = params["record"]
    add = [f"update add {where} {params['ttl']} {params['type']} {value}" for value in params["value"]]
    return [f"update delete {where} {params['type']}", *add]


def main() -> None:
    """Do it, and note that it was done."""
    module = AnsibleModule(argument_spec=OPTIONS)
    lines = [f"server {os.environ['STAND_IN_SERVER']}", *commands(module.params), "send"]
    module.run_command(["nsupdate", "-k", os.environ["STAND_IN_KEY"]], data="\n".join(lines), check_rc=True)
    with open(os.environ["STAND_IN_LOG"], "a", encoding="utf-8") as log:
        log.write("nsupdate\n")
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()
