# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `tlsa_records` as an Ansible argument specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import PROTOCOLS
from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.sources.given import KINDS

DEFAULT_PARAMETERS = ("3 1 1",)


def source_names() -> tuple[str, ...]:
    """Return the options that are sources, of which one at least is needed."""
    return (*(kind + form for kind in KINDS for form in ("_path", "_content")), "postfix", "probe")


def records_arguments() -> ArgumentSpec:
    """Return the argument specification."""
    spec: ArgumentSpec = {}
    for kind in KINDS:
        spec[kind + "_path"] = {"type": "list", "elements": "path"}
        spec[kind + "_content"] = {"type": "list", "elements": "str"}
    spec["privatekey_path"]["no_log"] = False  # the name of a file is no secret
    spec["privatekey_content"]["no_log"] = True
    return {
        **spec,
        "postfix": {
            "type": "dict",
            "options": {
                "config_directory": {"type": "path"},
                "algorithms": {"type": "list", "elements": "str", "choices": ["rsa", "ecdsa", "ed25519"]},
            },
        },
        "probe": {
            "type": "dict",
            "options": {
                "host": {"type": "str", "required": True},
                "port": {"type": "int", "default": 25},
                "addresses": {"type": "list", "elements": "str", "aliases": ["address"]},
                "tls_mode": {"type": "str", "default": "starttls", "choices": ["starttls", "implicit"]},
                "key_algorithms": {
                    "type": "list",
                    "elements": "str",
                    "default": ["any", "rsa", "ecdsa"],
                    "choices": [one.value for one in KeyRequest],
                },
                "deadline": {"type": "float", "default": 120},
            },
        },
        "hosts": {"type": "list", "elements": "str", "aliases": ["host"]},
        "ports": {"type": "list", "elements": "int", "aliases": ["port"]},
        "protocol": {"type": "str", "default": PROTOCOLS[0], "choices": list(PROTOCOLS)},
        "parameters": {"type": "list", "elements": "str", "default": list(DEFAULT_PARAMETERS)},
        "ttl": {"type": "int"},
        "comments": {"type": "bool", "default": True},
        "allow_certificate_pinning": {"type": "bool", "default": False},
    }


def needed_libraries(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the libraries a run needs: keys are read with one, checked with the other."""
    reads_keys = any(params[name] for name in ("privatekey_path", "privatekey_content"))
    reads_keys = reads_keys or any(params[name] is not None for name in ("postfix", "probe"))
    return ("pyOpenSSL", "cryptography") if reads_keys else ("cryptography",)
