# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Internet.nl's category on routing (RPKI), out of what a validator says of routes.

The routes of the exchanges, of the domain's name servers and of the exchanges' name servers come as Routinator writes them with
`routinator validate --json`. Which route leads to an address is nothing that a probe can know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._results.reading import mapping, mappings, word

PARTS = {"mx": "mail_rpki", "ns": "mail_ns_rpki", "mx_ns": "mail_mx_ns_rpki"}
"""The three sets of addresses, and how Internet.nl calls what it asks of them."""
EXISTS, VALID = 5, 10
"""Points for an authorisation of every route, and for nothing but valid routes."""
FULL = (EXISTS + VALID) * len(PARTS)
_MOST = 10_000


def is_validation(value: object) -> bool:
    """Tell whether this is what a validator writes, or a list of its routes."""
    return isinstance(value, list) or (isinstance(value, Mapping) and isinstance(value.get("validated_routes"), list))


def route_points(parts: Mapping[str, Any]) -> tuple[int, int, list[str]]:
    """Return the least and the most points, and the names of what is untested.

    Args:
        parts: for each of the parts what the validator says; those that are missing are not known.
    """
    low = high = 0
    untested = []
    for part, name in PARTS.items():
        if not is_validation(parts.get(part)):
            high += EXISTS + VALID
            untested += [f"{name}_exists", f"{name}_valid"]
            continue
        points = _points(parts[part])
        low, high = low + points, high + points
    return low, high, untested


def _points(value: Any) -> int:
    """Where there is no address, there is nothing to be wrong."""
    routes = mappings(value if isinstance(value, list) else value["validated_routes"], _MOST)
    states = [word(mapping(route.get("validity")).get("state")).lower() for route in routes]
    authorised = [any(mapping(mapping(route.get("validity")).get("VRPs")).values()) for route in routes]
    return EXISTS * all(authorised) + VALID * all(state == "valid" for state in states)
