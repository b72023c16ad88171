# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `tlsa_info` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import PROTOCOLS, SMTP_PORT
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec, dns_arguments, record_arguments


def info_arguments() -> ArgumentSpec:
    """Return the argument specification; records are what `tlsa_publish` takes."""
    records = {"type": "list", "elements": "dict", "options": record_arguments()}
    return {
        "hosts": {"type": "list", "elements": "str", "aliases": ["host"]},
        "ports": {"type": "list", "elements": "int", "aliases": ["port"], "default": [SMTP_PORT]},
        "protocol": {"type": "str", "default": PROTOCOLS[0], "choices": list(PROTOCOLS)},
        "owners": {"type": "list", "elements": "str", "aliases": ["owner"]},
        "expect": {
            "type": "dict",
            "options": {
                "present": records,
                "absent": records,
                "resolver": {"type": "bool", "default": True},
                "secure": {"type": "bool", "default": False},
            },
        },
        "authoritative_servers": {"type": "list", "elements": "str"},
        "authoritative_servers_only": {"type": "bool", "default": False},
        "address_family": {"type": "str", "default": "any", "choices": ["any", "ipv4", "ipv6", "routed"]},
        "timeout": {"type": "float", "default": 5},
        "deadline": {"type": "float", "default": 60},
        "concurrency": {"type": "int", "default": 64},
        **dns_arguments(),
    }


NEEDED = ("hosts", "owners", "expect")
"""Options of which one at least says whose records are meant."""
