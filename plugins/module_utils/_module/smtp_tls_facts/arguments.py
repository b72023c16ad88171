# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `smtp_tls_facts` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import (
    ArgumentSpec,
    detail_arguments,
    dns_arguments,
    tls_arguments,
    verification_arguments,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_facts.services import DEFAULT_SERVICES, MODES
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import REQUESTABLE


def facts_arguments() -> ArgumentSpec:
    """Return the argument specification. Of what probes share only the defaults of *security_level* and *sni* are others."""
    modes = [mode.value for mode in MODES]
    spec: ArgumentSpec = {
        "host": {"type": "str"},
        "addresses": {"type": "list", "elements": "str", "aliases": ["address"]},
        "services": {
            "type": "list",
            "elements": "dict",
            "default": [{"port": one.port, "tls_mode": one.tls_mode.value} for one in DEFAULT_SERVICES],
            "options": {
                "port": {"type": "int", "required": True},
                "tls_mode": {"type": "str", "default": MODES[0].value, "choices": modes},
            },
        },
        "find_listeners": {"type": "str", "default": "probe", "choices": ["probe", "list", "none"]},
        **verification_arguments(),
        **tls_arguments(),
        **dns_arguments(),
        **detail_arguments(),
        "gather_subset": {"type": "list", "elements": "str"},
        "gather_timeout": {"type": "int"},
        "filter": {"type": "list", "elements": "str"},
        "fact_path": {"type": "path"},
    }
    # Without TLS there would be nothing to tell.
    spec["security_level"] = {"type": "str", "default": "may", "choices": [one for one in REQUESTABLE if one != "none"]}
    spec["sni"] = {"type": "str", "default": "hostname"}
    return spec
