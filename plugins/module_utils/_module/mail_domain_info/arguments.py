# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `mail_domain_info` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import DEFAULT_CHECKS, Check, DmarcDiscovery
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import (
    ArgumentSpec,
    dns_arguments,
    fleet_arguments,
    returned_arguments,
    stream_arguments,
)


def domain_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    return {
        "domains": {"type": "list", "elements": "str", "aliases": ["domain"]},
        "domains_file": {"type": "path"},
        "checks": {
            "type": "list", "elements": "str",
            "default": [one.value for one in DEFAULT_CHECKS], "choices": [one.value for one in Check],
        },
        "dkim_selectors": {"type": "list", "elements": "str"},
        "dkim_expected": {"type": "dict"},
        "dnsbl": {"type": "list", "elements": "str"},
        "sending_addresses": {"type": "list", "elements": "str"},
        "compare_nameservers": {"type": "list", "elements": "str"},
        "expected_down": {"type": "list", "elements": "str"},
        "probe_announced": {"type": "bool", "default": True},
        "dmarc_discovery": {"type": "str", "default": "both", "choices": [one.value for one in DmarcDiscovery]},
        "http_timeout": {"type": "float", "default": 10},
        "document_limit": {"type": "int", "default": 65536},
        "allow_private_addresses": {"type": "bool", "default": False},
        "mailbox_example": {"type": "str"},
        "ignore": {"type": "list", "elements": "str"},
        "ehlo_name": {"type": "str"},
        "address_family": {"type": "str", "default": "any", "choices": ["any", "ipv4", "ipv6"]},
        "ca_file": {"type": "path"},
        "ca_path": {"type": "path"},
        "system_ca": {"type": "bool", "default": True},
        "connect_timeout": {"type": "float", "default": 30},
        "command_timeout": {"type": "float", "default": 30},
        "deadline": {"type": "float", "default": 120},
        **dns_arguments(),
        **fleet_arguments(),
        **returned_arguments(),
        **stream_arguments(),
    }  # fmt: skip
