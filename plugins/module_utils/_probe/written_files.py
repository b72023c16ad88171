# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a probe writes are no other files of its options: a slip of the pen must not empty a private key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError

WRITTEN = ("results_file", "keylog_file", "trace_file")
READ = ("ca_file", "trust_anchor_files", "client_certificate", "client_key", "client_chain_files")


def check_written_files(params: Mapping[str, Any]) -> None:
    """Raise OptionError when a file to be written is named by another option as well."""
    known: dict[str, str] = {}
    for option in (*READ, *WRITTEN):
        given = params[option] or ()
        for path in [given] if isinstance(given, str) else given:
            real = os.path.realpath(path) if "\0" not in path else path
            if option in WRITTEN and real in known:
                raise OptionError(option, path, f"is the file of {known[real]} as well")
            known.setdefault(real, option)
