# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources that are files or text among the options: private and public keys, certificates, chains, issuers, requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._dane import key_material
from ansible_collections.mailops.tls.plugins.module_utils._dane.key_material import Given, KeyMaterial
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import ReadFile

KINDS: Mapping[str, Callable[[Given], KeyMaterial]] = {
    "privatekey": key_material.of_private_key,
    "publickey": key_material.of_public_key,
    "certificate": key_material.of_certificate,
    "chain": key_material.of_chain,
    "issuer": key_material.of_issuers,
    "csr": key_material.of_request,
}
"""Kind of source -> its reader. Each has the options `KIND_path` and `KIND_content`, lists both."""


def given_materials(params: Mapping[str, Any], read_file: ReadFile) -> tuple[KeyMaterial, ...]:
    """Return what the options of files and text give, kind by kind, files before text.

    Raises `OptionError` for the first that cannot be read; what it says holds nothing of the content.
    """
    found = []
    for kind, reader in KINDS.items():
        for path in params[kind + "_path"] or ():
            found.append(reader(_from_file(kind + "_path", path, read_file)))
        for number, text in enumerate(params[kind + "_content"] or (), 1):
            option = kind + "_content"
            found.append(reader(Given(text.encode("utf-8"), option, f"text {number}", f"{option} {number}")))
    return tuple(found)


def _from_file(option: str, path: str, read_file: ReadFile) -> Given:
    state = read_file(path)
    if state.error is not None:
        raise OptionError(option, path, f"cannot be read: {state.error}")
    return Given(state.data, option, path, path)
