# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a result says, in a form that tests can look for."""

from __future__ import annotations

from typing import Any


def blockers(found: dict[str, Any]) -> dict[str, str]:
    """The texts of the blockers by identifier; several of one kind joined."""
    texts: dict[str, list[str]] = {}
    for blocker in found["blockers"]:
        texts.setdefault(blocker["id"], []).append(blocker["text"])
    return {name: "; ".join(lines) for name, lines in texts.items()}


def findings(found: dict[str, Any]) -> set[str]:
    """The identifiers of the findings."""
    return {finding["id"] for finding in found["findings"]}
