# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of audits read out of their options the same way. Pure."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._audit.run_directory import RUN_NAME
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError

OPTION = "directory"


def audit_folder(path: str) -> str:
    """Return the folder of a store.

    Raises:
        OptionError: it is none.
    """
    if not path or "\0" in path:
        raise OptionError(OPTION, path, "is not the name of a directory")
    return path


def run_name(text: str, option: str) -> str:
    """Return the name of a run.

    Raises:
        OptionError: it is none.
    """
    if not RUN_NAME.fullmatch(text):
        reason = "is not the name of a run: it is a time and an id, as in 20260504T120000Z-5f0c1a2b"
        raise OptionError(option, text, reason)
    return text
