# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table with a line for each server, as CSV (RFC 4180) that a spreadsheet shows and never computes.

Spreadsheets take a cell that begins with one of `= + - @`, a tab or a carriage return for a formula, and quoting does not keep them from
it. Such a cell gets an apostrophe before it. Where a spreadsheet takes semicolons for the ends of cells, as Excel does in many languages,
one begins after each of them, too, whatever the quotes say.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timezone

from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material, Observed
from ansible_collections.mailops.tls.plugins.module_utils._report.server import Server, servers_of

COLUMNS = (
    "name", "host", "address", "port", "service", "status", "satisfied", "tested", "error", "text", "level", "protocol", "cipher",
    "key", "issuer", "not_after", "tlsa_lookup", "tlsa_matched", "probed_at", "vantage",
)  # fmt: skip
BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet of Microsoft takes UTF-8 for something else."""
_FORMULA = re.compile("(^|;)(?=\\s*[=+@\uff1d\uff0b\uff0d\uff20-]|[\t\r\n])")
"""Where a formula begins, a full-width one too; blanks before it are no hindrance to every spreadsheet."""


def csv_table(material: Material, excel: bool = False) -> str:
    """Return the table; with *excel* it begins with a byte order mark."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for observed in material.results():
        for server in servers_of(observed):
            writer.writerow([safe_cell(cell) for cell in _cells(observed, server)])
    return (BYTE_ORDER_MARK if excel else "") + text.getvalue()


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1'", text)


def _cells(observed: Observed, server: Server) -> list[str]:
    compared = [one for one in server.records if one.matched is not None]
    matched = [f"{one.usage} {one.selector} {one.matching_type}" for one in compared if one.matched]
    return [
        server.subject, server.host, server.address, server.port, server.service, server.status, _yes(server.satisfied),
        _yes(server.tested), server.error, server.text, server.level, server.protocol, server.cipher,
        ", ".join(one.key for one in server.certificates), ", ".join(sorted({one.issuer for one in server.certificates})),
        _time(server.not_after), server.lookup, ", ".join(matched) or ("none" if compared else ""), observed.probed_at, observed.vantage,
    ]  # fmt: skip


def _yes(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _time(moment: int | None) -> str:
    return "" if moment is None else datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
