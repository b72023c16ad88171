# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `dane_rollover` and `dane_guard` as Ansible argument specifications."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec, dns_arguments
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyKind

STATE_DIRECTORY = "/var/lib/mailops-tls"
ALGORITHMS = ("rsa", "ecdsa")


def scope_arguments() -> ArgumentSpec:
    """Options shared by the rollover and its guard: whose records, and where the clocks are kept (fragment `rollover`)."""
    return {
        "name": {"type": "str", "default": "default"},
        "exchanges": {"type": "list", "elements": "str", "required": True, "aliases": ["exchange"]},
        "ports": {"type": "list", "elements": "int", "default": [25], "aliases": ["port"]},
        "min_wait": {"type": "int", "default": 0},
        "wait_for": {"type": "str", "choices": ["ttl", "signature"], "default": "ttl"},
        "unknown_ttl": {"type": "int", "default": 86400},
        "state_directory": {"type": "path", "default": STATE_DIRECTORY},
        "authoritative_servers": {"type": "list", "elements": "str"},
        "address_family": {"type": "str", "default": "any", "choices": ["any", "ipv4", "ipv6", "routed"]},
        **dns_arguments(),
    }


def rollover_arguments() -> ArgumentSpec:
    """Return the argument specification of `dane_rollover`."""
    listener: ArgumentSpec = {
        "address": {"type": "str", "required": True},
        "port": {"type": "int", "default": 25},
        "tls_mode": {"type": "str", "choices": ["starttls", "implicit"], "default": "starttls"},
    }
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
        "listeners": {"type": "list", "elements": "dict", "options": listener},
        "allow_unseen": {"type": "bool", "default": False},
        "timeout": {"type": "float", "default": 30.0},
    }


def guard_arguments() -> ArgumentSpec:
    """Return the argument specification of `dane_guard`."""
    return {
        **scope_arguments(),
        "certificate_path": {"type": "path"},
        "privatekey_path": {"type": "path", "no_log": False},  # the name of a file is no secret
        "public_key_sha256": {"type": "str", "no_log": False},
        "config_directories": {"type": "list", "elements": "path", "aliases": ["config_directory"]},
        "fail": {"type": "bool", "default": True},
    }


def guard_sources() -> tuple[str, ...]:
    """Return the options of which one at least says what is to go live."""
    return ("certificate_path", "privatekey_path", "public_key_sha256")
