# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One destination by the real program and by ours, and whether they tell the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.tests.differential.comparison import compare
from ansible_collections.mailops.tls.tests.differential.engine_side import probe
from ansible_collections.mailops.tls.tests.differential.postfix_side import Said

Result = Mapping[str, Any]
NAME = "probe.lab.test"


def ours(destination: str, **options: Any) -> Any:
    """What the engine says of one destination."""
    return probe(options, [destination])[destination]


def first(destination: str, **options: Any) -> Any:
    """The first endpoint of one destination."""
    return ours(destination, **options)["endpoints"][0]


def agree(said: Said, result: Result, level: str = "dane") -> None:
    """Both sides tell the same, item by item."""
    assert not said.report.tls_disabled, said.output
    items = compare(said.report, result, level)
    assert len(items) > 2
    assert [item for item in items if not item.agrees] == [], said.output


def plain(fingerprint: str | None) -> str | None:
    """A fingerprint as we write it."""
    return fingerprint.replace(":", "").lower() if fingerprint else None


def listener(lab: Mapping[str, Any], case: str, number: int = 0) -> Any:
    """A listener of a case."""
    return next(one for one in lab["cases"] if one["name"] == case)["listeners"][number]
