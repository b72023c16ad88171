# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results for every format of a report: a good one, those that are broken, and those in which every text means something to a format."""

from __future__ import annotations

import random
from typing import Any

from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint, lost, record
from ansible_collections.mailops.tls.tests.unit.makers.reports import HOSTILE

TEXTS = (
    *HOSTILE, "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", " =1", "\uff1d1", "a\"b\\c\nd", "a|b='1'", "]]>", "\ud800\ufffe\x00",
)  # fmt: skip
"""Hostile texts, and those that spreadsheets, label values, performance data and XML have rules of their own for."""


def one(name: str, *endpoints: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return the result of a destination; by default of one good server."""
    found = list(endpoints) or [endpoint("mx.example.org")]
    return audited(name, *found, **{"satisfied": all(each["satisfied"] for each in found), **changed})


def hostile() -> list[dict[str, Any]]:
    """Return a result for each text, which is wherever a text can stand."""
    found = []
    for text in TEXTS:
        error = {"kind": text, "phase": text, "text": text}
        leaf = certificate("x", subject=text, issuer=text, not_after=text, public_key={"type": text, "bits": text})
        seen = {
            **endpoint("x", text), "host": text, "port": text, "status": text, "error": error, "chain": [leaf],
            "tls": {"protocol": text, "cipher": text}, "verification": {"effective_level": text, "error": {"code": text, "text": text}},
            "tlsa": {"lookup": text, "records": [{name: text for name in record("x")}, record("x")]},
        }  # fmt: skip
        good = {**endpoint("x"), "host": text, "chain": [{**leaf, "not_after": certificate("x")["not_after"]}]}
        lint = [{"id": text, "severity": "error", "subject": text, "text": text}]
        shown = {"status": text, "satisfied": False, "error": error, "lint": lint}
        found.append({**audited("x", endpoint("x")), **shown, "destination": text, "endpoints": [seen, good]})
    return found


def broken(seed: int) -> dict[str, Any]:
    """Return a result in which something has another type than it should have."""
    chance = random.Random(seed)
    result: dict[str, Any] = one("example.org", endpoint("mx.example.org"), lost("mx.example.net", kind="timeout"))
    places: list[Any] = [result]
    for place in places:
        places += [value for value in (place.values() if isinstance(place, dict) else place) if isinstance(value, (dict, list))]
    place = chance.choice(places)
    keys = [key for key in (place if isinstance(place, dict) else range(len(place))) if key != "destination"]
    if keys:
        place[chance.choice(keys)] = chance.choice([None, 5, "x", [], {}, [[]], 1e300, True])
    return result
