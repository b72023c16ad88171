# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The destinations that a prober was given, as digests of their keys: one a line, the first column of CSV, `#` begins a comment."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._audit.intake import key_digest


def read_keys(path: str) -> frozenset[bytes]:
    """Return the digests of all destinations in a file.

    Raises:
        OSError: it cannot be read.
        UnicodeError: it is no text.
    """
    with open(path, encoding="utf-8-sig") as stream:
        texts = (line.partition("#")[0].partition(",")[0].strip().strip('"') for line in stream)
        return frozenset(key_digest(text) for text in texts if text)
