# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `postfix_tls_key` as values. Pure; what only the machine can tell, such as who a user is, is found out later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._files.permissions import parse_mode
from ansible_collections.mailops.tls.plugins.module_utils._postfix.new_key import KeyWanted
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm


@dataclass(frozen=True)
class KeyOptions:
    """Where Postfix's configuration is, `None` for its default, and the key that is wanted."""

    config_directory: str | None
    wanted: KeyWanted


def key_options(params: Mapping[str, Any]) -> KeyOptions:
    """Return the checked options.

    Raises:
        OptionError: for what cannot be used.
    """
    return KeyOptions(
        params["config_directory"],
        KeyWanted(
            algorithm=KeyAlgorithm(params["algorithm"]),
            bits=params["bits"],
            curve=params["curve"],
            names=tuple(params["names"] or ()),
            key_id=params["key_id"],
            reuse_key=params["reuse_key"],
            force=params["force"],
            directory=params["directory"] or None,
            mode=parse_mode(params["mode"], "mode", secret=True),
            certificate_mode=parse_mode(params["certificate_mode"], "certificate_mode"),
            owner=params["owner"],
            group=params["group"],
        ),
    )
