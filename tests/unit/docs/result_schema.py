# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The published schemas of a line and of a header, and a closed form in which every name that they do not know is a mistake."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[3] / "docs/schemas"


def schema(name: str) -> dict[str, Any]:
    """Return a schema of the documentation."""
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def closed(opened: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that has room for nothing but what it names, for tests of what it names."""
    found = copy.deepcopy(opened)
    _close(found)
    return found


def _close(node: Any) -> None:
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("additionalProperties", False)
        for value in node.values():
            _close(value)
    elif isinstance(node, list):
        for value in node:
            _close(value)
