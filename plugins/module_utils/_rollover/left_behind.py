# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys of retired generations in files of the user's. The rollover removes what it has made; these it names."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import rollover
from ansible_collections.mailops.tls.plugins.module_utils._files.state import read_file
from ansible_collections.mailops.tls.plugins.module_utils._rollover.keyring import digest_of, public_of
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.outcome import DatedFinding, KeyRoles
from ansible_collections.mailops.tls.plugins.module_utils._rollover.serving import Servings

LeftBehind = Mapping[str, str]
"""File -> the SHA-256 of the public key that it had when another one took its place."""


def with_replaced(left: LeftBehind, serving: Servings, algorithms: Collection[str], directory: str) -> dict[str, str]:
    """Return *left* and the files of those deployed keys that are about to be replaced, but for what is in the folder of keys."""
    found = dict(left)
    ours = os.path.realpath(directory)
    for one in serving.found:
        if one.replaceable and one.algorithm in algorithms:
            names = [file.path for file in one.item.files if file.path == one.item.material.key_name]
            found.update({path: digest_of(one.spki) for path in names if os.path.dirname(os.path.realpath(path)) != ours})
    return found


def still_there(left: LeftBehind) -> dict[str, str]:
    """Return those files that have their key still."""
    return {path: digest for path, digest in left.items() if digest_of(public_of(read_file(path)) or b"") == digest}


def findings(left: LeftBehind, serving: Servings, keys: KeyRoles) -> Iterator[DatedFinding]:
    """Name the files of keys that are neither served nor kept for a way back."""
    known = {one.digest for one in (*keys.current, *keys.next, *keys.previous)}
    text = "it has the private key %s... of a retired generation, which nothing uses here: remove the file"
    for path, digest in sorted(still_there(left).items()):
        if digest not in known and os.path.realpath(path) not in serving.files:
            yield DatedFinding(rollover.RETIRED_KEY_FILE, path, text % digest[:16])
