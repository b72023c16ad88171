# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `smtp_tls_probe` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import (
    ArgumentSpec,
    change_arguments,
    dns_arguments,
    fleet_arguments,
    report_arguments,
    scan_arguments,
    stream_arguments,
    tls_arguments,
    verification_arguments,
)


def smtp_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    return {
        "destinations": {
            "type": "list", "elements": "str", "aliases": ["destination", "domain"],
        },  # fmt: skip
        "destinations_file": {"type": "path"},
        "protocol": {"type": "str", "default": "smtp", "choices": ["smtp", "lmtp"]},
        "lookup": {"type": "str", "default": "mx", "choices": ["mx", "srv"]},
        "tls_mode": {"type": "str", "default": "starttls", "choices": ["starttls", "implicit"]},
        "exchanges": {"type": "str", "default": "all", "choices": ["all", "first"]},
        "host_lookup": {"type": "list", "elements": "str", "default": ["dns"], "choices": ["dns", "native"]},
        "address_family": {"type": "str", "default": "any", "choices": ["any", "ipv4", "ipv6"]},
        "ehlo_name": {"type": "str"},
        "reconnect_delay": {"type": "float"},
        "reconnect_max": {"type": "int", "default": 5},
        **verification_arguments(),
        **tls_arguments(),
        **dns_arguments(),
        **fleet_arguments(),
        **scan_arguments(),
        **stream_arguments(),
        **change_arguments(),
        **report_arguments(),
    }
