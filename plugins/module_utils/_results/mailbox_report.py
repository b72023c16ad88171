# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of `mailbox_tls_probe` as lines for people: the table, open ports, and below it what is wrong with how to mend it. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._results.table import DEFAULT_WIDTH, table
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_LONGEST = 500


def mailbox_report(results: Sequence[Mapping[str, Any]], width: int = DEFAULT_WIDTH) -> list[str]:
    """Return the lines about all targets, none longer than *width*."""
    lines = table(results, width)
    for result in results:
        lines += _ports(result, width)
    for result in results:
        for finding in result["lint"]:
            lines += _finding(finding, width)
    return lines


def _ports(result: Mapping[str, Any], width: int) -> Iterator[str]:
    """The state of every port, a line an address."""
    by_address: dict[str, list[str]] = {}
    for one in result["ports"] or ():
        by_address.setdefault(one["address"], []).append(f"{one['port']} {one['state']}")
    for address, states in by_address.items():
        yield from _wrapped(f"ports of {address}: {', '.join(states)}", width, "")


def _finding(finding: Mapping[str, Any], width: int) -> Iterator[str]:
    yield from _wrapped(f"{finding['severity']}: {finding['id']}: {finding['subject']}: {finding['text']}", width, "")
    yield from _wrapped(finding["fix"], width, "    ")


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(clean(text, _LONGEST), width, initial_indent=indent, subsequent_indent=indent + "  ")
