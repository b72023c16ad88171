# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `mail_delivery_probe` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import (
    ArgumentSpec,
    detail_arguments,
    dns_arguments,
    judgement_arguments,
    session_arguments,
)

SUBMIT_SERVICES = ("submission", "submissions", "smtp", "lmtp")
RETRIEVE_SERVICES = ("imap", "imaps", "pop3", "pop3s")
SECURITY_LEVELS = ("none", "may", "encrypt", "fingerprint", "verify", "dane", "dane-only")
SECRETS = ("password", "oauth_token")
OVERRIDES = ("match", "sni", "client_certificate", "client_key")
"""Options of the task that each server can have for itself."""


def delivery_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    spec: ArgumentSpec = {
        "submit": {"type": "dict", "required": True, "options": _server_arguments(SUBMIT_SERVICES, "submissions")},
        "retrieve": {"type": "dict", "options": {
            **_server_arguments(RETRIEVE_SERVICES, "imaps"),
            "folders": {"type": "list", "elements": "str", "default": ["INBOX"]},
        }},
        "recipient": {"type": "list", "elements": "str", "required": True, "aliases": ["recipients"]},
        "sender": {"type": "str"},
        "headers": {"type": "dict", "default": {}},
        "size": {"type": "int", "default": 0},
        "timeout": {"type": "float", "default": 60},
        "poll_interval": {"type": "float", "default": 2},
        "stale_after": {"type": "float", "default": 3600},
        "host_lookup": {"type": "list", "elements": "str", "default": ["dns"], "choices": ["dns", "native"]},
        "address_family": {"type": "str", "default": "any", "choices": ["any", "ipv4", "ipv6"]},
        "ehlo_name": {"type": "str"},
        **judgement_arguments(),
        **session_arguments(),
        **dns_arguments(),
        **detail_arguments(),
    }  # fmt: skip
    spec["system_ca"]["default"] = True
    return spec


def _server_arguments(services: tuple[str, ...], default: str) -> ArgumentSpec:
    return {
        "host": {"type": "str", "required": True},
        "service": {"type": "str", "default": default, "choices": list(services)},
        "port": {"type": "int"},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "oauth_token": {"type": "str", "no_log": True},
        "mechanism": {"type": "str"},
        "security_level": {"type": "str", "choices": list(SECURITY_LEVELS)},
        "match": {"type": "list", "elements": "str"},
        "sni": {"type": "str"},
        "client_certificate": {"type": "path"},
        "client_key": {"type": "path"},
        # No secrets, for all that their names say.
        "insecure_expose_password_without_tls": {"type": "bool", "default": False, "no_log": False},
        "insecure_expose_password_to_unverified_server": {"type": "bool", "default": False, "no_log": False},
    }
