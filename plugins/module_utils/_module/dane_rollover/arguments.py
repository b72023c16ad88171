# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `dane_rollover` as an Ansible argument specification."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec
from ansible_collections.mailops.tls.plugins.module_utils._module.listeners import listener_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.rollover_scope import scope_arguments
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyKind

ALGORITHMS = ("rsa", "ecdsa")


def rollover_arguments() -> ArgumentSpec:
    """Return the argument specification of `dane_rollover`."""
    flags: ArgumentSpec = {one: {"type": "bool", "default": False} for one in ("roll", "emergency", "accept_exposure", "abort")}
    return {
        **scope_arguments(),
        "addresses": {"type": "list", "elements": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "scheme": {"type": "str", "choices": ["next", "issuer"], "default": "next"},
        "matching_types": {"type": "list", "elements": "int", "choices": [1, 2], "default": [1]},
        "ttl": {"type": "int", "default": 3600},
        "algorithms": {"type": "list", "elements": "str", "choices": list(ALGORITHMS)},
        "bits": {"type": "int", "choices": [one.public_key.bits for one in KeyKind if one.algorithm.value == "rsa"]},
        "curve": {"type": "str", "choices": [one.public_key.curve for one in KeyKind if one.public_key.curve]},
        "names": {"type": "list", "elements": "str"},
        "config_directories": {"type": "list", "elements": "path", "aliases": ["config_directory"]},
        "parameters": {"type": "str", "choices": ["auto", "chain_files", "legacy"], "default": "auto"},
        "certificate": {"type": "str", "choices": ["selfsigned", "csr"], "default": "selfsigned"},
        "certificate_files": {"type": "list", "elements": "path"},
        "key_max_age": {"type": "float", "default": 90.0, "no_log": False},
        "renew_days": {"type": "float", "default": 30.0},
        **flags,
        "may_deploy": {"type": "bool", "default": True},
        "verification": {"type": "list", "elements": "dict"},
        "verified_at": {"type": "str"},
        "outside_grace": {"type": "int", "default": 5400},
        "neighbours": {"type": "list", "elements": "dict"},
        **listener_arguments(),
        "allow_unseen": {"type": "bool", "default": False},
        "timeout": {"type": "float", "default": 30.0},
    }
