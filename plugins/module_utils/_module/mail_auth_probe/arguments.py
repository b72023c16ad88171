# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `mail_auth_probe` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._login.terms import BindingUse
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec, mailbox_client_arguments

SECRETS = ("password", "oauth_token")


def auth_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    return {
        **mailbox_client_arguments(),
        "ports": {"type": "str", "default": "services", "choices": ["services", "all"]},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "authorization_identity": {"type": "str"},
        "oauth_token": {"type": "str", "no_log": True},
        "mechanisms": {"type": "list", "elements": "str", "default": [], "aliases": ["mechanism"]},
        "channel_binding": {"type": "str", "default": "auto", "choices": [one.value for one in BindingUse]},
        "only_offered": {"type": "bool", "default": True},
        "attempts_limit": {"type": "int", "default": 10},
        "auth_timeout": {"type": "float", "default": 30},
        "relay_test": {"type": "bool", "default": False},
        # No secrets, for all that their names say.
        "insecure_expose_password_without_tls": {"type": "bool", "default": False, "no_log": False},
        "insecure_expose_password_to_unverified_server": {"type": "bool", "default": False, "no_log": False},
    }
