# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `mail_domain_records` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._domain.mta_sts_text import PolicyMode
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec, record_arguments

POLICIES = ("none", "quarantine", "reject")
ANNOUNCED = tuple(service.value for service in MailService if service.terms.announced)


def _texts() -> dict[str, object]:
    return {"type": "list", "elements": "str"}


def wishes_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    exchange = {"host": {"type": "str", "required": True, "aliases": ["exchange"]}, "preference": {"type": "int", "default": 10}}
    spf = {
        "exchanges": {"type": "bool", "default": True},
        "networks": _texts(),
        "includes": _texts(),
        "rest": {"type": "str", "default": "fail", "choices": ["fail", "softfail"]},
    }
    dkim = {
        "selector": {"type": "str", "required": True},
        "publickey_path": {"type": "path"},
        "publickey_content": {"type": "str"},
    }
    dmarc = {
        "policy": {"type": "str", "default": "reject", "choices": list(POLICIES)},
        "subdomain_policy": {"type": "str", "choices": list(POLICIES)},
        "nonexistent_policy": {"type": "str", "choices": list(POLICIES)},
        "rua": _texts(),
        "strict_dkim": {"type": "bool", "default": False},
        "strict_spf": {"type": "bool", "default": False},
    }
    mta_sts = {
        "mode": {"type": "str", "default": "enforce", "choices": [mode.value for mode in PolicyMode]},
        "mx": _texts(),
        "max_age": {"type": "int", "default": 604800},
    }
    service = {
        "service": {"type": "str", "required": True, "choices": list(ANNOUNCED)},
        "host": {"type": "str"},
        "port": {"type": "int"},
        "priority": {"type": "int", "default": 0},
        "weight": {"type": "int", "default": 1},
    }
    return {
        "domain": {"type": "str", "required": True},
        "exchanges": {"type": "list", "elements": "dict", "options": exchange},
        "sends": {"type": "bool", "default": True},
        "report_address": {"type": "str"},
        "spf": {"type": "dict", "options": spf},
        "dkim": {"type": "list", "elements": "dict", "options": dkim},
        "dmarc": {"type": "dict", "options": dmarc},
        "mta_sts": {"type": "dict", "options": mta_sts},
        "tlsrpt": _texts(),
        "caa": {"type": "dict", "options": {"issue": _texts(), "issuewild": _texts(), "issuemail": _texts(), "iodef": _texts()}},
        "services": {"type": "list", "elements": "dict", "options": service},
        "tlsa": {"type": "list", "elements": "dict", "options": record_arguments()},
        "ttl": {"type": "int", "default": 3600},
        "current": {"type": "dict"},
    }
