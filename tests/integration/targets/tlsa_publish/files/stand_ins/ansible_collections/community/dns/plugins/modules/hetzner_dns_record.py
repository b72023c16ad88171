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
    "state": {"type": "str", "required": True, "choices": ["present", "absent"]},
    "hetzner_token": {"type": "str", "no_log": True},
    "zone_name": {"type": "str", "aliases": ["zone"]},
    "record": {"type": "str"},
    "ttl": {"type": "int"},
    "type": {"type": "str", "required": True, "choices": ["A", "AAAA", "TLSA"]},
    "value": {"type": "str", "required": True},
}


def commands(params: dict[str, Any]) -> list[str]:
    """Return what nsupdate is to do."""
    verb = "add" if params["state"] == "present" else "delete"
    return [f"update {verb} {params['record']} {params['ttl']} {params['type']} {params['value']}"]


def main() -> None:
    """Do it, and note that it was done."""
    module = AnsibleModule(argument_spec=OPTIONS)
    lines = [f"server {os.environ['STAND_IN_SERVER']}", *commands(module.params), "send"]
    module.run_command(["nsupdate", "-k", os.environ["STAND_IN_KEY"]], data="\n".join(lines), check_rc=True)
    with open(os.environ["STAND_IN_LOG"], "a", encoding="utf-8") as log:
        log.write("hetzner_dns_record\n")
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()
