# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of results of audits, written as a prober writes them."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import RunIdentity, header_line, result_line

NOON = datetime(2026, 5, 4, 12, 0, 0, tzinfo=timezone.utc)
IDENTITY = RunIdentity("what a prober says", "somewhere else")
OPTIONS = {"security_level": "dane", "match": None}


def header(**options: Any) -> bytes:
    """The first line of a file."""
    return header_line(IDENTITY, NOON, {**OPTIONS, **options})


def lines(*results: dict[str, Any], **options: Any) -> bytes:
    """A whole file."""
    return b"".join([header(**options), *(result_line(IDENTITY, NOON, one) for one in results)])


def written(path: Path, *results: dict[str, Any], **options: Any) -> Path:
    """Write a file of results and return it."""
    path.write_bytes(lines(*results, **options))
    return path
