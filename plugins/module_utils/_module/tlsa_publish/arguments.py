# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `tlsa_publish` as an Ansible argument specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dns.tsig_key import ALGORITHMS
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec, record_arguments


def publish_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    return {
        "records": {"type": "list", "elements": "dict", "required": True, "options": record_arguments()},
        "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        "exclusive": {"type": "bool", "default": False},
        "allow_empty": {"type": "bool", "default": False},
        "allow_certificate_pinning": {"type": "bool", "default": False},
        "ttl": {"type": "int"},
        "server": {"type": "str"},
        "port": {"type": "int", "default": 53},
        "protocol": {"type": "str", "default": "tcp", "choices": ["tcp", "udp"]},
        "timeout": {"type": "float", "default": 10.0},
        "zone": {"type": "str"},
        "key_name": {"type": "str", "no_log": False},
        "key_secret": {"type": "str", "no_log": True},
        "key_file": {"type": "path", "no_log": False},
        "key_algorithm": {"type": "str", "default": ALGORITHMS[0], "choices": list(ALGORITHMS), "no_log": False},
        "zone_file": {"type": "path"},
    }


def exclusions() -> dict[str, list[tuple[str, ...]]]:
    """Return what options exclude and need each other, by the names of `AnsibleModule`'s parameters."""
    return {
        "mutually_exclusive": [("server", "zone_file"), ("key_file", "key_secret"), ("zone", "zone_file")],
        "required_one_of": [("server", "zone_file")],
    }


def needed_libraries(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what these parameters need; a zone file is written with nothing but Python."""
    return ("dnspython",) if params["zone_file"] is None else ()
