# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts that may be anybody's by now, read without trust: what has not the shape of a result is nothing, and never a traceback (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._text import clean

LONGEST_WORD = 500


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping; an empty one for anything else."""
    return value if value.__class__ is dict or isinstance(value, Mapping) else {}  # asking an abstract class takes long


def mappings(value: object, most: int | None = None) -> list[Mapping[str, Any]]:
    """Return the mappings in a list, at most so many of them."""
    return [one for one in value if isinstance(one, Mapping)][:most] if isinstance(value, (list, tuple)) else []


def word(value: object) -> str:
    """Return a text or number as text; anything else is no word of a result."""
    if isinstance(value, str):
        return clean(str(value), LONGEST_WORD).strip()
    if isinstance(value, int) and not -2**63 < value < 2**63:
        return "?"
    return clean(str(value), LONGEST_WORD).strip() if isinstance(value, (int, float)) else ""


def words(value: object, most: int = 50) -> list[str]:
    """Return the texts in a list."""
    return [word(one) for one in value[:most] if isinstance(one, str)] if isinstance(value, (list, tuple)) else []


def flag(value: object) -> bool | None:
    """Return a truth value, or None."""
    return value if isinstance(value, bool) else None


def number(value: object) -> float | None:
    """Return a number of ordinary size, or None."""
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and -1e12 < value < 1e12
    return float(value) if fits and isinstance(value, (int, float)) else None


def shown(value: object) -> str:
    """Return the beginning of what is no result. It may be too deep or too large a thing for repr()."""
    if isinstance(value, (str, float)):
        return clean(repr(value), 80)
    plain = next((one for one in (dict, list) if isinstance(value, one)), type(value))  # Ansible has types of its own below them
    return f"a value of the type {plain.__name__}"


def error_text(error: object) -> str:
    """Return kind and text of an error in the results' shape, or nothing."""
    found = mapping(error)
    return f"{word(found.get('kind'))}: {word(found.get('text'))}" if found else ""


def reply_text(reply: object) -> str:
    """Return a server's reply in the results' shape as it might have been said, or nothing."""
    found = mapping(reply)
    return " ".join(filter(None, (word(found.get(key)) for key in ("code", "status", "enhanced_code", "response_code", "text"))))
