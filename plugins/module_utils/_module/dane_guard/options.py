# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `dane_guard` as one value. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.rollover_scope import folder_of, scope_of
from ansible_collections.mailops.tls.plugins.module_utils._rollover.order import Folder, RecordScope

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class GuardOptions:
    """What is to go live, as files or as the digest of its key, and whether it is an error that it must not.

    `public_key` is the digest as it was given.
    """

    folder: Folder
    scope: RecordScope
    config_directories: tuple[str, ...] | None
    certificate_path: str | None
    privatekey_path: str | None
    public_key: str | None
    fail: bool

    @property
    def digest(self) -> str | None:
        """The digest of the key, lower-case hexadecimal."""
        return None if self.public_key is None else self.public_key.strip().lower().replace(":", "")


def guard_options(params: Mapping[str, Any]) -> GuardOptions:
    """Return what is asked for.

    Raises:
        OptionError: for what cannot be used.
    """
    options = GuardOptions(
        folder=folder_of(params),
        scope=scope_of(params),
        config_directories=None if params["config_directories"] is None else tuple(params["config_directories"]),
        certificate_path=params["certificate_path"],
        privatekey_path=params["privatekey_path"],
        public_key=params["public_key_sha256"],
        fail=params["fail"],
    )
    if options.digest is not None and not _DIGEST.fullmatch(options.digest):
        raise OptionError("public_key_sha256", options.public_key, "is no SHA-256 in hexadecimal")
    return options
