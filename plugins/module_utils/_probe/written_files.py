# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a probe writes are no other files of its options: a slip of the pen must not empty a private key."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError


def check_written_files(read: Iterable[tuple[str, str]], written: Iterable[tuple[str, str]]) -> None:
    """Raise OptionError when a file to be written is named by another option as well; both come as option and path."""
    known: dict[str, str] = {}
    for option, path in read:
        known.setdefault(_real(path), option)
    for option, path in written:
        real = _real(path)
        if real in known:
            raise OptionError(option, path, f"is the file of {known[real]} as well")
        known[real] = option


def _real(path: str) -> str:
    return os.path.realpath(path) if "\0" not in path else path
