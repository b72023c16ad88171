# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that modules share which make something of or for a server's key (fragment `server_key`)."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._module.arguments import ArgumentSpec
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm, KeyKind


def server_key_arguments() -> ArgumentSpec:
    """Return the shared part of the argument specification; `mode` is documented where it is used."""
    return {
        "names": {"type": "list", "elements": "str", "aliases": ["name"]},
        "config_directory": {"type": "path"},
        "owner": {"type": "str"},
        "group": {"type": "str"},
        "mode": {"type": "raw"},
    }


def new_key_arguments() -> ArgumentSpec:
    """Return what says of which kind a new key is; it is documented where it is used."""
    return {
        "algorithm": {"type": "str", "default": "rsa", "choices": [one.value for one in KeyAlgorithm]},
        "bits": {"type": "int", "choices": [one.public_key.bits for one in KeyKind if one.algorithm is KeyAlgorithm.RSA]},
        "curve": {"type": "str", "choices": [one.public_key.curve for one in KeyKind if one.public_key.curve]},
    }
