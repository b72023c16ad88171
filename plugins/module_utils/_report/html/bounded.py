# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as the page carries them: bounded, clean, and without what nobody reads there. Pure.

Text of servers is cleaned where it enters. Here it is cleaned once more, since results may come from a file that somebody else has made.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._text import clean

LONGEST_TEXT = 1000
LONGEST_NAME = 100
MOST_ITEMS = 200
DEEPEST = 12
LEFT_OUT = frozenset(("timings", "transcript", "pem", "capabilities", "rfc", "ad_untrusted", "serial", "reconnects", "injected_plaintext"))
"""Items of results that the page has no place for."""
_LONG = "..."


def bounded(value: Any, depth: int = 0) -> Any:
    """Return a value of JSON for the page: nothing that is null or empty, no text or list beyond bounds."""
    if isinstance(value, str):
        return clean(value, LONGEST_TEXT) + (_LONG if len(value) > LONGEST_TEXT else "")
    if value is True or value is False or value is None:
        return value
    if isinstance(value, (int, float)):
        return value if -1e15 < value < 1e15 else None
    if depth >= DEEPEST:
        return None
    if value.__class__ is dict or isinstance(value, Mapping):
        return _mapping(value, depth + 1)
    if isinstance(value, (list, tuple)):
        return [bounded(one, depth + 1) for one in value[:MOST_ITEMS]]
    return None


def _mapping(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    found = {}
    for name, one in islice(value.items(), MOST_ITEMS):
        if one is None or name in LEFT_OUT or (not one and isinstance(one, (list, Mapping))):
            continue
        kept = bounded(one, depth)
        if kept is not None:
            found[clean(str(name), LONGEST_NAME)] = kept
    return found
