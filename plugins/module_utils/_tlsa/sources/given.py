# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources that are files or text among the options: private and public keys, certificates, chains, issuers, requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dane import key_material
from ansible_collections.mailops.tls.plugins.module_utils._dane.key_material import KeyMaterial, Source
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import ReadFile

KINDS: Mapping[str, Callable[[Source], KeyMaterial]] = {
    "privatekey": key_material.of_private_key,
    "publickey": key_material.of_public_key,
    "certificate": key_material.of_certificate,
    "chain": key_material.of_chain,
    "issuer": key_material.of_issuers,
    "csr": key_material.of_request,
}
"""Kind of source -> its reader. Each has the options `KIND_path` and `KIND_content`, lists both."""


@dataclass(frozen=True)
class GivenSources:
    """What the user gives of one kind: files, and texts that may be secret."""

    kind: str
    paths: tuple[str, ...]
    texts: tuple[str, ...] = field(repr=False)


def given_materials(sources: Iterable[GivenSources], read_file: ReadFile) -> tuple[KeyMaterial, ...]:
    """Return what is in files and texts, kind by kind, files before texts.

    Raises:
        OptionError: for the first that cannot be read; what it says holds nothing of the content.
    """
    found = []
    for one in sources:
        reader = KINDS[one.kind]
        for path in one.paths:
            found.append(reader(_from_file(one.kind + "_path", path, read_file)))
        option = one.kind + "_content"
        for number, text in enumerate(one.texts, 1):
            found.append(reader(Source(text.encode("utf-8"), option, f"text {number}", f"{option} {number}")))
    return tuple(found)


def _from_file(option: str, path: str, read_file: ReadFile) -> Source:
    state = read_file(path)
    if state.error is not None:
        raise OptionError(option, path, f"cannot be read: {state.error}")
    return Source(state.data, option, path, path)
