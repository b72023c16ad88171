# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `mailbox_tls_probe` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import DEFAULT_SERVICES
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import (
    ArgumentSpec,
    dns_arguments,
    fleet_arguments,
    judgement_arguments,
    session_arguments,
)

SECURITY_LEVELS = ("none", "encrypt", "fingerprint", "verify", "dane", "dane-only")
"""Those that mean something for a client with a password to lose."""


def mailbox_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    spec: ArgumentSpec = {
        "hosts": {"type": "list", "elements": "str", "aliases": ["host"]},
        "domains": {"type": "list", "elements": "str", "aliases": ["domain"]},
        "services": {
            "type": "list", "elements": "str",
            "default": [one.value for one in DEFAULT_SERVICES], "choices": [one.value for one in MailService],
        },
        "ports": {"type": "str", "default": "services", "choices": ["services", "all"]},
        "security_level": {"type": "str", "default": "verify", "choices": list(SECURITY_LEVELS)},
        "strict": {"type": "bool", "default": False},
        "injection_test": {"type": "bool", "default": False},
        "host_lookup": {"type": "list", "elements": "str", "default": ["dns"], "choices": ["dns", "native"]},
        "address_family": {"type": "str", "default": "any", "choices": ["any", "ipv4", "ipv6"]},
        "ehlo_name": {"type": "str"},
        **judgement_arguments(),
        **session_arguments(),
        **dns_arguments(),
        **fleet_arguments(),
    }  # fmt: skip
    spec["system_ca"]["default"] = True
    return spec
